"""Files of data sets, opened for reading: nothing that waits for a writer, or never ends."""

from __future__ import annotations

import errno
import os
import stat

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""A pipe that nobody writes to is opened at once with O_NONBLOCK, and then refused."""


def open_plain(path: str | os.PathLike[str]) -> tuple[int, os.stat_result]:
    """Open a plain file for reading, and return its descriptor, and what is known of it.

    Raises:
        OSError: It cannot be opened, or is a folder, a pipe, a socket or a device.
        ValueError: No file can have such a name.
    """
    handle = os.open(path, _FLAGS)
    found = os.fstat(handle)
    mode = found.st_mode
    if stat.S_ISREG(mode):
        return handle, found
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    raise OSError(f"{os.fspath(path)}: it is no plain file, but a pipe, a socket or a device")
