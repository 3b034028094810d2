"""Files of vectors: each holds the rows of one block, is written once, and is read as memory.

    platform.vectors/<32 digits>   rows as float32, then the square of each row's length

A file is complete on the disk before the database names it, and is never changed. The database also
keeps its digest, so that whatever happens to a file is seen when it is opened.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import mmap
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from clarifai_local._store.directory import (
    create_private,
    files_of_vectors,
    make_private_folder,
)
from clarifai_local._store.disk_space import DiskSpace

if TYPE_CHECKING:
    from pathlib import Path

Floats: TypeAlias = NDArray[np.float32]

_NAME = re.compile(r"[0-9a-f]{32}")
_DIGEST_BYTES = 16
_PAGE_WORDS = 512
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class Damaged(ValueError):
    """A file of vectors is lost, or is not what was written."""


class VectorFiles:
    """The files of one platform.

    Args:
        directory: The folder, made when the first file is written.
        space: Asked before a file is written.
    """

    def __init__(self, directory: Path, space: DiskSpace | None = None) -> None:
        self._directory = directory
        self._space = space or DiskSpace()

    def write(self, rows: Floats, norms: Floats) -> tuple[str, bytes]:
        """Write a file, and wait until it is on the disk.

        Returns:
            Its name and digest.

        Raises:
            OSError: It cannot be written, as when the disk is full; nothing of it is left.
        """
        self._space.check()
        make_private_folder(self._directory)
        name = secrets.token_hex(16)
        path = self._directory / name
        try:
            with os.fdopen(create_private(path), "wb") as file:
                file.write(rows.data)
                file.write(norms.data)
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(self._directory)
        except BaseException:  # why: tidied up, and raised again
            with contextlib.suppress(OSError):  # why: the first error counts
                path.unlink(missing_ok=True)
            raise
        return name, _digest(rows, norms)

    def open(
        self, name: str, count: int, dim: int, digest: bytes | None = None
    ) -> tuple[Floats, Floats]:
        """Return the rows of a file and their squared lengths, read-only and not copied.

        Args:
            name: Of the file.
            count: How many rows it has.
            dim: Numbers in a row.
            digest: What its content must amount to; None for one that was just written.

        Raises:
            Damaged: It is lost, or is not what was written.
            OSError: The system does not let us read it.
        """
        size = count * (dim + 1) * 4
        if not _NAME.fullmatch(name) or not size:
            raise Damaged(f"{name[:32]!r} is no name of a file")
        numbers = np.frombuffer(self._mapped(name, size), np.float32)
        rows, norms = numbers[: count * dim].reshape(count, dim), numbers[count * dim :]
        if digest is not None and _digest(rows, norms) != digest:
            raise Damaged(f"{name} has another content")
        return rows, norms

    def _mapped(self, name: str, size: int) -> mmap.mmap:
        path = self._directory / name
        try:
            descriptor = os.open(path, _FLAGS | _BINARY)
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise Damaged(f"{name} is lost") from None
            if path.is_symlink():
                raise Damaged(f"{name} is a link") from None
            raise
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size != size:
                raise Damaged(f"{name} is not the {size:,} bytes that it was")
            return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)

    def remove(self, name: str) -> None:
        """Remove a file; what cannot be removed now is a stray of the next start."""
        path = self._directory / name
        with contextlib.suppress(OSError):  # why: as said above
            if _NAME.fullmatch(name) and stat.S_ISREG(path.lstat().st_mode):
                path.unlink()

    def remove_strays(self, known: set[str]) -> None:
        """Remove the files that the database does not name, such as those of a killed process."""
        for path in list(files_of_vectors(self._directory)):
            if path.name not in known:
                self.remove(path.name)


def _digest(rows: Floats, norms: Floats) -> bytes:
    """Return what tells a content from others, at the speed of memory: a hash of sums of pages."""
    words = rows.reshape(-1).view(np.uint32)
    whole = len(words) // (2 * _PAGE_WORDS) * 2 * _PAGE_WORDS
    pages = words[:whole].view(np.uint64).reshape(-1, _PAGE_WORDS)
    found = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    found.update(np.add.reduce(pages, axis=1).tobytes())
    found.update(words[whole:].tobytes())
    found.update(norms.tobytes())
    return found.digest()


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file on the disk, too, where a folder can be opened."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
