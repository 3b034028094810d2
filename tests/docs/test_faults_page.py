"""docs/faults.md has a row for each kind of trouble, and each test that it names is there."""

from __future__ import annotations

import re

import pytest

from tests.datasets.test_fault_matrix import TROUBLES
from tools.wheels import ROOT

TEXT = (ROOT / "docs/faults.md").read_text("utf-8")
ROWS = [
    line.split(" | ") for line in TEXT.splitlines() if line.startswith("| ") and "::test" in line
]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`", TEXT)))
MATRIX = (
    "status requests fail after",
    "the answer is lost",
    "indexing takes longer",
    "11005",
    "inside an answer that succeeds",
    "permission ends",
    "truncated, or ends with FIN or RST",
    "a stream fails after its first message",
    "page 2",
    "added while one pages",
    "ids are there twice",
    "token is refused while a runner polls",
    "kill -9",
    "clock jumps",
    "disk is full",
)
"""The fault matrix of the evidence about users, one cell each."""


def trouble_id(trouble):
    return trouble.name.replace(" ", "-")


@pytest.mark.parametrize("cell", MATRIX)
def test_a_cell_of_the_matrix_has_a_row(cell):
    assert [row for row in ROWS if cell in row[0]]


@pytest.mark.parametrize(("path", "name", "which"), NAMED, ids="::".join)
def test_a_named_test_is_there(path, name, which):
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    assert not which or which in map(trouble_id, TROUBLES)


def test_every_row_names_nothing_but_tests():
    assert len(ROWS) >= len(MATRIX)
    for row in ROWS:
        assert not re.sub(r"`tests/[\w/]+\.py::\w+(\[[^\]]+\])?`", "", row[3]).strip(", |")


def test_every_trouble_of_the_matrix_is_on_the_page():
    shown = {which for _, _, which in NAMED if which}
    assert set(map(trouble_id, TROUBLES)) == shown
