"""Vectors in files: whatever happens to a file or a process, the database's vectors are found."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import ForeignDirectory, Platform
from clarifai_local._snapshots.exporting import export_state
from clarifai_local._snapshots.importing import import_state
from clarifai_local._store import (
    DATABASE_FILE,
    Store,
    erasing,
    vector_blocks,
    vector_memory,
)
from clarifai_local._store.directory import VECTORS_DIRECTORY
from clarifai_local._store.vector_files import VectorFiles

from .vector_writes import (
    DIM,
    QUERY,
    ROWS,
    assert_agrees,
    change,
    delete,
    files,
    put,
    rows_of,
    truth,
)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(vector_memory, "BLOCK_ROWS", ROWS)


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "state") as store:
        yield store


@contextlib.contextmanager
def opened(directory):
    store = Store(directory)
    try:
        yield store
    finally:
        store.close()


def assert_whole(store):
    """Once nothing is to be written: every file is named, and every vector counts once."""
    assert store.vectors.wait_idle()
    with store.read() as db:
        assert {path.name for path in files(store.directory)} == vector_blocks.files(db)
        for space, dim in db.execute("SELECT seq, dim FROM spaces").fetchall():
            changed = vector_blocks.changed(db, space).seqs.tolist()
            query = "SELECT input FROM vectors WHERE space = ?"
            vectors = {seq for (seq,) in db.execute(query, (space,))}
            counted = []
            for block in vector_blocks.filed(db, space):
                folder = VectorFiles(store.directory / VECTORS_DIRECTORY)
                folder.open(block.file, len(block.seqs), dim, block.digest)
                counted += block.seqs[~block.gone].tolist()
            assert len(counted) == len(set(counted))
            assert set(counted) - set(changed) | (set(changed) & vectors) == vectors


def test_full_blocks_become_files_that_only_their_owner_reads(store):
    put(store, range(1, 3 * ROWS + 4))
    assert_whole(store)
    made = files(store.directory)
    assert len(made) == 3
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    assert made[0].parent.stat().st_mode & 0o777 == 0o700
    assert_agrees(store)


@pytest.mark.parametrize("seed", range(6))
def test_queries_agree_with_the_database_whatever_changes(tmp_path, seed):
    chance = random.Random(seed)
    for _ in range(3):
        with opened(tmp_path) as store:
            for step in range(25):
                change(store, chance, seed * 1000 + step)
                if chance.random() < 0.2:
                    assert store.vectors.wait_idle()
                if chance.random() < 0.3:
                    assert_agrees(store)
            assert_whole(store)
            assert_agrees(store)
        with opened(tmp_path) as store:
            assert_agrees(store)


def test_deletions_leave_files_of_which_half_counts(store):
    put(store, range(1, 10 * ROWS + 1))
    assert_whole(store)
    assert_agrees(store)
    delete(store, [seq for seq in range(1, 10 * ROWS + 1) if seq % 4])
    assert_whole(store)
    assert_agrees(store)
    assert len(files(store.directory)) <= 5
    delete(store, range(1, 10 * ROWS + 1))
    assert_whole(store)
    assert_agrees(store)
    assert len(files(store.directory)) <= 2


def test_in_memory_there_is_no_file():
    store = Store(None)
    assert store.vectors.scores(1, "space", lambda rows: rows @ QUERY)[0].tolist() == []
    put(store, range(1, 3 * ROWS))
    delete(store, [2, 5])
    seqs, values = store.vectors.scores(1, "space", lambda rows: rows @ QUERY)
    kept = [seq for seq in range(1, 3 * ROWS) if seq not in {2, 5}]
    assert seqs.tolist() == kept
    expected = rows_of(3 * ROWS - 1) @ QUERY
    assert values == pytest.approx(expected[[seq - 1 for seq in kept]], abs=1e-5)
    store.close()


def test_a_function_sees_rows_that_it_cannot_change(store):
    put(store, range(1, 2 * ROWS))
    assert store.vectors.wait_idle()

    def change_rows(rows):
        rows[0] = 0
        return rows[:, 0]

    with pytest.raises(ValueError, match="read-only"):
        store.vectors.scores(1, "space", change_rows)
    assert_agrees(store)


# Nobody waits


def in_thread(work):
    """Run `work` to its end on another thread, as a request that comes meanwhile."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


