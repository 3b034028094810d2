"""A platform's directory and the files of others: what is ours is known, the rest is left alone."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from clarifai.client import User
from clarifai_core.errors import UserError
from clarifai_local import ForeignDirectory, Platform, UnknownVersion, _commands
from clarifai_local._store import DATABASE_FILE, Store, directory

from .test_commands_state import ALICE, LARGE, VERSION_1_SQL, audio, fill

SHA = "ab" * 32


def contents(folder: Path) -> dict[str, object]:
    """Everything below a folder: bytes, links and modes."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name, mode = str(path.relative_to(folder)), stat.S_IMODE(path.lstat().st_mode)
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        elif path.is_dir():
            found[name] = ("folder", mode)
        else:
            found[name] = (path.read_bytes(), mode)
    return found


def photos(folder):
    (folder / "blobs" / "2024").mkdir(parents=True)
    (folder / "blobs" / "2024" / "photo.raw").write_text("mine")


def hashes(folder):
    """The user has a store of his own, by the same hash."""
    (folder / "blobs" / SHA[:2]).mkdir(parents=True)
    (folder / "blobs" / SHA[:2] / SHA).write_text("mine")


def recipes(folder):
    db = sqlite3.connect(folder / DATABASE_FILE)
    db.executescript("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1;")
    db.close()


def named(name, data=b"mine"):
    return lambda folder: (folder / name).write_bytes(data)


def link(name, to):
    def make(folder):
        target = folder.with_name("elsewhere") / to
        target.parent.mkdir(exist_ok=True)
        (target.mkdir() if to == "folder" else target.write_text("mine"))
        (folder / name).symlink_to(target)

    return make


OTHERS = {
    "blobs": photos,
    "blobs by hash": hashes,
    "an empty folder blobs": lambda folder: (folder / "blobs").mkdir(),
    "a file blobs": named("blobs"),
    "pat": named("pat", b"0123456789abcdef0123456789abcdef\n"),
    "a folder pat": lambda folder: (folder / "pat").mkdir(),
    "lock": named("lock"),
    "a lock of npm's": named("lock", b'{"pid": 1}'),
    "database of others": recipes,
    "text named as the database": named(DATABASE_FILE, b"a text " * 1000),
    "an empty file named as the database": named(DATABASE_FILE, b""),
    "a log without a database": named(f"{DATABASE_FILE}-wal"),
    "a journal without a database": named(f"{DATABASE_FILE}-journal"),
    "mark of others": named(".clarifai-platform", b"mine"),
    "a link blobs": link("blobs", "folder"),
    "a link pat": link("pat", "file"),
    "a link lock": link("lock", "file"),
    "a link to a database": link(DATABASE_FILE, "file"),
    "a link to nothing": lambda folder: (folder / "lock").symlink_to(folder / "nowhere"),
    "a link as mark": link(".clarifai-platform", "file"),
}


@pytest.mark.parametrize("others", OTHERS)
def test_a_folder_with_files_of_our_names_is_refused_and_left_alone(tmp_path, others):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "photo.jpg").write_text("mine")
    folder.chmod(0o755)
    OTHERS[others](folder)
    before = contents(tmp_path)
    with pytest.raises(ForeignDirectory, match="choose another directory") as raised:
        Platform(folder)
    assert str(folder) in str(raised.value)
    with pytest.raises(UserError, match="choose another directory"):
        list(User("me", base_url=f"local:{folder}").list_apps())
    for command in (_commands.show, _commands.reset, _commands.up):
        flags = ["--yes"] if command is _commands.reset else []
        refused = CliRunner().invoke(command, ["--path", str(folder), *flags])
        assert refused.exit_code in {1, 2}
        assert isinstance(refused.exception, SystemExit)
        assert refused.output.count(str(folder)) >= 1
    assert contents(tmp_path) == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_a_platform_may_live_beside_files_of_other_names(tmp_path, connect):
    (tmp_path / "photo.jpg").write_text("mine")
    (tmp_path / "photo.jpg").chmod(0o644)
    tmp_path.chmod(0o755)
    with Platform(tmp_path) as platform:
        fill(connect(platform.channel()))
    assert (tmp_path / "photo.jpg").read_text() == "mine"
    assert stat.S_IMODE((tmp_path / "photo.jpg").stat().st_mode) == 0o644
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / DATABASE_FILE).stat().st_mode) == 0o600
    assert CliRunner().invoke(_commands.reset, ["--path", str(tmp_path), "--yes"]).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


