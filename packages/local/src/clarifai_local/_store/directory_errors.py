"""What can be wrong with a platform's directory, each in one sentence: what, where, and the remedy.

SQLite and the system have many words for it. Here they become few: the directory is another
program's, is damaged, cannot be used, is full, or the process has no file descriptors or memory
left.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from typing import TYPE_CHECKING

from clarifai_local._store.disk_space import is_full

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class UnknownVersion(ValueError):
    """A newer version of this package wrote the database, or another program did."""


class ForeignDirectory(UnknownVersion):
    """Files of somebody else stand where the platform's would be; they are left alone."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}; nothing of it is touched: choose another directory for the platform, an "
            "empty or a new one"
        )


class DamagedDirectory(ValueError):
    """The platform's own files are damaged; they are left as they are.

    Args:
        directory: The platform's directory.
        what: Which file, and what is wrong with it.
        remedy: What to do, when there is something better than to start from a snapshot.
    """

    def __init__(self, directory: Path, what: str, remedy: str = "") -> None:
        super().__init__(
            f"the platform directory {directory} is damaged: {what}; nothing in it is deleted: "
            f"{remedy or _REMEDY}"
        )


class UnusableDirectory(OSError):
    """The system does not let the platform use its directory: permissions, a read-only disk.

    Args:
        directory: The platform's directory.
        error: What the system said.
    """

    def __init__(self, directory: Path, error: OSError) -> None:
        where = f" ({error.filename})" if error.filename is not None else ""
        super().__init__(
            f"the platform directory {directory} cannot be used: {_reason(error)}{where}; "
            "mend that, or choose another directory"
        )


def sentence(error: BaseException) -> str:
    """Return what the platform has to say about a trouble of its machine, "" for other errors.

    Example:
        >>> sentence(OSError(errno.EMFILE, "Too many open files"))
        'the platform has no file descriptors left: it answers again once some are closed'
        >>> sentence(KeyError("a"))
        ''
    """
    if isinstance(error, (DamagedDirectory, UnusableDirectory)):
        return str(error)
    if is_full(error):
        return "no space is left on the platform's disk"
    if isinstance(error, OSError) and error.errno in _NO_DESCRIPTORS:
        return "the platform has no file descriptors left: it answers again once some are closed"
    if isinstance(error, MemoryError):
        return "the platform has no memory left for this request"
    return ""


def passes(error: BaseException) -> bool:
    """Return whether work may wait for the trouble to be over: no space, or no descriptors left."""
    return is_full(error) or (isinstance(error, OSError) and error.errno in _NO_DESCRIPTORS)


@contextlib.contextmanager
def named(path: Path | None) -> Iterator[None]:
    """Turn SQLite's words for a damaged or unusable database into ours.

    Args:
        path: The database; None for one in memory, which nothing can damage.

    Raises:
        DamagedDirectory: SQLite says that the file is no database, or a broken one.
        UnusableDirectory: It cannot be opened, read or written.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if path is None:
            raise
        text = str(error)
        if any(words in text for words in _BROKEN):
            raise DamagedDirectory(path.parent, f"{path.name} cannot be read ({text})") from error
        if any(words in text for words in _UNUSABLE):
            raise _why_unusable(path, text) from error
        raise


_REMEDY = (
    "make a new directory out of a snapshot (`clarifai local import FILE --path NEW`), or choose "
    "another one"
)
_BROKEN = ("not a database", "malformed", "file is encrypted")
_UNUSABLE = ("unable to open", "readonly database", "disk I/O error", "access permission denied")
_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})


def _why_unusable(path: Path, text: str) -> OSError:
    """SQLite only says that it cannot: opening the file shows the system's reason."""
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError as error:
        if error.errno in _NO_DESCRIPTORS or is_full(error):
            return error
        return UnusableDirectory(path.parent, error)
    return UnusableDirectory(path.parent, OSError(errno.EIO, text, str(path)))


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
