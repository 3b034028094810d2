"""Programs for the official SDK call by position and by name: what ours differs in is written down.

`official/surface.txt` holds the methods and parameters of the official classes, of both releases,
as `inspect` tells them (`tools/official_surface.py`). `official/<class>.txt` holds each difference
of ours with its reason, one a line.
"""

from __future__ import annotations

from typing import Any

import pytest

from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.runner import Runner
from clarifai.client.search import Search
from clarifai.errors import UserError
from tools import environments
from tools.official_surface import CLASSES, INHERITED, differences
from tools.wheels import ROOT

FOLDER = ROOT / "tests" / "sdk" / "official"
FACTS = (FOLDER / "surface.txt").read_text("utf-8").splitlines()
NONE: Any = None
"""What programs give for what they leave out, wherever it stands."""
HELD = tuple(CLASSES)
"""Classes whose differences are written down: all of them."""


def wrong(value: object) -> Any:
    """Return a value for an argument of another type."""
    return value


def written(name: str) -> dict[str, str]:
    """Return the differences of a class that are agreed, each with its reason."""
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    pairs = (line.partition(" -- ") for line in lines)
    return {difference: reason for difference, _, reason in pairs}


@pytest.mark.parametrize("name", HELD)
def test_what_differs_is_written_down_with_its_reason(name):
    agreed = written(name)
    assert sorted(differences(name, FACTS)) == sorted(agreed)
    assert all(agreed.values())


def test_the_facts_are_of_the_releases_that_ours_is_held_against():
    releases = {fact.split(" ", 1)[0] for fact in FACTS}
    held_against = (environments.OFFICIAL_10, environments.OFFICIAL_12)
    assert releases == {name.rpartition("-")[2] for name, _ in held_against}
    told = {fact.split(" ", 1)[1].partition(".")[0] for fact in FACTS}
    assert told == set(CLASSES)


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("12 Inputs.get_nothing()", ["missing"]),
        ("12 Inputs.get_input(input_id, more=1)", ["more is missing"]),
        ("12 Inputs.get_input(input_id, **kwargs)", ["no **kwargs"]),
        ("12 Inputs.list_inputs(page_no=None, dataset_id=None)", ["page_no is at place 2, not 1"]),
        ("12 Inputs.get_input(input_id) [staticmethod]", ["no [staticmethod]"]),
        ("12 Inputs.patch_inputs(inputs, action='x')", ["action is 'merge' by default, not 'x'"]),
        ("12 Inputs.upload_inputs(inputs, raise_on_failure=False)", ["by name only"]),
        ("12 Inputs.patch_inputs(action='merge')", ["action is at place 2, not 1", "is asked for"]),
        ("12 Inputs.upload_text(input_id, raw_text, dataset_id, labels)", ["labels by name only"]),
        ("12 Inputs.patch_inputs(inputs, action)", []),
        (f"12 Inputs.{INHERITED[0]} [attribute]", []),
        ("12 Dataset.get_nothing()", []),
    ],
)
def test_each_kind_of_difference_is_seen(fact, said):
    found = list(differences("Inputs", [fact]))
    assert len(found) >= len(said)
    assert all(any(part in one for one in found) for part in said)
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Inputs("u", "a", "INFO", "local:", NONE, NONE, root_certificates_path=NONE),
        lambda: Inputs(NONE, NONE, base_url="local:", pat=NONE, token=NONE),
        lambda: Dataset(NONE, "d", "local:", NONE, NONE, root_certificates_path=NONE),
        lambda: Dataset("https://clarifai.com/u/a/datasets/d", NONE, "local:", NONE, NONE),
        lambda: Dataset(dataset_id="d", dataset_version_id=NONE, version=NONE, base_url="local:"),
        lambda: Search("u", "a", 10, "cosine", "local:", NONE, NONE, root_certificates_path=NONE),
        lambda: Search("u", "a", NONE, NONE, "local:", pat=NONE, algorithm=NONE, pagination=False),
        lambda: Runner("r", "u", False, "local:", NONE, NONE, 4, root_certificates_path=NONE),
    ],
)
def test_arguments_by_position_by_name_and_left_to_none_are_taken(call, monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "test-pat")
    assert call().settings.base_url == "local:"


@pytest.mark.parametrize(
    "call",
    [
        lambda: Runner("r", "u", wrong("http://127.0.0.1:1")),
        lambda: Dataset(NONE, "d", "0123456789abcdef0123456789abcdef"),
        lambda: Search("u", "a", 10, "euclidean", "nearest_neighbor"),
        lambda: Search("u", "a", 10, "euclidean", "http://127.0.0.1:1", wrong(True)),
    ],
)
def test_the_places_of_the_newer_release_are_refused_by_name(call):
    with pytest.raises(UserError, match="by name"):
        call()