@pytest.fixture
def home(tmp_path, connect):
    """A platform with a large blob."""
    home = tmp_path / "home"
    with Platform(home) as platform:
        fill(connect(platform.channel()))
        assert platform.wait_idle()
        platform.keys.first(home)
    return home


def kill_in(home, doing="pass"):
    """Leave the directory as a process that was killed leaves it."""
    opened = "import os, sys; from clarifai_local import Platform; platform = Platform(sys.argv[1])"
    code = f"{opened}; {doing}; os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", code, str(home)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


def test_after_a_kill_only_our_own_strays_are_removed(home, tmp_path):
    """What a user keeps among the blobs stays, whatever its name looks like."""
    blobs = home / "blobs"
    (kept,) = blobs.glob("*/*")
    ours = [blobs / "cd" / ("cd" * 32), blobs / "cd" / ".new-abcd1234"]
    (tmp_path / "target").write_text("mine")
    mine = [
        blobs / "2024" / "photo.raw",
        blobs / "cd" / "notes.txt",
        blobs / "cd" / ("CD" * 32),
        blobs / "cd" / ("ab" * 32),  # in the wrong folder
        blobs / "cd" / ("cd" * 32 + "0"),
        blobs / "cd" / ".new-folder",
        blobs / ("ef" * 32),
        blobs / "cd" / ".newspaper",
    ]
    for path in [*ours, *mine]:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    folder = blobs / "cd" / ("cd" * 31 + "00")
    folder.mkdir()
    (folder / "inner").write_text("mine")
    (blobs / "cd" / ("cd" * 31 + "01")).symlink_to(tmp_path / "target")
    kill_in(home)
    Platform(home).close()
    assert [path for path in ours if path.exists()] == []
    assert [path for path in mine if path.read_text() != "mine"] == []
    assert (folder / "inner").exists()
    assert (blobs / "cd" / ("cd" * 31 + "01")).is_symlink()
    assert kept.read_bytes() == LARGE


def test_reset_deletes_the_platform_and_names_what_it_leaves(home):
    (home / "downloads").mkdir()
    (home / "blobs" / "2024").mkdir()
    (home / "blobs" / "2024" / "photo.raw").write_text("mine")
    done = CliRunner().invoke(_commands.reset, ["--path", str(home), "--yes"])
    assert done.exit_code == 0
    assert f"left alone: {home / 'blobs' / '2024'}" in done.output
    assert (home / "blobs" / "2024" / "photo.raw").read_text() == "mine"
    assert sorted(path.name for path in home.iterdir()) == ["blobs", "downloads"]
    assert list((home / "blobs").iterdir()) == [home / "blobs" / "2024"]


@pytest.mark.parametrize("name", ["blobs", "pat", "lock", DATABASE_FILE, f"{DATABASE_FILE}-wal"])
@pytest.mark.parametrize("action", ["open", "reset", "export"])
def test_a_name_of_ours_that_became_a_link_is_not_followed(home, tmp_path, name, action):
    outside = tmp_path / "outside"
    outside.mkdir()
    if (home / name).exists():
        (home / name).rename(outside / name)
    else:
        (outside / name).write_bytes(b"")
    (home / name).symlink_to(outside / name)
    before = contents(outside)
    if action == "open":
        with pytest.raises(ForeignDirectory, match="is a link"):
            Platform(home)
    elif action == "reset":
        done = CliRunner().invoke(_commands.reset, ["--path", str(home), "--yes"])
        assert (done.exit_code, "is a link" in done.output) == (1, True)
    else:
        file = tmp_path / "state.zip"
        done = CliRunner().invoke(_commands.save, [str(file), "--path", str(home)])
        assert (done.exit_code, "is a link" in done.output) == (1, True)
        assert not file.exists()
    assert contents(outside) == before
    assert (home / name).is_symlink()


def test_a_second_name_of_a_users_file_is_not_written_to(tmp_path):
    home = tmp_path / "home"
    Platform(home).close()
    (tmp_path / "diary").write_text("mine")
    (home / "lock").unlink()
    (home / "lock").hardlink_to(tmp_path / "diary")
    with pytest.raises(ForeignDirectory, match="another name elsewhere"):
        Platform(home)
    assert (tmp_path / "diary").read_text() == "mine"


def test_a_folder_of_blobs_that_became_a_link_is_refused(home, tmp_path):
    (folder,) = (home / "blobs").iterdir()
    folder.rename(tmp_path / "outside")
    folder.symlink_to(tmp_path / "outside")
    with pytest.raises(ForeignDirectory, match="is a link"):
        Platform(home)
    assert len(list((tmp_path / "outside").iterdir())) == 1


