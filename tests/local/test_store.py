"""What the store promises: transactions, numbers, blobs, vectors."""

from __future__ import annotations

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai_local._store import Duplicate, Store
from clarifai_local._store.blobs import MAX_INLINE_BYTES

from .vector_writes import add_inputs

SCOPE = ("alice", "zoo")


@pytest.fixture(params=["memory", "directory"])
def store(request, tmp_path):
    store = Store(tmp_path / "state" if request.param == "directory" else None)
    yield store
    store.close()


def add(store, db, name):
    dataset = resources_pb2.Dataset(id=name)
    return store.resources.insert(db, "dataset", SCOPE, name, dataset, now_us=1)


def names(store):
    with store.read() as db:
        return [row.id for row in store.resources.list(db, "dataset", SCOPE)]


def test_an_exception_takes_everything_back(store):
    with pytest.raises(Duplicate), store.write() as db:  # noqa: PT012
        add(store, db, "a")
        add(store, db, "a")
    assert names(store) == []


def test_an_inner_transaction_is_part_of_the_outer(store):
    with pytest.raises(ValueError, match="stop"), store.write() as db:  # noqa: PT012
        add(store, db, "a")
        with store.write() as inner:
            add(store, inner, "b")
        with store.read() as reading:
            assert len(store.resources.list(reading, "dataset", SCOPE)) == 2
        raise ValueError("stop")
    assert names(store) == []


def test_callbacks_run_after_the_commit_and_not_after_a_rollback(store):
    seen = []
    with store.write():
        store.after_commit(lambda: seen.append("committed"))
        assert seen == []
    with pytest.raises(ValueError, match="stop"), store.write():  # noqa: PT012
        store.after_commit(lambda: seen.append("rolled back"))
        raise ValueError("stop")
    with store.write():
        pass
    assert seen == ["committed"]


def test_numbers_are_never_reused_even_after_a_restart(tmp_path):
    seen = set()
    for _ in range(2):
        store = Store(tmp_path)
        with store.write() as db:
            row = add(store, db, "a")
            store.resources.delete(db, row)
        seen.add(row.seq)
        store.close()
    assert len(seen) == 2


@pytest.mark.parametrize("size", [10, MAX_INLINE_BYTES + 1])
def test_attachments_live_as_long_as_their_row(store, size):
    data = bytes(size)
    with store.write() as db:
        row = add(store, db, "a")
        store.attach(db, row, "weights", data, "application/x-weights")
    with store.read() as db:
        assert store.attachment(db, row, "weights") == data
        assert store.attachment(db, row, "other") is None
    with store.write() as db:
        store.resources.delete(db, row)
        assert store.blobs.sweep(db) == 1
        assert db.execute("SELECT COUNT(*) FROM blobs").fetchone() == (0,)
    if store.directory is not None:
        assert [p for p in store.directory.rglob("blobs/*/*") if p.is_file()] == []


def test_a_shared_blob_stays_while_somebody_refers_to_it(store):
    with store.write() as db:
        rows = [add(store, db, name) for name in "ab"]
        for row in rows:
            store.attach(db, row, "log", b"same")
    with store.write() as db:
        store.resources.delete(db, rows[0])
        assert store.blobs.sweep(db) == 1
        assert store.attachment(db, rows[1], "log") == b"same"


def test_a_blob_that_an_upload_is_about_to_use_is_not_swept(store):
    with store.write() as db:
        row = add(store, db, "a")
        store.attach(db, row, "log", b"same")
        store.resources.delete(db, row)
    sha = store.blobs.prepare(b"same")
    with store.write() as db:
        store.blobs.sweep(db)
        store.blobs.put(db, sha, b"same", "text/plain")
        assert store.blobs.get(db, sha) == b"same"
    store.blobs.settle([sha])


@pytest.mark.parametrize("size", [10, MAX_INLINE_BYTES + 1])
def test_a_blob_whose_upload_came_to_nothing_is_swept_later(store, size):
    # What a kill between the two does, too: the note outlives the sweep that met the upload.
    data = bytes(size)
    with store.write() as db:
        row = add(store, db, "a")
        store.attach(db, row, "log", data)
    with store.write() as db:
        store.resources.delete(db, row)
    sha = store.blobs.prepare(data)
    with store.write() as db:
        assert store.blobs.sweep(db) == 0
    store.blobs.settle([sha])
    with store.write() as db:
        assert store.blobs.sweep(db) == 1
        assert db.execute("SELECT COUNT(*) FROM blobs").fetchone() == (0,)
    assert files(store) == []


