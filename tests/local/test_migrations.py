"""The on-disk format: old directories are migrated, unknown ones refused, processes kept apart."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import DirectoryInUse, Platform, UnknownVersion
from clarifai_local._store import DATABASE_FILE, Store, schema

VERSION_1 = Path(__file__).with_name("version_1.sql")
"""A directory of version 1 with an app and an input, as `.dump` wrote it."""

ALICE = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")


def open_database(directory):
    return sqlite3.connect(directory / DATABASE_FILE)


def facts(directory):
    """Version, mark and tables of a directory's database."""
    db = open_database(directory)
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        mark = db.execute("PRAGMA application_id").fetchone()[0]
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        return version, mark, tables
    finally:
        db.close()


@pytest.fixture
def old(tmp_path):
    """A directory that version 1 left."""
    directory = tmp_path / "old"
    directory.mkdir()
    db = open_database(directory)
    db.executescript(VERSION_1.read_text("utf-8"))
    db.close()
    assert facts(directory)[:2] == (1, 0)
    return directory


def test_a_directory_of_version_1_goes_on(old, connect):
    with Platform(old) as platform:
        api = connect(platform.channel())
        (found,) = api.ListInputs(user_app_id=ALICE).inputs
        assert (found.id, found.data.text.url != "") == ("a", True)
        text = resources_pb2.Data(text=resources_pb2.Text(raw="new"))
        api.PostInputs(user_app_id=ALICE, inputs=[resources_pb2.Input(id="b", data=text)])
        assert platform.wait_idle()
        listed = api.ListInputs(user_app_id=ALICE).inputs
    assert [(one.id, one.status.code) for one in listed] == [("b", 30000), ("a", 30000)]
    assert facts(old)[:2] == (schema.VERSION, schema.APPLICATION_ID)


def test_a_migrated_directory_is_as_a_new_one(old, tmp_path):
    Store(old).close()
    Store(tmp_path / "new").close()
    assert facts(old) == facts(tmp_path / "new")


def test_a_newer_version_is_refused_and_left_alone(tmp_path):
    Store(tmp_path).close()
    db = open_database(tmp_path)
    db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.close()
    before = facts(tmp_path)
    with pytest.raises(UnknownVersion) as raised:
        Platform(tmp_path)
    assert f"format version {schema.VERSION + 1}" in str(raised.value)
    assert f"knows up to {schema.VERSION}: upgrade clarifai-local" in str(raised.value)
    assert facts(tmp_path) == before


def tables_of_others(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE recipes (name TEXT)")
    db.close()


def mark_of_others(path):
    Store(path.parent).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA application_id = 17")
    db.close()


def version_of_others(path):
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1;")
    db.close()


def no_database(path):
    path.write_bytes(b"this is a text, and a long one " * 100)


@pytest.mark.parametrize("make", [tables_of_others, mark_of_others, version_of_others, no_database])
def test_what_is_not_ours_is_refused_and_left_alone(tmp_path, make):
    path = tmp_path / DATABASE_FILE
    make(path)
    before = path.read_bytes()
    with pytest.raises(UnknownVersion, match="choose another directory"):
        Platform(tmp_path)
    assert path.read_bytes() == before
    with pytest.raises(UnknownVersion):  # and the directory is not left locked
        Platform(tmp_path)


def test_a_migration_that_fails_leaves_the_old_state(old, monkeypatch):
    steps = (*schema.MIGRATIONS[:1], "DELETE FROM inputs; DROP TABLE meta; SELECT missing;")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    before = facts(old)
    with pytest.raises(sqlite3.OperationalError, match="missing"):
        Store(old)
    assert facts(old) == before
    monkeypatch.undo()
    with Platform(old) as platform, platform.store.read() as db:
        assert db.execute("SELECT COUNT(*) FROM inputs").fetchone() == (1,)


def test_steps_are_run_in_order_and_each_is_kept(old, monkeypatch):
    added = "CREATE TABLE third (a); INSERT INTO third VALUES (1);"
    steps = (*schema.MIGRATIONS, added, "SELECT missing;")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    monkeypatch.setattr(schema, "VERSION", len(steps))
    with pytest.raises(sqlite3.OperationalError):
        Store(old)
    version, _, tables = facts(old)
    assert version == len(steps) - 1
    assert "third" in tables


DYING = """
import os, signal, sqlite3, sys
from clarifai_local._store import Store, schema

def dying(*args, _connect=sqlite3.connect, **kwargs):
    db = _connect(*args, **kwargs)
    db.create_function("die", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))
    return db

sqlite3.connect = dying
step = "DELETE FROM inputs; CREATE TABLE half (a); SELECT die(); CREATE TABLE whole (a);"
schema.MIGRATIONS = (*schema.MIGRATIONS[:1], step)
from pathlib import Path
Store(Path(sys.argv[1]))
"""


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_process_that_dies_while_it_migrates_leaves_the_old_state(old):
    before = facts(old)
    assert run(DYING, old).returncode == -signal.SIGKILL
    assert facts(old) == before
    with Platform(old) as platform, platform.store.read() as db:
        assert db.execute("SELECT COUNT(*) FROM inputs").fetchone() == (1,)


# Two processes


OPENING = """
import sys
from clarifai_local import DirectoryInUse, Platform
try:
    Platform(sys.argv[1]).close()
except DirectoryInUse as error:
    sys.exit(f"refused: {error}")
"""

HOLDING = """
import sys
from clarifai_local import Platform
platform = Platform(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_and_told_about_the_first(tmp_path):
    with Platform(tmp_path):
        refused = run(OPENING, tmp_path)
    assert refused.returncode == 1
    assert f"{tmp_path} is in use by process {os.getpid()}" in refused.stderr
    assert run(OPENING, tmp_path).returncode == 0


def test_the_directory_of_a_killed_process_opens_again(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(DirectoryInUse, match=f"in use by process {other.pid}"):
            Platform(tmp_path)
        other.kill()
        other.wait(60)
    Platform(tmp_path).close()


def test_a_second_platform_in_this_process_is_refused(tmp_path):
    with Platform(tmp_path), pytest.raises(DirectoryInUse, match=str(os.getpid())):
        Platform(tmp_path)
