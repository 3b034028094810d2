"""`docs/methods.md` is what the code says, and every documented name has a test."""

from __future__ import annotations

import pytest

from tools.methods import PAGE, Row, newer_rows, page, rows

ROWS = list(rows())
NEWER = list(newer_rows())


def test_the_page_is_as_the_tool_writes_it():
    assert PAGE.read_text("utf-8") == page(), "run: uv run python -m tools.methods"


def test_all_99_documented_names_are_there():
    assert len(ROWS) == len({row.documented for row in ROWS}) == 99


def test_the_newer_names_are_no_documented_ones():
    assert not {row.documented for row in ROWS} & {row.documented for row in NEWER}


@pytest.mark.parametrize("row", [*ROWS, *NEWER], ids=lambda row: row.documented)
def test_a_documented_name_is_tested(row: Row):
    assert row.tests


@pytest.mark.parametrize(
    ("name", "rpcs"),
    [
        ("User.create_app", {"PostApps"}),
        ("Model.train", {"GetModel", "ListConcepts", "PostModelVersions"}),
        ("Inputs.get_text_input", set()),
        ("Runner.start", {"ListRunnerItems", "PostRunnerItemOutputs"}),
        ("Inputs.patch_inputs", {"PatchInputs", "ListInputs"}),
        ("Dataset.merge_dataset", {"PostDatasetInputs"}),
    ],
)
def test_rpcs_are_found_through_the_code(name: str, rpcs: set[str]):
    (row,) = (row for row in [*ROWS, *NEWER] if row.documented == name)
    assert set(row.rpcs) >= rpcs
    assert bool(row.rpcs) == bool(rpcs)