@contextlib.contextmanager
def held_up(monkeypatch, owner, name):
    """Have the first call of a method wait; yields the event that says that it does."""
    method, waiting, go_on = getattr(owner, name), threading.Event(), threading.Event()

    def wait(*args, **kwargs):
        if not waiting.is_set():
            waiting.set()
            assert go_on.wait(60)
        return method(*args, **kwargs)

    monkeypatch.setattr(owner, name, wait)
    try:
        yield waiting
    finally:
        go_on.set()


def test_a_commit_does_not_wait_for_a_load(tmp_path, monkeypatch):
    with opened(tmp_path) as store:
        put(store, range(1, 4 * ROWS))
        assert store.vectors.wait_idle()
    with opened(tmp_path) as store:
        found = []
        with held_up(monkeypatch, VectorFiles, "open") as loading:
            query = threading.Thread(
                target=lambda: found.append(store.vectors.scores(1, "space", lambda r: r @ QUERY))
            )
            query.start()
            assert loading.wait(60)
            in_thread(lambda: put(store, range(3, 9), seed=1))
            in_thread(lambda: delete(store, [20, 21]))
            in_thread(lambda: put(store, [900], seed=2))
            assert not found
        query.join(30)
        assert found[0][0].tolist() == truth(tmp_path)[0]
        assert_agrees(store)


def test_neither_commits_nor_queries_wait_for_a_file(store, monkeypatch):
    with held_up(monkeypatch, VectorFiles, "write") as writing:
        put(store, range(1, 2 * ROWS))
        assert writing.wait(60)
        in_thread(lambda: put(store, range(5, 10), seed=1))
        in_thread(lambda: delete(store, [1, 2]))
        in_thread(lambda: assert_agrees(store))
    assert_whole(store)
    assert_agrees(store)


def test_a_query_sees_one_moment_while_commits_go_on(store):
    put(store, range(1, 6 * ROWS))
    assert store.vectors.wait_idle()
    before, vectors = truth(store.directory)
    once = []

    def function(rows):
        if not once:
            once.append(True)
            in_thread(lambda: put(store, [3, 500], seed=1))
            in_thread(lambda: delete(store, range(4, 5 * ROWS)))
            in_thread(lambda: put(store, range(600, 600 + 2 * ROWS), seed=2))
            assert store.vectors.wait_idle()
        return rows @ QUERY

    seqs, values = store.vectors.scores(1, "space", function)
    assert seqs.tolist() == before
    assert values == pytest.approx(vectors @ QUERY, abs=1e-4)
    assert_agrees(store)


def test_queries_by_several_threads_while_others_write(store):
    put(store, range(1, 4 * ROWS))
    ended, wrong = threading.Event(), []

    def query():
        while not ended.is_set():
            seqs, values = store.vectors.scores(1, "space", lambda rows: rows[:, 0] - rows[:, 1])
            if len(set(seqs.tolist())) != len(seqs) or np.any(values):
                wrong.append(seqs)

    same = np.ones((1, DIM), np.float32)
    with store.write() as db:
        store.vectors.put(db, 1, "space", range(1, 4 * ROWS), np.repeat(same, 4 * ROWS - 1, 0))
    threads = [threading.Thread(target=query) for _ in range(2)]
    for thread in threads:
        thread.start()
    chance = random.Random(3)
    for number in range(60):
        seqs = sorted(chance.sample(range(1, 4 * ROWS), 12))
        with store.write() as db:
            store.vectors.put(db, 1, "space", seqs, np.repeat(same * number, 12, 0))
    ended.set()
    for thread in threads:
        thread.join(30)
    assert not wrong
    assert_agrees(store)


