"""Row numbers handed out ahead of their rows, so that rows can be written in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


class Sequences:
    """The next `seq` of tables with many rows; use it inside a write block only.

    Args:
        db: A connection to read the last numbers from.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._last: dict[str, int] = dict(db.execute("SELECT name, seq FROM sqlite_sequence"))

    def take(self, table: str, count: int) -> range:
        """Return the next `count` numbers of a table."""
        first = self._last.get(table, 0) + 1
        self._last[table] = first + count - 1
        return range(first, first + count)
