"""How results are shown: a table on a terminal, plain text in a pipe, JSON on request."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

import attrs

from clarifai_core.safe_text import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@attrs.frozen
class Output:
    """Where the result of one command goes.

    With `--json` a command prints exactly one JSON document, and its remarks go to stderr.
    """

    as_json: bool = False
    stream: TextIO | None = None
    """None: the standard output of the moment."""

    @property
    def on_terminal(self) -> bool:
        """Return whether somebody is looking."""
        return self._stream.isatty()

    def remark(self, text: str) -> None:
        """Say something that is not the result."""
        say(text, to=sys.stderr if self.as_json else self._stream)

    def record(self, values: Mapping[str, object]) -> None:
        """Show one thing: its properties, a line each."""
        if self.as_json:
            self.document(values)
            return
        width = max(map(len, values), default=0)
        for name, value in values.items():
            say(f"{name:<{width}}  {_text(value)}".rstrip(), to=self._stream)

    def table(self, rows: Sequence[Mapping[str, object]], *, empty: str = "") -> None:
        """Show many things of one kind.

        Args:
            rows: Column -> value; all with the same columns.
            empty: What to say when there are none.
        """
        if self.as_json:
            self.document(rows)
        elif not rows:
            self.remark(empty)
        elif self.on_terminal:
            self._rich_table(rows)
        else:
            for line in plain_table(rows):
                say(line, to=self._stream)

    def document(self, content: object) -> None:
        """Print one JSON document."""
        print(json.dumps(content, indent=2, default=str), file=self._stream)

    def _rich_table(self, rows: Sequence[Mapping[str, object]]) -> None:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for column in rows[0]:
            table.add_column(column)
        for row in rows:
            table.add_row(*(Text(_text(value)) for value in row.values()))
        Console(file=self._stream).print(table)  # rich itself honours NO_COLOR

    @property
    def _stream(self) -> TextIO:
        return self.stream or sys.stdout


def say(text: str, to: TextIO | None = None) -> None:
    """Print a text as a terminal may have it: with escaped control characters, whose ever it is.

    Args:
        text: One line, or several.
        to: Where; None: the standard output of the moment.
    """
    print(fit(text), file=to or sys.stdout)


def plain_table(rows: Sequence[Mapping[str, object]]) -> Iterable[str]:
    r"""Yield the lines of a table in columns, without frames or colours.

    Example:
        >>> print(*plain_table([{"name": "work", "user": "me"}]), sep="\n")
        name  user
        work  me
    """
    cells = [list(rows[0]), *([_text(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(f"{c:<{w}}" for c, w in zip(line, widths, strict=True)).rstrip()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return fit(str(value)).replace("\n", "\\n").replace("\t", "\\t")
