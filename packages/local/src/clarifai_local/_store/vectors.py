"""Embeddings of inputs, by app and embedding space, and the exact nearest ones to a query.

Vectors are stored as float32 bytes. A space that is searched is also held in memory, in blocks that
never move, and follows every commit from then on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from clarifai_local._store.database import Database

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.int64]

BLOCK_ROWS = 8192
"""Vectors in one block of memory."""

_BATCH = 256


class Vectors:
    """The vectors of one platform.

    Args:
        database: Where they are stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[tuple[int, str], _Space] = {}
        self._loading = threading.Lock()
        self.embed: Callable[[str, Sequence[int]], Floats] = _no_embedder
        """Computes the vectors of inputs in a space; `Platform` puts its embedder here."""

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
            matrix: One row per input.
        """
        standing = [i for i, seq in enumerate(seqs) if _stands(db, app, seq)]
        if not standing:
            return
        seqs = [seqs[i] for i in standing]
        rows = np.ascontiguousarray(np.asarray(matrix)[standing], dtype=np.float32)
        number = self._space_number(db, app, space, rows.shape[1])
        db.executemany(
            "INSERT INTO vectors VALUES (?, ?, ?)"
            " ON CONFLICT (space, input) DO UPDATE SET vector = excluded.vector",
            [(number, seq, row.tobytes()) for seq, row in zip(seqs, rows, strict=True)],
        )
        self._database.after_commit(lambda: self._hold(app, space, list(seqs), rows))

    def delete(self, db: sqlite3.Connection, seqs: Sequence[int]) -> None:
        """Remove all vectors of inputs."""
        db.executemany("DELETE FROM vectors WHERE input = ?", [(seq,) for seq in seqs])
        self._database.after_commit(lambda: self._drop(list(seqs)))

    def forget_app(self, app: int) -> None:
        """Free the memory of an app that is deleted."""
        for key in [key for key in self._held if key[0] == app]:
            self._held.pop(key, None)

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
        held = self._load(app, space)
        with held.lock:
            seqs, distances = held.distances(np.asarray(query, dtype=np.float32), metric, among)
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
        held = self._load(app, space)
        with held.lock:
            seqs, distances = held.distances(np.asarray(query, dtype=np.float32), metric, None)
        if bool(np.all(seqs[1:] > seqs[:-1])):
            return seqs, distances
        order = np.argsort(seqs)
        return seqs[order], distances[order]

    def count(self, app: int, space: str) -> int:
        """Return how many inputs have a vector in a space."""
        with self._database.read() as db:
            number = _number(db, app, space)
            query = "SELECT COUNT(*) FROM vectors WHERE space = ?"
            return 0 if number is None else int(db.execute(query, (number,)).fetchone()[0])

    def _load(self, app: int, space: str) -> _Space:
        key = (app, space)
        if key not in self._held:
            # The writer's lock comes first: commits update what is held while they have it.
            with self._database.write() as db, self._loading:
                if key not in self._held:
                    self._held[key] = _read(db, app, space)
        return self._held[key]

    def _hold(self, app: int, space: str, seqs: list[int], rows: Floats) -> None:
        held = self._held.get((app, space))
        if held is not None:
            with held.lock:
                held.put(np.array(seqs, dtype=np.int64), rows)

    def _drop(self, seqs: list[int]) -> None:
        for held in list(self._held.values()):
            with held.lock:
                held.drop(seqs)

    @staticmethod
    def _space_number(db: sqlite3.Connection, app: int, space: str, dim: int) -> int:
        number = _number(db, app, space)
        if number is not None:
            return number
        cursor = db.execute(
            "INSERT INTO spaces (app, name, dim) VALUES (?, ?, ?)", (app, space, dim)
        )
        return int(cursor.lastrowid or 0)


class _Space:
    """The vectors of one space in memory: row i is in block i // BLOCK_ROWS."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._blocks: list[Floats] = []
        self._norms: list[Floats] = []
        self._seqs: list[int] = []
        self._rows: dict[int, int] = {}

    def put(self, seqs: Numbers, rows: Floats) -> None:
        for seq, row in zip(seqs.tolist(), rows, strict=True):
            at = self._rows.get(seq)
            if at is None:
                at = self._rows[seq] = len(self._seqs)
                self._seqs.append(seq)
            if at == len(self._blocks) * BLOCK_ROWS:
                self._blocks.append(np.empty((BLOCK_ROWS, rows.shape[1]), np.float32))
                self._norms.append(np.empty(BLOCK_ROWS, np.float32))
            self._blocks[at // BLOCK_ROWS][at % BLOCK_ROWS] = row
            self._norms[at // BLOCK_ROWS][at % BLOCK_ROWS] = row @ row

    def fill(self, seqs: list[int], rows: Floats) -> None:
        """Append many vectors at once, to whole blocks; for loading only."""
        start = len(self._seqs)
        self._rows.update(zip(seqs, range(start, start + len(seqs)), strict=True))
        self._seqs += seqs
        block = np.empty((BLOCK_ROWS, rows.shape[1]), np.float32)
        block[: len(rows)] = rows
        norms = np.empty(BLOCK_ROWS, np.float32)
        norms[: len(rows)] = np.einsum("ij,ij->i", rows, rows)
        self._blocks.append(block)
        self._norms.append(norms)

    def drop(self, seqs: list[int]) -> None:
        for seq in seqs:
            at = self._rows.pop(seq, None)
            if at is None:
                continue
            last = len(self._seqs) - 1
            moved = self._seqs.pop()
            if at != last:
                self._seqs[at] = moved
                self._rows[moved] = at
                for store in (self._blocks, self._norms):
                    store[at // BLOCK_ROWS][at % BLOCK_ROWS] = store[last // BLOCK_ROWS][
                        last % BLOCK_ROWS
                    ]
            if last % BLOCK_ROWS == 0:
                self._blocks.pop()
                self._norms.pop()

    def distances(
        self, query: Floats, metric: str, among: Numbers | None
    ) -> tuple[Numbers, Floats]:
        count = len(self._seqs)
        seqs = np.array(self._seqs, dtype=np.int64)
        if not count:
            return seqs, np.zeros(0, np.float32)
        blocks = enumerate(self._blocks)
        dots = np.concatenate([block[: count - i * BLOCK_ROWS] @ query for i, block in blocks])
        norms = np.concatenate(self._norms)[:count]
        distances = _DISTANCES[metric](dots, norms, np.float32(query @ query))
        if among is None:
            return seqs, distances
        kept = np.isin(seqs, among)
        return seqs[kept], distances[kept]


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


def _read(db: sqlite3.Connection, app: int, space: str) -> _Space:
    held = _Space()
    number = _number(db, app, space)
    if number is None:
        return held
    cursor = db.execute("SELECT input, vector FROM vectors WHERE space = ?", (number,))
    while part := cursor.fetchmany(BLOCK_ROWS):
        data = b"".join(vector for _, vector in part)
        rows = np.frombuffer(data, dtype=np.float32).reshape(len(part), -1)
        held.fill([seq for seq, _ in part], rows)
    return held


def _stands(db: sqlite3.Connection, app: int, seq: int) -> bool:
    query = "SELECT 1 FROM inputs WHERE seq = ? AND app = ?"
    return db.execute(query, (seq, app)).fetchone() is not None


def _number(db: sqlite3.Connection, app: int, space: str) -> int | None:
    query = "SELECT seq FROM spaces WHERE app = ? AND name = ?"
    found = db.execute(query, (app, space)).fetchone()
    return None if found is None else int(found[0])


def _no_embedder(space: str, seqs: Sequence[int]) -> Floats:
    raise LookupError(f"no embedder computes {space!r} (for {len(seqs)} inputs)")
