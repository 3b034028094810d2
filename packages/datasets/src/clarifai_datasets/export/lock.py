"""One holder of a file at a time, in whatever process; the system lets go when it dies."""

from __future__ import annotations

import sys


def locked(descriptor: int) -> bool:
    """Return whether an open file is ours alone now; closing it lets go of it."""
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