def test_a_transaction_that_is_taken_back_leaves_queries_as_they_were(store):
    put(store, range(1, 2 * ROWS))
    with pytest.raises(ZeroDivisionError), store.write() as db:  # noqa: PT012
        store.vectors.put(db, 1, "space", [1, 2], rows_of(2, seed=8))
        store.vectors.delete(db, [3])
        seen = store.vectors.scores(1, "space", lambda rows: rows @ QUERY)[0]
        assert 3 not in seen
        raise ZeroDivisionError
    assert_agrees(store)


# Damage


def shorter(path):
    os.truncate(path, path.stat().st_size // 2)


def zeros(path):
    path.write_bytes(bytes(path.stat().st_size))


def zeros_at_the_end(path):
    data = path.read_bytes()
    path.write_bytes(data[:-40] + bytes(40))


def garbage_behind(path):
    path.write_bytes(path.read_bytes() + b"garbage")


def garbage_inside(path):
    data = path.read_bytes()
    path.write_bytes(data[:8] + b"\xff\x01\x02\x03" + data[12:])


def lost(path):
    path.unlink()


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_link(path):
    other = path.parent.parent.parent / "other"
    path.replace(other)
    path.symlink_to(other)


def all_lost(path):
    shutil.rmtree(path.parent)


def of_another_block(path):
    other = next(one for one in sorted(path.parent.iterdir()) if one != path)
    path.write_bytes(other.read_bytes())


@pytest.mark.parametrize(
    "damage",
    [
        shorter,
        zeros,
        zeros_at_the_end,
        garbage_behind,
        garbage_inside,
        lost,
        a_folder,
        a_link,
        all_lost,
        of_another_block,
    ],
)
def test_a_damaged_file_is_made_anew(tmp_path, damage, caplog):
    directory = tmp_path / "state"
    with opened(directory) as store:
        put(store, range(1, 4 * ROWS))
        assert store.vectors.wait_idle()
        delete(store, [2, 30])
    damaged = files(directory)[1]
    damage(damaged)
    with opened(directory) as store:
        assert_agrees(store)
        assert store.vectors.wait_idle()
        put(store, range(100, 100 + 2 * ROWS), seed=4)
        assert store.vectors.wait_idle()
        assert_agrees(store)
        with store.read() as db:
            assert damaged.name not in vector_blocks.files(db)
    assert caplog.text.count("made anew from the database") == 1
    with opened(directory) as store:
        assert_agrees(store)
    if damage is a_link:
        assert (tmp_path / "other").is_file()


def test_an_older_database_that_is_put_back_counts(tmp_path):
    with opened(tmp_path) as store:
        put(store, range(1, 3 * ROWS))
        assert store.vectors.wait_idle()
    old = (tmp_path / DATABASE_FILE).read_bytes()
    with opened(tmp_path) as store:
        put(store, range(1, 3 * ROWS), seed=1)
        put(store, range(100, 200), seed=2)
        assert store.vectors.wait_idle()
    (tmp_path / DATABASE_FILE).write_bytes(old)
    with opened(tmp_path) as store:
        assert_agrees(store)
        put(store, range(1, 3 * ROWS), seed=3)
        assert_whole(store)
        assert_agrees(store)


def test_a_directory_of_version_2_gets_its_files(tmp_path):
    with opened(tmp_path) as store:
        put(store, range(1, 4 * ROWS))
        assert store.vectors.wait_idle()
    with contextlib.closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as db:
        db.executescript(
            "DROP TABLE vector_blocks; DROP TABLE vector_changes; PRAGMA user_version = 2"
        )
    with opened(tmp_path) as store:
        assert_agrees(store)
        assert_whole(store)
        assert len(files(tmp_path)) == 3
        assert_agrees(store)


# No room


def test_without_room_for_a_file_the_database_answers_and_it_is_said_once(
    store, monkeypatch, caplog
):
    room, enough = [False], store.space.check

    def check():
        if not room[0] and threading.current_thread().name == "clarifai-local-vectors":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        enough()

    store.space.check = check
    for number in range(4):
        put(store, range(number * 30 + 1, number * 30 + 31), seed=number)
        assert store.vectors.wait_idle()
        assert_agrees(store)
    assert files(store.directory) == []
    assert caplog.text.count("kept in the database only") == 1
    assert "no space is left" in caplog.text
    room[0] = True
    put(store, range(300, 300 + ROWS))
    assert_whole(store)
    assert len(files(store.directory)) == 136 // ROWS
    assert_agrees(store)


def test_a_file_that_the_disk_cuts_short_is_removed(store, monkeypatch, caplog):
    synced = os.fsync

    def full(descriptor):
        if threading.current_thread().name == "clarifai-local-vectors":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synced(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    put(store, range(1, 2 * ROWS))
    assert store.vectors.wait_idle()
    assert files(store.directory) == []
    assert "no space is left" in caplog.text
    assert_agrees(store)


LIMITED = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from clarifai_local._store import Store, vector_memory
from clarifai_local._store.vector_files import VectorFiles
from tests.local.vector_writes import ROWS, assert_agrees, files, put
vector_memory.BLOCK_ROWS = ROWS
write = VectorFiles.write
def limited(self, *args):
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    try:
        return write(self, *args)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
VectorFiles.write = limited
store = Store(Path(sys.argv[1]))
put(store, range(1, 3 * ROWS))
assert store.vectors.wait_idle()
assert_agrees(store)
assert files(store.directory) == []
store.close()
"""


def test_a_file_that_may_not_grow_is_removed(tmp_path):
    run(LIMITED, tmp_path)
    with opened(tmp_path) as store:
        assert_agrees(store)
        assert_whole(store)


# Death at any moment


ROOT = Path(__file__).parents[2]

DYING = """
import os, random, signal, sys
from pathlib import Path
from clarifai_local._store import Store, vector_blocks, vector_files, vector_memory
from clarifai_local._store.vector_files import VectorFiles
from tests.local.vector_writes import ROWS, change, put
vector_memory.BLOCK_ROWS = ROWS
directory, owner, name, moment, left, seed = sys.argv[1:]
owner = {"blocks": vector_blocks, "files": VectorFiles, "system": os}[owner]
method, left = getattr(owner, name), int(left)

def dying(*args, **kwargs):
    global left
    left -= 1
    if left == 0 and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = method(*args, **kwargs)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

store = Store(Path(directory))
put(store, [1])
setattr(owner, name, dying)
chance = random.Random(int(seed))
store.vectors.scores(1, "space", lambda rows: rows[:, 0])
for number in range(300):
    change(store, chance, int(seed) + number)
    if number % 3 == 0:
        store.vectors.wait_idle()
sys.exit("was not killed")
"""


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("blocks", "note"),
        ("blocks", "settle"),
        ("blocks", "add"),
        ("blocks", "set_gone"),
        ("blocks", "give_up"),
        ("files", "write"),
        ("files", "remove"),
        ("files", "open"),
        ("system", "fsync"),
    ],
)
def test_nothing_is_lost_doubled_or_mixed_up_by_a_kill(tmp_path, owner, name, moment):
    for kill, left in enumerate((3, 1)):
        assert run(DYING, tmp_path, owner, name, moment, left, kill * 1000) == -signal.SIGKILL
        with opened(tmp_path) as store:
            assert_agrees(store)
        with opened(tmp_path) as store:
            assert_whole(store)
            assert_agrees(store)


WRITING = """
import random, sys
from pathlib import Path
from clarifai_local._store import Store, vector_memory
from tests.local.vector_writes import ROWS, change
vector_memory.BLOCK_ROWS = ROWS
store = Store(Path(sys.argv[1]))
chance = random.Random(int(sys.argv[2]))
number = 0
while True:
    change(store, chance, number)
    number += 1
    print(number, flush=True)
"""


def test_a_process_that_is_killed_again_and_again_loses_nothing(tmp_path):
    chance = random.Random(1)
    for seed in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITING, str(tmp_path), str(seed)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        ) as process:
            for _ in range(chance.randint(1, 60)):
                assert process.stdout.readline()
            process.kill()
        with opened(tmp_path) as store:
            assert_agrees(store)
            assert_whole(store)
            assert_agrees(store)


# The directory


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / VECTORS_DIRECTORY).mkdir()
    with pytest.raises(ForeignDirectory, match=VECTORS_DIRECTORY):
        Store(tmp_path)


@pytest.mark.parametrize("make", ["file", "link"])
def test_what_is_no_folder_is_refused(tmp_path, make):
    directory, other = tmp_path / "state", tmp_path / "other"
    other.mkdir()
    Store(directory).close()
    path = directory / VECTORS_DIRECTORY
    path.write_text("mine") if make == "file" else path.symlink_to(other)
    with pytest.raises(ForeignDirectory, match="not the platform's folder"):
        Store(directory)
    assert list(other.iterdir()) == []
    assert make == "link" or path.read_text() == "mine"


def test_a_reset_removes_the_files_and_leaves_those_of_others(tmp_path):
    directory = tmp_path / "state"
    with opened(directory) as store:
        put(store, range(1, 3 * ROWS))
        assert store.vectors.wait_idle()
    assert files(directory)
    note = directory / VECTORS_DIRECTORY / "note.txt"
    note.write_text("mine")
    assert erasing.erase(directory) == [note]
    assert files(directory) == [note]
    note.unlink()
    note.parent.rmdir()
    with opened(directory) as store:
        put(store, range(1, 3 * ROWS))
        assert store.vectors.wait_idle()
    assert erasing.erase(directory) == []
    assert not (directory / VECTORS_DIRECTORY).exists()


def test_a_snapshot_goes_without_files_and_its_platform_makes_them(tmp_path):
    directory, copy = tmp_path / "state", tmp_path / "copy"
    with opened(directory) as store:
        put(store, range(1, 4 * ROWS))
        assert store.vectors.wait_idle()
        delete(store, [3])
        with store.write() as db:
            db.execute("INSERT INTO input_wires SELECT seq, x'' FROM inputs")
        export_state(directory, tmp_path / "file")
    import_state(tmp_path / "file", copy)
    assert truth(copy)[0] == truth(directory)[0]
    with opened(copy) as store:
        assert_agrees(store)
        assert_whole(store)
        assert len(files(copy)) == 3


def test_the_files_of_an_app_go_with_it(tmp_path, connect):
    scope = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        apps = [resources_pb2.App(id="zoo")]
        api.PostApps(user_app_id=resources_pb2.UserAppIDSet(user_id="alice"), apps=apps)
        texts = [resources_pb2.Data(text=resources_pb2.Text(raw=f"text {n}")) for n in range(40)]
        inputs = [resources_pb2.Input(id=str(n), data=data) for n, data in enumerate(texts)]
        api.PostInputs(user_app_id=scope, inputs=inputs)
        assert platform.wait_idle()
        assert platform.store.vectors.wait_idle()
        assert len(files(tmp_path)) == 2
        api.DeleteApp(user_app_id=scope)
        assert platform.wait_idle()
        assert platform.store.vectors.wait_idle()
        with platform.store.read() as db:
            for table in ("vectors", "vector_blocks", "vector_changes", "spaces"):
                assert db.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)
    assert files(tmp_path) == []


def test_there_is_one_thread_that_writes_and_it_ends_with_the_store(tmp_path):
    with opened(tmp_path) as store:
        put(store, range(1, 3 * ROWS))
        assert store.vectors.wait_idle()
    names = [thread.name for thread in threading.enumerate()]
    assert "clarifai-local-vectors" not in names
