"""Remarks: what of a source is not used, counted and bounded."""

from __future__ import annotations

import pickle

from clarifai_inputs.remarks import MAX_EXAMPLES, MAX_KINDS, Remarks


def test_a_kind_has_one_line_with_its_first_examples():
    found = Remarks()
    found.add_all("left alone", (f"{n}.heic" for n in range(1000)))
    shown = ", ".join(f"{n}.heic" for n in range(MAX_EXAMPLES))
    assert found.lines() == [f"left alone: 1,000 ({shown}, ...)"]


def test_an_item_that_is_read_again_is_counted_once():
    found = Remarks()
    for _ in range(2):
        for item in (0, 7, 8, 100_000):
            found.add("cut", item=item, count=2)
    assert found.counts() == {"cut": 8}
    found.add("other", item=7)
    assert found.counts() == {"cut": 8, "other": 1}


def test_kinds_are_bounded():
    found = Remarks()
    for n in range(10_000):
        found.add(f"kind {n}", "x" * 10_000)
    assert len(found.lines()) == MAX_KINDS + 1
    assert len(found) == 10_000
    assert max(map(len, found.lines())) < 2000


def test_remarks_are_joined_and_pickled():
    one, other = Remarks(), Remarks()
    one.add("a", "x")
    other.add("a", "y", count=3)
    one.include(other)
    assert pickle.loads(pickle.dumps(one)).lines() == ["a: 4 (x, y, ...)"]


def test_what_is_shown_is_plain():
    found = Remarks()
    found.add("left alone", "a\x1b[31m\n.png")
    assert "\x1b" not in found.lines()[0]
    assert "\n" not in found.lines()[0]
