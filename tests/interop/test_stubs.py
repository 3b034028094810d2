"""Programs on bare stubs of both contract generations, at the address that everybody knows."""

from __future__ import annotations

import pytest

from tests.interop.clients import NEW_STUBS, OLD_STUBS
from tests.interop.internet import API_HOST

BOTH = (OLD_STUBS, NEW_STUBS)
SUCCESS = 10000
MIXED = 10010
FAILURE = 10020


@pytest.mark.story("resources", *BOTH)
def test_resources_are_made_changed_listed_and_deleted(client, facts, world):
    assert (facts["made"], facts["changed"]) == (SUCCESS, [SUCCESS, "second"])
    assert facts["made again"] == [11102, True]
    assert (facts["wrong key"], facts["token"], facts["no app"]) == (11008, SUCCESS, 11101)
    assert facts["pages"] == [["d4", "d3"], ["d2", "d1"], ["d0"], []]
    assert facts["datasets left"] == 3
    assert (facts["concepts"], facts["concepts again"]) == (SUCCESS, [40003, True])
    assert facts["concept names"] == ["COLD", "Very hot"]
    assert (facts["model"], facts["deleted model"]) == (SUCCESS, SUCCESS)
    assert facts["no model"] == [21200, "Model does not exist"]
    assert facts["not ours"] == 11101
    assert (facts["deleted"], facts["gone"]) == (SUCCESS, 11101)
    assert world.internet.connections[f"{client.name}-resources", API_HOST]


@pytest.mark.story("inputs", *BOTH)
def test_inputs_are_added_labelled_patched_and_deleted(facts):
    assert facts["posted"] == [SUCCESS, [30001, 30001]]
    assert facts["again"] == [MIXED, 30100, "Input has a duplicate ID."]
    assert (facts["broken"], facts["too many"]) == (30101, 39999)
    assert facts["job"] == [0, 128]
    assert facts["annotated"] == [SUCCESS, 24150]
    # Newest first: the region, then what came with the input.
    assert (facts["annotations"], facts["annotations left"]) == ([1, 0], 1)
    assert facts["merged"] == [["red", "blue", "new"], ["more", "page"]]
    assert facts["overwritten"] == ["new"]
    assert (facts["streamed"], facts["streamed after"]) == (100, 32)
    assert facts["none deleted"] is True
    assert facts["left"] == ["broken", "new", "picture", "text"]


@pytest.mark.story("inputs", *BOTH)
def test_media_are_fetched_with_the_key_only(facts):
    assert facts["media"] == [200, True]
    assert facts["sizes"] == ["large", "orig", "small", "tiny"]
    assert facts["small"] == [200, True]
    assert (facts["wrong key"], facts["no key"]) == (401, 404)


@pytest.mark.story("models", *BOTH)
def test_models_answer_are_trained_and_evaluated(facts):
    assert facts["general-image-recognition"] == [SUCCESS, 20]
    assert facts["aaa03c23b3724a16a56b629203edc62c"] == [SUCCESS, 20]
    assert facts["mixed"] == [MIXED, [SUCCESS, 30104]]
    assert (facts["two"], len(facts["trainable"])) == (2, 8)
    assert (facts["untrained"], facts["training"]) == (21102, [SUCCESS, True])
    assert facts["answer"] == "blue"
    assert (facts["evaluated"], facts["f1"], facts["confusion"]) == (SUCCESS, 1.0, 3)
    assert (facts["evaluations"], facts["versions left"]) == (["first"], 0)


@pytest.mark.story("searches", *BOTH)
def test_searches_filter_rank_and_page(facts):
    assert facts["concept"] == [f"red{number}" for number in range(4)]
    assert (facts["not"], facts["or"], facts["and"]) == (8, 8, [])
    assert (facts["metadata"], facts["annotations"]) == (["green2"], 4)
    for metric in ("EUCLIDEAN_DISTANCE", "COSINE_DISTANCE"):
        assert facts[metric] == ["green3", 1.0, 12]
    assert facts["input"] == "blue0"
    assert (facts["pages"], facts["every one once"]) == ([5, 5, 2, 0], 12)
    assert facts["box"] == 3


@pytest.mark.story("workflows", *BOTH)
def test_workflows_run_node_by_node(facts):
    types = ["visual-classifier", "visual-embedder", "clusterer"]
    assert facts["made"] == [SUCCESS, types]
    assert (facts["again"], facts["missing"]) == (22100, 22102)
    assert facts["results"] == [["visual-classifier", "clusterer"]] * 2
    assert facts["concepts"] == 3
    assert (facts["state"], facts["followed"]) == (True, SUCCESS)
    assert facts["too many"] is True
    assert (facts["versions"], facts["public"], facts["left"]) == (2, SUCCESS, 0)


@pytest.mark.story("exports", *BOTH)
def test_archives_hold_the_inputs_and_lead_to_their_media(facts):
    assert facts["added"] == [SUCCESS, 5]
    assert facts["again"] == [FAILURE, 64101]
    assert (facts["posted"], facts["total"]) == (SUCCESS, [5])
    assert facts["archive"] == ["application/zip", True]
    assert facts["mimetype"] == "application/x.clarifai-data+protobuf"
    assert facts["inputs"] == [[f"blue{number}", "blue"] for number in range(4)] + [
        ["green0", "green"]
    ]
    assert facts["original"] is True
    assert facts["deleted"] == SUCCESS


