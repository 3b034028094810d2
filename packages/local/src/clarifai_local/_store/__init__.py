"""Everything the platform keeps, in one directory or in memory.

    with store.read() as db: ...     # a consistent snapshot
    with store.write() as db: ...    # a transaction; inner ones join it

What is in a directory, and how it is known to be ours: `directory`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from clarifai_local._store.annotations import AnnotationTable
from clarifai_local._store.blobs import BlobStore
from clarifai_local._store.concepts import ConceptTable
from clarifai_local._store.database import ClosedError, Database
from clarifai_local._store.datasets import AnnotatedInput, DatasetTable
from clarifai_local._store.directory import (
    BLOBS_DIRECTORY,
    DATABASE_FILE,
    VECTORS_DIRECTORY,
    claim,
    is_made,
    remove_temporaries,
    set_made,
    usable,
)
from clarifai_local._store.directory_errors import (
    DamagedDirectory,
    ForeignDirectory,
    UnknownVersion,
    UnusableDirectory,
)
from clarifai_local._store.disk_space import DiskSpace
from clarifai_local._store.inputs import InputTable
from clarifai_local._store.lock import DirectoryInUse, DirectoryLock, names_holder
from clarifai_local._store.resources import Duplicate, ResourceRow, ResourceTable
from clarifai_local._store.sequences import Sequences
from clarifai_local._store.vector_files import VectorFiles
from clarifai_local._store.vectors import VectorStore

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = [
    "BLOBS_DIRECTORY",
    "DATABASE_FILE",
    "AnnotatedInput",
    "ClosedError",
    "DamagedDirectory",
    "DirectoryInUse",
    "Duplicate",
    "ForeignDirectory",
    "ResourceRow",
    "Store",
    "UnknownVersion",
    "UnusableDirectory",
]


class Store:
    """Opens the directory, takes its lock, and gives access to the tables.

    Args:
        directory: Created when missing; None keeps everything in memory.

    Raises:
        DirectoryInUse: Another process has the directory open.
        ForeignDirectory: Files of somebody else have the names that ours would have.
        UnknownVersion: A newer version of the package wrote it.
        DamagedDirectory: Files of the platform are lost or cannot be understood.
        UnusableDirectory: The system does not let us use it.
    """

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        self.lock: DirectoryLock | None = None
        killed = False
        if directory is not None:
            claim(directory)
            with _usable(directory):
                # Who ends properly takes its name out of the lock file.
                killed = names_holder(directory)
                self.lock = DirectoryLock(directory)
        self.space = DiskSpace()
        try:
            with _usable(directory):
                self._open(directory, killed=killed)
        except BaseException:  # why: tidied up, and raised again
            self._release()
            raise
        sequences = self._sequences
        self.resources = ResourceTable(self.blobs)
        self.concepts = ConceptTable()
        self.inputs = InputTable(sequences, self.blobs, self.vectors)
        self.annotations = AnnotationTable(sequences)
        self.datasets = DatasetTable()
        self.after_commit = self._database.after_commit
        self.size_bytes = self._database.size_bytes

    def _open(self, directory: Path | None, *, killed: bool) -> None:
        path = None if directory is None else directory / DATABASE_FILE
        made = directory is not None and is_made(directory)
        if directory is not None:
            remove_temporaries(directory)
        self._database = Database(path, self.space, made=made)
        try:
            with self.read() as db:
                self._sequences = Sequences(db)
            folder = None if directory is None else directory / BLOBS_DIRECTORY
            self.blobs = BlobStore(self._database, folder, self.space)
            if killed:
                with self.read() as db:
                    self.blobs.remove_strays(db)
            if directory is not None and not made:
                set_made(directory)
            files = None
            if directory is not None:
                files = VectorFiles(directory / VECTORS_DIRECTORY, self.space)
            self.vectors = VectorStore(self._database, files)
            self.vectors.resume()
        except BaseException:  # why: tidied up, and raised again
            self._database.close()
            raise

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
    ) -> Iterator[AnnotatedInput]:
        """Yield processed inputs with their annotations; see `DatasetTable.examples`."""
        return self.datasets.examples(db, app, dataset=dataset, version=version)

    def attach(
        self,
        db: sqlite3.Connection,
        row: ResourceRow,
        name: str,
        data: bytes,
        media_type: str = "application/octet-stream",
    ) -> None:
        """Keep bytes with a resource; see `ResourceTable.attach`."""
        self.resources.attach(db, row, name, data, media_type)

    def attachment(self, db: sqlite3.Connection, row: ResourceRow, name: str) -> bytes | None:
        """Return the bytes kept with a resource; see `ResourceTable.attachment`."""
        return self.resources.attachment(db, row, name)

    def close(self) -> None:
        """Close the database and let others open the directory."""
        self.vectors.close()
        self._database.close()
        self._release()

    def _release(self) -> None:
        if self.lock is not None:
            self.lock.release()


def _usable(directory: Path | None) -> AbstractContextManager[None]:
    return contextlib.nullcontext() if directory is None else usable(directory)
