"""Tables for people: columns as wide as what is in them, and no wider than the terminal."""

from __future__ import annotations

import json
import os
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

from clarifai_core.safe_text import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

LOOKED_AT = 1000
"""Rows by which the layout is chosen; what comes behind them is printed as it comes."""

_LEAST_WIDTH = 8
_READABLE = 12
"""So much of a cell tells one row from another: the day of a time, the beginning of a name."""
_LEAST_COLUMNS = 3
"""With fewer a table says too little, and a block for each row says more."""
_WHERE = ("app_id", "user_id")
"""Columns that go first: the command line or the context said that."""
_DETAILS = ("version_id", "model_version_id", "dataset_version_id")
"""Columns that go before the last ones: long, and seldom what a listing is read for."""
_SHORT = 30
"""Characters of a value that a remark may repeat."""
_GAP = "  "
_BOLD, _NORMAL = "\x1b[1m", "\x1b[0m"


def lines_of(
    rows: Iterable[Mapping[str, Any]],
    stream: TextIO,
    remark: Callable[[str], object] | None = None,
) -> Iterator[str]:
    """Yield the lines of a table: a heading, and one for each row; nothing if there are none.

    Columns in which no row says anything are left out; the other forms have them all. On a
    terminal its width is kept to: the least important columns are left out, which is remarked, or
    if hardly any would be left, each row becomes a block of lines. The heading is bold unless
    NO_COLOR says no.

    Args:
        rows: Column -> value.
        stream: Where it goes.
        remark: Gets what to say of columns that are left out, behind the last line.
    """
    every = iter(rows)
    looked_at = list(islice(every, LOOKED_AT))
    if not looked_at:
        return
    columns = _columns(looked_at)
    if not stream.isatty():
        yield from _lines(columns, _widths(columns, looked_at), chain(looked_at, every), cut=False)
        return
    import shutil  # here: only tables on a terminal are fitted to it

    width = shutil.get_terminal_size().columns
    widths = dict(zip(columns, _widths(columns, looked_at), strict=True))
    same = {} if len(looked_at) == LOOKED_AT else _same_in_all(columns, looked_at)
    kept = fitting(widths, same, width)
    if len(kept) < min(_LEAST_COLUMNS, len(columns)):
        yield from _blocks(chain(looked_at, every), width)
        return
    fit_widths = narrowed([widths[name] for name in kept], width)
    lines = _lines(kept, fit_widths, chain(looked_at, every), cut=True)
    heading = next(lines)
    yield heading if os.environ.get("NO_COLOR") else f"{_BOLD}{heading}{_NORMAL}"
    yield from lines
    left_out = [name for name in columns if name not in kept]
    if left_out and remark:
        remark(_remark(left_out, same))


def fitting(widths: Mapping[str, int], same: Mapping[str, str], most: int) -> list[str]:
    """Return the columns that fit beside each other, wide enough to be read.

    The first one, an id that is copied, stays. What the command line said goes first, then what
    is the same in every row, ids of versions, and the last ones.

    Args:
        widths: Column -> what it needs to be shown whole.
        same: Columns that say the same in every row, and what.
        most: Width of the terminal.

    Example:
        >>> fitting({"id": 8, "user_id": 7, "name": 30, "created_at": 19}, {"user_id": "me"}, 36)
        ['id', 'name', 'created_at']
    """
    kept = list(widths)

    def needs() -> int:
        least = [min(widths[name], _READABLE) for name in kept[1:]]
        return widths[kept[0]] + sum(least) + len(_GAP) * len(least)

    last_first = kept[:0:-1]
    ranks = (_WHERE, same, _DETAILS, last_first)
    going = dict.fromkeys(name for rank in ranks for name in last_first if name in rank)
    for name in going:
        if needs() <= most:
            break
        kept.remove(name)
    return kept if needs() <= most else []


def block_of(row: Mapping[str, Any], most: int | None = None) -> Iterator[str]:
    r"""Yield the properties of one thing, a line each.

    A text that is empty is told, as `app_id` of `whoami`; what there is not (None) is left out.

    Args:
        row: Property -> value.
        most: Width to which what stands behind the first line is cut.

    Example:
        >>> print(*block_of({"id": "a", "recall": None, "score": 0.5}), sep="\n")
        id     a
        score  0.5
    """
    told = {name: text_of(value) for name, value in row.items() if value is not None}
    margin = max(map(len, told), default=0)
    for number, (name, text) in enumerate(told.items()):
        line = f"{name:<{margin}}{_GAP}{text}".rstrip()
        yield _cut(line, most) if number and most else line


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


def _widths(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return [max(len(name), *(len(text_of(row.get(name))) for row in rows)) for name in columns]


def _same_in_all(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the columns that say the same in each of several rows, and what, if it is short."""
    if len(rows) == 1:
        return {}
    firsts = {name: text_of(rows[0].get(name)) for name in columns}
    return {
        name: text
        for name, text in firsts.items()
        if 0 < len(text) <= _SHORT and all(text_of(row.get(name)) == text for row in rows)
    }


def _lines(
    columns: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Mapping[str, Any]],
    *,
    cut: bool,
) -> Iterator[str]:
    yield _line(columns, widths, cut=cut)
    for row in rows:
        yield _line([text_of(row.get(name)) for name in columns], widths, cut=cut)


def _blocks(rows: Iterable[Mapping[str, Any]], width: int) -> Iterator[str]:
    for number, row in enumerate(rows):
        if number:
            yield ""
        texts = {name: text for name, value in row.items() if (text := text_of(value))}
        yield from block_of(texts, width)


def _remark(left_out: Sequence[str], same: Mapping[str, str]) -> str:
    """Return what to say of columns for which there is no room."""
    told = ", ".join(f"{name} {same[name]}" for name in left_out if name in same)
    others = ", ".join(name for name in left_out if name not in same)
    parts = (
        f"In every row: {told}." if told else "",
        f"No room for: {others} (a wider terminal or -o csv shows them)." if others else "",
    )
    return " ".join(filter(None, parts))


def _line(cells: Sequence[str], widths: Sequence[int], *, cut: bool) -> str:
    shown = (_cut(c, w) if cut else c for c, w in zip(cells, widths, strict=True))
    return _GAP.join(f"{c:<{w}}" for c, w in zip(shown, widths, strict=True)).rstrip()


def _cut(cell: str, width: int) -> str:
    return cell if len(cell) <= width else f"{cell[: width - 1]}…"
