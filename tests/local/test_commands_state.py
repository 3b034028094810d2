"""`clarifai local export | import` and `clarifai local up --fault`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from click.testing import CliRunner

from clarifai_local import Platform, UnknownVersion, _commands, _snapshots
from clarifai_local._store import DATABASE_FILE, schema

VERSION_1_SQL = Path(__file__).with_name("version_1.sql")

ALICE = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
LARGE = b"RIFF\x10\x00\x00\x00WAVE" + bytes(range(256)) * 1000


def run(command, *arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


def text(name):
    data = resources_pb2.Data(text=resources_pb2.Text(raw=f"text {name}"))
    return resources_pb2.Input(id=name, data=data)


def audio(name, data=LARGE):
    return resources_pb2.Input(id=name, data=resources_pb2.Data(audio={"base64": data}))


def fill(api):
    api.PostApps(
        user_app_id=resources_pb2.UserAppIDSet(user_id="alice"),
        apps=[resources_pb2.App(id="zoo", default_workflow={"id": "Empty"})],
    )
    api.PostInputs(user_app_id=ALICE, inputs=[text("a"), audio("b")])


@pytest.fixture
def home(tmp_path, connect):
    """A directory with a platform that has a text and a large file."""
    directory = tmp_path / "home"
    with Platform(directory) as platform:
        fill(connect(platform.channel()))
        assert platform.wait_idle()
        platform.keys.first(directory)
    (directory / "downloads").mkdir()
    (directory / "downloads" / "mine.txt").write_text("mine")
    return directory


@pytest.fixture
def archive(home, tmp_path):
    file = tmp_path / "state.zip"
    assert run(_commands.save, file, "--path", home).exit_code == 0
    return file


def content(platform, connect):
    """The inputs by id with their bytes."""
    api = connect(platform.channel())
    listed, page = [], 1
    while more := api.ListInputs(user_app_id=ALICE, per_page=1000, page=page).inputs:
        listed, page = [*listed, *more], page + 1
    with platform.store.read() as db:
        rows = db.execute("SELECT id, media FROM inputs").fetchall()
        blobs = {name: sha and platform.store.blobs.get(db, sha) for name, sha in rows}
    return {one.id: (one.status.code, blobs[one.id]) for one in listed}


def test_there_and_back(home, archive, tmp_path, connect):
    target = tmp_path / "new" / "home"
    made = run(_commands.load, archive, "--path", target)
    assert made.exit_code == 0, made.output
    assert f"made {target}: 2 inputs, 1 large blobs" in made.output
    with Platform(home) as before:
        expected = content(before, connect)
    with Platform(target) as after:
        assert content(after, connect) == expected
        assert expected["b"] == (30000, LARGE)
        old_key = (home / "pat").read_text().strip()
        assert not after.keys.accepts(old_key)
        assert after.keys.accepts(after.keys.first(target))
    assert not (target / "downloads").exists()
    assert [p.name for p in target.parent.iterdir()] == ["home"]


def test_the_key_is_nowhere_in_the_file(home, archive, tmp_path):
    with Platform(home) as platform:
        secrets = [*platform.store.meta("keys").split(), platform.store.meta("key_salt")]
    with zipfile.ZipFile(archive) as opened:
        assert sorted(opened.namelist())[1:] == ["manifest.json", DATABASE_FILE]
        data = b"".join(opened.read(name) for name in opened.namelist())
    assert secrets[0]
    for secret in [*secrets, (home / "pat").read_text().strip()]:
        assert secret.encode() not in data


def test_equal_states_make_equal_files(home, archive, tmp_path):
    again = tmp_path / "again.zip"
    _snapshots.export_state(home, again)
    assert again.read_bytes() == archive.read_bytes()


def test_a_running_platform_is_exported_as_of_one_moment(tmp_path, connect):
    """Each request adds a pair: a snapshot never has half of one."""
    home, stop = tmp_path / "home", threading.Event()
    with Platform(home) as platform:
        api = connect(platform.channel())
        fill(api)

        def add():
            number = 0
            while not stop.is_set():
                pair = [text(f"x{number}"), audio(f"y{number}", LARGE + bytes([number % 256]))]
                api.PostInputs(user_app_id=ALICE, inputs=pair)
                if number % 2:
                    api.DeleteInputs(user_app_id=ALICE, ids=[f"x{number}", f"y{number}"])
                number += 1

        adding = threading.Thread(target=add)
        adding.start()
        try:
            for number in range(5):
                code = (
                    "import sys; from clarifai_local import _snapshots as snapshots;"
                    "from pathlib import Path"
                )
                call = "snapshots.export_state(Path(sys.argv[1]), Path(sys.argv[2]))"
                file = tmp_path / f"{number}.zip"
                subprocess.run(
                    [sys.executable, "-c", f"{code}; {call}", str(home), str(file)], check=True
                )
        finally:
            stop.set()
            adding.join()
    for number in range(5):
        target = tmp_path / f"home{number}"
        assert _snapshots.import_state(tmp_path / f"{number}.zip", target).missing == 0
        with Platform(target) as platform:
            assert platform.wait_idle()
            found = content(platform, connect)
        assert {"a", "b"} <= set(found)
        xs = {name[1:] for name in found if name[0] == "x"}
        ys = {name[1:] for name in found if name[0] == "y"}
        assert xs == ys
        assert all(found[f"y{one}"][1] for one in ys)


def test_a_lost_blob_is_told(home, tmp_path):
    shutil.rmtree(home / "blobs")
    saved = run(_commands.save, tmp_path / "state.zip", "--path", home)
    assert "2 inputs, 0 large blobs, 1 lost" in saved.output
    made = run(_commands.load, tmp_path / "state.zip", "--path", tmp_path / "new")
    assert "1 lost" in made.output


def test_export_overwrites_nothing(home, tmp_path):
    file = tmp_path / "state.zip"
    file.write_text("mine")
    refused = run(_commands.save, file, "--path", home)
    assert refused.exit_code == 1
    assert f"{file} exists: it is not overwritten" in refused.output
    assert file.read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "state.zip"]


def test_export_without_a_platform_or_a_place(home, tmp_path):
    nothing = run(_commands.save, tmp_path / "state.zip", "--path", tmp_path / "nothing")
    assert (nothing.exit_code, "holds no platform" in nothing.output) == (2, True)
    nowhere = run(_commands.save, tmp_path / "no" / "state.zip", "--path", home)
    assert (nowhere.exit_code, "there is no directory" in nowhere.output) == (1, True)


def test_import_overwrites_nothing(home, archive, tmp_path):
    before = sorted(home.rglob("*"))
    refused = run(_commands.load, archive, "--path", home)
    assert refused.exit_code == 1
    assert f"{home} is not empty" in refused.output
    assert sorted(home.rglob("*")) == before
    taken = run(_commands.load, archive, "--path", archive)
    assert (taken.exit_code, "is a file" in taken.output) == (1, True)


def test_import_into_an_empty_directory(archive, tmp_path):
    (tmp_path / "empty").mkdir()
    assert run(_commands.load, archive, "--path", tmp_path / "empty").exit_code == 0
    assert (tmp_path / "empty" / DATABASE_FILE).is_file()


def rebuilt(archive, change):
    """Write the archive anew; `change` edits its members, a dict of name -> bytes."""
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    change(members)
    with zipfile.ZipFile(archive, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return archive


def manifest(**changes):
    def change(members):
        old = json.loads(members["manifest.json"])
        members["manifest.json"] = json.dumps({**old, **changes}).encode()

    return change


def blob_of(members):
    return next(name for name in members if name.startswith("blobs/"))


def foreign_database(members):
    members[DATABASE_FILE] = b"not a database, but long enough " * 64
    size, sha = len(members[DATABASE_FILE]), hashlib.sha256(members[DATABASE_FILE]).hexdigest()
    manifest(database_bytes=size, database_sha256=sha)(members)


DAMAGES = {
    "../evil": lambda m: m.update({"../evil": b"x"}),
    "/evil": lambda m: m.update({"/evil": b"x"}),
    "blobs/../evil": lambda m: m.update({"blobs/../evil": b"x"}),
    "blobs/ab/evil": lambda m: m.update({"blobs/ab/evil": b"x"}),
    "pat": lambda m: m.update({"pat": b"x"}),
    "blob of other bytes": lambda m: m.update({blob_of(m): b"x"}),
    "database of other bytes": lambda m: m.update({DATABASE_FILE: m[DATABASE_FILE] + b"x"}),
    "database that is none": foreign_database,
    "no database": lambda m: m.pop(DATABASE_FILE),
    "no manifest": lambda m: m.pop("manifest.json"),
    "manifest of a newer format": manifest(format=2),
    "manifest that is no object": lambda m: m.update({"manifest.json": b"[1]"}),
    "manifest that is incomplete": lambda m: m.update({"manifest.json": b'{"format": 1}'}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_whole_snapshot_leaves_nothing(archive, tmp_path, damage):
    rebuilt(archive, DAMAGES[damage])
    before = sorted(tmp_path.rglob("*"))
    refused = run(_commands.load, archive, "--path", tmp_path / "new")
    assert refused.exit_code == 1
    assert str(archive) in refused.output
    assert refused.exception is None or isinstance(refused.exception, SystemExit)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("make", [lambda f: f.write_bytes(b"text"), lambda f: f.mkdir(), None])
def test_what_is_no_zip(tmp_path, make):
    file = tmp_path / "state.zip"
    if make is not None:
        make(file)
    refused = run(_commands.load, file, "--path", tmp_path / "new")
    assert refused.exit_code == (2 if make is None else 1)  # 2: there is no such file
    assert str(file) in refused.output
    assert not (tmp_path / "new").exists()


def test_a_truncated_file(archive, tmp_path):
    archive.write_bytes(archive.read_bytes()[:-100])
    assert run(_commands.load, archive, "--path", tmp_path / "new").exit_code == 1
    assert not (tmp_path / "new").exists()


def test_no_flipped_byte_gets_through(archive, tmp_path, connect):
    """Each is refused, unless nothing depends on it: then the import is whole."""
    whole, refused = archive.read_bytes(), 0
    places = random.Random(5)
    for number in range(100):
        damaged = bytearray(whole)
        # Most flips behind the large file, where the structure of the archive is.
        low = len(whole) - 400 if number % 2 else 0
        damaged[places.randrange(low, len(whole))] ^= 1 << places.randrange(8)
        archive.write_bytes(damaged)
        target = tmp_path / str(number)
        try:
            assert _snapshots.import_state(archive, target).missing == 0
        except (_snapshots.SnapshotError, UnknownVersion):
            refused += 1
            assert not target.exists()
    assert refused > 50


def test_a_database_that_cannot_be_read(home, tmp_path):
    with (home / DATABASE_FILE).open("rb+") as file:
        file.seek(8192)
        file.write(bytes(8192 * 20))
    refused = run(_commands.save, tmp_path / "state.zip", "--path", home)
    assert (refused.exit_code, "cannot be read" in refused.output) == (1, True)
    assert not (tmp_path / "state.zip").exists()


def test_a_snapshot_of_a_newer_version_is_refused(home, archive, tmp_path, monkeypatch):
    monkeypatch.setattr(schema, "VERSION", 1)
    refused = run(_commands.load, archive, "--path", tmp_path / "new")
    assert (refused.exit_code, "upgrade clarifai-local" in refused.output) == (1, True)
    assert not (tmp_path / "new").exists()


def test_a_database_with_code_in_it_is_refused(home, tmp_path):
    db = sqlite3.connect(home / DATABASE_FILE)
    db.execute("CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM inputs; END")
    db.commit()
    db.close()
    assert run(_commands.save, tmp_path / "state.zip", "--path", home).exit_code == 0
    refused = run(_commands.load, tmp_path / "state.zip", "--path", tmp_path / "new")
    assert (refused.exit_code, "foreign" in refused.output) == (1, True)
    assert not (tmp_path / "new").exists()


def test_faults_of_a_server(tmp_path):
    code = "from clarifai_local import _commands; _commands.up()"
    fault = "PostInputs: throttled, times=3"
    arguments = [
        "--path",
        tmp_path,
        "--port",
        0,
        "--fault",
        fault,
        "--fault",
        "disk: full, after=9",
    ]
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        lines = []
        while len([line for line in lines if line.startswith("fault")]) < 2:
            lines.append(process.stdout.readline())
            assert lines[-1]
        process.terminate()
        assert process.communicate(timeout=60)[0] == "stopping\n"
    assert lines[-2:] == ["fault      PostInputs: status 11005\n", "fault      disk: full\n"]


def test_a_fault_that_is_not_understood_starts_nothing(tmp_path):
    refused = run(_commands.up, "--path", tmp_path / "new", "--fault", "PostInput: throttled")
    assert refused.exit_code == 2
    assert "--fault: there is no RPC 'PostInput': did you mean 'PostInputs'?" in refused.output
    assert not (tmp_path / "new").exists()
