"""What programs use beyond the document gives with ours what it gives with the official SDK."""

from __future__ import annotations

import pytest

from tests.interop.clients import NEW, OLD, OURS

ALL = (OLD, NEW, OURS)
OWN_SCOPE = ("app", "dataset", "inputs", "search")
"""Handles that are about the app of the program; the others are of elsewhere."""


@pytest.mark.story("inherited", *ALL)
def test_every_handle_says_who_it_calls_as(facts):
    for name in ("user", "app", "dataset", "inputs", "model", "workflow", "search"):
        said = facts[name]
        assert (said["metadata"], said["key"], said["pat"]) == ("authorization", True, [True] * 3)
        assert (said["base"], said["stub"], said["client"], said["pages"]) == (True,) * 4
        if name in OWN_SCOPE:
            assert said["scope"] == "inherited"
    assert facts["model"]["scope"] == facts["workflow"]["scope"] == "main"
    assert facts["logged"] == [True] * 4
    assert facts["kwargs"] == ["inherited", "things", "general-image-recognition"]


@pytest.mark.story("inherited", *ALL)
def test_what_a_handle_is_about_is_a_message(facts):
    assert facts["info"] == {
        "user": True,
        "app": "inherited",
        "dataset": "things",
        "model": "general-image-recognition",
        "workflow": "General",
        "inputs": "Input",
    }
    assert facts["version"] == "aa7f35c01e0642fda5cf400f543e7c40"
    assert facts["replaced"] == ["other", "other"]


@pytest.mark.story("inherited", *ALL)
def test_requests_of_ones_own_go_through_a_handles_stub(facts):
    assert facts["asked"] == [10000, "inherited"]
    assert facts["asked with metadata"] == "inherited"
    assert facts["callable"] is True
    assert facts["stubs"] == [10000] * 3
    assert facts["page"] == 3


@pytest.mark.story("inherited", *ALL)
def test_handles_are_made_from_a_helper(facts):
    assert facts["from helper"] == ["inherited", "things", "general-image-recognition", "mine"]
    assert facts["their scopes"] == ["inherited", "inherited", "main", "inherited"]
    assert facts["inputs from helper"] == "inherited"
    assert facts["base client"] == [True, "inherited"]


@pytest.mark.story("inherited", *ALL)
def test_inputs_are_made_and_sent_by_the_helpers_own_methods(facts):
    assert facts["proto"] == ["one", ["things"], "first"]
    assert facts["picture"][:2] == ["https://samples.clarifai.com/metro-north.jpg", ["train"]]
    assert facts["picture"][2] == -30
    assert facts["sent"] == ["one", "t0", "t1", "t2", "t3"]
    assert facts["of the dataset"] == "inherited"
    assert facts["metric"] == "EUCLIDEAN_DISTANCE"


@pytest.mark.story("inherited", *ALL)
def test_a_class_of_ones_own_sets_attributes_before_init(facts):
    assert facts["subclass"] == ["inherited", True, ["dog"]]


@pytest.mark.story("inherited", *ALL)
def test_paths_around_the_documented_ones_lead_to_what_they_name(facts):
    assert facts["tasks"] == [True, {"bboxes": "bboxes"}]
    assert facts["limits"] == [32, "https://clarifai.com"]
    assert facts["chunks"] == [[1, 2], [3]]
    assert (facts["pauses grow"], facts["environment"]) == (True, True)
    assert facts["errors"] == [True, True]
    (node,) = facts["workflow file"]["workflow"]["nodes"]
    assert node["model"] == {
        "model_id": "m",
        "model_version_id": "v",
        "user_id": "u",
        "app_id": "p",
    }
