"""Snapshots that mean no good: one sentence, nothing left behind, and no keys taken over."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import pickle
import random
import shutil
import sqlite3
import stat
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform, UnknownVersion, _commands, _snapshots
from clarifai_local._snapshots import archive as reading
from clarifai_local._store import DATABASE_FILE, schema
from clarifai_local.engine import _archives

from .test_commands_state import ALICE, LARGE, audio, fill, rebuilt, run

REFUSED = (_snapshots.SnapshotError, UnknownVersion)
FUZZED = 200
"""Mutated snapshots of the fuzz test; CLARIFAI_FUZZ_SNAPSHOTS asks for more."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A snapshot with inputs, annotations, concepts, vectors, a dataset version and a model."""
    from .conftest import Api

    directory = tmp_path_factory.mktemp("whole") / "home"
    with Platform(directory) as platform:
        api = Api(platform.channel())
        fill(api)
        api.PostApps(
            user_app_id=resources_pb2.UserAppIDSet(user_id="alice"),
            apps=[resources_pb2.App(id="found", default_workflow={"id": "Universal"})],
        )
        found = resources_pb2.UserAppIDSet(user_id="alice", app_id="found")
        data = resources_pb2.Data(text={"raw": "a dog"}, concepts=[{"id": "dog", "value": 1}])
        api.PostInputs(user_app_id=found, inputs=[resources_pb2.Input(id="t", data=data)])
        api.PostDatasets(user_app_id=found, datasets=[resources_pb2.Dataset(id="d")])
        api.PostModels(
            user_app_id=found,
            models=[resources_pb2.Model(id="m", model_type_id="embedding-classifier")],
        )
        assert platform.wait_idle()
        platform.keys.first(directory)
    file = directory.with_name("state.zip")
    _snapshots.export_state(directory, file)
    return file


@pytest.fixture
def archive(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "state.zip")


def with_database(data):
    """Put a database into a snapshot, as an honest manifest would say it."""

    def change(members):
        members[DATABASE_FILE] = data
        said = json.loads(members["manifest.json"])
        said["database_bytes"] = len(data)
        said["database_sha256"] = hashlib.sha256(data).hexdigest()
        members["manifest.json"] = json.dumps(said).encode()

    return change


def database_of(archive):
    with zipfile.ZipFile(archive) as opened:
        return opened.read(DATABASE_FILE)


def edited(archive, *statements):
    """Change the database of a snapshot by SQL, or by a function."""
    path = archive.with_name("edited.sqlite3")
    path.write_bytes(database_of(archive))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF").fetchall()
    for statement in statements:
        statement(db) if callable(statement) else db.executescript(statement)
    db.close()
    data = path.read_bytes()
    path.unlink()
    return rebuilt(archive, with_database(data))


def refused(archive, target):
    """Import through the command; returns what it says."""
    before = sorted(target.parent.rglob("*"))
    done = run(_commands.load, archive, "--path", target)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert done.output.startswith("Error: ")
    assert done.output.count("\n") == 1
    assert str(archive) in done.output
    assert sorted(target.parent.rglob("*")) == before
    return done.output


ATTACH = "PRAGMA writable_schema = ON;"
DEFINITIONS = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM inputs; END",
    "view": "CREATE VIEW v AS SELECT * FROM inputs",
    "view in place of a table": "DROP TABLE purges; CREATE VIEW purges AS SELECT 1 AS app",
    "table": "CREATE TABLE more (a)",
    "virtual table": "CREATE VIRTUAL TABLE more USING fts5(a)",
    "column": "ALTER TABLE inputs ADD COLUMN more TEXT",
    "generated column": "ALTER TABLE inputs ADD COLUMN more INTEGER AS (seq + 1) VIRTUAL",
    "index": "CREATE INDEX more ON inputs (details)",
    "index of an expression": "CREATE INDEX more ON inputs (lower(details))",
    "no table": "DROP TABLE vectors",
    "no index": "DROP INDEX inputs_job",
    "another type": "DROP TABLE purges; CREATE TABLE purges (app TEXT PRIMARY KEY)",
    "a check": "DROP TABLE purges; CREATE TABLE purges (app INTEGER PRIMARY KEY, CHECK (app > 0))",
    "statistics": "ANALYZE",
    "no version": "PRAGMA user_version = 0",
    "a version before the first": "PRAGMA user_version = -1",
    "a newer version": f"PRAGMA user_version = {schema.VERSION + 1}",
    "an older version than it is": "PRAGMA user_version = 1; DROP TABLE purges",
    "another program": "PRAGMA application_id = 17",
    "a table that is two": f"{ATTACH} UPDATE sqlite_master SET rootpage = 2 WHERE name = 'purges'",
    "SQL that is none": f"{ATTACH} UPDATE sqlite_master SET sql = 'CREATE' WHERE name = 'purges'",
}


