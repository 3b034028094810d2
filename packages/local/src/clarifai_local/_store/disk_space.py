"""Room on the disk: where every write asks, and how its lack is told from other errors."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_SQLITE_FULL = "database or disk is full"


class DiskSpace:
    """Asked before anything is written; a test can let it say no."""

    def __init__(self) -> None:
        self.check: Callable[[], None] = _enough
        """Raises OSError (ENOSPC) when nothing more can be written."""


def is_full(error: BaseException) -> bool:
    """Return whether an error says that no space is left, in the words of the system or SQLite."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, sqlite3.OperationalError) and _SQLITE_FULL in str(error)


def _enough() -> None:
    """The disk itself says when it is full."""
