"""Tables for people: columns as wide as what is in them, and no wider than the terminal."""

from __future__ import annotations

import json
import os
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

from clarifai_core.safe_text import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LOOKED_AT = 1000
"""Rows by which the widths are chosen; what comes behind them is printed as it comes."""

_LEAST_WIDTH = 8
_GAP = "  "
_BOLD, _NORMAL = "\x1b[1m", "\x1b[0m"


def lines_of(rows: Iterable[Mapping[str, Any]], stream: TextIO) -> Iterator[str]:
    """Yield the lines of a table: a heading, and one for each row; nothing if there are none.

    Columns in which no row says anything are left out; the other forms have them all. On a
    terminal its width is kept to, and the heading is bold unless NO_COLOR says no.

    Args:
        rows: Column -> value.
        stream: Where it goes.
    """
    every = iter(rows)
    looked_at = list(islice(every, LOOKED_AT))
    if not looked_at:
        return
    on_terminal = stream.isatty()
    columns = _columns(looked_at)
    cells = [_cells(row, columns) for row in looked_at]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    if on_terminal:
        import shutil  # here: only tables on a terminal are fitted to it

        widths = narrowed(widths, shutil.get_terminal_size().columns)
    heading = _line(columns, widths, cut=on_terminal)
    bold = on_terminal and not os.environ.get("NO_COLOR")
    yield f"{_BOLD}{heading}{_NORMAL}" if bold else heading
    for line in chain(cells, (_cells(row, columns) for row in every)):
        yield _line(line, widths, cut=on_terminal)


def plain_table(rows: Sequence[Mapping[str, object]]) -> Iterable[str]:
    r"""Yield the lines of a table in columns, without colours, of any width.

    Example:
        >>> print(*plain_table([{"name": "work", "user": "me"}]), sep="\n")
        name  user
        work  me
    """
    import io

    return lines_of(rows, io.StringIO())


def narrowed(widths: Sequence[int], most: int) -> list[int]:
    """Return widths that fit, the widest made narrower first; an id, which is copied, the last.

    Args:
        widths: Of the columns.
        most: Of the terminal.

    Example:
        >>> narrowed([10, 40], 40), narrowed([3, 4], 80), narrowed([32, 20, 20], 60)
        ([10, 28], [3, 4], [32, 12, 12])
    """
    first, *others = widths
    fitting = _narrower(others, first + len(_GAP) * len(others) + sum(others) - most)
    return _narrower([first, *fitting], first + len(_GAP) * len(others) + sum(fitting) - most)


def _narrower(widths: Sequence[int], too_much: int) -> list[int]:
    """Return widths that are less by so much, or as narrow as columns get."""
    made = list(widths)
    while too_much > 0 and max(made, default=0) > _LEAST_WIDTH:
        widest = made.index(max(made))
        others = [width for place, width in enumerate(made) if place != widest]
        down_to = max(_LEAST_WIDTH, min(max(others, default=0), made[widest] - 1))
        less = min(too_much, made[widest] - down_to)
        made[widest] -= less
        too_much -= less
    return made


def text_of(value: Any) -> str:
    """Return a value in one line.

    Example:
        >>> text_of([1, True, None]), text_of({"a": 1}), text_of(0.5)
        ('1, yes, ', '{"a": 1}', '0.5')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(text_of, value))
    if isinstance(value, dict):
        value = json.dumps(value, default=str) if value else ""
    return fit(str(value)).replace("\n", "\\n").replace("\t", "\\t")


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns of rows, without those in which none says anything."""
    every = list(dict.fromkeys(name for row in rows for name in row))
    return [name for name in every if any(text_of(row.get(name)) for row in rows)] or every


def _cells(row: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    return [text_of(row.get(name)) for name in columns]


def _line(cells: Sequence[str], widths: Sequence[int], *, cut: bool) -> str:
    shown = (_cut(c, w) if cut else c for c, w in zip(cells, widths, strict=True))
    return _GAP.join(f"{c:<{w}}" for c, w in zip(shown, widths, strict=True)).rstrip()


def _cut(cell: str, width: int) -> str:
    return cell if len(cell) <= width else f"{cell[: width - 1]}…"
