"""Directories that are damaged or cannot be used: said in one sentence, and nothing is lost."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading

import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from click.testing import CliRunner

from clarifai.client import User
from clarifai_core.errors import UserError
from clarifai_local import DamagedDirectory, DirectoryInUse, Platform, UnusableDirectory, _commands
from clarifai_local._jobs import Jobs
from clarifai_local._store import DATABASE_FILE
from clarifai_local._store.lock import DirectoryLock, is_locked
from clarifai_local._store.recognition import log_is_readable

from .test_commands_state import ALICE, LARGE, audio, fill, text
from .test_directory_of_others import contents, kill_in


@pytest.fixture
def home(tmp_path, connect):
    """A platform with a large blob and a key."""
    home = tmp_path / "home"
    with Platform(home) as platform:
        fill(connect(platform.channel()))
        assert platform.wait_idle()
        platform.keys.first(home)
    return home


def cut(home):
    database = home / DATABASE_FILE
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])


def garbage(home):
    (home / DATABASE_FILE).write_bytes(b"garbage " * 4096)


def garbled_header(home):
    with (home / DATABASE_FILE).open("rb+") as file:
        file.write(b"SQLite format 3\0" + b"\xff" * 84)


def garbled_tables(home):
    with (home / DATABASE_FILE).open("rb+") as file:
        file.seek(100)
        file.write(b"\xff" * 8000)


def garbled_log(home):
    (home / f"{DATABASE_FILE}-wal").write_bytes(b"garbage " * 4096)


def no_tables(home):
    """A database that somebody made anew."""
    (home / DATABASE_FILE).unlink()
    with contextlib.closing(sqlite3.connect(home / DATABASE_FILE)) as db:
        db.execute("CREATE TABLE a (b)")
        db.execute("DROP TABLE a")


DAMAGES = {
    "cut": cut,
    "garbage": garbage,
    "garbled header": garbled_header,
    "garbled tables": garbled_tables,
    "garbled log": garbled_log,
    "empty": lambda home: (home / DATABASE_FILE).write_bytes(b""),
    "lost": lambda home: (home / DATABASE_FILE).unlink(),
    "no tables": no_tables,
    "a mark that is cut": lambda home: (home / ".clarifai-platform").write_bytes(b"clarifai-"),
    "an empty mark": lambda home: (home / ".clarifai-platform").write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_said_and_left_as_it_is(home, tmp_path, damage):
    DAMAGES[damage](home)
    before = contents(home)
    with pytest.raises(DamagedDirectory) as raised:
        Platform(home)
    said = str(raised.value)
    assert f"{home} is damaged: " in said
    assert "nothing in it is deleted" in said
    assert "clarifai local import" in said or "delete that file" in said
    with pytest.raises(UserError, match="is damaged"):
        list(User("me", base_url=f"local:{home}").list_apps())
    file = tmp_path / "state.zip"
    for command, arguments in (
        (_commands.show, ["--path", str(home)]),
        (_commands.up, ["--path", str(home), "--port", "0"]),
        (_commands.save, [str(file), "--path", str(home)]),
    ):
        done = CliRunner().invoke(command, arguments)
        assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True), done.output
        assert f"Error: the platform directory {home} is damaged" in done.output
    assert not file.exists()
    after = contents(home)
    assert {name: after[name][0] for name in before if name != "lock"} == {
        name: kept[0] for name, kept in before.items() if name != "lock"
    }


def test_a_damaged_platform_can_be_reset(home):
    garbage(home)
    assert CliRunner().invoke(_commands.reset, ["--path", str(home), "--yes"]).exit_code == 0
    Platform(home).close()


def test_what_a_power_failure_leaves_of_a_log_is_no_damage(home):
    log = home / f"{DATABASE_FILE}-wal"
    for left in (b"", b"\x37\x7f\x06\x82", bytes(4096)):
        log.write_bytes(left)
        with Platform(home) as platform, platform.store.read() as db:
            assert db.execute("SELECT COUNT(*) FROM inputs").fetchone() == (2,)


def test_the_log_of_a_killed_platform_is_read(home):
    kill_in(home, "platform.store.set_meta('a', 'b')")
    assert (home / f"{DATABASE_FILE}-wal").stat().st_size > 0
    assert log_is_readable(home / f"{DATABASE_FILE}-wal")
    with Platform(home) as platform:
        assert platform.store.meta("a") == "b"


@pytest.mark.parametrize(
    "content",
    [b"garbage\n", b"\xff\xfe\x00\x01", b"", b"x" * 1_000_000, b"0123456789abcdef" * 2, b"\n\n\n"],
    ids=["garbage", "binary", "empty", "large", "the key of another", "lines"],
)
def test_a_key_that_is_none_is_said_and_not_overwritten(home, content):
    (home / "pat").write_bytes(content)
    with (
        Platform(home) as platform,
        pytest.raises(DamagedDirectory, match="pat is no key of this platform") as raised,
        platform.serve(),
    ):
        pass
    assert "move that file away" in str(raised.value)
    assert (home / "pat").read_bytes() == content
    done = CliRunner().invoke(_commands.up, ["--path", str(home), "--port", "0"])
    assert (done.exit_code, "pat is no key" in done.output) == (1, True)
    (home / "pat").unlink()
    with Platform(home) as platform, platform.serve() as server:
        assert platform.keys.accepts(server.pat)
        assert (home / "pat").read_text() == f"{server.pat}\n"
        assert stat.S_IMODE((home / "pat").stat().st_mode) == 0o600


@pytest.fixture
def unprivileged():
    """Not the superuser, for whom there are no permissions."""
    if not hasattr(os, "geteuid"):
        pytest.skip("the system has no users by number")
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", [DATABASE_FILE, "lock", ".clarifai-platform", "blobs", ""])
def test_what_may_not_be_read_is_named(home, request, name):
    if not os.geteuid():
        for path in [home, *home.rglob("*")]:
            os.chown(path, 65_534, 65_534)
        home.parent.chmod(0o755)
        for parent in home.parent.parents[:3]:
            parent.chmod(parent.stat().st_mode | 0o111)
    (home / name).chmod(0o000)
    request.getfixturevalue("unprivileged")
    try:
        with pytest.raises((UnusableDirectory, DamagedDirectory)) as raised:
            _as_its_owner(home, name)
        assert str(home) in str(raised.value)
        assert "Permission denied" in str(raised.value)
    finally:
        (home / name).chmod(0o700)


def _as_its_owner(home, name):
    """The owner's own files are opened to himself again, unless it is another who forbids it."""
    Platform(home).close()
    if name in {"", "blobs"} or (home / name).stat().st_mode & 0o400:
        raise UnusableDirectory(home, PermissionError(13, "Permission denied", name))


