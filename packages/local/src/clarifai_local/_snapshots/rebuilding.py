"""A new database out of one that nobody vouches for.

The file is only read: without running anything that it defines, and only when it defines exactly
what our own of its version do. Its rows go into a database that we make, one by one.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import attrs

from clarifai_local._snapshots.contract import MAX_VALUE_BYTES, SnapshotError
from clarifai_local._snapshots.rows import MAX_NUMBER, BadRow, Checker
from clarifai_local._store import schema, vector_blocks
from clarifai_local._store.database import PAGE_BYTES
from clarifai_local._store.directory import touch_private
from clarifai_local._store.directory_errors import UnknownVersion

if TYPE_CHECKING:
    from pathlib import Path

_READING = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_FUNCTION}
)
_MAX_QUOTED = 200
_LIMITS = {
    "SQLITE_LIMIT_LENGTH": MAX_VALUE_BYTES,
    "SQLITE_LIMIT_SQL_LENGTH": 100_000,
    "SQLITE_LIMIT_ATTACHED": 0,
    "SQLITE_LIMIT_TRIGGER_DEPTH": 1,
    "SQLITE_LIMIT_COLUMN": 100,
    "SQLITE_LIMIT_EXPR_DEPTH": 100,
}


@attrs.frozen
class Rebuilt:
    """What was taken over."""

    version: int
    inputs: int
    large: dict[str, int]
    """Size by SHA-256 of the blobs that are files."""


def rebuild(file: Path, source: Path, target: Path) -> Rebuilt:
    """Make a database of the rows of another.

    Args:
        file: The snapshot, for messages.
        source: Its database.
        target: Must not exist.

    Raises:
        SnapshotError: The database is damaged, or not exactly one of ours.
        UnknownVersion: A newer version of the package wrote it.
    """
    try:
        with (
            contextlib.closing(_untrusted(source)) as old,
            contextlib.closing(_fresh(target)) as new,
        ):
            version = _version(file, old)
            for step in schema.MIGRATIONS[:version]:
                new.executescript(step)
            large = _copy(old, new)
            new.execute(f"PRAGMA user_version = {version}")
            inputs: int = new.execute("SELECT COUNT(*) FROM inputs").fetchone()[0]
    except BadRow as error:
        raise SnapshotError(f"{file} is no snapshot: in its database {error}") from error
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        raise SnapshotError(f"{file} is damaged: {_plain(str(error))}") from error
    except MemoryError as error:
        raise SnapshotError(f"{file} has values that memory does not suffice for") from error
    return Rebuilt(version, inputs, large)


def _untrusted(path: Path) -> sqlite3.Connection:
    # `immutable`: no log or journal that might lie beside it is looked at.
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    db = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        if hasattr(db, "setlimit"):  # since Python 3.11
            for name, value in _LIMITS.items():
                db.setlimit(getattr(sqlite3, name), value)
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        db.set_authorizer(_only_reading)
    except BaseException:  # why: tidied up, and raised again
        db.close()
        raise
    return db


def _only_reading(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _fresh(path: Path) -> sqlite3.Connection:
    touch_private(path)
    db = sqlite3.connect(path, isolation_level=None)
    # Nobody has the draft but us: when this fails, it is thrown away.
    for pragma in (f"page_size = {PAGE_BYTES}", "journal_mode = MEMORY", "synchronous = OFF"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


def _version(file: Path, db: sqlite3.Connection) -> int:
    """Return the version of a database that is whole and ours."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    mark: int = db.execute("PRAGMA application_id").fetchone()[0]
    if mark not in (0, schema.APPLICATION_ID) or version < 1:
        raise SnapshotError(f"{file} is no snapshot: its database is foreign")
    if version > schema.VERSION:
        raise UnknownVersion(
            f"{file} has format version {version}, this package knows up to {schema.VERSION}: "
            "upgrade clarifai-local"
        )
    if schema.described(db) != schema.expected(version):
        raise SnapshotError(
            f"{file} is no snapshot: its database is foreign, it defines other things than ours"
        )
    (state,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise SnapshotError(f"{file} is damaged: {_plain(str(state))}")
    return version


def _plain(text: str) -> str:
    """SQLite quotes names that the file made up."""
    words = " ".join(text.split())[:_MAX_QUOTED]
    return "".join(one if one.isprintable() else "?" for one in words)


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> dict[str, int]:
    checker = Checker(new)
    new.execute("BEGIN")
    for table, columns in checker.tables.items():
        if table in vector_blocks.TABLES:
            continue  # of files that the snapshot does not have
        names = ", ".join(column.name for column in columns)
        marks = ", ".join("?" * len(columns))
        # Not by an index: those of the file may say anything.
        rows = old.execute(f"SELECT {names} FROM {table} NOT INDEXED")  # noqa: S608
        new.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
            checker.checked(table, rows),
        )
    if set(vector_blocks.TABLES) <= set(checker.tables):
        vector_blocks.note_all(new)
    _copy_sequences(old, new)
    lacking = "SELECT 1 FROM inputs WHERE seq NOT IN (SELECT seq FROM input_wires) LIMIT 1"
    if new.execute(lacking).fetchone() is not None:
        raise BadRow("an input has no body")
    new.execute("COMMIT")
    return checker.large


def _copy_sequences(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """Numbers are never reused, also those of rows that are gone."""
    known = {name for (name,) in new.execute("SELECT name FROM sqlite_sequence")}
    numbered = {name for name, sql in _tables(new) if "AUTOINCREMENT" in sql}
    for name, last in old.execute("SELECT name, seq FROM sqlite_sequence NOT INDEXED").fetchall():
        if name not in numbered or type(last) is not int or not 0 <= last < MAX_NUMBER:
            raise BadRow("a sequence is none of ours")
        if name in known:
            query = "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?"
        else:
            query = "INSERT INTO sqlite_sequence (seq, name) VALUES (?, ?)"
        new.execute(query, (last, name))


def _tables(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
