"""Files are written whole or not at all, and YAML reads back as what was written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai_core.files import (
    PRIVATE,
    PRIVATE_FOLDER,
    followed,
    locked,
    make_private_file,
    make_private_folder,
    others_may_read,
    replacing,
)
from clarifai_core.yaml_text import dump


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_there_when_it_is_whole(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert (path.read_text(), names(tmp_path)) == ("new", ["notes.txt"])


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_of_a_failure_stays(tmp_path, error):
    path = tmp_path / "notes.txt"
    path.write_text("old")

    def fail():
        with replacing(path) as file:
            file.write(b"ne")
            raise error

    with pytest.raises(error):
        fail()
    assert (path.read_text(), names(tmp_path)) == ("old", ["notes.txt"])


def test_one_of_many_files_is_whole_too_without_waiting_for_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: pytest.fail("it waits for the disk"))
    with replacing(tmp_path / "one.jpg", durable=False) as file:
        file.write(b"new")
        assert "one.jpg" not in names(tmp_path)
    assert names(tmp_path) == ["one.jpg"]


def test_a_lock_is_of_one_holder_and_goes_with_it(tmp_path):
    path = tmp_path / "lock"
    with path.open("wb") as first, path.open("wb") as second:
        assert locked(first.fileno()) is True
        assert locked(second.fileno()) is False
        first.close()
        assert locked(second.fileno()) is True


def test_a_file_that_cannot_be_locked_is_neither_ours_nor_anothers(tmp_path):
    reader, writer = os.pipe()
    os.close(writer)
    os.close(reader)
    assert locked(reader) is None


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to("real.txt")
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_file_of_keys_is_its_owners_from_the_first_byte(tmp_path):
    path = tmp_path / "keys"
    with replacing(path, mode=PRIVATE) as file:
        file.write(b"secret")
        file.flush()
        (draft,) = tmp_path.iterdir()
        assert stat.S_IMODE(draft.stat().st_mode) == PRIVATE
    assert stat.S_IMODE(path.stat().st_mode) == PRIVATE


def test_the_longest_names_have_drafts(tmp_path):
    path = tmp_path / ("\U0001f600" * 60)
    with replacing(path) as file:
        file.write(b"x")
    assert path.read_bytes() == b"x"


def test_without_its_folder_a_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "no" / "x") as file:
        file.write(b"x")
    assert names(tmp_path) == []


TEXTS = st.text(
    st.one_of(st.sampled_from("\x85\u2028\u2029\n\t '\":#-"), st.characters(codec="utf-8"))
)


CONTENT = st.recursive(
    TEXTS | st.integers() | st.booleans(), lambda one: st.dictionaries(TEXTS, one), max_leaves=20
)


@settings(deadline=None)
@given(CONTENT)
def test_yaml_reads_back(content):
    assert yaml.safe_load(dump(content).encode()) == content


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\n", "\r\n"])
def test_ends_of_lines_are_kept(end):
    content = {"text": f"a{end}b", f"key{end}": [end]}
    assert yaml.safe_load(dump(content)) == content


def left(path, name):
    """A draft as a process leaves it that was killed."""
    made = path.with_name(name)
    made.write_bytes(b"secr")
    return made


def test_what_killed_processes_left_goes_and_nothing_else_does(tmp_path):
    path = tmp_path / "keys.yaml"
    left(path, f".keys.yaml.{'0' * 16}.clarifai")
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / f".keys.yaml.{'1' * 16}.clarifai").symlink_to("elsewhere")
    (tmp_path / f".keys.yaml.{'2' * 16}.clarifai").hardlink_to(tmp_path / "elsewhere")
    (tmp_path / f".keys.yaml.{'3' * 16}.clarifai").mkdir()
    for name in (f".keys.yaml.{'0' * 16}", ".keys.yaml.clarifai", f".other.{'0' * 16}.clarifai"):
        left(path, name)
    before = set(names(tmp_path))

    with replacing(path) as file:
        file.write(b"x")

    gone = before - set(names(tmp_path))
    assert gone == {f".keys.yaml.{'0' * 16}.clarifai"}
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_a_draft_that_is_being_written_stays(tmp_path):
    path = tmp_path / "keys.yaml"
    with replacing(path) as slow:
        slow.write(b"slow")
        with replacing(path) as quick:
            quick.write(b"quick")
        assert path.read_bytes() == b"quick"
    assert (path.read_bytes(), names(tmp_path)) == (b"slow", ["keys.yaml"])


KILLED = """
import os, pathlib, signal, sys
from clarifai_core.files import replacing
with replacing(pathlib.Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_leaves_nothing_for_ever(tmp_path):
    path = tmp_path / "keys.yaml"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", KILLED, str(path)], timeout=60)
        assert len(names(tmp_path)) == 1
    with replacing(path) as file:
        file.write(b"x")
    assert names(tmp_path) == ["keys.yaml"]


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_secrets_are_their_owners_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        make_private_folder(tmp_path / "a" / "b")
        with replacing(tmp_path / "a" / "b" / "keys", mode=PRIVATE) as file:
            file.write(b"secret")
        make_private_file(tmp_path / "a" / "b" / "journal")
    finally:
        os.umask(before)
    for name in ("a", "a/b"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == PRIVATE_FOLDER
    for name in ("keys", "journal"):
        assert stat.S_IMODE((tmp_path / "a" / "b" / name).stat().st_mode) == PRIVATE


def test_folders_that_are_there_are_left_as_they_are(tmp_path):
    (tmp_path / "a").mkdir(mode=0o755)
    (tmp_path / "a").chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        make_private_folder(tmp_path / "file" / "b")


def test_a_private_file_is_tightened_and_no_link_is_followed(tmp_path):
    path = tmp_path / "journal"
    path.write_text("old")
    path.chmod(0o666)
    assert others_may_read(path)
    make_private_file(path)
    assert (path.read_text(), others_may_read(path)) == ("old", False)
    for name, make in {
        "link": lambda one: one.symlink_to(path),
        "nowhere": lambda one: one.symlink_to(tmp_path / "no"),
        "hard": lambda one: one.hardlink_to(path),
        "pipe": os.mkfifo,
        "folder": lambda one: one.mkdir(),
    }.items():
        make(tmp_path / name)
        with pytest.raises(OSError, match=r".+"):
            make_private_file(tmp_path / name)
    assert path.read_text() == "old"
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "circle"])
def test_what_is_no_file_is_not_replaced(tmp_path, kind):
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/null")
    else:
        path.symlink_to("x")
    before = path.lstat()
    with pytest.raises(OSError, match=r"directory|device|circle"), replacing(path) as file:
        file.write(b"x")
    assert path.lstat() == before
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert names(tmp_path) == ["x"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give links to others")
def test_a_link_that_another_user_made_is_not_followed(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (tmp_path / "mine").write_text("precious")
    (shared / "keys").symlink_to(tmp_path / "mine")
    os.lchown(shared / "keys", 4711, 4711)
    with pytest.raises(PermissionError, match="link that another user made"):
        followed(shared / "keys")
    with pytest.raises(PermissionError), replacing(shared / "keys") as file:
        file.write(b"x")
    assert (tmp_path / "mine").read_text() == "precious"
    os.chown(shared, 4711, 4711)  # in their own folder they may lead where they like
    assert followed(shared / "keys") == tmp_path / "mine"