def test_a_sweep_gets_past_the_blobs_that_uploads_are_about_to_use(store):
    used = [store.blobs.prepare(bytes([n])) for n in range(5)]
    with store.write() as db:
        store.blobs.discard(db, [*used, *(bytes([n]) * 32 for n in range(5))])
    with store.write() as db:
        while store.blobs.sweep(db, limit=2):
            pass
        left = {sha for (sha,) in db.execute("SELECT sha FROM blob_garbage")}
    assert left == set(used)


def files(store):
    """The files of blobs."""
    folder = store.directory
    return [] if folder is None else [p for p in folder.rglob("blobs/*/*") if p.is_file()]


def test_the_file_of_an_upload_that_is_refused_goes_with_it(store):
    sha = store.blobs.prepare(bytes(MAX_INLINE_BYTES + 1))
    store.blobs.settle([sha])
    assert files(store) == []


def test_the_file_of_a_transaction_that_fails_goes_with_it(store):
    with pytest.raises(ValueError, match="stop"), store.write() as db:  # noqa: PT012
        row = add(store, db, "a")
        store.attach(db, row, "weights", bytes(MAX_INLINE_BYTES + 1))
        raise ValueError("stop")
    assert files(store) == []


@pytest.mark.parametrize("refused", ["first", "last"])
def test_a_file_that_another_upload_keeps_stays(store, refused):
    data = bytes(MAX_INLINE_BYTES + 1)
    shas = [store.blobs.prepare(data) for _ in range(2)]
    if refused == "first":
        store.blobs.settle(shas[:1])
    with store.write() as db:
        store.blobs.put(db, shas[1], data, "image/png")
    store.blobs.settle(shas[1:])
    if refused == "last":
        store.blobs.settle(shas[:1])
    with store.read() as db:
        assert store.blobs.read(db, shas[0]) == data


def test_a_file_that_is_kept_already_stays_when_it_is_refused_later(store):
    data = bytes(MAX_INLINE_BYTES + 1)
    with store.write() as db:
        row = add(store, db, "a")
        store.attach(db, row, "weights", data)
    store.blobs.settle([store.blobs.prepare(data)])
    with store.read() as db:
        assert store.attachment(db, row, "weights") == data


VECTORS = st.lists(
    st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3), min_size=1, max_size=20
)


@settings(max_examples=50, deadline=None)
@given(VECTORS, st.data())
def test_the_nearest_are_those_of_brute_force(vectors, data):
    store = Store(None)
    matrix = np.array(vectors, dtype=np.float32)
    count = len(matrix)
    split = data.draw(st.integers(0, count))
    query = np.array(data.draw(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3)))
    query = query.astype(np.float32)
    with store.write() as db:
        add_inputs(db, range(1, count + 1))
        store.vectors.put(db, 1, "space", range(1, split + 1), matrix[:split])
    store.vectors.nearest(1, "space", query)
    with store.write() as db:
        store.vectors.put(db, 1, "space", range(split + 1, count + 1), matrix[split:])
    gone = data.draw(st.sets(st.integers(1, count)))
    with store.write() as db:
        store.vectors.delete(db, sorted(gone))
    seqs, distances = store.vectors.nearest(1, "space", query)
    kept = [seq for seq in range(1, count + 1) if seq not in gone]
    assert sorted(seqs.tolist()) == kept
    expected = {s: float(np.linalg.norm(matrix[s - 1] - query)) for s in kept}
    for seq, distance in zip(seqs.tolist(), distances.tolist(), strict=True):
        assert distance == pytest.approx(expected[seq], abs=5e-3)
    assert distances.tolist() == sorted(distances.tolist())
    store.close()


def test_vectors_are_found_again_after_a_restart(tmp_path):
    matrix = np.eye(4, dtype=np.float32)
    store = Store(tmp_path)
    with store.write() as db:
        add_inputs(db, [10, 11, 12, 13])
        store.vectors.put(db, 1, "space", [10, 11, 12, 13, 99], np.vstack([matrix, matrix[:1]]))
    store.close()
    store = Store(tmp_path)
    seqs, distances = store.vectors.nearest(1, "space", matrix[2], "cosine")
    assert (seqs[0], distances[0]) == (12, 0)
    some = store.vectors.nearest(1, "space", matrix[2], among=np.array([10, 13]))[0]
    assert sorted(some.tolist()) == [10, 13]
    store.close()
