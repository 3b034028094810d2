"""Bytes by their SHA-256: pictures, audio, video, weights, logs and archives.

Small ones live in the database, written with the transaction that refers to them. Larger ones are
files, complete before their name exists (write, fsync, rename). What nothing refers to any more is
noted as garbage and removed later, when no upload can be about to use it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai.local.store.space import Space

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

MAX_INLINE_BYTES = 64 * 1024
"""Blobs up to this size are kept in the database itself."""

_REFERENCED = (
    "SELECT 1 FROM inputs WHERE media = :sha",
    "SELECT 1 FROM attachments WHERE sha = :sha",
    "SELECT 1 FROM dataset_version_items WHERE media = :sha",
)


class Blobs:
    """The blobs of one platform.

    Args:
        directory: Where the files go; None keeps everything in the database.
        space: Asked before a file is written.
    """

    def __init__(self, directory: Path | None, space: Space | None = None) -> None:
        self._directory = directory
        self._space = space or Space()
        self._fresh: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def prepare(self, data: bytes) -> bytes:
        """Return the SHA-256 of `data`, having written its file if it is to be one.

        Call it before the transaction, `put` inside it and `settle` behind it.
        """
        sha = hashlib.sha256(data).digest()
        with self._lock:
            self._fresh[sha] = self._fresh.get(sha, 0) + 1
        if self._is_file(data):
            path = self._path(sha)
            try:
                if not path.is_file() or path.stat().st_size != len(data):
                    _write_file(path, data, self._space)
            except BaseException:  # why: tidied up, and raised again
                self.settle([sha])
                raise
        return sha

    def put(self, db: sqlite3.Connection, sha: bytes, data: bytes, media_type: str) -> None:
        """Record a prepared blob in the transaction that refers to it."""
        inline = None if self._is_file(data) else data
        db.execute(
            "INSERT OR IGNORE INTO blobs (sha, size, media_type, data) VALUES (?, ?, ?, ?)",
            (sha, len(data), media_type, inline),
        )

    def settle(self, shas: Iterable[bytes]) -> None:
        """Note that the transaction of these prepared blobs is over, however it ended."""
        with self._lock:
            for sha in shas:
                left = self._fresh.get(sha, 0) - 1
                if left > 0:
                    self._fresh[sha] = left
                else:
                    self._fresh.pop(sha, None)

    def set_media_type(self, db: sqlite3.Connection, sha: bytes, media_type: str) -> None:
        """Record what a blob turned out to be."""
        db.execute("UPDATE blobs SET media_type = ? WHERE sha = ?", (media_type, sha))

    def get(self, db: sqlite3.Connection, sha: bytes) -> bytes | None:
        """Return the bytes of a blob, or None when there is no such blob."""
        row = db.execute("SELECT data FROM blobs WHERE sha = ?", (sha,)).fetchone()
        if row is None:
            return None
        if row[0] is not None:
            return bytes(row[0])
        try:
            return self._path(sha).read_bytes()
        except FileNotFoundError:
            return None

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

        Returns:
            How many notes were dealt with; 0 means that none are left.
        """
        noted = db.execute("SELECT sha FROM blob_garbage LIMIT ?", (limit,)).fetchall()
        for (sha,) in noted:
            with self._lock:
                in_use = sha in self._fresh
                if not in_use and not _is_referenced(db, sha):
                    db.execute("DELETE FROM blobs WHERE sha = ?", (sha,))
                    if self._directory is not None:
                        self._path(sha).unlink(missing_ok=True)
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
        for path in self._directory.glob("*/*"):
            if path.name not in known:
                path.unlink()

    def _is_file(self, data: bytes) -> bool:
        return self._directory is not None and len(data) > MAX_INLINE_BYTES

    def _path(self, sha: bytes) -> Path:
        if self._directory is None:
            raise FileNotFoundError(sha.hex())
        name = sha.hex()
        return self._directory / name[:2] / name


def _is_referenced(db: sqlite3.Connection, sha: bytes) -> bool:
    return any(db.execute(f"{query} LIMIT 1", {"sha": sha}).fetchone() for query in _REFERENCED)


def _write_file(path: Path, data: bytes, space: Space) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
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
