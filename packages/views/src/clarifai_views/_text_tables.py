"""Rows as a table of plain text, for `print` and terminals without colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.safe_text import plain
from clarifai_views.markup import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_WIDTH = 40
"""Characters of a cell."""


def table(rows: Sequence[Mapping[str, object]]) -> str:
    r"""Return rows in columns; columns in which nothing stands are left out.

    Example:
        >>> print(table([{"id": "a", "name": "cat", "note": ""}, {"id": "b", "name": ""}]))
        id  name
        a   cat
        b
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[plain(shown(row.get(name)), MAX_WIDTH) for name in names] for row in rows]
    kept = [place for place in range(len(names)) if any(line[place] for line in cells)]
    lines = [names, *cells]
    widths = {place: max(len(line[place]) for line in lines) for place in kept}
    return "\n".join(
        "  ".join(f"{line[place]:<{widths[place]}}" for place in kept).rstrip() for line in lines
    )
