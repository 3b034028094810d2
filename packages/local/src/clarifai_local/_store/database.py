"""Connections to the platform's SQLite database: one writer, a few readers, migrations.

A file is opened in WAL mode: readers see a consistent snapshot while the one writer writes, and
what was committed survives the death of the process (`synchronous = NORMAL`; a power failure may
take the last commits with it, never the database). In memory there is one connection behind one
lock.
"""

from __future__ import annotations

import contextlib
import functools
import queue
import sqlite3
import threading
from typing import TYPE_CHECKING

from clarifai_local._store import directory_errors, schema
from clarifai_local._store.directory import touch_private
from clarifai_local._store.directory_errors import DamagedDirectory, UnknownVersion
from clarifai_local._store.disk_space import DiskSpace
from clarifai_local._store.recognition import log_is_readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

MAX_READERS = 8
"""Read connections to a file; more readers at a time wait for one."""

SHORTAGE_SECONDS = 1.0
"""How long a reader waits for one that is open when no more can be opened."""

PAGE_BYTES = 8192
CACHE_KIBIBYTES = 16 * 1024


class Database:
    """The database in `path`, or in memory.

    Args:
        path: The file, created when missing; None for memory.
        space: Asked before a transaction that changed something commits.
        made: The database was complete once: it cannot be missing or empty.

    Raises:
        UnknownVersion: The file is of a newer version, or is none of ours.
        DamagedDirectory: It is lost, or SQLite cannot read it.
        UnusableDirectory: The system does not let us use it.
    """

    def __init__(
        self, path: Path | None, space: DiskSpace | None = None, *, made: bool = False
    ) -> None:
        self._path = path
        self._made = made
        self._space = space or DiskSpace()
        if path is not None:
            require_whole(path, made=made)
            touch_private(path)  # so that what SQLite makes beside it is private, too
        self._write_lock = threading.RLock()
        self._depth = 0
        self._callbacks: list[tuple[Callable[[], None], bool]] = []
        with directory_errors.named(path):
            self._writer = self._connect()
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._opened = 0
        self._open_lock = threading.Lock()
        self._closed = False
        try:
            with directory_errors.named(path):
                self._migrate()
        except BaseException:  # why: tidied up, and raised again
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
            committed = False
            try:
                with directory_errors.named(self._path), self._transaction():
                    yield self._writer
                committed = True
            finally:
                callbacks, self._callbacks = self._callbacks, []
                for callback, always in callbacks:
                    if committed or always:
                        callback()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._writer.in_transaction:  # one that could not even be taken back
            self._writer.execute("ROLLBACK")
        self._writer.execute("BEGIN IMMEDIATE")
        self._depth = 1
        before = self._writer.total_changes
        try:
            yield
            if self._writer.total_changes != before:
                self._space.check()
            self._writer.execute("COMMIT")
        except BaseException:  # why: tidied up, and raised again
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once the write block that this is called in has committed."""
        self._callbacks.append((callback, False))

    def at_end(self, callback: Callable[[], None]) -> None:
        """Run `callback`, which must not fail, once this write block is over, however it ends."""
        self._callbacks.append((callback, True))

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A consistent snapshot to read from; in a `write` of the same thread, that transaction."""
        if self._path is None or self.is_writing():
            with self._write_lock:
                if self._closed:
                    raise ClosedError
                yield self._writer
            return
        with directory_errors.named(self._path), self._reader() as reader:
            yield reader

    @contextlib.contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        reader = self._borrow()
        try:
            reader.execute("BEGIN")
            try:
                yield reader
            finally:
                # An error of the disk may have ended the transaction already.
                if reader.in_transaction:
                    reader.execute("COMMIT")
        finally:
            if reader.in_transaction:  # it cannot be used any more
                self._drop(reader)
            else:
                self._readers.put(reader)

    @contextlib.contextmanager
    def read_apart(self) -> Iterator[sqlite3.Connection]:
        """A snapshot for long reads, also inside a `read`, that takes no reader from others."""
        if self._path is None or self.is_writing():
            with self.read() as db:
                yield db
            return
        if self._closed:
            raise ClosedError
        with directory_errors.named(self._path), contextlib.closing(self._connect()) as reader:
            reader.execute("BEGIN")
            yield reader

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

    def is_writing(self) -> bool:
        """Return whether this thread is in a write block."""
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
        if (opened := self._open_another()) is not None:
            return opened
        while not self._closed:
            with contextlib.suppress(queue.Empty):
                return self._readers.get(timeout=1)
            # One that was given up makes room for another.
            if (opened := self._open_another()) is not None:
                return opened
        raise ClosedError

    def _open_another(self) -> sqlite3.Connection | None:
        """Open a reader, unless there are enough; counted only once it is open."""
        with self._open_lock:
            if self._opened >= MAX_READERS:
                return None
            try:
                reader = self._connect()
            except (sqlite3.Error, OSError, MemoryError):
                # There may be no descriptor left for one more: those that are open go on.
                with contextlib.suppress(queue.Empty):
                    return self._readers.get(timeout=SHORTAGE_SECONDS if self._opened else 0)
                raise
            self._opened += 1
            return reader

    def _drop(self, reader: sqlite3.Connection) -> None:
        with self._open_lock:
            if not self._closed:
                self._opened -= 1
                reader.close()
                return
        self._readers.put(reader)  # for `close`, which waits for it

    def _connect(self) -> sqlite3.Connection:
        name = ":memory:" if self._path is None else str(self._path)
        db = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            # Before anything is set: some of that is written to the file.
            check(db, self._path, made=self._made)
            for pragma in (
                f"page_size = {PAGE_BYTES}",
                "journal_mode = WAL" if self._path else "journal_mode = MEMORY",
                "synchronous = NORMAL",
                f"cache_size = -{CACHE_KIBIBYTES}",
                "temp_store = MEMORY",
                "journal_size_limit = 67108864",
            ):
                db.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:  # why: tidied up, and raised again
            db.close()
            raise
        return db

    def _migrate(self) -> None:
        if self._path is None:
            # A copy of tables that are empty takes a tenth of what making them takes.
            _memory_with_tables(schema.MIGRATIONS[: schema.VERSION]).backup(self._writer)
        found = check(self._writer, self._path)
        for version in range(found, schema.VERSION):
            step = schema.MIGRATIONS[version]
            statements = f"BEGIN IMMEDIATE;{step}PRAGMA user_version = {version + 1};COMMIT;"
            try:
                self._writer.executescript(statements)
            except BaseException:  # why: tidied up, and raised again
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise


