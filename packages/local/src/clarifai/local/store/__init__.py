"""Everything the platform keeps, in one directory or in memory.

    with store.read() as db: ...     # a consistent snapshot
    with store.write() as db: ...    # a transaction; inner ones join it

A directory holds `platform.sqlite3` (with its `-wal` and `-shm`), `blobs/`, `lock` and `pat`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai.local.store.annotations import Annotations
from clarifai.local.store.blobs import Blobs
from clarifai.local.store.concepts import Concepts
from clarifai.local.store.database import ClosedError, Database, UnknownVersion
from clarifai.local.store.datasets import Datasets, Example
from clarifai.local.store.inputs import Inputs
from clarifai.local.store.lock import DirectoryInUse, DirectoryLock, read_holder
from clarifai.local.store.resources import Duplicate, Resources, Row
from clarifai.local.store.sequences import Sequences
from clarifai.local.store.space import Space
from clarifai.local.store.vectors import Vectors

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = [
    "ClosedError",
    "DirectoryInUse",
    "Duplicate",
    "Example",
    "Row",
    "Store",
    "UnknownVersion",
]

DATABASE_FILE = "platform.sqlite3"
"""Name of the database in the platform's directory."""

BLOBS_DIRECTORY = "blobs"
"""Name of the folder of large blobs there."""


class Store:
    """Opens the directory, takes its lock, and gives access to the tables.

    Args:
        directory: Created when missing; None keeps everything in memory.

    Raises:
        DirectoryInUse: Another process has the directory open.
        UnknownVersion: A newer version of the package wrote it.
    """

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        self.lock: DirectoryLock | None = None
        killed = False
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            # Who ends properly takes its name out of the lock file.
            killed = bool(read_holder(directory))
            self.lock = DirectoryLock(directory)
        self.space = Space()
        try:
            path = None if directory is None else directory / DATABASE_FILE
            self._database = Database(path, self.space)
            with self.read() as db:
                sequences = Sequences(db)
            folder = None if directory is None else directory / BLOBS_DIRECTORY
            self.blobs = Blobs(folder, self.space)
            if killed:
                with self.read() as db:
                    self.blobs.remove_strays(db)
        except BaseException:  # why: tidied up, and raised again
            self._release()
            raise
        self.vectors = Vectors(self._database)
        self.resources = Resources(self.blobs)
        self.concepts = Concepts()
        self.inputs = Inputs(sequences, self.blobs, self.vectors)
        self.annotations = Annotations(sequences)
        self.datasets = Datasets()
        self.after_commit = self._database.after_commit
        self.size_bytes = self._database.size_bytes

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """A consistent snapshot to read from."""
        return self._database.read()

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction; commits at the end, rolls back on an exception, joins an outer one."""
        return self._database.write()

    def meta(self, key: str) -> str:
        """Return a fact about the platform itself, "" when it was never set."""
        with self.read() as db:
            found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return "" if found is None else str(found[0])

    def set_meta(self, key: str, value: str) -> str:
        """Keep a fact about the platform itself; returns it."""
        with self.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        return value

    def examples(
        self,
        db: sqlite3.Connection,
        app: int,
        *,
        dataset: int | None = None,
        version: int | None = None,
    ) -> Iterator[Example]:
        """Yield processed inputs with their annotations; see `Datasets.examples`."""
        return self.datasets.examples(db, app, dataset=dataset, version=version)

    def attach(
        self,
        db: sqlite3.Connection,
        row: Row,
        name: str,
        data: bytes,
        media_type: str = "application/octet-stream",
    ) -> None:
        """Keep bytes with a resource; see `Resources.attach`."""
        self.resources.attach(db, row, name, data, media_type)

    def attachment(self, db: sqlite3.Connection, row: Row, name: str) -> bytes | None:
        """Return the bytes kept with a resource; see `Resources.attachment`."""
        return self.resources.attachment(db, row, name)

    def close(self) -> None:
        """Close the database and let others open the directory."""
        self._database.close()
        self._release()

    def _release(self) -> None:
        if self.lock is not None:
            self.lock.release()
