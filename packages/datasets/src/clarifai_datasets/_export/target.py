"""What an export is written into: a zip or a folder; a killed export leaves the first part of it.

An export that goes on writes all of it again, in the same order. What is there already is compared
instead of written, and from the first difference on everything is written anew.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.files import ORDINARY
from clarifai_datasets._export import zip_parts
from clarifai_datasets._export.own_folder import opened
from clarifai_inputs.file_names import is_safe_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from typing_extensions import Self

COPY_BYTES = 1024 * 1024

Location: TypeAlias = "list[Any]"
"""Where a target has a piece of media: offset or name, size, and CRC-32 if it is known."""


class ZipTarget:
    """An archive that is being written, by one thread; a context manager.

    Args:
        path: The file; what is there already is gone on with.
        scratch: A folder for drafts.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self.scratch = scratch
        self._file = opened(path, mode=ORDINARY, buffering=0)
        self._there = os.fstat(self._file.fileno()).st_size
        self._position = self._written = 0
        self._pending: list[bytes] = []
        self._directory, self._count = bytearray(), 0
        self._placed: dict[int | Path, Location] = {}
        self._mark = (0, 0, 0)
        self._handed_over = 0
        self.differs = False
        """Whether anything is other than what an earlier export wrote in its place."""

    @property
    def is_behind(self) -> bool:
        """Return whether what is written now is compared with what an earlier export wrote."""
        return self._position < self._there

    def add(self, name: str, content: bytes | Path) -> int:
        """Write a member and return its size; a file is deleted afterwards."""
        raw_name = checked_name(name).encode()
        if isinstance(content, bytes):
            size, crc = len(content), zlib.crc32(content)
        else:
            size, crc = content.stat().st_size, _crc_of(content)
        head, start = zip_parts.head(raw_name, size, crc), self._position
        self._put(head)
        self._placed[_key(content)] = [self._position, size, crc]
        if isinstance(content, bytes):
            self._put(content)
        else:
            for chunk in chunks(content):
                self._put(chunk)
            content.unlink()
        self._directory += zip_parts.entry(raw_name, size, crc, start)
        self._count += 1
        return size

    def location(self, content: bytes | Path) -> Location | None:
        """Return where a piece of media was put since `keep`, or None if it was not."""
        return self._placed.get(_key(content))

    def content(self, location: Location, path: Path | None) -> bytes | Path | None:
        """Return what is at a location; None: something else.

        Args:
            location: What `location` returned, in this process or an earlier one.
            path: Where to put it; None: return the bytes.
        """
        offset, size, crc = location
        self._file.seek(offset)
        return taken(self._file, size, crc, path)

    def keep(self) -> None:
        """Take what was added as whole: `undo` leaves it."""
        self._placed.clear()
        self._mark = (self._position, len(self._directory), self._count)

    @property
    def held_bytes(self) -> int:
        """Return how much was added since `hand_over`."""
        return self._position - self._handed_over

    @property
    def end(self) -> int:
        """Return where it ends."""
        return self._position

    @property
    def written(self) -> int:
        """Return up to where the system has it."""
        return self._written

    def hand_over(self) -> None:
        """Give the system what was added: it outlives this process."""
        self._flush()
        self._handed_over = self._position

    def undo(self) -> None:
        """Forget what was added since `keep`."""
        self._flush()
        self._position, entries, self._count = self._mark
        del self._directory[entries:]
        self._placed.clear()
        if self._written > self._position:
            self._cut()

    def go_on(self) -> None:
        """Forget what an earlier export wrote behind this place."""
        self._flush()
        if self._there > self._position:
            self._cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        with self._file:
            if failure[0] is None:
                self.go_on()
                start = self._position
                self._put(bytes(self._directory))
                self._put(zip_parts.end(self._count, len(self._directory), start))
                self._flush()
                os.fsync(self._file.fileno())

    def _put(self, data: bytes) -> None:
        if self.is_behind:
            self._file.seek(self._position)
            if read_exactly(self._file, len(data)) == data:
                self._position = self._written = self._position + len(data)
                return
            self.differs = True
            self._cut()
        self._pending.append(data)
        self._position += len(data)
        if self._position - self._written > COPY_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        left = memoryview(b"".join(self._pending))
        self._file.seek(self._written)
        try:
            while left:
                count = self._file.write(left)
                left, self._written = left[count:], self._written + count
        finally:  # on a full disk, too, it is known how far it came
            self._pending = [bytes(left)] if left else []

    def _cut(self) -> None:
        """End the file here."""
        self._file.truncate(self._position)
        self._there = self._written = self._position


