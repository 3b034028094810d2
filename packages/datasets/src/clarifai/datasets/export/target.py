"""What an export is written into: a zip, or a folder."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai.datasets.export.naming import is_safe

if TYPE_CHECKING:
    from typing_extensions import Self

COPY_BYTES = 1024 * 1024

_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every member: the same export gives the same bytes."""


class ZipTarget:
    """An archive that is being written, by one thread; a context manager.

    Args:
        path: The file; nothing must be there.
        scratch: A folder for drafts.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self.scratch = scratch
        self._file = path.open("xb")
        # Media are packed already: packing them again would cost time and win nothing.
        self._archive = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)

    def add(self, name: str, content: bytes | Path) -> int:
        """Write a member and return its size; a file is deleted afterwards."""
        member = zipfile.ZipInfo(checked_name(name), _DATE)
        member.external_attr = 0o644 << 16
        if isinstance(content, bytes):
            self._archive.writestr(member, content)
            return len(content)
        with content.open("rb") as source:
            member.file_size = size = content.stat().st_size
            with self._archive.open(member, "w") as target:
                shutil.copyfileobj(source, target, COPY_BYTES)
        content.unlink()
        return size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        with self._file:
            self._archive.close()
            if failure[0] is None:
                self._file.flush()
                os.fsync(self._file.fileno())


class FolderTarget:
    """A folder that is being filled, by one thread; a context manager.

    Args:
        path: The folder; nothing must be there.
        scratch: A folder for drafts, on the same disk.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self.scratch = scratch
        self._path = path
        path.mkdir()

    def add(self, name: str, content: bytes | Path) -> int:
        """Write a file and return its size; a file that is given is moved."""
        target = self._path / checked_name(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            content.replace(target)
            return target.stat().st_size
        with target.open("xb") as file:
            return file.write(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Nothing is open."""


def checked_name(name: str) -> str:
    """Return a name that stays within the target.

    Raises:
        ValueError: It does not, or cannot be one on every system.
    """
    if not all(is_safe(part) for part in name.split("/")):
        raise ValueError(f"{name!r} cannot be the name of a file")
    return name
