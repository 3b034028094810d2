"""What the command line asks of a command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

import click
import pytest

from clarifai_core.command_arguments import parameters_of
from clarifai_testing._checks import EVERY, check, one_sentence, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WORDS = re.compile(r"[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)?")
COMMAND = ["test_is_a_command", "test_is_listed"]


def _is_command(target: object) -> bool:
    return isinstance(target, click.Command) or parameters_of(target) is not None


class CommandContract(SpecContract):
    """A command of the `clarifai` program: listed, documented, and clear about mistakes.

    Say `plugin`, `name`, the `arguments` with which it does well, and `bad_arguments` that are a
    mistake of the user.
    """

    hook = "clarifai_register_commands"
    arguments: ClassVar[Sequence[str]] = ()
    bad_arguments: ClassVar[Sequence[str]] = ("--no-such-option",)

    def _run(self, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
        """Run the program with these words, and return its code, stdout and stderr."""
        from clarifai_cli.main import main

        capfd.readouterr()
        code = main(list(arguments))
        said = capfd.readouterr()
        return code, said.out, said.err

    @property
    def _command(self) -> click.Command:
        from clarifai_cli.main import find_command

        if not _is_command(self.target):
            pytest.skip("test_is_a_command says what to mend first")
        found = self.target if isinstance(self.target, click.Command) else find_command(self.name)
        return found or pytest.skip("test_is_listed says what to mend first")

    @check()
    def test_is_a_command(self) -> None:
        """Its target is a function described by @command, or a click.Command."""
        if not _is_command(self.target):
            wrong(
                f"{self.title}: {self.spec.target} must be a function described by "
                "clarifai_core.command_arguments.command, or a click.Command (@click.command()), "
                f"not a {type(self.target).__name__}."
            )

    @check()
    def test_name_can_be_typed(self) -> None:
        """It is one word or two, in small letters, with hyphens between."""
        if not _WORDS.fullmatch(self.spec.name):
            wrong(
                f"{self.title} cannot be typed as it is named: one word or two, of a-z, 0-9 and "
                "hyphens."
            )

    @check(after=["test_name_can_be_typed"])
    def test_is_listed(self, capfd: pytest.CaptureFixture[str]) -> None:
        """The program, or the command's group, lists it with its line of help."""
        self.loaded()
        group, _, word = self.name.rpartition(" ")
        code, out, err = self._run(capfd, *group.split(), "--help")
        if code or word not in out:
            wrong(f"{self.title} is not listed by `clarifai {group} --help`: {err.strip()}.")

    @check(after=COMMAND)
    def test_help_is_shown(self, capfd: pytest.CaptureFixture[str]) -> None:
        """`--help` tells what it does, and ends well."""
        _ = self._command
        code, out, err = self._run(capfd, *self.name.split(), "--help")
        if code:
            wrong(f"{self.title}: --help ends with {code} and says {err.strip()}.")
        if not (self._command.help or "").strip():
            wrong(f"{self.title}: --help says nothing of it: give the function a docstring.")
        if "Usage" not in out:
            wrong(f"{self.title}: --help does not print to stdout.")

    @check(after=COMMAND)
    def test_options_are_documented(self) -> None:
        """Every option has a line of help."""
        for one in self._command.params:
            if isinstance(one, click.Option) and not one.hidden and not one.help:
                wrong(f"{self.title}: the option {one.opts[0]} has no help: say what it is for.")

    @check(after=COMMAND)
    def test_options_are_spelled_alike(self) -> None:
        """Long options are small letters and hyphens, as all of the program's are."""
        for one in self._command.params:
            if isinstance(one, click.Option):
                odd = [
                    opt
                    for opt in (*one.opts, *one.secondary_opts)
                    if not re.fullmatch(r"-[A-Za-z]|--[a-z][a-z0-9-]*", opt)
                ]
                if odd:
                    wrong(f"{self.title}: the option {odd[0]} is spelled oddly: --like-this.")

    @check(after=COMMAND)
    def test_keys_are_no_options(self) -> None:
        """Keys do not go on the command line, where others see them."""
        for one in self._command.params:
            if one.name and re.search(r"(^|_)(pat|token|key|password|secret)$", one.name):
                wrong(
                    f"{self.title}: {one.name} would be seen in the list of processes: read it "
                    "from CLARIFAI_PAT, or from stdin."
                )

    @check(after=COMMAND)
    def test_runs(self, clarifai_app: str, capfd: pytest.CaptureFixture[str]) -> None:
        """With good arguments it ends with 0."""
        _ = self._command
        code, _out, err = self._run(capfd, *self.name.split(), *self.arguments)
        if code:
            wrong(f"{self.title} ends with {code} and says {err.strip() or 'nothing'}.")

    @check(after=[*COMMAND, "test_runs"])
    def test_shows_no_key(
        self,
        clarifai_app: str,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The key in CLARIFAI_PAT is printed nowhere."""
        import os

        _ = self._command
        key = os.environ["CLARIFAI_PAT"]
        _code, out, err = self._run(capfd, *self.name.split(), *self.arguments)
        if key in out + err:
            wrong(f"{self.title} prints the key: settings.explain() hides it.")

    @check(after=COMMAND)
    def test_mistakes_are_said_in_one_sentence(
        self, clarifai_app: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """A mistake of the user ends with 2, and says on stderr what is wrong."""
        _ = self._command
        code, out, err = self._run(capfd, *self.name.split(), *self.bad_arguments)
        given = " ".join(self.bad_arguments)
        if code != 2:
            wrong(
                f"{self.title} ends with {code} for `{given}`: raise click.UsageError, "
                "click.BadParameter or clarifai_core.errors.UserError, which end with 2."
            )
        if out.strip():
            wrong(f"{self.title} says what is wrong with `{given}` on stdout: it is for data.")
        lines = [line for line in err.splitlines() if line.strip()]
        one_sentence(lines[-1] if lines else "", f"{self.title}, of `{given}`,")

    @check(after=EVERY)
    def test_writes_nothing_here(
        self, clarifai_app: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """Help and mistakes leave no files behind."""
        _ = self._command
        for arguments in (["--help"], self.bad_arguments):
            self._run(capfd, *self.name.split(), *arguments)
        left = sorted(path.name for path in (tmp_path / "cwd").iterdir())
        if left and not self.arguments:
            wrong(f"{self.title} leaves {left[0]!r} in the working folder.")