@functools.lru_cache(maxsize=1)
def _memory_with_tables(steps: Sequence[str]) -> sqlite3.Connection:
    """Return a database in memory with all tables, all empty: to be copied."""
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    made.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    for number, step in enumerate(steps, 1):
        made.executescript(f"BEGIN IMMEDIATE;{step}PRAGMA user_version = {number};COMMIT;")
    return made


def check(db: sqlite3.Connection, path: Path | None, *, made: bool = False) -> int:
    """Return the format version of a database, 0 when it is empty.

    Args:
        db: Open on the file.
        path: Of the file, for messages.
        made: It was complete once: it cannot be empty.

    Raises:
        UnknownVersion: It is of a newer version, or another program's.
        DamagedDirectory: It is empty, and was not.
    """
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    mark: int = db.execute("PRAGMA application_id").fetchone()[0]
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    ours = not tables if found == 0 else {"meta", "resources"} <= tables
    if not ours or mark not in (0, schema.APPLICATION_ID):
        raise UnknownVersion(f"{path} is the database of another program: {_ELSEWHERE}")
    if found > schema.VERSION:
        raise UnknownVersion(
            f"{path} has format version {found}, this package knows up to {schema.VERSION}: "
            "upgrade clarifai-local"
        )
    if made and not found and path is not None:
        raise DamagedDirectory(path.parent, f"{path.name} has lost all its tables")
    return found


def require_whole(path: Path, *, made: bool) -> None:
    """Look at what SQLite would throw away, or make anew, without a word.

    Args:
        path: Of the database.
        made: It was complete once: it cannot be missing or empty.

    Raises:
        DamagedDirectory: It is, or its write-ahead log is none.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log_is_readable(log):
        raise DamagedDirectory(path.parent, f"{log.name} is no write-ahead log")
    if made and not (path.exists() and path.stat().st_size):
        what = "is empty" if path.exists() else "is lost"
        raise DamagedDirectory(path.parent, f"{path.name} {what}")


_ELSEWHERE = "choose another directory for the platform"


class ClosedError(RuntimeError):
    """The platform was closed while something still wanted to use it."""

    def __init__(self) -> None:
        super().__init__("the embedded platform is closed")
