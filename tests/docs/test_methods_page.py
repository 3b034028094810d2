"""`docs/methods.md` is what the code says, and every documented name has a test."""

from __future__ import annotations

import functools

import pytest

from tools.methods import DOCUMENTED, ERRORS, NEWER, PAGE, Row, newer_rows, page, rows

NAMES = [
    *(f"{cls}.{one}" for cls, names in DOCUMENTED.items() for one in f"__init__ {names}".split()),
    *ERRORS,
    *(f"{cls}.{one}" for cls, names in NEWER.items() for one in names.split()),
]


@functools.cache
def found() -> dict[str, Row]:
    return {row.documented: row for row in (*rows(), *newer_rows())}


def test_the_page_is_as_the_tool_writes_it():
    assert PAGE.read_text("utf-8") == page(), "run: uv run python -m tools.methods"


def test_all_99_documented_names_are_there():
    names = [row.documented for row in rows()]
    assert len(names) == len(set(names)) == 99


def test_the_newer_names_are_no_documented_ones():
    assert not {row.documented for row in rows()} & {row.documented for row in newer_rows()}
    assert list(found()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_documented_name_is_tested(name: str):
    assert found()[name].tests


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
    row = found()[name]
    assert set(row.rpcs) >= rpcs
    assert bool(row.rpcs) == bool(rpcs)
