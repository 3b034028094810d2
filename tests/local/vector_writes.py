"""Writes to vectors and what must come of them, without pytest: child processes start with it."""

from __future__ import annotations

import contextlib
import sqlite3

import numpy as np

from clarifai_local._store import DATABASE_FILE
from clarifai_local._store.directory import VECTORS_DIRECTORY

ROWS, DIM = 16, 6
QUERY = np.random.default_rng(5).standard_normal(DIM).astype(np.float32)


def add_inputs(db, seqs):
    """Store bare inputs: a vector is kept for those that stand only."""
    db.executemany(
        "INSERT INTO inputs VALUES (?, 1, ?, 0, 0, '', NULL, NULL, NULL, 0, 0)",
        [(seq, str(seq)) for seq in seqs],
    )


def rows_of(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


def put(store, seqs, seed=0):
    seqs = list(seqs)
    with store.write() as db:
        known = {seq for (seq,) in db.execute("SELECT seq FROM inputs")}
        add_inputs(db, [seq for seq in seqs if seq not in known])
        store.vectors.put(db, 1, "space", seqs, rows_of(len(seqs), seed))


def delete(store, seqs):
    with store.write() as db:
        db.executemany("DELETE FROM inputs WHERE seq = ?", [(seq,) for seq in seqs])
        store.vectors.delete(db, list(seqs))


def truth(directory):
    """What SQLite has, read without any of our code: numbers of inputs, and their vectors."""
    with contextlib.closing(sqlite3.connect(directory / DATABASE_FILE)) as db:
        found = db.execute("SELECT input, vector FROM vectors ORDER BY input").fetchall()
    vectors = [np.frombuffer(vector, np.float32) for _, vector in found]
    return [seq for seq, _ in found], np.array(vectors).reshape(-1, DIM)


def change(store, chance, seed):
    seqs = chance.sample(range(1, 120), chance.randint(1, 30))
    if chance.random() < 0.35:
        delete(store, seqs)
    else:
        put(store, seqs, seed)


def assert_agrees(store):
    """Queries find exactly the inputs of the database, each with its own vector."""
    seqs, vectors = truth(store.directory)
    found, values = store.vectors.scores(1, "space", lambda rows: rows @ QUERY)
    assert found.tolist() == seqs
    assert np.allclose(values, vectors @ QUERY, atol=1e-4)
    found, values = store.vectors.distances(1, "space", QUERY)
    assert found.tolist() == seqs
    assert np.allclose(values, np.linalg.norm(vectors - QUERY, axis=1), atol=5e-3)


def files(directory):
    folder = directory / VECTORS_DIRECTORY
    return sorted(folder.iterdir()) if folder.is_dir() else []