class FolderTarget:
    """A folder that is being filled, by one thread; a context manager.

    Args:
        path: The folder; what is there already is gone on with.
        scratch: A folder for drafts, on the same disk.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self.scratch = scratch
        self._path = path
        self.is_behind = path.is_dir()
        self.differs = False
        path.mkdir(exist_ok=True)
        self.held_bytes = self.end = self.written = 0
        self._known: set[Path] = set()
        self._added: list[Path] = []
        self._placed: dict[int | Path, Location] = {}

    def add(self, name: str, content: bytes | Path) -> int:
        """Write a file and return its size; a file that is given is moved."""
        target = self._path / checked_name(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.is_behind:
            self._known.add(target)
        elif os.path.lexists(target):  # of another case, where the system does not tell
            raise ValueError(f"{name!r} is the name of another file on this system")
        if isinstance(content, Path):
            size, crc = content.stat().st_size, None
            if content != target:
                content.replace(target)
        else:
            size, crc = len(content), zlib.crc32(content)
            if not (self.is_behind and target.is_file() and target.read_bytes() == content):
                target.unlink(missing_ok=True)
                with target.open("xb") as file:
                    file.write(content)
        self._added.append(target)
        self._placed[_key(content)] = [name, size, crc]
        self.held_bytes += size
        return size

    def location(self, content: bytes | Path) -> Location | None:
        """Return where a piece of media was put since `keep`, or None if it was not."""
        return self._placed.get(_key(content))

    def content(self, location: Location, path: Path | None) -> bytes | Path | None:
        """Return what is at a location; None: something else.

        Args:
            location: What `location` returned, in this process or an earlier one.
            path: None: return the bytes; else the file itself is returned.
        """
        name, size, crc = location
        file = self._path / checked_name(name)
        if not file.is_file() or file.stat().st_size != size:
            return None
        if path is not None:
            return file
        content = file.read_bytes()
        return content if zlib.crc32(content) == crc else None

    def keep(self) -> None:
        """Take what was added as whole: `undo` leaves it."""
        self._added.clear()
        self._placed.clear()

    def hand_over(self) -> None:
        """What was added outlives this process already."""
        self.held_bytes = 0

    def undo(self) -> None:
        """Delete what was added since `keep`."""
        for path in self._added:
            path.unlink(missing_ok=True)
            self._known.discard(path)
        self.keep()

    def go_on(self) -> None:
        """Delete what an earlier export wrote and this one did not."""
        if self.is_behind:
            for path in self._path.rglob("*"):
                if path.is_file() and path not in self._known:
                    path.unlink()
            self.is_behind = False
            self._known.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Nothing is open."""
        if failure[0] is None:
            self.go_on()


def checked_name(name: str) -> str:
    """Return a name that stays within the target.

    Raises:
        ValueError: It does not, or cannot be one on every system.
    """
    if not is_safe_path(name):
        raise ValueError(f"{name!r} cannot be the name of a file")
    return name


def taken(file: Any, size: int, crc: int, path: Path | None) -> bytes | Path | None:
    """Return the next `size` bytes of a file, or write them to `path`; None: they are damaged."""
    if path is None:
        content = read_exactly(file, size)
        return content if len(content) == size and zlib.crc32(content) == crc else None
    found = 0
    with path.open("wb") as copy:
        while size and (chunk := file.read(min(size, COPY_BYTES))):
            found, size = zlib.crc32(chunk, found), size - len(chunk)
            copy.write(chunk)
    return path if not size and found == crc else None


def read_exactly(file: Any, size: int) -> bytes:
    """Return the next `size` bytes of a file, or what is there."""
    data: bytes = file.read(size)
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def write_all(file: Any, data: bytes) -> None:
    """Write to an unbuffered file, which may take less than it is given."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _key(content: bytes | Path) -> int | Path:
    return id(content) if isinstance(content, bytes) else content


def _crc_of(path: Path) -> int:
    crc = 0
    for chunk in chunks(path):
        crc = zlib.crc32(chunk, crc)
    return crc


def chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file."""
    with path.open("rb") as file:
        while chunk := file.read(COPY_BYTES):
            yield chunk