def test_a_blob_that_became_a_link_is_not_read(home, tmp_path, connect):
    (blob,) = (home / "blobs").glob("*/*")
    (tmp_path / "secret").write_bytes(bytes(len(LARGE)))
    blob.unlink()
    blob.symlink_to(tmp_path / "secret")
    with Platform(home) as platform:
        with platform.store.read() as db:
            assert platform.store.blobs.get(db, bytes.fromhex(blob.name)) is None
        # Uploaded again, the file takes the link's place.
        connect(platform.channel()).PostInputs(user_app_id=ALICE, inputs=[audio("c")])
        assert platform.wait_idle()
    assert (tmp_path / "secret").read_bytes() == bytes(len(LARGE))
    assert (blob.is_symlink(), blob.read_bytes()) == (False, LARGE)


@pytest.mark.parametrize("killed", [False, True])
def test_directories_of_earlier_versions_are_known_by_their_database(home, killed, connect):
    if killed:
        kill_in(home)
    (home / ".clarifai-platform").unlink()
    (home / "blobs" / "photo.raw").write_text("mine")
    assert "running    no" in CliRunner().invoke(_commands.show, ["--path", str(home)]).output
    with Platform(home) as platform:
        assert len(connect(platform.channel()).ListInputs(user_app_id=ALICE).inputs) == 2
    assert (home / ".clarifai-platform").is_file()
    assert (home / "blobs" / "photo.raw").read_text() == "mine"


def test_a_directory_of_version_1_is_known(tmp_path):
    db = sqlite3.connect(tmp_path / DATABASE_FILE)
    db.executescript(VERSION_1_SQL.read_text("utf-8"))
    db.close()
    Platform(tmp_path).close()
    assert (tmp_path / ".clarifai-platform").is_file()


def test_a_database_of_others_is_not_even_tidied_up(tmp_path):
    """Opening one to write would fold its log into it, and remove the log."""
    code = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1]);"
        "db.execute('PRAGMA journal_mode = WAL');"
        "db.executescript('CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1;');"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / DATABASE_FILE], check=False, timeout=60)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*-wal")}
    assert before[f"{DATABASE_FILE}-wal"]
    database = (tmp_path / DATABASE_FILE).read_bytes()
    with pytest.raises(UnknownVersion):
        Platform(tmp_path)
    assert (tmp_path / DATABASE_FILE).read_bytes() == database
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*-wal")} == before


# Private


@pytest.fixture
def umask_of_none():
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> set[str]:
    """What others may do with something in a folder, or with the folder."""
    return {
        str(path)
        for path in [folder, *folder.rglob("*")]
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    }


@pytest.mark.usefixtures("umask_of_none")
def test_everything_is_private_whatever_the_umask(tmp_path, connect):
    home, file = tmp_path / "new" / "home", tmp_path / "state.zip"
    with Platform(home) as platform, platform.serve():
        fill(connect(platform.channel()))
        assert platform.wait_idle()
        assert (home / f"{DATABASE_FILE}-wal").exists()
        assert modes(home) == set()
    assert CliRunner().invoke(_commands.save, [str(file), "--path", str(home)]).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = CliRunner().invoke(_commands.load, [str(file), "--path", str(tmp_path / "other")])
    assert made.exit_code == 0, made.output
    assert modes(tmp_path / "other") == set()


def test_a_directory_that_is_too_open_is_closed_to_others(home):
    for path in [home, *home.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    Platform(home).close()
    assert modes(home) - {str(path) for path in home.glob("blobs/*/*")} == set()


def test_a_users_folder_and_files_keep_their_modes(home):
    (home / "notes.txt").write_text("mine")
    (home / "blobs" / "photo.raw").write_text("mine")
    for path in [home, home / "blobs", home / "notes.txt", home / "blobs" / "photo.raw"]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    Platform(home).close()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home, home / "blobs")} == {0o755}
    for path in (home / "notes.txt", home / "blobs" / "photo.raw"):
        assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("mine", 0o644)


def test_a_start_that_was_killed_half_way_is_taken_up(tmp_path):
    """The mark comes first: what follows it is ours, however little there is."""
    directory.claim(tmp_path)
    (tmp_path / DATABASE_FILE).touch()
    (tmp_path / "lock").write_text('{"pid": 1}')
    Store(tmp_path).close()
    assert directory.is_made(tmp_path)
