"""Labels that would be one concept are refused before anything is sent (clarifai-python#354)."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.errors import UserError
from clarifai_resources.inputs import Inputs


@pytest.fixture
def inputs():
    """Inputs of an app that nothing answers for: a request would be an error of its own."""
    return Inputs(user_id="me", app_id="demo", pat="x", base_url="http://127.0.0.1:1")


def test_labels_of_inputs_that_would_be_one_concept_are_refused(inputs):
    given = [
        inputs.get_text_input("a", "one", labels=["hot dog", "cat"]),
        inputs.get_text_input("b", "two", labels=["cat"]),
        inputs.get_text_input("c", "three", labels=["hotdog"]),
    ]
    with pytest.raises(UserError) as caught:
        inputs.upload_inputs(given)
    [fault] = caught.value.faults
    assert fault.startswith("the labels 'hot dog' (inputs[0]) and 'hotdog' (inputs[2])")


def test_labels_of_regions_are_looked_at_too(inputs):
    given = [
        inputs.get_bbox_proto("a", "hot dog", [0, 0, 1, 1]),
        inputs.get_bbox_proto("a", "hotdog", [0, 0, 0.5, 1]),
    ]
    with pytest.raises(UserError, match=r"'hotdog' \(batch_annot\[1\]\)"):
        inputs.upload_annotations(given)


def test_names_that_belong_to_ids_of_ones_own_are_no_labels():
    from clarifai_resources.inputs._uploads import _check_labels

    concepts = [resources_pb2.Concept(id="own", name=name) for name in ("hot dog", "hotdog")]
    one = resources_pb2.Input(data=resources_pb2.Data(concepts=concepts))
    _check_labels([one], "inputs")