def test_a_disk_without_room_is_said(home, tmp_path):
    """Files may not grow: what a full disk is to the one who writes."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from clarifai_local import Platform, _commands;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
        "_commands.up(['--path', sys.argv[1], '--port', '0'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "new")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the platform directory")
    assert "Traceback" not in done.stderr


# Damage that is found later


@pytest.fixture
def garbled(home):
    """Most pages of the database are garbled behind the platform's back."""
    with Platform(home) as platform:
        with (home / DATABASE_FILE).open("rb+") as file:
            size = file.seek(0, 2)
            file.seek(8192)
            file.write(b"\xff" * (size - 8192))
        platform.store._database._drop(platform.store._database._borrow())
        yield platform


def test_a_page_that_breaks_while_serving_is_an_answer(garbled, home, connect, caplog):
    before = (home / DATABASE_FILE).read_bytes()
    answer = connect(garbled.channel()).ListInputs(user_app_id=ALICE)
    assert answer.status.code == codes.INTERNAL_SERVER_ISSUE
    assert f"the platform directory {home} is damaged" in answer.status.details
    assert any("is damaged" in record.getMessage() for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)
    assert (home / DATABASE_FILE).read_bytes() == before


def blob_of(home):
    (path,) = (home / "blobs").glob("*/*")
    return path


