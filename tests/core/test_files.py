"""Files are written whole or not at all, and YAML reads back as what was written."""

from __future__ import annotations

import stat

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clarifai.core.files import PRIVATE, replacing
from clarifai.core.yaml_text import dump


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


@given(st.recursive(TEXTS | st.integers() | st.booleans(), lambda one: st.dictionaries(TEXTS, one)))
def test_yaml_reads_back(content):
    assert yaml.safe_load(dump(content).encode()) == content


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\n", "\r\n"])
def test_ends_of_lines_are_kept(end):
    content = {"text": f"a{end}b", f"key{end}": [end]}
    assert yaml.safe_load(dump(content)) == content
