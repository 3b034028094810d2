"""A snapshot's zip, read within limits: nothing that it says of itself is believed before."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import attrs

from clarifai_local._snapshots.contract import (
    BLOB_NAME,
    CHUNK_BYTES,
    FORMAT,
    MANIFEST,
    MAX_DIRECTORY_BYTES,
    MAX_EXPANSION,
    MAX_MANIFEST_BYTES,
    MAX_MEMBERS,
    SMALL_BYTES,
    SnapshotError,
)
from clarifai_local._store.directory import DATABASE_FILE, make_private_folder, touch_private
from clarifai_local._store.directory_errors import DamagedDirectory, UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # why: zipfile's word for an unknown method of compression
    OverflowError,
    RuntimeError,
    UnicodeDecodeError,
    ValueError,
)
"""What zipfile raises for archives that are damaged, encrypted or of an unknown method."""

_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\1\2"
_MANY_BYTES = 4 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


@attrs.frozen
class Manifest:
    """What the file says of its database."""

    database_bytes: int
    database_sha256: str


@attrs.frozen
class SnapshotArchive:
    """A zip whose table of contents is within the limits."""

    file: Path
    zip: zipfile.ZipFile
    manifest: Manifest
    blobs: dict[str, zipfile.ZipInfo]
    """By SHA-256."""

    @property
    def content_bytes(self) -> int:
        """Size of everything in it, unpacked."""
        return sum(info.file_size for info in self.zip.infolist())

    def write_database(self, target: Path) -> None:
        """Write the database, checked against the manifest."""
        info = self.zip.getinfo(DATABASE_FILE)
        if info.file_size != self.manifest.database_bytes:
            raise self._damaged(f"the size of {DATABASE_FILE} is not the manifest's")
        if self._write(info, target) != self.manifest.database_sha256:
            raise self._damaged(f"{DATABASE_FILE} is not what it was")

    def write_blob(self, sha: str, target: Path) -> None:
        """Write a large blob, checked against its name."""
        make_private_folder(target.parent.parent)
        make_private_folder(target.parent)
        if self._write(self.blobs[sha], target) != sha:
            raise self._damaged(f"{self.blobs[sha].filename} is not what it was")

    def _write(self, info: zipfile.ZipInfo, target: Path) -> str:
        touch_private(target)
        # More bytes than announced are an error of zipfile.
        with self.zip.open(info) as source, target.open("rb+") as file:
            return hashed(source, file)

    def _damaged(self, what: str) -> SnapshotError:
        return SnapshotError(f"{self.file} is damaged: {what}")


@contextlib.contextmanager
def opened(file: Path) -> Iterator[SnapshotArchive]:
    """Open a snapshot.

    Raises:
        SnapshotError: It is none, is damaged, or goes beyond a limit.
        OSError: It cannot be read.
    """
    if not file.is_file():
        raise SnapshotError(f"{file} is no file" if file.exists() else f"there is no {file}")
    try:
        with _BoundedFile(file, "rb") as source, zipfile.ZipFile(source) as archive:
            manifest = _manifest(file, archive)
            yield SnapshotArchive(file, archive, manifest, _blobs(file, archive))
    except (UnknownVersion, DamagedDirectory):
        raise
    except _DAMAGED as error:
        raise SnapshotError(f"{file} is no snapshot, or is damaged: {error}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise SnapshotError(f"{file} is damaged: it points outside of itself") from error


def require_room(archive: SnapshotArchive, folder: Path) -> None:
    """Refuse what the disk has no room for: the content, and its database once more."""
    needed = archive.content_bytes + archive.manifest.database_bytes
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise SnapshotError(
            f"{archive.file} needs {needed:,} bytes, only {free:,} are free in {folder}"
        )


def hashed(source: IO[bytes], target: IO[bytes] | None = None) -> str:
    """Return the SHA-256 of what a file has, copied on the way."""
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()


class _BoundedFile(io.FileIO):
    """A file of which zipfile cannot read a huge table of contents: it reads that at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        left = os.fstat(self.fileno()).st_size - self.tell()
        wanted = left if size is None or size < 0 else min(size, left)
        if wanted > MAX_DIRECTORY_BYTES:
            raise _too_many(self.name)
        data = super().read(max(0, wanted)) or b""
        if wanted > _MANY_BYTES and data.count(_ENTRY) > MAX_MEMBERS:
            raise _too_many(self.name)
        return data


def _too_many(file: object) -> SnapshotError:
    return SnapshotError(f"{file} has more than {MAX_MEMBERS:,} members: no snapshot has so many")


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        with archive.open(MANIFEST) as member:
            text = member.read(MAX_MANIFEST_BYTES + 1)
        if len(text) > MAX_MANIFEST_BYTES:
            raise SnapshotError(f"{file} is no snapshot: it has no manifest, but a larger file")
        found: dict[str, Any] = json.loads(text)
        known = found["format"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise SnapshotError(f"{file} is no snapshot: it has no manifest") from error
    if type(known) is not int or known != FORMAT:
        raise SnapshotError(
            f"{file} has snapshot format {str(known)[:20]!r}, this package reads {FORMAT}: "
            "upgrade clarifai-local"
        )
    size, sha = found.get("database_bytes"), found.get("database_sha256")
    if type(size) is not int or not isinstance(sha, str) or not _SHA256.fullmatch(sha):
        raise SnapshotError(f"{file} is no snapshot: its manifest is incomplete")
    return Manifest(size, sha)


def _blobs(file: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the blobs; any member that is not one of ours refuses the whole file."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise _too_many(file)
    if len({info.filename for info in infos}) != len(infos):
        raise SnapshotError(f"{file} is damaged: a member is there twice")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        _check(file, info)
        named = BLOB_NAME.fullmatch(info.filename)
        if named is not None:
            found[named[2]] = info
        elif info.filename not in {MANIFEST, DATABASE_FILE}:
            raise SnapshotError(f"{file} is no snapshot: it has a member {info.filename[:200]!r}")
    if len(infos) - len(found) != len((MANIFEST, DATABASE_FILE)):
        raise SnapshotError(f"{file} is damaged: it has no {DATABASE_FILE}")
    _check_sizes(file, infos)
    return found


def _check(file: Path, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        raise SnapshotError(
            f"{file} is no snapshot: {info.filename[:200]!r} is packed in a way "
            "that snapshots are not"
        )
    if info.orig_filename != info.filename:
        raise SnapshotError(f"{file} is no snapshot: it has a member {info.orig_filename[:200]!r}")


def _check_sizes(file: Path, infos: list[zipfile.ZipInfo]) -> None:
    packed = sum(info.compress_size for info in infos)
    if packed > file.stat().st_size:
        raise SnapshotError(f"{file} is damaged: its members overlap")
    content = sum(info.file_size for info in infos)
    if content > max(SMALL_BYTES, packed * MAX_EXPANSION):
        raise SnapshotError(
            f"{file} would unpack to {content:,} bytes, more than {MAX_EXPANSION} times what it "
            "has: no snapshot does"
        )
