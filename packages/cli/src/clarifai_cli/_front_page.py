"""What `clarifai --help` shows, without click: importing that takes as long as all the rest.

The layout is click's, which shows the help of everything else; tests compare the two.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from clarifai_cli._common_options import COMMON, HELP, NO_PLUGINS, VERSION
from clarifai_cli._entries import registered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "clarifai"

ABOUT = """Work with the Clarifai platform, or with one embedded in this process.

Keys never go on the command line: set CLARIFAI_PAT, or run `clarifai login`.
"""

MOST_COLUMNS = 100
"""How wide help becomes at most."""

_LEAST_COLUMNS = 50
_WIDEST_TERM = 30
_GAP = 2


def show() -> int:
    """Print the page and return the program's exit code."""
    import shutil  # here: the frame takes names from this module for every command line

    try:
        print(page(shutil.get_terminal_size().columns), flush=True)
    except BrokenPipeError:  # who reads has enough, as `| head` has
        drop_output()
        return 1
    except Exception as error:  # noqa: BLE001  why: reported as those of commands are
        from clarifai_cli import _failures

        return _failures.report(error)
    return 0


def drop_output() -> None:
    """Send what is still to be printed nowhere, as nobody reads any more."""
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  why: it stays open to the end


def page(columns: int) -> str:
    """Return the page for a terminal.

    Args:
        columns: How wide the terminal is.
    """
    width = max(min(columns, MOST_COLUMNS) - _GAP, _LEAST_COLUMNS)
    options = [one.row for one in (NO_PLUGINS, VERSION, *COMMON, HELP)]
    commands = [(name, entry.help) for name, entry in sorted(registered().items())]
    parts = [f"Usage: {NAME} [OPTIONS] COMMAND [ARGS]...\n"]
    parts += [f"{_wrapped(text, width, '  ')}\n" for text in ABOUT.strip().split("\n\n")]
    parts += ["\n".join(["Options:", *_list(options, width)]), ""]
    parts += ["\n".join(["Commands:", *_list(commands, width)])] if commands else []
    return "\n".join(parts).rstrip()


def _wrapped(text: str, width: int, indent: str = "") -> str:
    import textwrap  # here: as above

    return textwrap.fill(
        " ".join(text.split()), width, initial_indent=indent, subsequent_indent=indent
    )


def _list(rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Yield the lines of a list of terms, each with what it means beside it."""
    import textwrap  # here: as above

    column = min(max(len(term) for term, _ in rows), _WIDEST_TERM) + _GAP
    for term, meaning in rows:
        lines = textwrap.wrap(meaning, max(width - column - _GAP, 10)) or [""]
        if len(term) > column - _GAP:
            yield f"  {term}"
            term = ""
        for start, line in zip([term, *[""] * (len(lines) - 1)], lines, strict=True):
            yield f"  {start:<{column}}{line}".rstrip()
