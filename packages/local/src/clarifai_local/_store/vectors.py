"""Embeddings of inputs, by app and embedding space, and the exact nearest ones to a query.

The database holds every vector, as float32 bytes. Files beside it hold most of them once more, in
the form in which a query reads them: mapped into memory, shared by processes, in place. They are a
cache, at twice the space, since that is the simplest to keep right: whatever happens to a file, or
to the disk, the database says which rows of which file count (`vector_blocks`), a digest tells
whether the file is what was written, and what is lost is written again. What came since is held in
memory. A space that was queried follows every commit.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs
import numpy as np

from clarifai_core.loggers import logger_for
from clarifai_local._store import vector_blocks
from clarifai_local._store.vector_files import Damaged, VectorFiles
from clarifai_local._store.vector_filing import READ_ROWS, VectorWriter
from clarifai_local._store.vector_memory import Floats, Numbers, SpaceVectors, VectorBlock

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from clarifai_local._store.database import Database
    from clarifai_local._store.vector_blocks import FiledBlock

    Event: TypeAlias = Callable[[SpaceVectors], None]

_T = TypeVar("_T")
_R = TypeVar("_R")

_log = logger_for(__name__)

THREADS = min(os.cpu_count() or 1, 4)
"""Threads that go through blocks: memory is what they wait for."""

_BATCH = 256
_FEW_BLOCKS = 4


class VectorStore:
    """The vectors of one platform.

    Args:
        database: Where they are stored.
        files: Where most of them are held for queries; None for a database in memory, of which
            all are.
    """

    def __init__(self, database: Database, files: VectorFiles | None = None) -> None:
        self._database = database
        self._files = files
        self._filing = None if files is None else VectorWriter(database, files, self)
        self._held: dict[int, _Held] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, "clarifai-local-scan")
        self._closed = False
        self.embed: Callable[[str, Sequence[int]], Floats] = _no_embedder
        """Computes the vectors of inputs in a space; `Platform` puts its embedder here."""

    def resume(self) -> None:
        """Go on with what a process before left undone; call it before anything changes."""
        if self._filing is not None:
            self._filing.resume()

    def wait_idle(self, timeout_seconds: float = 30) -> bool:
        """Wait until no file is to be written; returns whether that came true."""
        return self._filing is None or self._filing.wait_idle(timeout_seconds)

    def close(self) -> None:
        """Stop writing files, and reading them."""
        self._closed = True
        self._threads.shutdown()
        if self._filing is not None:
            self._filing.close()

    def put(
        self, db: sqlite3.Connection, app: int, space: str, seqs: Sequence[int], matrix: Floats
    ) -> None:
        """Store the vectors of inputs, replacing older ones.

        Vectors are computed outside the writer's lock, so an input may be gone by now: its vector
        would stand for ever, since deleting the input is what removes it.

        Args:
            db: The connection of a write block.
            app: The app's number.
            space: Name of the embedding space.
            seqs: Numbers of the inputs; those that no longer stand in the app are left out.
            matrix: One row per input; of an input that is there twice the last one counts.
        """
        standing = {seq: i for i, seq in enumerate(seqs) if _stands(db, app, seq)}
        if not standing:
            return
        rows = np.ascontiguousarray(np.asarray(matrix)[list(standing.values())], dtype=np.float32)
        number = self._space_number(db, app, space, rows.shape[1])
        db.executemany(
            "INSERT INTO vectors VALUES (?, ?, ?)"
            " ON CONFLICT (space, input) DO UPDATE SET vector = excluded.vector",
            [(number, seq, row.tobytes()) for seq, row in zip(standing, rows, strict=True)],
        )
        vector_blocks.note(db, number, standing)
        numbers = np.array(list(standing), np.int64)
        self._after_commit(number, len(numbers), lambda memory: memory.put(numbers, rows))

    def delete(self, db: sqlite3.Connection, seqs: Sequence[int]) -> None:
        """Remove all vectors of inputs."""
        lost: dict[int, list[int]] = {}
        for seq in seqs:
            for (space,) in db.execute("SELECT space FROM vectors WHERE input = ?", (seq,)):
                lost.setdefault(space, []).append(seq)
        db.executemany("DELETE FROM vectors WHERE input = ?", [(seq,) for seq in seqs])
        for space, gone in lost.items():
            vector_blocks.note(db, space, gone)
            self._after_commit(space, len(gone), _dropping(np.array(gone, np.int64)))

    def delete_spaces(self, db: sqlite3.Connection, app: int) -> None:
        """Remove all spaces of an app with what is in them."""
        query = "SELECT seq FROM spaces WHERE app = ?"
        spaces = [space for (space,) in db.execute(query, (app,))]
        files = vector_blocks.delete_spaces(db, spaces)

        def forget() -> None:
            self.forget_app(app)
            if self._files is not None:
                for file in files:
                    self._files.remove(file)

        self._database.after_commit(forget)

    def forget_app(self, app: int) -> None:
        """Free the memory of an app that is deleted."""
        with self._lock:
            for key in [key for key in self._numbers if key[0] == app]:
                self._held.pop(self._numbers.pop(key), None)

    def vectors_of(self, app: int, space: str, seqs: Sequence[int]) -> dict[int, Floats]:
        """Return the stored vectors of those inputs that have one."""
        found: dict[int, Floats] = {}
        with self._database.read() as db:
            number = _number(db, app, space)
            for seq in seqs if number is not None else ():
                row = db.execute(
                    "SELECT vector FROM vectors WHERE space = ? AND input = ?", (number, seq)
                ).fetchone()
                if row is not None:
                    found[seq] = np.frombuffer(row[0], dtype=np.float32)
        return found

    def features(self, app: int, space: str, seqs: Sequence[int]) -> Floats:
        """Return the vectors of exactly these inputs, computing and keeping those that lack one.

        Args:
            app: The app's number.
            space: Name of the embedding space.
            seqs: Numbers of the inputs.

        Returns:
            One row per input, zeros for inputs without data of that kind.
        """
        found = self.vectors_of(app, space, seqs)
        lacking = [seq for seq in dict.fromkeys(seqs) if seq not in found]
        for start in range(0, len(lacking), _BATCH):
            part = lacking[start : start + _BATCH]
            rows = self.embed(space, part)
            real = np.flatnonzero(np.abs(rows).sum(axis=1))
            if len(real):
                with self._database.write() as db:
                    self.put(db, app, space, [part[i] for i in real.tolist()], rows[real])
            found.update(zip(part, rows, strict=True))
        return np.stack([found[seq] for seq in seqs]) if seqs else np.zeros((0, 0), np.float32)

    def scores(
        self, app: int, space: str, function: Callable[[Floats], Floats]
    ) -> tuple[Numbers, Floats]:
        """Return what a function says of each vector of a space, by ascending number of its input.

        No lock is held meanwhile: commits go on, and what they change is not seen.

        Args:
            app: The app's number.
            space: Name of the embedding space.
            function: Takes vectors (n, dim) in place, read-only, and returns (n,) float32; asked
                block by block, of some at a time on threads. Rows that do not count any more may
                be among them. It must not ask for scores itself; `dots` is the fastest product.

        Returns:
            Numbers of the inputs, and their values.
        """
        return self._values(app, space, lambda block: function(block.rows))

    def nearest(
        self,
        app: int,
        space: str,
        query: Floats,
        metric: str = "euclidean",
        among: Numbers | None = None,
    ) -> tuple[Numbers, Floats]:
        """Return all inputs of a space by their distance to `query`, nearest first.

        Args:
            app: The app's number.
            space: Name of the embedding space.
            query: One vector.
            metric: "euclidean", or "cosine" for 1 - cosine similarity.
            among: Only these inputs; None means all.

        Returns:
            Numbers of the inputs, and their distances; ties go to the newer input.
        """
        seqs, distances = self.distances(app, space, query, metric)
        if among is not None:
            kept = np.isin(seqs, among)
            seqs, distances = seqs[kept], distances[kept]
        order = np.lexsort((-seqs, distances))
        return seqs[order], distances[order]

    def distances(
        self, app: int, space: str, query: Floats, metric: str = "euclidean"
    ) -> tuple[Numbers, Floats]:
        """Return all inputs of a space with their distance to `query`, by ascending number.

        Args:
            app: The app's number.
            space: Name of the embedding space.
            query: One vector.
            metric: As in `nearest`.

        Returns:
            Numbers of the inputs, and their distances.
        """
        vector = np.asarray(query, dtype=np.float32)
        norm, measure = np.float32(vector @ vector), _DISTANCES[metric]
        return self._values(
            app, space, lambda block: measure(dots(block.rows, vector), block.norms, norm)
        )

    def count(self, app: int, space: str) -> int:
        """Return how many inputs have a vector in a space."""
        with self._database.read() as db:
            number = _number(db, app, space)
            query = "SELECT COUNT(*) FROM vectors WHERE space = ?"
            return 0 if number is None else int(db.execute(query, (number,)).fetchone()[0])

    def attached(self, space: int, make: Callable[[], VectorBlock]) -> None:
        """A block counts now; see `VectorWriter`."""
        if space in self._held:
            try:
                block = make()
            except (Damaged, OSError) as error:  # what is in memory stays there
                _log.warning("a file of vectors cannot be used yet: %s", error)
            else:
                self._follow(space, lambda memory: memory.attach(block))

    def detached(self, space: int, number: int) -> None:
        """A block counts no more; see `VectorWriter`."""
        self._follow(space, lambda memory: memory.detach(number))

    def _values(
        self, app: int, space: str, function: Callable[[VectorBlock], Floats]
    ) -> tuple[Numbers, Floats]:
        blocks = self._memory(app, space).blocks()
        seqs, values = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for block, value in zip(blocks, self._each(function, blocks), strict=True):
            found = np.asarray(value, np.float32)
            # To copy blocks of which nothing is gone would cost as much as the query itself.
            whole = bool(block.alive.all())
            seqs.append(block.seqs if whole else block.seqs[block.alive])
            values.append(found if whole else found[block.alive])
        numbers, results = np.concatenate(seqs), np.concatenate(values)
        if bool(np.all(numbers[1:] > numbers[:-1])):
            return numbers, results
        order = np.argsort(numbers, kind="stable")
        return numbers[order], results[order]

    def _each(self, function: Callable[[_T], _R], items: Sequence[_T]) -> Iterable[_R]:
        """Return what a function says of each block, on all cores when there are many."""
        if self._closed or len(items) <= _FEW_BLOCKS:
            return map(function, items)
        return self._threads.map(function, items)

    def _memory(self, app: int, space: str) -> SpaceVectors:
        number = self._numbers.get((app, space))
        held = None if number is None else self._held.get(number)
        if held is not None and held.memory is not None:
            return held.memory
        if self._database.is_writing():
            # Nobody but this thread sees what it has written, and nobody may wait for it here.
            with self._database.read() as db:
                return self._read(db, app, space)
        return SpaceVectors() if self._files is None else self._load(app, space)

    def _load(self, app: int, space: str) -> SpaceVectors:
        """Hold a space; those who want the same wait, commits and other queries do not."""
        with self._database.read_apart() as db:
            number = _number(db, app, space)
        if number is None:
            return SpaceVectors()
        with self._lock:
            self._numbers[app, space] = number
            held = self._held.setdefault(number, _Held())
        with held.loading:
            if held.memory is None:
                held.begin()
                with self._database.read_apart() as db:
                    held.complete(self._read(db, app, space))
            return held.memory or SpaceVectors()

    def _read(self, db: sqlite3.Connection, app: int, space: str) -> SpaceVectors:
        """Return the vectors that a snapshot of the database has."""
        number = _number(db, app, space)
        if number is None:
            return SpaceVectors()
        dim: int = db.execute("SELECT dim FROM spaces WHERE seq = ?", (number,)).fetchone()[0]
        seqs = vector_blocks.changed(db, number).seqs
        filed = vector_blocks.filed(db, number)
        blocks = list(self._each(lambda one: self._opened(one, dim), filed))
        memory = SpaceVectors(block for block in blocks if block is not None)
        for one, block in zip(filed, blocks, strict=True):
            if block is None:
                _fill(memory, db, number, one.seqs[~one.gone])
        # What changed since the files were written is as the database has it, not as they do.
        memory.drop(seqs)
        _fill(memory, db, number, seqs)
        return memory

    def _opened(self, filed: FiledBlock, dim: int) -> VectorBlock | None:
        if self._files is None or self._filing is None:
            return None
        try:
            rows, norms = self._files.open(filed.file, len(filed.seqs), dim, filed.digest)
        except Damaged as error:
            self._filing.lost(filed.number, str(error))
            return None
        except OSError as error:
            _log.warning("a file of vectors cannot be used: %s", error)
            return None
        return VectorBlock(rows, norms, filed.seqs, ~filed.gone, len(filed.seqs), filed.number)

    def _after_commit(self, space: int, changes: int, event: Event) -> None:
        def committed() -> None:
            self._follow(space, event)
            if self._filing is not None:
                self._filing.count(space, changes)

        self._database.after_commit(committed)

    def _follow(self, space: int, event: Event) -> None:
        held = self._held.get(space)
        if held is not None:
            held.follow(event)

    def _space_number(self, db: sqlite3.Connection, app: int, space: str, dim: int) -> int:
        number = _number(db, app, space)
        if number is None:
            cursor = db.execute(
                "INSERT INTO spaces (app, name, dim) VALUES (?, ?, ?)", (app, space, dim)
            )
            number = int(cursor.lastrowid or 0)
        if self._files is None:
            key, known = (app, space), number
            self._database.after_commit(lambda: self._hold(key, known))
        return number

    def _hold(self, key: tuple[int, str], number: int) -> None:
        """Hold a space of a database in memory, from its first vector on."""
        with self._lock:
            self._numbers[key] = number
            self._held.setdefault(number, _Held(SpaceVectors()))


@attrs.define(eq=False)
class _Held:
    """A space in memory, or on the way there: what is committed meanwhile is added at the end.

    Every event may come again, or be in the snapshot already: the last one of an input counts.
    """

    memory: SpaceVectors | None = None
    loading: threading.Lock = attrs.field(factory=threading.Lock)
    _backlog: list[Event] = attrs.field(factory=list)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def begin(self) -> None:
        """Call it before the snapshot is taken: what came before is in that."""
        with self._lock:
            self._backlog.clear()

    def complete(self, memory: SpaceVectors) -> None:
        with self._lock:
            for event in self._backlog:
                event(memory)
            self._backlog.clear()
            self.memory = memory

    def follow(self, event: Event) -> None:
        with self._lock:
            if self.memory is None:
                self._backlog.append(event)
            else:
                event(self.memory)


def dots(rows: Floats, vector: Floats) -> Floats:
    """Return the product of each row with a vector, at the speed of memory.

    BLAS starts threads for each block, which wait for each other: slower, the more so the busier
    the machine is.
    """
    found: Floats = np.einsum("ij,j->i", rows, vector)
    return found


def _euclidean(dots: Floats, norms: Floats, query_norm: np.float32) -> Floats:
    squares: Floats = norms + query_norm - 2 * dots
    # Rounding leaves about 1e-7 of the norms where the vectors are the same.
    noise = np.float32(1e-6) * (norms + query_norm)
    distances: Floats = np.sqrt(np.where(squares > noise, squares, np.float32(0)))
    return distances


def _cosine(dots: Floats, norms: Floats, query_norm: np.float32) -> Floats:
    lengths = np.sqrt(norms * query_norm)
    safe = np.where(lengths > 0, lengths, np.float32(1))
    similarity = np.where(lengths > 0, dots / safe, np.float32(0))
    distances: Floats = np.clip(np.float32(1) - similarity, 0, 2)
    return distances


_DISTANCES = {"euclidean": _euclidean, "cosine": _cosine}


def _fill(memory: SpaceVectors, db: sqlite3.Connection, space: int, seqs: Numbers) -> None:
    for start in range(0, len(seqs), READ_ROWS):
        found, rows = vector_blocks.stored(db, space, seqs[start : start + READ_ROWS])
        memory.put(found, rows)


def _dropping(seqs: Numbers) -> Event:
    return lambda memory: memory.drop(seqs)


def _stands(db: sqlite3.Connection, app: int, seq: int) -> bool:
    query = "SELECT 1 FROM inputs WHERE seq = ? AND app = ?"
    return db.execute(query, (seq, app)).fetchone() is not None


def _number(db: sqlite3.Connection, app: int, space: str) -> int | None:
    query = "SELECT seq FROM spaces WHERE app = ? AND name = ?"
    found = db.execute(query, (app, space)).fetchone()
    return None if found is None else int(found[0])


def _no_embedder(space: str, seqs: Sequence[int]) -> Floats:
    raise LookupError(f"no embedder computes {space!r} (for {len(seqs)} inputs)")
