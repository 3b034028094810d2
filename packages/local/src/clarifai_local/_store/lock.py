"""One platform process per directory: a lock file that names its holder.

Who only wants to know whether a directory is in use must keep nobody out: it takes the lock shared,
for a moment, and whoever wants it for himself tells such a moment from a holder and waits it out.

Why not the library filelock: its locks are exclusive only, so that a question would keep a platform
from starting; it makes the file that it asks about; on Windows it locks the first byte, so that
nobody can read who holds it; it neither writes through its descriptor nor removes under the lock;
and where there is no flock it falls back to a file that a killed process leaves behind.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import weakref
from typing import TYPE_CHECKING, Any

from clarifai_local._store.directory import LOCK_FILE, PRIVATE_FILE, read_small

if TYPE_CHECKING:
    from pathlib import Path

MAX_HOLDER_BYTES = 4096
"""What is read of a lock file."""

_PROBED_SECONDS = 5.0
"""How long the momentary questions of others are waited out; each takes some microseconds."""

_LOCKED_BYTE = 1 << 30
# Windows locks bytes, which then cannot be read: lock one far behind the text.

_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class DirectoryInUse(OSError):
    """Another process (or platform object) has the directory open."""

    def __init__(self, directory: Path) -> None:
        holder = read_holder(directory).get("pid", "unknown")
        super().__init__(
            f"the platform directory {directory} is in use by process {holder}: "
            "stop that one, use its server, or choose another directory"
        )


class DirectoryLock:
    """Held from construction to `release`; the operating system drops it when the process dies.

    Args:
        directory: The platform's directory; it must exist.

    Raises:
        DirectoryInUse: Somebody else holds it; the message names the path and the process.
        OSError: The file cannot be opened or written.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_FILE
        self._descriptor = _opened(directory)
        _held.add(self)
        try:
            self.describe()
        except BaseException:  # why: nobody would let go of it; raised again
            self.abandon()
            raise

    def describe(self, **facts: str) -> None:
        """Write who holds the lock.

        Args:
            facts: What others may want to know besides the process id, such as an address.
        """
        text = json.dumps({"pid": os.getpid(), **facts}).encode()
        # Never empty from here on: whoever is killed in between leaves `names_holder` true.
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, text)
        os.ftruncate(self._descriptor, len(text))

    def release(self, *, remove: bool = False) -> None:
        """Let others in; releasing twice is fine.

        Args:
            remove: Delete the file, too.
        """
        if self._descriptor < 0:
            return
        try:
            os.ftruncate(self._descriptor, 0)
            if remove and os.name != "nt":  # before others can hold the file
                self._path.unlink(missing_ok=True)
        finally:
            self.abandon()
        if remove and os.name == "nt":  # where open files cannot be deleted
            self._path.unlink(missing_ok=True)

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
        text = read_small(directory / LOCK_FILE, MAX_HOLDER_BYTES) or b""
        holder = json.loads(text.decode("utf-8"))
    except (OSError, ValueError, RecursionError):  # why: somebody else's text names no holder
        return {}
    return holder if isinstance(holder, dict) else {}


def names_holder(directory: Path) -> bool:
    """Return whether something is in the lock file: its holder runs, or was killed."""
    try:
        return bool(read_small(directory / LOCK_FILE, 1))
    except OSError:  # why: the lock itself says what is wrong
        return False


def is_locked(directory: Path) -> bool:
    """Return whether a platform has the directory open; keeps none from opening it.

    Raises:
        OSError: The lock file cannot be opened.
    """
    try:
        descriptor = os.open(directory / LOCK_FILE, os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return False
    try:
        return _is_held(descriptor)
    finally:
        os.close(descriptor)


def _opened(directory: Path) -> int:
    """Return a descriptor of the lock file, locked."""
    while True:
        path = directory / LOCK_FILE
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, PRIVATE_FILE)
        try:
            _wait_for(descriptor, directory)
            # Who deletes a platform deletes the file, too: then another one counts.
            if _is_at(descriptor, path):
                return descriptor
        except BaseException:  # why: tidied up, and raised again
            os.close(descriptor)
            raise
        os.close(descriptor)


def _wait_for(descriptor: int, directory: Path) -> None:
    """Lock the file, as soon as nobody just asks about it."""
    deadline = time.monotonic() + _PROBED_SECONDS
    while not _lock(descriptor):
        if _is_held(descriptor) or time.monotonic() > deadline:
            raise DirectoryInUse(directory)
        time.sleep(random.uniform(0.0005, 0.005))


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    _PATIENCE = 20

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _is_held(descriptor: int) -> bool:
        # There is no shared lock: a question of somebody else is over when asked again.
        for _ in range(_PATIENCE):
            if _lock(descriptor):
                os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
                msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
                return False
            time.sleep(random.uniform(0.001, 0.01))
        return True
else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _is_held(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False


_held: weakref.WeakSet[DirectoryLock] = weakref.WeakSet()


def _abandon_all() -> None:
    for lock in list(_held):
        lock.abandon()


if hasattr(os, "register_at_fork"):
    # flock is shared with forked children: one that lives on would keep the directory locked.
    os.register_at_fork(after_in_child=_abandon_all)
