"""What an upload has done so far, on disk, so that the same call goes on after any end.

Two things are kept of an input, by its id: that it was about to be sent, written down before the
request leaves, and that it is done: processed by the platform, with its annotations. A later run
of the same upload skips what is done, and looks on the platform for what was only sent.

The file is SQLite in WAL mode. While an upload runs, entries are appended, one row for many inputs;
they are sorted into an index by id only when a later run asks for them. What a process wrote
survives its death; a power failure may take the last entries, and the platform, which refuses an id
that it has, is then asked again. So the journal may forget; it must never invent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from clarifai_core.errors import UserError
from clarifai_core.files import is_ours, is_plain, make_private_file, make_private_folder
from clarifai_core.loggers import logger_for
from clarifai_core.settings import state_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

KEPT_SECONDS = 30 * 24 * 3600
"""Journals of broken-off uploads that nobody resumed are deleted after this time."""

MAX_FIND = 500
"""Ids in one question to the database."""

Entry: TypeAlias = tuple[str, bytes]
"""An input that is done: its id, and what tells its annotations from others."""

_VERSION = 1
_CACHE_KIB = 256
_APPLICATION_ID = 0x436C5570
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE log (number INTEGER PRIMARY KEY, done INTEGER NOT NULL, entries BLOB NOT NULL);
CREATE TABLE item (id BLOB PRIMARY KEY, signature BLOB) WITHOUT ROWID;
"""
_NAME = re.compile(r"[0-9a-f]{32}\.db")
_BETWEEN, _BEFORE_SIGNATURE = "\0", "\1"
_log = logger_for(__name__)


@attrs.frozen
class UploadKey:
    """What makes two calls the same upload."""

    endpoint: str
    user_id: str
    app_id: str
    dataset_id: str
    source: str
    """What tells the source apart from others; see `sources.identity`."""

    @property
    def path(self) -> Path:
        """Return where its journal is."""
        seed = "\0".join(attrs.astuple(self)).encode()
        name = hashlib.blake2b(seed, digest_size=16).hexdigest()
        return state_directory() / "uploads" / f"{name}.db"


class Ledger(Protocol):
    """What a pipeline writes down, and asks."""

    @property
    def resumed(self) -> bool:
        """Return whether `find` can find anything."""

    def find(self, ids: Sequence[str]) -> dict[str, bytes | None]:
        """Return what is known of inputs: the signature when done, None when only sent."""

    def sent(self, ids: Iterable[str]) -> None:
        """Write down that inputs are about to be sent."""

    def done(self, entries: Iterable[Entry]) -> None:
        """Write down that inputs are done, with the signatures of their annotations."""


class NoLedger:
    """Knows nothing and keeps nothing."""

    resumed = False

    def find(self, ids: Sequence[str]) -> dict[str, bytes | None]:  # noqa: ARG002
        """Return nothing."""
        return {}

    def sent(self, ids: Iterable[str]) -> None:
        """Forget it."""

    def done(self, entries: Iterable[Entry]) -> None:
        """Forget it."""


