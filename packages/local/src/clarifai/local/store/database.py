"""Connections to the platform's SQLite database: one writer, a few readers, migrations.

A file is opened in WAL mode: readers see a consistent snapshot while the one writer writes, and
what was committed survives the death of the process (`synchronous = NORMAL`; a power failure may
take the last commits with it, never the database). In memory there is one connection behind one
lock.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from typing import TYPE_CHECKING

from clarifai.local.store.schema import MIGRATIONS, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_READERS = 8
"""Read connections to a file; more readers at a time wait for one."""

PAGE_BYTES = 8192
CACHE_KIBIBYTES = 16 * 1024


class UnknownVersion(ValueError):
    """The database was written by a newer version of this package."""


class Database:
    """The database in `path`, or in memory.

    Args:
        path: The file, created when missing; None for memory.

    Raises:
        UnknownVersion: The file is of a newer version.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._write_lock = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self._writer = self._connect()
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._opened = 0
        self._open_lock = threading.Lock()
        self._closed = False
        try:
            self._migrate()
        except BaseException:
            self._writer.close()
            raise

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the one writer; an inner one joins the outer.

        Commits at the end and rolls everything back when an exception leaves the block.
        """
        with self._write_lock:
            if self._closed:
                raise ClosedError
            if self._depth:
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._after_commit.clear()
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
            callbacks, self._after_commit = self._after_commit, []
            for callback in callbacks:
                callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once the write block that this is called in has committed."""
        self._after_commit.append(callback)

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A consistent snapshot to read from; in a `write` of the same thread, that transaction."""
        if self._path is None or self._is_writing():
            with self._write_lock:
                if self._closed:
                    raise ClosedError
                yield self._writer
            return
        reader = self._borrow()
        try:
            reader.execute("BEGIN")
            try:
                yield reader
            finally:
                reader.execute("COMMIT")
        finally:
            self._readers.put(reader)

    def close(self) -> None:
        """Close all connections; transactions in progress end first."""
        with self._write_lock:
            if self._closed:
                return
            self._closed = True
            self._writer.close()
        with self._open_lock:
            opened, self._opened = self._opened, MAX_READERS
        for _ in range(opened):
            self._readers.get().close()

    def size_bytes(self) -> int:
        """Return the size of the database in bytes."""
        with self.read() as db:
            pages: int = db.execute("PRAGMA page_count").fetchone()[0]
        return pages * PAGE_BYTES

    def _is_writing(self) -> bool:
        # The lock is re-entrant: only the thread that holds it can see `_depth` set here.
        if not self._write_lock.acquire(blocking=False):
            return False
        try:
            return bool(self._depth)
        finally:
            self._write_lock.release()

    def _borrow(self) -> sqlite3.Connection:
        with contextlib.suppress(queue.Empty):
            return self._readers.get_nowait()
        with self._open_lock:
            if self._opened < MAX_READERS:
                self._opened += 1
                return self._connect()
        while not self._closed:
            with contextlib.suppress(queue.Empty):
                return self._readers.get(timeout=1)
        raise ClosedError

    def _connect(self) -> sqlite3.Connection:
        name = ":memory:" if self._path is None else str(self._path)
        db = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=30)
        for pragma in (
            f"page_size = {PAGE_BYTES}",
            "journal_mode = WAL" if self._path else "journal_mode = MEMORY",
            "synchronous = NORMAL",
            f"cache_size = -{CACHE_KIBIBYTES}",
            "temp_store = MEMORY",
            "journal_size_limit = 67108864",
        ):
            db.execute(f"PRAGMA {pragma}").fetchall()
        return db

    def _migrate(self) -> None:
        found: int = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise UnknownVersion(
                f"{self._path} has format version {found}, this package knows up to {VERSION}: "
                "upgrade clarifai-local"
            )
        for version in range(found, VERSION):
            statements = f"BEGIN;{MIGRATIONS[version]}PRAGMA user_version = {version + 1};COMMIT;"
            try:
                self._writer.executescript(statements)
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise


class ClosedError(RuntimeError):
    """The platform was closed while something still wanted to use it."""

    def __init__(self) -> None:
        super().__init__("the embedded platform is closed")