@pytest.mark.parametrize("defined", DEFINITIONS)
def test_only_what_our_databases_define_is_read(archive, tmp_path, defined):
    edited(archive, DEFINITIONS[defined])
    refused(archive, tmp_path / "new")


def value(table, column, changed):
    return lambda db: db.execute(f"UPDATE {table} SET {column} = ?", (changed,))


BROKEN_WIRE = b"\x0a\xff\xff\xff\xff\x0f"
NOT_FINITE = resources_pb2.Input(id="a")
NOT_FINITE.data.metadata["x"] = float("nan")

ROWS = {
    "text as a number": value("inputs", "status", "30000x"),
    "a number as text": value("inputs", "details", b"x"),
    "null": "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, "
    "'details TEXT NOT NULL', 'details TEXT') WHERE name = 'inputs'",
    "a huge number": value("inputs", "app", 2**62),
    "a sequence at its end": "UPDATE sqlite_sequence SET seq = 9223372036854775807",
    "a sequence of no table": "INSERT INTO sqlite_sequence VALUES ('more', 1)",
    "a sequence that is text": "UPDATE sqlite_sequence SET seq = 'x'",
    "no time": value("resources", "created_at", 2**60),
    "a negative time": value("inputs", "modified_at", -1),
    "an id with control characters": "UPDATE resources SET id = char(27) || '[2J' WHERE id = 'zoo'",
    "an id that is a novel": "UPDATE resources SET user_id = hex(zeroblob(5000)) WHERE id = 'zoo'",
    "half characters": "UPDATE inputs SET details = CAST(x'eda080' AS TEXT)",
    "no hash": value("inputs", "media", b"short"),
    "a blob under another's hash": "INSERT INTO blobs VALUES (zeroblob(32), 1, '', x'00')",
    "a size that is another": "UPDATE blobs SET size = 3",
    "a negative size": "UPDATE blobs SET size = -1 WHERE data IS NULL",
    "a header in a media type": value("blobs", "media_type", "text/html\r\nset-cookie: a=b"),
    "a message that is none": value("input_wires", "wire", BROKEN_WIRE),
    "an annotation that is none": value("annotations", "wire", BROKEN_WIRE),
    "a concept that is none": value("concepts", "body", BROKEN_WIRE),
    "an app that is none": "UPDATE resources SET body = x'0affffffff0f' WHERE kind = 'app'",
    "metadata that is no JSON": value("input_wires", "wire", NOT_FINITE.SerializeToString()),
    "an input without a body": "DELETE FROM input_wires",
    "a vector of another size": value("vectors", "vector", b"\0" * 8),
    "a vector of no numbers": lambda db: db.execute(
        "UPDATE vectors SET vector = ?",
        (np.full(db.execute("SELECT dim FROM spaces").fetchone()[0], np.nan, "<f4").tobytes(),),
    ),
    "a space without end": value("spaces", "dim", 2**40),
    "a vector of no space": value("vectors", "space", 99),
}


@pytest.mark.parametrize("changed", ROWS)
def test_only_rows_as_we_write_them_are_taken_over(archive, tmp_path, changed):
    edited(archive, ROWS[changed])
    assert "is no snapshot" in refused(archive, tmp_path / "new") or changed == "half characters"


def test_keys_are_not_taken_over(archive, tmp_path):
    salt, key = "00" * 16, "0123456789abcdef0123456789abcdef"
    hashed = hashlib.sha256(f"{salt}{key}".encode()).hexdigest()
    rows = f"('key_salt', '{salt}'), ('keys', '{hashed}'), ('anything', 'else')"
    edited(archive, f"INSERT OR REPLACE INTO meta VALUES {rows}")
    _snapshots.import_state(archive, tmp_path / "new")
    with Platform(tmp_path / "new") as platform:
        assert not platform.keys.accepts(key)
        assert platform.store.meta("key_salt") not in {"", salt}
        assert platform.store.meta("anything") == ""
    assert not (tmp_path / "new" / "pat").exists()


def test_a_file_named_pat_refuses_the_snapshot(archive, tmp_path):
    rebuilt(archive, lambda members: members.update({"pat": b"0123456789abcdef"}))
    assert "has a member 'pat'" in refused(archive, tmp_path / "new")


