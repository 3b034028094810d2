"""Writes vectors to files in the background, a block at a time, so that nobody waits for it.

What is to be written is read from a snapshot, and the file made, without any lock; the transaction
that makes it count only looks who changed meanwhile. A block of which less than half counts is
given up, its vectors are written again with others: files hold no more than twice what counts.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

import numpy as np

from clarifai_core.loggers import logger_for
from clarifai_local._store import vector_blocks, vector_memory
from clarifai_local._store.database import ClosedError
from clarifai_local._store.directory_errors import sentence
from clarifai_local._store.vector_blocks import FiledBlock
from clarifai_local._store.vector_memory import VectorBlock, places_in, squares

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from clarifai_local._store.database import Database
    from clarifai_local._store.vector_blocks import Changes, Floats, Marks, Numbers
    from clarifai_local._store.vector_files import VectorFiles

_log = logger_for(__name__)

READ_ROWS = 2048
"""Vectors that are read from the database at a time."""


class BlockObserver(Protocol):
    """Who is told, after the commit, what became of blocks."""

    def attached(self, space: int, make: Callable[[], VectorBlock]) -> None:
        """A block counts now."""

    def detached(self, space: int, number: int) -> None:
        """A block counts no more; its vectors do."""


class VectorWriter:
    """Brings the files of one platform up to date, on a thread that starts when it is needed.

    Args:
        database: What counts.
        files: Where blocks are written.
        followers: Told about blocks.
    """

    def __init__(self, database: Database, files: VectorFiles, followers: BlockObserver) -> None:
        self._database = database
        self._files = files
        self._followers = followers
        self._changed = threading.Condition()
        self._unwritten: dict[int, int] = {}
        self._lost: set[int] = set()
        self._thread: threading.Thread | None = None
        self._busy = self._closed = self._told = self._lost_told = False

    def resume(self) -> None:
        """Remove what a killed process left half-done, and go on with what it did not get to."""
        with self._database.read() as db:
            self._files.remove_strays(vector_blocks.files(db))
            found = vector_blocks.counts(db)
        for space, count in found.items():
            self.count(space, count)

    def count(self, space: int, changes: int) -> None:
        """Take note of so many changes that were committed."""
        with self._changed:
            self._unwritten[space] = self._unwritten.get(space, 0) + changes
            if self._unwritten[space] >= vector_memory.BLOCK_ROWS:
                self._start()

    def lost(self, number: int, why: str) -> None:
        """Have the vectors of a block written anew whose file is lost or damaged."""
        with self._changed:
            first, self._lost_told = not self._lost_told, True
            self._lost.add(number)
            self._start()
        if first:  # of many, perhaps: a folder may be lost as a whole
            _log.warning("files of vectors are made anew from the database: %s", why)

    def wait_idle(self, timeout_seconds: float = 30) -> bool:
        """Wait until there is nothing to write; returns whether that came true."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._closed or not (self._busy or self._has_work()), timeout_seconds
            )

    def close(self) -> None:
        """Stop, once the block that is being written is complete."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _start(self) -> None:
        if self._thread is None and not self._closed:
            thread = threading.Thread(target=self._run, name="clarifai-local-vectors", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system has no thread left: the next change tries again
                return
            self._thread = thread
        self._changed.notify_all()

    def _has_work(self) -> bool:
        return bool(self._lost) or self._full() is not None

    def _full(self) -> int | None:
        most = vector_memory.BLOCK_ROWS
        return next((space for space, count in self._unwritten.items() if count >= most), None)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closed or self._has_work())
                if self._closed:
                    return
                self._busy = True
                lost = self._lost.pop() if self._lost else None
                space = None if lost is not None else self._full()
                if space is not None:
                    self._unwritten[space] = 0
            try:
                if lost is not None:
                    self._give_up(lost)
                elif space is not None:
                    self.count(space, self._write_one(space))
            except ClosedError:
                return
            except Exception as error:  # noqa: BLE001 - why: the database has it all; said once
                self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Say it once; as many changes as a block takes are the occasion to try again."""
        if not self._told:
            self._told = True
            why = sentence(error) or f"{type(error).__name__}: {error}"
            _log.warning("vectors are kept in the database only, for now: %s", why)

    def _write_one(self, space: int) -> int:
        """Write the first changes of a space, as many as a block takes.

        Returns:
            How many may be left.
        """
        most = vector_memory.BLOCK_ROWS
        with self._database.read() as db:
            changes = vector_blocks.changed(db, space, most)
        if len(changes.seqs) < most:
            return len(changes.seqs)
        seqs, rows = self._read(space, changes.seqs)
        if len(seqs) < most // 2:
            self._record_deletions(space, changes, ~np.isin(changes.seqs, seqs))
            return most
        file, digest = self._files.write(rows, squares(rows))
        try:
            self._record(space, changes, seqs, file, digest, rows.shape[1])
        except BaseException:  # why: nothing names it; raised again
            self._files.remove(file)
            raise
        return most

    def _record_deletions(self, space: int, changes: Changes, deleted: Marks) -> None:
        with self._database.write() as db:
            self._settle(db, space, changes, _unchanged(db, space, changes) & deleted)

    def _read(self, space: int, seqs: Numbers) -> tuple[Numbers, Floats]:
        parts = []
        for start in range(0, len(seqs), READ_ROWS):
            with self._database.read() as db:
                parts.append(vector_blocks.stored(db, space, seqs[start : start + READ_ROWS]))
        parts = [part for part in parts if len(part[0])]
        if not parts:
            return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        found, rows = zip(*parts, strict=True)
        return np.concatenate(found), np.concatenate(rows)

    def _record(
        self, space: int, changes: Changes, seqs: Numbers, file: str, digest: bytes, dim: int
    ) -> None:
        """Let a file count, for those of its inputs that did not change meanwhile, if most."""
        with self._database.write() as db:
            settled = _unchanged(db, space, changes)
            gone = ~np.isin(seqs, changes.seqs[settled])
            if 2 * int(gone.sum()) > len(gone):
                self._files.remove(file)
                return
            self._settle(db, space, changes, settled)
            number = vector_blocks.add(db, space, FiledBlock(0, file, digest, seqs, gone))

            def made() -> VectorBlock:
                rows, norms = self._files.open(file, len(seqs), dim)
                return VectorBlock(rows, norms, seqs, ~gone, len(seqs), number)

            self._database.after_commit(lambda: self._followers.attached(space, made))
        self._told = False

    def _settle(self, db: sqlite3.Connection, space: int, changes: Changes, settled: Marks) -> None:
        """Mark what settled changes replace in older blocks, and forget the changes."""
        seqs = changes.seqs[settled]
        if not len(seqs):
            return
        vector_blocks.settle(db, changes.numbers[settled].tolist())
        for block in vector_blocks.filed(db, space, seqs):
            places = places_in(block.seqs, seqs)
            if not len(places):
                continue
            block.gone[places] = True
            vector_blocks.set_gone(db, block.number, block.gone)
            if 2 * int(block.gone.sum()) > len(block.gone):
                self._forget(db, space, block.number)

    def _give_up(self, number: int) -> None:
        with self._database.write() as db:
            query = "SELECT space FROM vector_blocks WHERE block = ?"
            row = db.execute(query, (number,)).fetchone()
            if row is not None:
                self._forget(db, row[0], number)

    def _forget(self, db: sqlite3.Connection, space: int, number: int) -> None:
        before = db.total_changes
        file = vector_blocks.give_up(db, number)
        again = db.total_changes - before

        def forgotten() -> None:
            self._followers.detached(space, number)
            self.count(space, again)
            if file is not None:
                self._files.remove(file)

        self._database.after_commit(forgotten)


def _unchanged(db: sqlite3.Connection, space: int, changes: Changes) -> Marks:
    """Return which changes are still the last ones of their inputs.

    Numbers of changes are never reused, so this also holds when the space is gone and its number
    is another's.
    """
    first, last = int(changes.seqs[0]), int(changes.seqs[-1])
    now = vector_blocks.changed_between(db, space, first, last)
    unchanged: Marks = np.isin(changes.numbers, now.numbers)
    return unchanged
