"""One platform process per directory: a lock file that names its holder."""

from __future__ import annotations

import json
import os
import sys
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LOCK_FILE = "lock"
"""Name of the lock file in the platform's directory."""

_LOCKED_BYTE = 1 << 30
# Windows locks bytes, which then cannot be read: lock one far behind the text.


class DirectoryInUse(OSError):
    """Another process (or platform object) has the directory open."""


class DirectoryLock:
    """Held from construction to `release`; the operating system drops it when the process dies.

    Args:
        directory: The platform's directory; it must exist.

    Raises:
        DirectoryInUse: Somebody else holds it; the message names the path and the process.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_FILE
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            holder = read_holder(directory).get("pid", "unknown")
            raise DirectoryInUse(
                f"the platform directory {directory} is in use by process {holder}: "
                "stop that one, use its server, or choose another directory"
            ) from error
        _held.add(self)
        self.describe()

    def describe(self, **facts: str) -> None:
        """Write who holds the lock.

        Args:
            facts: What others may want to know besides the process id, such as an address.
        """
        text = json.dumps({"pid": os.getpid(), **facts}).encode()
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, text)

    def release(self) -> None:
        """Let others in; releasing twice is fine."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            self.abandon()

    def abandon(self) -> None:
        """Close the file in a forked child, where the lock is the parent's."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def read_holder(directory: Path) -> dict[str, Any]:
    """Return what the holder of the directory's lock wrote, or {} when nobody did.

    A process that was killed leaves its text behind: `is_locked` tells.
    """
    try:
        holder = json.loads((directory / LOCK_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}


def is_locked(directory: Path) -> bool:
    """Return whether a platform has the directory open."""
    try:
        descriptor = os.open(directory / LOCK_FILE, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        _lock(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_held: weakref.WeakSet[DirectoryLock] = weakref.WeakSet()


def _abandon_all() -> None:
    for lock in list(_held):
        lock.abandon()


if hasattr(os, "register_at_fork"):
    # flock is shared with forked children: one that lives on would keep the directory locked.
    os.register_at_fork(after_in_child=_abandon_all)
