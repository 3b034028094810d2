"""One export to a path at a time, in whatever process."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Lock:
    """A file that one holder has at a time; the system lets go of it when the process dies.

    Args:
        path: The file; its folder is made when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def take(self) -> bool:
        """Return whether it is ours now.

        Raises:
            OSError: The file cannot be made.
        """
        while True:
            self._path.parent.mkdir(exist_ok=True)
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            except FileNotFoundError:
                continue  # why: whoever was done here deleted the folder in between
            if not _locked(descriptor):
                os.close(descriptor)
                return False
            if self._is_at_its_place(descriptor):
                self._descriptor = descriptor
                return True
            os.close(descriptor)

    def release(self, *, delete: bool) -> None:
        """Let go of it; with `delete` the file goes, and its folder if nothing else is there."""
        gone = delete and self._unlinked()
        os.close(self._descriptor)
        if delete:
            if not gone:  # Windows deletes no open file
                self._unlinked()
            with contextlib.suppress(OSError):
                self._path.parent.rmdir()

    def _unlinked(self) -> bool:
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def _is_at_its_place(self, descriptor: int) -> bool:
        """Return whether the file was not deleted by the holder that it was taken over from."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False


def _locked(descriptor: int) -> bool:
    try:
        _lock(descriptor)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass  # why: a file system without locks; two exports at once are the smaller evil
    return True


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
