"""Bytes by their SHA-256: pictures, audio, video, weights, logs and archives.

Small ones live in the database, written with the transaction that refers to them. Larger ones are
files, complete before their name exists (write, fsync, rename). What nothing refers to any more is
noted as garbage and removed later, when no upload can be about to use it: until then the note
stays, since the upload may yet be refused, or its process be killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
import stat
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from clarifai_core.loggers import logger_for
from clarifai_local._store.database import ClosedError
from clarifai_local._store.directory import (
    TEMPORARY_PREFIX,
    folders_of_blobs,
    make_private_folder,
    read_small,
)
from clarifai_local._store.directory_errors import DamagedDirectory, sentence
from clarifai_local._store.disk_space import DiskSpace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarifai_local._store.database import Database

_log = logger_for(__name__)

MAX_INLINE_BYTES = 64 * 1024
"""Blobs up to this size are kept in the database itself."""

_REFERENCED = (
    "SELECT 1 FROM inputs WHERE media = :sha",
    "SELECT 1 FROM attachments WHERE sha = :sha",
    "SELECT 1 FROM dataset_version_items WHERE media = :sha",
)


@attrs.define
class _Fresh:
    """A blob that uploads are about to use."""

    uploads: int = 0
    """How many."""
    kept: bool = False
    """Whether one of them has committed it."""


class BlobStore:
    """The blobs of one platform.

    Args:
        database: Where they are recorded, and small ones kept.
        directory: Where the files go; None keeps everything in the database.
        space: Asked before a file is written.
    """

    def __init__(
        self, database: Database, directory: Path | None, space: DiskSpace | None = None
    ) -> None:
        self._database = database
        self._directory = directory
        self._space = space or DiskSpace()
        self._fresh: dict[bytes, _Fresh] = {}
        self._lock = threading.Lock()
        self._told: set[bytes] = set()

    def prepare(self, data: bytes) -> bytes:
        """Return the SHA-256 of `data`, having written its file if it is to be one.

        Call it before the transaction, `put` inside it and `settle` behind it.
        """
        sha = hashlib.sha256(data).digest()
        with self._lock:
            self._fresh.setdefault(sha, _Fresh()).uploads += 1
        if self._is_file(data):
            path = self._path(sha)
            try:
                if not _has(path, len(data)):
                    _write_file(path, data, self._space)
            except BaseException:  # why: tidied up, and raised again
                self.settle([sha])
                raise
        return sha

    def prepare_within(self, data: bytes) -> bytes:
        """Return the SHA-256 of `data`, prepared inside the transaction: it settles at its end."""
        sha = self.prepare(data)
        self._database.at_end(lambda: self.settle([sha]))
        return sha

    def put(self, db: sqlite3.Connection, sha: bytes, data: bytes, media_type: str) -> None:
        """Record a prepared blob in the transaction that refers to it."""
        inline = None if self._is_file(data) else data
        db.execute(
            "INSERT OR IGNORE INTO blobs (sha, size, media_type, data) VALUES (?, ?, ?, ?)",
            (sha, len(data), media_type, inline),
        )
        self._database.after_commit(lambda: self._keep(sha))

    def _keep(self, sha: bytes) -> None:
        with self._lock:
            if sha in self._fresh:
                self._fresh[sha].kept = True

    def settle(self, shas: Iterable[bytes]) -> None:
        """Note that the transaction of these prepared blobs is over, however it ended.

        The file of one that was not recorded, since its upload was refused or failed, goes.
        """
        for sha in shas:
            # Looked up while the blob still is in use: whoever records it meanwhile says so.
            wanted = self._is_wanted(sha)
            with self._lock:
                fresh = self._fresh[sha]
                fresh.uploads -= 1
                if not fresh.uploads:
                    del self._fresh[sha]
                    if not (wanted or fresh.kept):
                        self._remove(sha)

    def _is_wanted(self, sha: bytes) -> bool:
        """Return whether the file of a blob, if it has one, must stay."""
        if self._directory is None or self._fresh[sha].kept:
            return True
        try:
            with self._database.read() as db:
                query = "SELECT 1 FROM blobs WHERE sha = ?"
                return db.execute(query, (sha,)).fetchone() is not None
        except (ClosedError, OSError, sqlite3.Error):  # why: what nobody can look up now stays
            return True

    def _remove(self, sha: bytes) -> None:
        with contextlib.suppress(OSError):  # why: it is a stray then
            _remove(self._path(sha))

    def set_media_type(self, db: sqlite3.Connection, sha: bytes, media_type: str) -> None:
        """Record what a blob turned out to be."""
        db.execute("UPDATE blobs SET media_type = ? WHERE sha = ?", (media_type, sha))

    def get(self, db: sqlite3.Connection, sha: bytes) -> bytes | None:
        """Return the bytes of a blob, or None when there is no such blob, or it is lost.

        What is lost costs the input or model that has it; the log says which file it was.
        """
        try:
            return self.read(db, sha)
        except DamagedDirectory as error:
            self._tell(sha, str(error))
            return None

    def read(self, db: sqlite3.Connection, sha: bytes) -> bytes | None:
        """Return the bytes of a blob, or None when there is no such blob.

        Raises:
            DamagedDirectory: Its file is lost or damaged.
        """
        row = db.execute("SELECT data, size FROM blobs WHERE sha = ?", (sha,)).fetchone()
        if row is None:
            return None
        if row[0] is not None or self._directory is None:
            return None if row[0] is None else bytes(row[0])
        try:
            data = read_small(self._path(sha), row[1])
        except OSError as error:
            if sentence(error):
                raise
            raise self._damaged(sha, f"cannot be read ({error.strerror})") from error
        if data is None:
            raise self._damaged(sha, "is lost")
        if len(data) != row[1]:
            raise self._damaged(sha, f"is not the {row[1]:,} bytes that it was")
        return data

    def _damaged(self, sha: bytes, what: str) -> DamagedDirectory:
        path = self._path(sha)
        directory = path.parent.parent.parent
        return DamagedDirectory(directory, f"{path.relative_to(directory)} {what}")

    def _tell(self, sha: bytes, text: str) -> None:
        with self._lock:
            if sha in self._told:
                return
            self._told.add(sha)
        _log.error("%s", text)

    def media_type(self, db: sqlite3.Connection, sha: bytes) -> str | None:
        """Return the media type that the blob was stored with, or None when there is none."""
        row = db.execute("SELECT media_type FROM blobs WHERE sha = ?", (sha,)).fetchone()
        return None if row is None else str(row[0])

    def discard(self, db: sqlite3.Connection, shas: Iterable[bytes | None]) -> None:
        """Note blobs that lost a reference; `sweep` removes those that have none left."""
        db.executemany(
            "INSERT OR IGNORE INTO blob_garbage VALUES (?)",
            [(sha,) for sha in set(shas) if sha is not None],
        )

    def sweep(self, db: sqlite3.Connection, limit: int = 1000) -> int:
        """Remove noted blobs that nothing refers to, inside a write transaction.

        Those that an upload is about to use stay, noted: the next sweep looks again.

        Returns:
            How many notes were dealt with; 0 means that no others are left.
        """
        with self._lock:
            in_use = set(self._fresh)
        query = "SELECT sha FROM blob_garbage LIMIT ?"
        noted = [sha for (sha,) in db.execute(query, (limit + len(in_use),)) if sha not in in_use]
        for sha in noted:
            with self._lock:
                if sha in self._fresh:
                    continue
                if not _is_referenced(db, sha):
                    db.execute("DELETE FROM blobs WHERE sha = ?", (sha,))
                    if self._directory is not None:
                        _remove(self._path(sha))
            db.execute("DELETE FROM blob_garbage WHERE sha = ?", (sha,))
        return len(noted)

    def remove_strays(self, db: sqlite3.Connection) -> None:
        """Remove the files of uploads that a process did not finish before it was killed.

        Call it before anything can upload.
        """
        if self._directory is None:
            return
        stored = db.execute("SELECT sha FROM blobs WHERE data IS NULL")
        known = {bytes(sha).hex() for (sha,) in stored}
        if not self._directory.is_dir():
            return
        for path in list(own_files(self._directory)):
            if path.name not in known:
                path.unlink()

    def _is_file(self, data: bytes) -> bool:
        return self._directory is not None and len(data) > MAX_INLINE_BYTES

    def _path(self, sha: bytes) -> Path:
        if self._directory is None:
            raise FileNotFoundError(sha.hex())
        name = sha.hex()
        return self._directory / name[:2] / name


def own_files(blobs: Path) -> Iterator[Path]:
    """Yield the platform's files in a folder of blobs.

    That are plain files named by a SHA-256 in the folder of its first two digits, and what was
    being written there. Anything else is somebody else's.
    """
    for folder in list(folders_of_blobs(blobs)):
        if folder.is_dir(follow_symlinks=False):
            with os.scandir(folder) as entries:
                yield from (Path(one.path) for one in entries if _is_own(one, folder.name))


def _is_own(entry: os.DirEntry[str], folder: str) -> bool:
    named = _SHA.fullmatch(entry.name) is not None and entry.name.startswith(folder)
    return (named or _HALF.fullmatch(entry.name) is not None) and entry.is_file(
        follow_symlinks=False
    )


_SHA = re.compile(r"[0-9a-f]{64}")
_HALF = re.compile(rf"{re.escape(TEMPORARY_PREFIX)}[a-z0-9_]{{8}}")


def _has(path: Path, size: int) -> bool:
    """Return whether a plain file of that size is there."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISREG(path.lstat().st_mode):
            path.unlink()


def _is_referenced(db: sqlite3.Connection, sha: bytes) -> bool:
    return any(db.execute(f"{query} LIMIT 1", {"sha": sha}).fetchone() for query in _REFERENCED)


def _write_file(path: Path, data: bytes, space: DiskSpace) -> None:
    make_private_folder(path.parent.parent)
    make_private_folder(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY_PREFIX)
    half = len(data) // 2
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data[:half])
            space.check()
            file.write(data[half:])
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:  # why: tidied up, and raised again
        Path(temporary).unlink(missing_ok=True)
        raise