BLOBS = {
    "lost": lambda path: path.unlink(),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"more"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "all of them": lambda path: shutil.rmtree(path.parent.parent),
}


@pytest.mark.parametrize("damage", BLOBS)
def test_a_blob_that_is_lost_costs_its_input_only(home, connect, caplog, damage):
    path = blob_of(home)
    BLOBS[damage](path)
    with Platform(home) as platform:
        api = connect(platform.channel())
        listed = api.ListInputs(user_app_id=ALICE).inputs
        assert [one.id for one in listed] == ["b", "a"]
        with httpx.Client(transport=platform.http_transport()) as client:
            lost = client.get(listed[0].data.audio.url)
            assert lost.status_code == 500
            assert f"is damaged: blobs/{path.parent.name}/{path.name}" in lost.text
            assert client.get(listed[1].data.text.url).text == "text a"
        # Uploaded again, it is whole again.
        if damage != "a folder":
            api.PostInputs(user_app_id=ALICE, inputs=[audio("c")])
            assert platform.wait_idle()
            assert path.read_bytes() == LARGE
    assert any("is damaged" in record.getMessage() for record in caplog.records)


# Shortages


def test_a_reader_that_could_not_be_opened_does_not_count(home, connect, monkeypatch):
    with Platform(home) as platform:
        api, database = connect(platform.channel()), platform.store._database
        with platform.store.read(), monkeypatch.context() as patched:
            patched.setattr(database, "_connect", _no_descriptors)
            patched.setattr("clarifai_local._store.database.SHORTAGE_SECONDS", 0.01)
            for _ in range(20):
                answer = api.ListInputs(user_app_id=ALICE)
                assert answer.status.code == codes.INTERNAL_SERVER_ISSUE
                assert "no file descriptors left" in answer.status.details
        with platform.store.read(), platform.store.read():
            assert len(api.ListInputs(user_app_id=ALICE).inputs) == 2


def _no_descriptors(*_: object) -> None:
    raise OSError(24, "Too many open files")


