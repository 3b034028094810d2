"""Names of files: safe on every system, one for each id, and back again."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clarifai_inputs.file_names import (
    MAX_NAME_BYTES,
    FileNames,
    is_safe,
    is_safe_path,
    is_well_formed,
    original,
)

DEVICES = ["con", "prn", "aux", "nul", "com1", "com9", "lpt1", "lpt9", "com¹", "lpt³", "conin$"]
IDS = st.from_regex(r"\A[0-9A-Za-z]+([-_]+[0-9A-Za-z]+)*\Z").filter(lambda one: len(one) <= 48)
"""What the platform takes."""

LIKELY_TO_MEET = st.lists(
    st.one_of(
        st.sampled_from(DEVICES),
        st.text("aAbBcCoOnNuUlL.%643", min_size=1, max_size=6),
        st.text("éÉe\u0301\u017fsKkßS", min_size=1, max_size=3),
        IDS,
    ).flatmap(lambda one: st.sampled_from([one, one.upper(), one.title()])),
    max_size=40,
    unique=True,
)

UNSAFE = [
    *("", ".", "..", "a/b", "a\\b", "../a", "/a", "C:", "C:a", "a.", "a ", "a. .", "...", " "),
    *(f"a{one}b" for one in '<>:"|?*\0\x1f\x7f\x85\u2028\u202e\u2066\u200f\ud800\ufeff\n'),
    "x" * (MAX_NAME_BYTES + 1),
    "é" * (MAX_NAME_BYTES // 2 + 1),
    "\U0001f600" * (MAX_NAME_BYTES // 4 + 1),
]


@pytest.mark.parametrize("name", UNSAFE)
def test_what_is_no_name_on_some_system_is_refused(name):
    assert not is_safe(name)
    assert not is_safe_path(f"a/{name}/b") or name in ("a/b",)
    assert not is_well_formed(name)
    with pytest.raises(ValueError, match="cannot be the name of a file"):
        FileNames().of(name)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("ending", ["", ".png", ".tar.gz", " .txt"])
def test_devices_of_windows_are_safe_after_they_were_renamed(device, ending):
    for name in (device + ending, device.upper() + ending, device.title() + ending):
        assert not is_safe(name)
        assert not is_safe_path(f"train/{name}")
        assert not is_safe_path(f"{name}/a")
        made = FileNames().of(name)
        assert is_safe(made)
        assert is_safe(f"{made}.png")
        assert original(made) == name


@pytest.mark.parametrize("name", ["console", "a.con", "com10", "com", "auxiliary", "null", "co n"])
def test_what_only_looks_like_a_device_keeps_its_name(name):
    assert FileNames().of(name) == name


def one_file_somewhere(first, second):
    """Whether two names are the same file where case or the form of letters does not count."""

    def folded(name):
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())

    return folded(first) == folded(second)


@settings(deadline=None)
@given(LIKELY_TO_MEET)
@example(["Con", "CON", "con", "%43on", "%43%4F%4E", "%43%4f%4e"])
@example(["é", "e\u0301", "%65%CC%81"])
def test_no_two_get_one_file_and_all_come_back(ids):
    names, given_names = FileNames(), []
    for one in ids:
        if is_well_formed(one):
            made = names.of(one)
            assert is_safe(made)
            assert original(made) == one
            given_names.append(made)
    for number, first in enumerate(given_names):
        for second in given_names[:number]:
            assert not one_file_somewhere(first, second)


@settings(deadline=None)
@given(IDS)
def test_an_id_alone_keeps_its_name_unless_it_is_a_device(one):
    made = FileNames().of(one)
    assert made == one or one.lower() in DEVICES or not is_safe(one)


@settings(deadline=None)
@given(st.text(string.ascii_letters + string.digits + "%. ", max_size=20))
def test_names_of_others_stay_as_they_are(name):
    """Only what `FileNames` makes is read as something else."""
    found = original(name)
    if found != name:
        names = FileNames()
        if is_well_formed(found) and is_safe(name):
            first = names.of(found)
            again = {first, FileNames().of(found), _beside(found)}
            assert name.upper() in {one.upper() for one in again}


def _beside(name):
    names = FileNames()
    names.of(name)
    try:
        return names.of(name)
    except ValueError:
        return ""


def test_the_same_questions_get_the_same_names_and_folders_do_not_meet():
    asked = [("a", "x"), ("A", "x"), ("A", "y"), ("nul", "x"), ("NUL", "y")]
    first, second = FileNames(), FileNames()
    assert [first.of(*one) for one in asked] == [second.of(*one) for one in asked]
    assert first.of("B", "x") == first.of("B", "y") == "B"


def test_one_that_is_too_long_to_be_told_from_another_is_refused():
    names = FileNames()
    names.of("x" * 200)
    with pytest.raises(ValueError, match="another one's name on some systems"):
        names.of("X" * 200)