class Journal:
    """The journal of one upload; locked until it is closed. Thread-safe.

    A journal that cannot be written (the disk is full, the directory read-only) says so once, in
    `notes`, and from then on keeps nothing: that must not end an upload.
    """

    def __init__(self, key: UploadKey) -> None:
        """Open the journal of an upload; what an earlier run left is there to be found.

        Raises:
            UserError: Another upload has it open: the same one, in this process or another.
        """
        self.notes: list[str] = []
        """Why nothing is kept any more, if so."""
        self.resumed = False
        self._path = key.path
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._is_ours = False
        try:
            make_private_folder(self._path.parent)
            _prune(self._path.parent)
            make_private_file(self._path)  # SQLite would let others read it, and follow links
            self._is_ours = True
            self._db = _opened(self._path, key)
            self.resumed = _fold(self._db)
        except (OSError, sqlite3.Error) as error:
            if _is_locked(error):
                raise UserError(
                    f"The upload of this source to dataset {key.dataset_id!r} is running already, "
                    "here or in another process: wait until it has ended, or stop it."
                ) from error
            self._give_up(error)

    def find(self, ids: Sequence[str]) -> dict[str, bytes | None]:
        """Return what is known of inputs: the signature when done, None when only sent."""
        found: dict[str, bytes | None] = {}
        with self._writing() as db:
            if db is None or not self.resumed:
                return found
            for start in range(0, len(ids), MAX_FIND):
                part = [one.encode() for one in ids[start : start + MAX_FIND] if _plain(one)]
                marks = ",".join("?" * len(part))
                question = f"SELECT id, signature FROM item WHERE id IN ({marks})"  # noqa: S608
                found.update((i.decode(), signature) for i, signature in db.execute(question, part))
        return found

    def sample(self, count: int) -> list[str]:
        """Return up to `count` ids of inputs that are done, evenly spread."""
        with self._writing() as db:
            if db is None or not self.resumed:
                return []
            (total,) = db.execute("SELECT COUNT(signature) FROM item").fetchone()
            step = max(1, -(-total // count))
            rows = db.execute(
                "SELECT id FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM item "
                "WHERE signature IS NOT NULL) WHERE place % ? = 0",
                (step,),
            )
            return [one.decode() for (one,) in rows]
        return []

    def doubt(self) -> None:
        """Count what is done as sent only: it will be looked for on the platform."""
        with self._writing() as db:
            if db is not None:
                db.execute("UPDATE item SET signature = NULL")

    def sent(self, ids: Iterable[str]) -> None:
        """Write down that inputs are about to be sent."""
        ids = list(ids)
        if not _plain("".join(ids)):
            ids = [one for one in ids if _plain(one)]
        self._append(0, ids)

    def done(self, entries: Iterable[Entry]) -> None:
        """Write down that inputs are done, with the signatures of their annotations."""
        entries = list(entries)
        if not _plain("".join([one for one, _ in entries])):
            entries = [entry for entry in entries if _plain(entry[0])]
        self._append(
            1,
            [
                f"{one}{_BEFORE_SIGNATURE}{signature.hex()}" if signature else one
                for one, signature in entries
            ],
        )

    def close(self, *, finished: bool) -> None:
        """Give the lock back; delete the file when the upload has nothing left to do."""
        with self._lock:
            db, self._db = self._db, None
            with contextlib.suppress(sqlite3.Error):  # what is lost so is looked for later
                if db is not None and finished:
                    db.execute("PRAGMA synchronous = OFF")  # it is deleted anyway
                if db is not None:
                    db.close()
        if finished and self._is_ours:
            with contextlib.suppress(OSError):  # it could not be written either
                _remove(self._path)

    def _append(self, done: int, entries: list[str]) -> None:
        if not entries:
            return
        with self._writing() as db:
            if db is not None:
                db.execute(
                    "INSERT INTO log (done, entries) VALUES (?, ?)",
                    (done, _BETWEEN.join(entries).encode()),
                )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection | None]:
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as error:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        trouble = f"no journal is kept, {self._path.parent}: {error}"
        self.notes.append(trouble)
        self.resumed = False
        db, self._db = self._db, None
        _log.warning("%s", trouble)
        if db is not None:
            with contextlib.suppress(sqlite3.Error):  # it is the second error of the same disk
                db.close()


def forget(key: UploadKey) -> None:
    """Delete the journal of an upload, if there is one.

    Raises:
        UserError: The upload is running.
    """
    if key.path.exists():
        Journal(key).close(finished=True)


def _opened(path: Path, key: UploadKey) -> sqlite3.Connection:
    """Return the open, locked database; one that is damaged or of another version is replaced."""
    try:
        return _connected(path, key)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        _log.warning("the journal %s is damaged (%s): it is started again", path, error)
        _remove(path)
        return _connected(path, key)


def _connected(path: Path, key: UploadKey) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # Exclusive, and before the first access: one lock for all, and no shared memory file.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        db.execute("BEGIN EXCLUSIVE")
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if (application, version) == (0, 0):
            _create(db, key)
        elif (application, version) != (_APPLICATION_ID, _VERSION):
            raise sqlite3.DatabaseError(f"it has version {version}, this is {_VERSION}")  # noqa: TRY301
        db.execute("COMMIT")
    except BaseException:  # why: tidied up, and raised again
        db.close()
        raise
    return db


def _create(db: sqlite3.Connection, key: UploadKey) -> None:
    for statement in _SCHEMA.strip().split("\n"):
        db.execute(statement)
    db.executemany("INSERT INTO about VALUES (?, ?)", attrs.asdict(key).items())
    db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {_VERSION}")


def _fold(db: sqlite3.Connection) -> bool:
    """Sort what was appended into the index; return whether there is anything in it."""
    db.execute("BEGIN")
    for done, entries in db.execute("SELECT done, entries FROM log ORDER BY number"):
        rows = [_read(entry, done) for entry in entries.decode().split(_BETWEEN)]
        db.executemany("INSERT OR REPLACE INTO item VALUES (?, ?)", rows)
    db.execute("DELETE FROM log")
    db.execute("COMMIT")
    return db.execute("SELECT 1 FROM item LIMIT 1").fetchone() is not None


def _read(entry: str, done: int) -> tuple[bytes, bytes | None]:
    input_id, _, signature = entry.partition(_BEFORE_SIGNATURE)
    return input_id.encode(), bytes.fromhex(signature) if done else None


def _plain(input_id: str) -> bool:
    """Return whether an id can be written down; the platform refuses the others anyway."""
    return input_id.isprintable()


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _prune(folder: Path) -> None:
    """Delete journals that nobody came back to; age alone does not tell: clocks can be set.

    Only what is one of ours, by its name, its owner and what stands in it: the folder may hold
    files of others.
    """
    oldest = time.time() - KEPT_SECONDS
    for path in folder.glob("*.db"):
        if _NAME.fullmatch(path.name) is None:
            continue
        with contextlib.suppress(OSError):  # another process deletes them, too
            there = [one for one in _files(path) if os.path.lexists(one)]
            newest = max((one.lstat().st_mtime for one in there), default=oldest)
            found = path.lstat()
            if newest < oldest and is_plain(found) and is_ours(found) and _is_left(path):
                _remove(path)


def _is_left(path: Path) -> bool:
    """Return whether it is a journal, or empty, and no process has it open."""
    db = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        db.execute("BEGIN EXCLUSIVE")
        (application,) = db.execute("PRAGMA application_id").fetchone()
        tables = db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        return False
    finally:
        db.close()
    return bool(application == _APPLICATION_ID or tables == (0,))


def _files(path: Path) -> tuple[Path, ...]:
    return (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))


def _remove(path: Path) -> None:
    for one in _files(path):
        one.unlink(missing_ok=True)