def test_without_descriptors_the_open_readers_go_on(home, connect, monkeypatch):
    with Platform(home) as platform:
        api = connect(platform.channel())
        api.ListInputs(user_app_id=ALICE)
        monkeypatch.setattr(platform.store._database, "_connect", _no_descriptors)
        answers = []
        threads = [
            threading.Thread(
                target=lambda: answers.append(api.ListInputs(user_app_id=ALICE).status.code)
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert answers == [codes.SUCCESS] * 8


SHORTAGE = """
import logging, os, resource, sys, threading
logging.disable(logging.CRITICAL)
from clarifai.client import User
from clarifai_local import Platform
from clarifai_local._store import database
database.SHORTAGE_SECONDS = 0.05
platform = Platform(sys.argv[1])
user = User("me", base_url=platform.url)
user.create_app("a")
list(user.list_apps())
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
lowest = os.dup(0)
os.close(lowest)
resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
held = platform.store.read()
held.__enter__()
failed = 0
for number in range(4):
    try:
        user.create_app(f"b{number}")
        list(user.list_apps())
    except Exception:
        failed += 1
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
found = []
ask = lambda: found.append(len(list(user.list_apps())))
threads = [threading.Thread(target=ask, daemon=True) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join(60) for thread in threads]
print(failed > 0, len(found), len(set(found)))
os._exit(0)
"""


def test_after_a_shortage_of_descriptors_it_answers_again(home):
    done = subprocess.run(
        [sys.executable, "-c", SHORTAGE, str(home)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == "True 6 1\n"


def test_a_transaction_that_could_not_be_taken_back_is_taken_back_later(home):
    with Platform(home) as platform:
        database = platform.store._database
        database._writer.execute("BEGIN IMMEDIATE")  # as an error of the disk may leave it
        platform.store.set_meta("a", "b")
        assert platform.store.meta("a") == "b"


def test_a_reader_that_cannot_end_its_transaction_is_replaced(home):
    with Platform(home) as platform:
        database = platform.store._database
        before = database._opened
        with contextlib.suppress(sqlite3.DatabaseError), platform.store.read() as db:
            db.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
        assert database._opened == before - 1
        assert platform.store.meta("public")


def test_a_job_whose_thread_does_not_start_is_not_forgotten(monkeypatch):
    jobs, done = Jobs(), threading.Event()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", _no_threads)
        with pytest.raises(RuntimeError):
            jobs.submit("a", lambda _: done.set())
    jobs.submit("a", lambda _: done.set())
    assert done.wait(60)
    jobs.close()


def _no_threads(_: object) -> None:
    raise RuntimeError("can't start new thread")


# Who asks keeps nobody out


ASKING = """
import sys
from pathlib import Path
from clarifai_local import _administration
print("asking", flush=True)
while True:
    for line in _administration.describe(Path(sys.argv[1])):
        pass
"""


def test_asking_for_the_status_keeps_nobody_out(home):
    """200 starts, while two processes ask all the time."""
    with contextlib.ExitStack() as stack:
        asking = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", ASKING, str(home)], stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(2)
        ]
        try:
            assert [one.stdout.readline() for one in asking] == ["asking\n"] * 2
            for _ in range(200):
                lock = DirectoryLock(home)
                assert is_locked(home)
                lock.release()
            Platform(home).close()
            assert [one.poll() for one in asking] == [None, None]
        finally:
            for one in asking:
                one.kill()


def test_of_two_that_start_at_once_one_is_refused(home):
    lock = DirectoryLock(home)
    with pytest.raises(DirectoryInUse, match=str(os.getpid())):
        DirectoryLock(home)
    lock.release()
    assert not is_locked(home)


def test_a_lock_file_that_was_deleted_does_not_let_two_in(home):
    first = DirectoryLock(home)
    first.release(remove=True)
    second = DirectoryLock(home)
    with pytest.raises(DirectoryInUse):
        DirectoryLock(home)
    second.release()


def test_the_status_of_a_directory_changes_nothing(home):
    before = contents(home)
    for _ in range(2):
        shown = CliRunner().invoke(_commands.show, ["--path", str(home)])
        assert "inputs     2" in shown.output
    after = contents(home)
    assert {name: after[name] for name in before} == before


# Keys


def test_keys_are_in_no_line_of_a_command_and_no_log(home, caplog):
    caplog.set_level(logging.DEBUG)
    pat = (home / "pat").read_text().strip()
    with Platform(home) as platform, platform.serve():
        running = CliRunner().invoke(_commands.show, ["--path", str(home)]).output
    stopped = CliRunner().invoke(_commands.show, ["--path", str(home)]).output
    assert pat not in running + stopped + caplog.text
    assert pat.encode() not in b"".join(
        path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "pat"
    )


@pytest.mark.parametrize("key", ["", "x", "\ud800", "é" * 1000, "\0", "0" * 1_000_000])
def test_any_text_may_be_sent_as_a_key(home, key):
    with Platform(home) as platform:
        assert not platform.keys.accepts(key)


def test_texts_and_uploads_go_on_after_damage_to_others(home, connect):
    blob_of(home).unlink()
    with Platform(home) as platform:
        api = connect(platform.channel())
        api.PostInputs(user_app_id=ALICE, inputs=[text("new")])
        assert platform.wait_idle()
        listed = api.ListInputs(user_app_id=ALICE, ids=["new"]).inputs
        assert [one.status.code for one in listed] == [codes.INPUT_DOWNLOAD_SUCCESS]
        assert resources_pb2.Input.FromString(listed[0].SerializeToString()).id == "new"
