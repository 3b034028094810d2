"""Files and directories in the making, beside what they will be; those of a killed process go.

A draft is a folder of ours: it has our mark and its maker's lock. Only the names that we write are
removed from one, so that a folder of somebody else loses nothing, whatever it is called.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from typing import TYPE_CHECKING

from clarifai_local._store import erasing
from clarifai_local._store.directory import (
    DATABASE_FILES,
    LOCK_FILE,
    MARK_FILE,
    is_made,
    make_private_folder,
    mark_as_made,
)
from clarifai_local._store.directory_errors import DamagedDirectory, ForeignDirectory
from clarifai_local._store.lock import DirectoryLock, is_locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DRAFT = "draft"
"""The file in the making."""

PLATFORM = "platform"
"""The directory in the making."""

UNTRUSTED = "untrusted.sqlite3"
"""The database of a snapshot, before it was looked at."""

_MAX_NAME = 50


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A private folder on the disk of `target`, removed at the end with what we put there.

    Drafts of the same target that a killed process left are removed first.
    """
    for old in left_behind(target):
        _remove(old)
    folder = target.parent / f"{_prefix(target)}{secrets.token_hex(8)}.draft"
    make_private_folder(folder)
    # Nobody takes a folder that is not marked for a draft: the lock comes first.
    lock = DirectoryLock(folder)
    try:
        mark_as_made(folder)
        yield folder
    finally:
        _remove(folder, lock)


def left_behind(target: Path) -> list[Path]:
    """Return the drafts of `target` that nobody is working at any more."""
    pattern = re.compile(rf"{re.escape(_prefix(target))}[0-9a-f]{{16}}\.draft")
    found = [path for path in target.parent.iterdir() if pattern.fullmatch(path.name)]
    return [path for path in found if _is_left(path)]


def _prefix(target: Path) -> str:
    return f".{target.name[:_MAX_NAME]}."


def _is_left(folder: Path) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    try:
        return is_made(folder) and not is_locked(folder)
    except (DamagedDirectory, ForeignDirectory, OSError):  # why: then it is none of ours
        return False


def _remove(folder: Path, lock: DirectoryLock | None = None) -> None:
    with contextlib.suppress(ForeignDirectory):  # somebody put a link there: it stays
        inner = folder / PLATFORM
        if inner.is_dir() and not inner.is_symlink():
            erasing.remove_content(inner)
            (inner / MARK_FILE).unlink(missing_ok=True)
            erasing.remove_if_empty(inner)
        erasing.remove_content(folder)
    for name in (DRAFT, UNTRUSTED, f"{UNTRUSTED}-journal", *DATABASE_FILES, MARK_FILE):
        (folder / name).unlink(missing_ok=True)
    if lock is not None:
        lock.release(remove=True)
    else:
        (folder / LOCK_FILE).unlink(missing_ok=True)
    erasing.remove_if_empty(folder)