# The zip


def bomb(members):
    """70 MB of zeros, which pack to 70 kB."""
    members[DATABASE_FILE] = bytes(70_000_000)
    with_database(members[DATABASE_FILE])(members)


def packed(archive, change, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    change(members)
    with zipfile.ZipFile(archive, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return archive


def test_a_bomb_is_not_unpacked(archive, tmp_path):
    packed(archive, bomb)
    assert "more than 200 times" in refused(archive, tmp_path / "new")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(archive, tmp_path, method):
    packed(archive, lambda _: None, method)
    assert "packed in a way" in refused(archive, tmp_path / "new")


def patched(archive, old, new, count=-1):
    archive.write_bytes(archive.read_bytes().replace(old, new, count))


def test_members_that_share_their_bytes_are_refused(archive, tmp_path):
    """Each entry of the table points to the same large blob."""
    entries = []
    with zipfile.ZipFile(archive) as opened:
        blob = next(info for info in opened.infolist() if info.filename.startswith("blobs/"))
    with zipfile.ZipFile(archive, "a") as opened:
        for number in range(50):
            name = f"blobs/{number:02x}/{number:02x}{'0' * 62}"
            copy = zipfile.ZipInfo(name)
            copy.header_offset, copy.CRC = blob.header_offset, blob.CRC
            copy.file_size = copy.compress_size = blob.file_size
            opened.filelist.append(copy)
            opened.NameToInfo[name] = copy
            entries.append(name)
        opened._didModify = True
    assert "overlap" in refused(archive, tmp_path / "new")


def test_a_table_of_contents_without_end_is_not_read(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_DIRECTORY_BYTES", 200)
    assert "members" in refused(archive, tmp_path / "new")


def test_members_by_the_million_are_refused(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_MEMBERS", 2)
    monkeypatch.setattr(reading, "_MANY_BYTES", 0)
    assert "more than 2 members" in refused(archive, tmp_path / "new")


def test_a_blob_that_the_database_does_not_know(archive, tmp_path):
    sha = hashlib.sha256(b"more").hexdigest()
    rebuilt(archive, lambda members: members.update({f"blobs/{sha[:2]}/{sha}": b"more"}))
    assert "does not know" in refused(archive, tmp_path / "new")


MANIFESTS = {
    "deep": b"[" * 60_000,
    "deep within": b'{"format": 1, "a": ' + b"[" * 60_000,
    "long": b" " * 70_000 + b'{"format": 1}',
    "a huge number": b'{"format": ' + b"9" * 5000 + b"}",
    "true": b'{"format": true}',
    "text": b'{"format": "1"}',
    "no size": b'{"format": 1, "database_bytes": "1", "database_sha256": "x"}',
    "a list": b'{"format": 1, "database_bytes": [], "database_sha256": []}',
    "bytes": b"\xff\xfe\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("text", MANIFESTS)
def test_manifests_that_are_none(archive, tmp_path, text):
    rebuilt(archive, lambda members: members.update({"manifest.json": MANIFESTS[text]}))
    refused(archive, tmp_path / "new")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is no file" in refused(tmp_path / "pipe", tmp_path / "new")


# Models


class Payload:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (open, (self.marker, "w"))


def npz(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def zipped(name, data, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        made.writestr(name, data)
    return out.getvalue()


def header_of(text):
    raw = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(raw)) + raw


CLAIMS = (
    header_of("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}") + b"12345678"
)
NEGATIVE = header_of("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}")
MODELS = {
    "a pickle": lambda marker: pickle.dumps(Payload(marker)),
    "a pickle in an array": lambda marker: npz(header=np.array([Payload(marker)], dtype=object)),
    "an array of a petabyte": lambda _: zipped("header.npy", CLAIMS),
    "a negative shape": lambda _: zipped("header.npy", NEGATIVE),
    "a header that is code": lambda _: zipped("header.npy", header_of("__import__('os').getcwd()")),
    "a bomb": lambda _: zipped("header.npy", bytes(80_000_000)),
    "deep JSON": lambda _: npz(header=np.frombuffer(b"[" * 100_000, np.uint8)),
    "no model": lambda _: b"none",
    "nothing": lambda _: b"",
    "text arrays": lambda _: npz(header=np.array(["a"])),
    "another format": lambda _: npz(header=np.frombuffer(b'{"format": 2}', np.uint8)),
    "a list": lambda _: npz(header=np.frombuffer(b"[1]", np.uint8)),
}


@pytest.mark.parametrize("kind", MODELS)
def test_models_are_data(tmp_path, kind):
    marker = tmp_path / "ran"
    with pytest.raises(_archives.UnreadableModelError):
        _archives.unpack(MODELS[kind](str(marker)))
    assert not marker.exists()


def test_a_model_that_is_none_answers_so(archive, tmp_path, connect):
    marker = tmp_path / "ran"
    data = MODELS["a pickle"](str(marker))
    version = resources_pb2.ModelVersion(id="v", status={"code": codes.MODEL_TRAINED})

    def put(db):
        sha = hashlib.sha256(data).digest()
        db.execute(
            "INSERT INTO resources (kind, user_id, app_id, parent, id, created_at, modified_at,"
            " status, detail, body) VALUES ('model_version', 'alice', 'found', 'm', 'v', 1, 1, ?,"
            " '', ?)",
            (codes.MODEL_TRAINED, version.SerializeToString()),
        )
        db.execute("INSERT INTO attachments SELECT max(seq), 'weights', ? FROM resources", (sha,))
        db.execute("INSERT INTO blobs VALUES (?, ?, 'application/x', ?)", (sha, len(data), data))

    edited(archive, put)
    _snapshots.import_state(archive, tmp_path / "new")
    with Platform(tmp_path / "new") as platform:
        answer = connect(platform.channel()).PostModelOutputs(
            user_app_id=resources_pb2.UserAppIDSet(user_id="alice", app_id="found"),
            model_id="m",
            inputs=[resources_pb2.Input(data={"text": {"raw": "a"}})],
        )
    assert not marker.exists()
    assert answer.status.code == codes.MODEL_PREDICTION_FAILED
    assert "train it anew" in str(answer)


# What honest snapshots promise


def test_numbers_of_what_is_gone_are_not_given_again(tmp_path, connect):
    with Platform(tmp_path / "home") as platform:
        api = connect(platform.channel())
        fill(api)
        assert platform.wait_idle()
        api.DeleteInputs(user_app_id=ALICE, ids=["b"])
        with platform.store.read() as db:
            before = dict(db.execute("SELECT name, seq FROM sqlite_sequence"))
    _snapshots.export_state(tmp_path / "home", tmp_path / "state.zip")
    _snapshots.import_state(tmp_path / "state.zip", tmp_path / "new")
    with Platform(tmp_path / "new") as platform, platform.store.read() as db:
        assert dict(db.execute("SELECT name, seq FROM sqlite_sequence")) == before


def test_one_damaged_blob_does_not_cost_the_snapshot(tmp_path, connect):
    home = tmp_path / "home"
    with Platform(home) as platform:
        api = connect(platform.channel())
        fill(api)
        api.PostInputs(user_app_id=ALICE, inputs=[audio("c", LARGE + b"other")])
        assert platform.wait_idle()
    damaged, kept = sorted(home.glob("blobs/*/*"))
    data = bytearray(damaged.read_bytes())
    data[-1] ^= 1
    damaged.write_bytes(data)
    assert _snapshots.export_state(home, tmp_path / "state.zip").missing == 1
    assert _snapshots.import_state(tmp_path / "state.zip", tmp_path / "new").missing == 1
    assert [path.name for path in (tmp_path / "new").glob("blobs/*/*")] == [kept.name]


DYING = """
import os, signal, sys
from pathlib import Path
from clarifai_local._snapshots import exporting, importing
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
exporting._publish = importing.mark_as_made = die
if sys.argv[1] == "export":
    exporting.export_state(Path(sys.argv[2]), Path(sys.argv[3]))
else:
    importing.import_state(Path(sys.argv[3]), Path(sys.argv[2]))
"""


def dies(*arguments):
    command = [sys.executable, "-c", DYING, *map(str, arguments)]
    assert subprocess.run(command, check=False, timeout=60).returncode == -9


def test_drafts_of_a_killed_process_go_and_those_of_others_stay(whole, archive, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    home, file = work / "home", work / "state2.zip"
    dies("import", home, archive)
    _snapshots.import_state(archive, work / "source")
    dies("export", work / "source", file)
    assert len(list(work.glob(".*.draft"))) == 2
    others = [work / ".home.0123456789abcdef.draft", work / f".{file.name}.mine"]
    for folder in others:
        folder.mkdir()
        (folder / "photo.jpg").write_text("mine")
    in_draft = next(path for path in work.glob(".state2.zip.*.draft"))
    (in_draft / "notes.txt").write_text("mine")
    _snapshots.import_state(archive, home)
    _snapshots.export_state(home, file)
    left = {path.name for path in work.iterdir()}
    assert left == {"home", "source", file.name, in_draft.name, *(path.name for path in others)}
    assert [path.name for path in in_draft.iterdir()] == ["notes.txt"]
    assert all((folder / "photo.jpg").read_text() == "mine" for folder in others)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# Anything at all


def _bytes_of_the_file(chance, archive):
    data = bytearray(archive.read_bytes())
    for _ in range(chance.randint(1, 4)):
        low = len(data) - 600 if chance.random() < 0.7 else 0
        data[chance.randrange(low, len(data))] = chance.randrange(256)
    archive.write_bytes(data)


def _bytes_of_the_database(chance, archive):
    data = bytearray(database_of(archive))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(100) if chance.random() < 0.1 else chance.randrange(len(data))
        data[at] = chance.randrange(256)
    if chance.random() < 0.1:
        del data[chance.randrange(len(data)) :]
    rebuilt(archive, with_database(bytes(data)))


STRANGE = [None, "", "\0", "x" * 300, b"", b"\xff" * 32, -1, 0, 2**31, 2**63 - 1, 1e308, "../..", 7]


def _values(chance, archive):
    def change(db):
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
        ]
        for _ in range(chance.randint(1, 3)):
            table = chance.choice(tables)
            column = chance.choice(db.execute(f"PRAGMA table_info({table})").fetchall())[1]
            old = db.execute(f"SELECT {column} FROM {table}").fetchone()[0]
            new = chance.choice(STRANGE)
            if isinstance(old, bytes) and chance.random() < 0.7:
                new = bytearray(old or b"\0")
                new[chance.randrange(len(new))] ^= 1 << chance.randrange(8)
                new = bytes(new)
            try:
                where = f"{column} IS ?" if chance.random() < 0.8 else "? IS NOT 0.5"
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (new, old))
            except sqlite3.Error:
                continue

    edited(archive, change)


def _manifest(chance, archive):
    def change(members):
        said = json.loads(members["manifest.json"])
        said[chance.choice(list(said))] = chance.choice([None, -1, "x", [], {}, 2**70, 1.5])
        members["manifest.json"] = json.dumps(said).encode()

    rebuilt(archive, change)


MUTATORS = [_bytes_of_the_file, _bytes_of_the_database, _values, _values, _manifest]


LISTINGS = (
    "ListInputs", "ListConcepts", "ListDatasets", "ListModels", "ListWorkflows", "ListAnnotations",
    "GetInputCount",
)  # fmt: skip


def _ask(platform, connect):
    """Ask for everything that there is; an internal error is a failure of ours."""
    api = connect(platform.channel())
    apps = api.ListApps(user_app_id=resources_pb2.UserAppIDSet(user_id="alice"))
    answers = [apps]
    for app in apps.apps:
        scope = resources_pb2.UserAppIDSet(user_id="alice", app_id=app.id)
        answers += [getattr(api, name)(user_app_id=scope) for name in LISTINGS]
    main = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
    answers.append(api.ListModels(user_app_id=main))
    for answer in answers:
        assert answer.status.code != codes.INTERNAL_SERVER_ISSUE, answer.status


def test_mutated_snapshots_are_refused_or_work(whole, tmp_path, connect, caplog):
    """A few hundred mutated files, from a seed: each ends in a sentence, or in a platform."""
    caplog.set_level(logging.ERROR)
    accepted = 0
    for number in range(int(os.environ.get("CLARIFAI_FUZZ_SNAPSHOTS", FUZZED))):
        chance = random.Random(number)
        archive, target = tmp_path / "state.zip", tmp_path / f"new{number}"
        shutil.copy(whole, archive)
        MUTATORS[number % len(MUTATORS)](chance, archive)
        said = ""
        try:
            _snapshots.import_state(archive, target)
        except REFUSED as error:
            said = str(error)
        assert (str(archive) in said) != target.exists(), f"seed {number}: {said}"
        if said:
            continue
        accepted += 1
        with Platform(target) as platform:
            assert platform.wait_idle(), f"seed {number}"
            _ask(platform, connect)
        assert caplog.records == [], f"seed {number}"
        shutil.rmtree(target)
    assert accepted > FUZZED // 20
    assert [path.name for path in tmp_path.iterdir()] == ["state.zip"]