@pytest.mark.story("runners", *BOTH)
def test_runners_work_in_the_messages_of_their_generation(facts):
    assert (facts["made"], facts["got"]) == (SUCCESS, [SUCCESS, "box", ["gpu"]])
    assert facts["pages"] == [["other", "spare"], ["box"]]
    assert facts["answers"] == [["ONE"], ["TWO", "THREE"], ["QUIET"]]
    assert (facts["deleted"], facts["left"], facts["missing"]) == (SUCCESS, ["box"], True)


@pytest.mark.story("modules", OLD_STUBS)
def test_modules_are_there_for_the_generation_that_has_them(facts):
    assert (facts["made"], facts["got"]) == (SUCCESS, "A panel")
    assert (facts["version"], facts["versions"]) == ([SUCCESS, "v1"], ["v1"])
    assert (facts["installed"], facts["there"]) == ([SUCCESS, "mine"], ["mine"])
    assert (facts["deleted"], facts["left"]) == (SUCCESS, 0)


@pytest.mark.story("gateway", *BOTH)
def test_the_same_stubs_speak_json(facts):
    assert facts["made"] == [SUCCESS, True]
    assert facts["posted"] == 30001
    assert facts["listed"] == [["picture", 1.0]]
    assert (facts["missing"], facts["concepts"]) == (11101, 20)
    assert facts["deleted"] == SUCCESS


# The JSON channel of 12.6.0 reads FieldDescriptor.label, which protobuf of today has no more.
@pytest.mark.story("keys", OLD_STUBS)
def test_keys_of_apps_name_the_app(facts):
    for way in ("grpc", "json"):
        seen = facts[way]
        assert seen["made"] == [SUCCESS, SUCCESS, "also mine", True]
        assert seen["searched"] == [["dog"], "dog", ["狗"]]
        assert seen["posted"] == [SUCCESS, 30000, 55.0]
        assert seen["values"] == [["some-positive", 1.0], ["some-negative", 0.0]]
        assert seen["metadata"] == [123.0, "value"]
        assert seen["merged"] == [
            ["some-positive", "some-negative", "another"],
            ["key", "more", "new"],
        ]
        assert (seen["beyond"], seen["deleted"]) == (0, [SUCCESS, 11101])
        assert (seen["asked"], seen["mixed"]) == ([SUCCESS, 3], [MIXED, 30002])
        assert (seen["selected"], seen["workflow"]) == (["red"], [SUCCESS, True])
    assert facts["media"]["header"] == facts["media"]["cookie"] == [True, True]
    assert (facts["media"]["wrong"], facts["media"]["sizes"]) == ([401, 401, 404], [200] * 4)


@pytest.mark.story("keys", OLD_STUBS)
def test_keys_do_what_their_scopes_say(facts):
    """By the contract's own options: ListInputs takes Apps:Get and Annotations:Get, too."""
    assert facts["scopes"] == [11007, 11007, ["Concepts:Get", "Inputs:Get"]]
    assert (facts["wrong key"], facts["deleted key"]) == (11008, 11008)
    assert facts["other app"] == 11007
    assert (facts["collaborators"], facts["keys"]) == (SUCCESS, 2)


@pytest.mark.story("videos", *BOTH)
def test_moving_pictures_are_seen_frame_by_frame(facts):
    for way in ("grpc", "json"):
        seen = facts[way]
        assert seen["gif"] == [SUCCESS, [[0, 500], [1, 1500], [2, 2500]], True]
        assert (seen["sure"], seen["few"]) == (True, [3, 3, 3])
        assert seen["slow"] == [[0, 1000], [1, 3000], [2, 5000]]
        assert (seen["own"], seen["broken"]) == ([6, True], 30101)
    assert facts["uploaded"] == [30000, ["orig", "thumbnail"]]
    assert (facts["orig"], facts["thumbnail"]) == (["video/mp4", True], ["image/jpeg", True])
    assert facts["workflow"] == [SUCCESS, [3, 3, 3]]


@pytest.mark.story("searches_of_old", OLD_STUBS)  # why: as for the keys
def test_conditions_of_old_clients_find_inputs(facts):
    everything = ["blue0", "green0", "red0"]
    for way in ("grpc", "json"):
        seen = dict(facts[way])
        by_prediction = {seen.pop("url"), seen.pop("bytes")}
        assert by_prediction == {"red0"}
        for name in ("dog", "chinese", "japanese", "dog's id"):
            assert seen.pop(name) == everything, name
        assert seen.pop("unknown") == SUCCESS  # and no hits
        assert set(map(tuple, seen.values())) == {("red0",)}, seen
    assert facts["asked"] == 11008  # the key of an app, for a model of another
    assert (facts["marked"], facts["ranked"]) == ([["red0"], ["red0"], []], 3)


@pytest.mark.story("trainings", *BOTH)
def test_a_model_is_trained_by_concepts_alone_and_concepts_are_related(facts):
    assert (facts["posted"], facts["deleted"]) == (SUCCESS, SUCCESS)
    assert facts["training"] == [SUCCESS, "custom_training_1layer"]
    assert facts["learnt"] == ["some new name", ["blue", "red"]]
    assert (facts["answer"], facts["evaluating"]) == (True, SUCCESS)
    roc_auc, *others = facts["metrics"]
    assert 0.5 < roc_auc <= 1
    assert others == [3, True, True]
    assert (facts["related"], facts["seen"]) == ([SUCCESS, "red"], [["hyponym", "red"]])
    assert facts["relations left"] == 0
    assert (facts["operator"], facts["operator version"]) == (SUCCESS, SUCCESS)
    code, details = facts["operator answer"]
    assert code == 21313
    assert "an engine plugin can, or a runner" in details
