"""The code blocks of the documentation, found in its pages and run as they are printed.

A block of Python runs in a namespace of its own, in the working directory of its page; the blocks
of a page run in the order of the page, as a reader runs them, so that files and what is on the
platform stay from one to the next, and names do not. What a block prints stands in the ```text
block below it, with `...` for what is different each time. Of ```console blocks, lines that begin
with `$ clarifai` run; what stands below such a line is what it prints.

A comment above a block says that it is not run here, and why:

    <!-- not run: it asks for a key -->
    <!-- run by: tests/docs/test_plugins_page.py -->

and a comment `<!-- in a process of its own -->` has it run as a program.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import attrs

from tools.wheels import ROOT

CODE = ("python", "console", "sh", "bash")
FOLDERS = ("README.md", "docs/**/*.md", "packages/*/README.md")
OWN_PROCESS = "in a process of its own"

_PIECE = re.compile(
    r"^(?P<indent>[ ]*)(?:```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=indent)```[ ]*$"
    r"|<!-- (?P<comment>.*?) -->[ ]*$)",
    re.DOTALL | re.MULTILINE,
)


@attrs.frozen
class Block:
    """A block of code in a page."""

    page: Path
    line: int
    """Where the code begins."""
    language: str
    code: str
    printed: str = ""
    """What the page says that it prints."""
    marks: tuple[str, ...] = ()
    """The comments right above it."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"

    @property
    def not_run(self) -> str | None:
        """Why it is not run; None where it is."""
        return self._marked("not run:")

    @property
    def run_by(self) -> str | None:
        """The test that runs it, where these do not."""
        return self._marked("run by:")

    @property
    def runs_here(self) -> bool:
        return self.not_run is None and self.run_by is None

    def _marked(self, word: str) -> str | None:
        found = [mark.removeprefix(word).strip() for mark in self.marks if mark.startswith(word)]
        return found[0] if found else None


def pages() -> list[Path]:
    """Return the pages that may have blocks."""
    return sorted({path for pattern in FOLDERS for path in ROOT.glob(pattern)})


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of code of a page."""
    return list(_blocks(page, page.read_text("utf-8")))


def _blocks(page: Path, text: str) -> Iterator[Block]:
    pieces = list(_PIECE.finditer(text))
    for index, piece in enumerate(pieces):
        if piece["language"] not in CODE:
            continue
        marks, begin = [], piece.start()
        for before in reversed(pieces[:index]):
            if before["comment"] is None or text[before.end() : begin].strip():
                break
            marks.append(" ".join(before["comment"].split()))
            begin = before.start()
        after = pieces[index + 1] if index + 1 < len(pieces) else None
        shown = after is not None and after["language"] == "text"
        printed = ""
        if shown and after is not None and not text[piece.end() : after.start()].strip():
            printed = _dedented(after["code"], after["indent"])
        code = _dedented(piece["code"], piece["indent"])
        line = text.count("\n", 0, piece.start("code")) + 1
        yield Block(page, line, piece["language"], code, printed, tuple(marks))


def _dedented(code: str, indent: str) -> str:
    return "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))


class Wrong(AssertionError):
    """A block does not do what its page says."""


def run(block: Block) -> None:
    """Run a block in the working directory.

    Raises:
        Wrong: It prints something else than the page says.
    """
    if block.language != "python":
        _run_commands(block)
    elif OWN_PROCESS in block.marks:
        done = subprocess.run(
            [sys.executable, "-c", block.code],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise Wrong(f"{block} ended with {done.returncode}:\n{done.stderr}")
        _compare(block, block.printed, done.stdout)
    else:
        _compare(block, block.printed, _run_python(block))


def _run_python(block: Block) -> str:
    # A module, as pickle and inspect look a class up in the module that it names.
    module = types.ModuleType("__main__")
    before, sys.modules["__main__"] = sys.modules["__main__"], module
    code = compile("\n" * (block.line - 1) + block.code, str(block.page), "exec")
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(code, vars(module))
    finally:
        sys.modules["__main__"] = before
    return out.getvalue()


def commands(code: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block, and what it prints."""
    for piece in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
        lines = piece.splitlines(keepends=True)
        last = next(i for i, line in enumerate(lines) if not line.rstrip("\n").endswith("\\"))
        command = "".join(line.rstrip("\n").removesuffix("\\") for line in lines[: last + 1])
        yield command.strip(), "".join(lines[last + 1 :])


def _run_commands(block: Block) -> None:
    found = list(commands(block.code))
    if not found:
        raise Wrong(f"{block} has no line that begins with '$ '")
    for command, printed in found:
        words = shlex.split(command, comments=True)
        if words[:1] == ["export"]:
            os.environ.update(dict([word.split("=", 1) for word in words[1:]]))
            continue
        if words[:1] != ["clarifai"]:
            raise Wrong(
                f"{block}: {words[0]!r} cannot be run here: mark the block, with the reason"
            )
        code, out, shown = run_command(words[1:])
        if code not in (0, None) and "Error" not in printed:
            raise Wrong(f"{block}: `{command}` ended with {code}:\n{shown}")
        if not _same(printed, out):  # a page may show all that is seen, or the data alone
            _compare(block, printed, shown)


class _Copying(io.StringIO):
    """A stream whose text goes to another one, too."""

    def __init__(self, other: io.StringIO) -> None:
        super().__init__()
        self._other = other

    def write(self, text: str) -> int:
        self._other.write(text)
        return super().write(text)


def run_command(words: list[str]) -> tuple[int, str, str]:
    """Run a command line in process; return its code, its stdout, and all that is seen of it."""
    from clarifai_cli.main import main

    shown = io.StringIO()
    out = _Copying(shown)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(shown):
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, out.getvalue(), shown.getvalue()


def _compare(block: Block, expected: str, got: str) -> None:
    if not _same(expected, got):
        expected, got = _trimmed(expected), _trimmed(got)
        raise Wrong(f"{block} prints\n{got}\nand the page says\n{expected}")


def _same(expected: str, got: str) -> bool:
    checker = doctest.OutputChecker()
    return checker.check_output(_trimmed(expected), _trimmed(got), doctest.ELLIPSIS)


def _trimmed(text: str) -> str:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return "\n".join(lines) + "\n" if lines else ""
