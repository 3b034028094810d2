"""What the options of every command said: the context that a command is given."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from clarifai_core import command_arguments, settings
from clarifai_core.errors import UserError
from clarifai_core.safe_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from clarifai_cli._output import Output
    from clarifai_core.handles import Handle
    from clarifai_core.settings import Settings

STDIN = "-"
"""The argument that stands for the lines of stdin."""

_SECONDS_BETWEEN = 0.1


class Invocation:
    """The values of the options that every command understands; click hands it down as `obj`.

    Commands of other packages know it as `clarifai_core.command_context.CommandContext`.
    """

    # No attrs class: help would wait for attrs.

    def __init__(self) -> None:
        self.context = ""
        self.base_url = ""
        self.form = "table"
        self.limit: int | None = None
        self.is_quiet = False
        self.says_yes = False
        self.debug = False
        self.arguments: tuple[str, ...] = ()
        """Of the program, as they were written."""
        self.command: click.Command | None = None
        """The command that runs: errors use its words."""

    @classmethod
    def current(cls) -> Invocation:
        """Return the one of the command that is running."""
        return click.get_current_context().ensure_object(cls)

    @property
    def command_line(self) -> str:
        """Return the command line that runs, as a shell takes it again."""
        import shlex  # here: few ask

        return shlex.join(("clarifai", *self.arguments))

    @property
    def output(self) -> Output:
        """Return where results go, in the form that was asked for."""
        from clarifai_cli._output import Output  # here: help shows no results

        return Output(self.form, self.limit, self.is_quiet)

    def settings(self, **arguments: Any) -> Settings:
        """Return the settings that the options, the environment and the context give.

        Args:
            **arguments: Further settings, such as `user_id`; an empty value counts as not given.

        Raises:
            UserError: A value is of the wrong kind, or the context does not exist.
        """
        return settings.Settings.resolve(context=self.context, base_url=self.base_url, **arguments)

    def connection(self, **arguments: Any) -> dict[str, Any]:
        """Return the keywords with which a handle is on the platform that the options name.

        Args:
            **arguments: Further ones, such as `app_id`; those that are empty are left out.
        """
        said = {"context": self.context, "base_url": self.base_url, **arguments}
        return command_arguments.given(said)

    def place(self, *, app_id: str = "", user_id: str = "") -> Handle:
        """Return a handle for the user and app that a command names."""
        from clarifai_cli import _handles

        return _handles.place(self, app_id=app_id, user_id=user_id)

    def find(self, kind: str, name: str, *, app_id: str = "", user_id: str = "") -> Any:
        """Return the message of a thing that exists; as `open`, for kinds without a handle."""
        from clarifai_cli import _handles
        from clarifai_core.kinds import kind_named

        place = _handles.place(self, app_id=app_id, user_id=user_id)
        return _handles.fetched(place, kind_named(kind), name)

    def open(self, kind: str, name: str, *, app_id: str = "", user_id: str = "") -> Handle:
        """Return the handle of a thing that exists, by its id or web address.

        Raises:
            click.ClickException: There is none; a near one is named.
        """
        from clarifai_cli import _handles

        return _handles.opened(self, kind, name, app_id=app_id, user_id=user_id)

    def words(self, given: Iterable[str], /) -> Iterator[str]:
        """Yield arguments; for `-` the lines of stdin, as they come."""
        for word in given:
            if word != STDIN:
                yield word
                continue
            count = 0
            for line in _lines_of_stdin():
                count += 1
                yield line
            if not count:
                self.output.remark("Nothing came from stdin.")

    def confirm(self, question: str, /) -> None:
        """Ask before something is lost.

        Raises:
            UserError: There is no terminal to ask at, and no `--yes`.
        """
        if self.says_yes:
            return
        if not sys.stdin.isatty():
            raise UserError(f"{question} There is no terminal to ask at: give --yes to do it.")
        click.confirm(question, abort=True, err=True)

    @contextmanager
    def progress(self, what: str, /, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show how far something is, in one line of the terminal that goes away in the end."""
        if self.is_quiet or not sys.stderr.isatty():
            yield lambda _done: None
            return
        line = _Line(what, total)
        try:
            yield line.show
        finally:
            line.clear()


def _lines_of_stdin() -> Iterator[str]:
    """Yield what the lines hold, without the mark at the beginning that Windows writes.

    Raises:
        UserError: They are no text.
    """
    from clarifai_inputs import texts  # here: few commands read stdin

    for number, line in enumerate(sys.stdin or (), 1):
        text = (texts.unmarked(line) if number == 1 else line).strip()
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UserError(f"Line {number} of stdin is not in UTF-8: {shown(text)}.")
        if text:
            yield text


class _Line:
    """A line that is written over."""

    def __init__(self, what: str, total: int | None) -> None:
        self._what, self._of = what, f" of {total}" if total else ""
        self._shown = float("-inf")
        self.show(0)

    def show(self, done: int) -> None:
        now = time.monotonic()
        if now - self._shown >= _SECONDS_BETWEEN:
            self._shown = now
            sys.stderr.write(f"\r\x1b[K{self._what}: {done}{self._of}")
            sys.stderr.flush()

    def clear(self) -> None:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
