"""The journal of an upload: what it knows after any end, and that it never gets in the way."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_core.settings import state_directory
from clarifai_datasets.upload._compact_ids import IdList
from clarifai_datasets.upload._journal import KEPT_SECONDS, Journal, UploadKey, forget
from clarifai_datasets.upload._sources import identity
from clarifai_datasets.upload.loaders.csv import CsvLoader
from clarifai_datasets.upload.loaders.folder import FolderLoader
from tests.datasets.list_loader import ListLoader

KEY = UploadKey("https://host", "me", "demo", "train", "a source")


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def reopened(journal):
    journal.close(finished=False)
    return Journal(KEY)


def test_a_new_journal_knows_nothing(state):
    journal = Journal(KEY)
    assert not journal.resumed
    assert journal.find(["a"]) == {}
    journal.close(finished=True)
    assert list((state / "uploads").iterdir()) == []


def test_a_later_run_knows_what_was_sent_and_what_is_done(state):
    journal = Journal(KEY)
    journal.sent(["a", "b", "c"])
    journal.done([("a", b""), ("b", b"\0\1\0\1\0\1\0\1")])
    journal = reopened(journal)
    assert journal.resumed
    assert journal.find(["a", "b", "c", "d"]) == {"a": b"", "b": b"\0\1\0\1\0\1\0\1", "c": None}
    journal.sent(["a"])
    journal = reopened(journal)
    assert journal.find(["a"]) == {"a": None}
    journal.close(finished=True)


def test_doubt_leaves_nothing_done(state):
    journal = Journal(KEY)
    journal.done((f"i{n}", b"") for n in range(1000))
    journal = reopened(journal)
    sample = journal.sample(100)
    assert 90 <= len(set(sample)) <= 100
    journal.doubt()
    assert journal.find(sample) == dict.fromkeys(sample)
    assert journal.sample(100) == []
    journal.close(finished=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(), unique=True))
def test_any_ids_are_kept_or_forgotten_and_never_invented(tmp_path_factory, ids):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLARIFAI_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        journal = Journal(KEY)
        journal.done((one, b"12345678") for one in ids)
        journal = reopened(journal)
        known = journal.find([*ids, "another"])
        journal.close(finished=True)
    assert known == {one: b"12345678" for one in ids if one.isprintable()}


PRELUDE = """
import os
from clarifai_core.errors import UserError
from clarifai_datasets.upload._journal import Journal, UploadKey
KEY = UploadKey("https://host", "me", "demo", "train", "a source")
"""


def other_process(code):
    command = [sys.executable, "-c", PRELUDE + code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_what_a_killed_process_wrote_is_there(state):
    child = other_process("Journal(KEY).done([('a', b'')]); os.kill(os.getpid(), 9)")
    assert child.returncode == -9
    journal = Journal(KEY)
    assert journal.find(["a"]) == {"a": b""}
    journal.close(finished=True)


def test_the_same_upload_cannot_run_twice_at_a_time(state):
    journal = Journal(KEY)
    with pytest.raises(UserError, match="'train' is running already"):
        Journal(KEY)
    with pytest.raises(UserError, match="is running already"):
        forget(KEY)
    reopened(journal).close(finished=False)


def test_another_process_cannot_run_the_same_upload(state):
    journal = Journal(KEY)
    child = other_process("Journal(KEY)")
    assert child.returncode == 1
    assert "is running already, here or in another process" in child.stderr
    journal.close(finished=True)


def test_a_damaged_journal_is_started_again(state):
    journal = Journal(KEY)
    journal.done([("a", b"")])
    journal.close(finished=False)
    KEY.path.write_bytes(b"this is no database at all" * 100)
    journal = Journal(KEY)
    assert (journal.resumed, journal.notes) == (False, [])
    journal.done([("b", b"")])
    assert reopened(journal).find(["a", "b"]) == {"b": b""}


def test_a_journal_of_another_version_is_started_again(state):
    journal = Journal(KEY)
    journal.done([("a", b"")])
    journal.close(finished=False)
    with sqlite3.connect(KEY.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    journal = Journal(KEY)
    assert not journal.resumed
    journal.close(finished=True)


def test_a_directory_that_cannot_be_written_is_no_error(state):
    state.parent.joinpath("file").write_text("in the way")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLARIFAI_STATE_DIR", str(state.parent / "file"))
        journal = Journal(KEY)
        journal.done([("a", b"")])
        assert "no journal is kept" in journal.notes[0]
        assert journal.find(["a"]) == {}
        journal.close(finished=True)


def test_journals_that_nobody_came_back_to_are_deleted(state):
    old = UploadKey("https://host", "me", "demo", "old", "a source")
    Journal(old).close(finished=False)
    long_ago = old.path.stat().st_mtime - KEPT_SECONDS - 60
    os.utime(old.path, (long_ago, long_ago))
    Journal(KEY).close(finished=False)
    assert [path.name for path in (state / "uploads").glob("*.db")] == [KEY.path.name]


def foreign(folder, name, application=0):
    """A database of somebody else, old enough to be pruned."""
    path = folder / name
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE customers (name TEXT)")
        db.execute(f"PRAGMA application_id = {application}")
    os.utime(path, (0, 0))
    return path


def test_only_journals_are_pruned(state):
    folder = state / "uploads"
    folder.mkdir(parents=True)
    customers = foreign(folder, "customers.db")
    same_name = foreign(folder, f"{'0' * 32}.db")
    other = foreign(folder, f"{'1' * 32}.db", application=7)
    link = folder / f"{'2' * 32}.db"
    outside = foreign(state, f"{'2' * 32}.db", application=0x436C5570)
    link.symlink_to(outside)
    garbage = folder / f"{'3' * 32}.db"
    garbage.write_bytes(b"no database" * 100)
    os.utime(garbage, (0, 0))

    Journal(KEY).close(finished=True)

    assert all(path.exists() for path in (customers, same_name, other, link, outside, garbage))


def test_journals_are_their_owners_only(state):
    before = os.umask(0)
    try:
        journal = Journal(KEY)
        journal.done([("a", b"")])
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.rglob("*")}
        modes |= {"state": stat.S_IMODE(state.stat().st_mode)}
        journal.close(finished=False)
        KEY.path.chmod(0o644)
        journal = Journal(KEY)
        assert journal.find(["a"]) == {"a": b""}
        assert stat.S_IMODE(KEY.path.stat().st_mode) == 0o600
        journal.close(finished=True)
    finally:
        os.umask(before)
    assert {name: mode for name, mode in modes.items() if mode == 0o700} == {
        "state": 0o700,
        "uploads": 0o700,
    }
    assert {mode for name, mode in modes.items() if name.startswith(KEY.path.name)} == {0o600}


@pytest.mark.parametrize("what", ["a link", "a link to nowhere", "a hard link", "a pipe"])
def test_what_is_in_the_place_of_a_journal_is_not_followed(state, what):
    KEY.path.parent.mkdir(parents=True)
    mine = state / "mine.txt"
    mine.write_text("precious")
    match what:
        case "a link":
            KEY.path.symlink_to(mine)
        case "a link to nowhere":
            KEY.path.symlink_to(state / "nowhere")
        case "a hard link":
            KEY.path.hardlink_to(mine)
        case "a pipe":
            os.mkfifo(KEY.path)
    journal = Journal(KEY)
    assert "no journal is kept" in journal.notes[0]
    journal.done([("a", b"")])
    journal.close(finished=True)
    assert mine.read_text() == "precious"
    assert not (state / "nowhere").exists()
    assert os.path.lexists(KEY.path)


def test_every_part_of_the_key_counts():
    fields = ("endpoint", "user_id", "app_id", "dataset_id", "source")
    paths = {UploadKey(*("x" if one == name else "" for one in fields)).path for name in fields}
    assert len(paths) == len(fields)


def test_the_state_directory_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("CLARIFAI_STATE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_directory() == tmp_path / "clarifai"
    monkeypatch.setenv("CLARIFAI_STATE_DIR", "~/here")
    assert state_directory().parts[-1] == "here"
    assert "~" not in str(state_directory())


def test_a_source_is_the_same_from_any_folder_and_after_it_has_grown(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("input\nx\n")
    monkeypatch.chdir(tmp_path)
    here = identity(CsvLoader("a.csv", labels=False))
    assert here == identity(CsvLoader(tmp_path / "a.csv", labels=False))
    assert here != identity(CsvLoader("b.csv", labels=False))
    assert here != identity(CsvLoader("a.csv", labels=True))
    assert identity(FolderLoader(".")) == identity(FolderLoader(tmp_path))
    assert identity(ListLoader("a", [])) == identity(ListLoader("a", [1]))


def test_a_loader_may_say_itself_what_its_source_is():
    class Rows(ListLoader):
        def __init__(self, table):
            super().__init__("text_classification", [])
            self.table, self.now = table, object()

        def fingerprint(self):
            return self.table

    assert identity(Rows("a")) == identity(Rows("a")) != identity(Rows("b"))


@given(st.lists(st.text()), st.lists(st.text()))
def test_a_list_of_ids_behaves_as_a_list(first, second):
    ids = IdList(first)
    ids += second
    everything = first + second
    assert ids == everything
    assert list(ids) == everything
    assert ids == IdList(everything)
    assert (ids == [*everything, "more"]) is False
    assert ids[1:-1] == everything[1:-1]
    assert repr(ids) == repr(everything)
    if everything:
        assert ids[-1] == everything[-1]
