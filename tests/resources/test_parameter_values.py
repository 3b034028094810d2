"""A wrong value of a parameter is found where it is set, and what would be right is named."""

from __future__ import annotations

import pickle

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.errors import UserError
from clarifai_resources.model._parameter_values import FieldType, ParameterRule
from clarifai_resources.model._parameters import TypeFields
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES

TEMPLATE = "MMClassification_EfficientNet"


@pytest.fixture
def model(app):
    made = app.create_model("m", model_type_id="visual-classifier")
    made.get_params(TEMPLATE, save_to=None)
    return made


WRONG = {
    "batch_size": ("many", "batch_size: must be a whole number from 1 to 256, got 'many'"),
    "num_epochs": (0, "num_epochs: must be a whole number from 1 to 200, got 0"),
    "flip_direction": (
        "horizntal",
        "flip_direction: must be one of 'horizontal', 'vertical', got 'horizntal'; "
        "did you mean 'horizontal'?",
    ),
    "image_size": (["a"], "image_size: must be a number from 1 to 4096, got"),
    "concepts_mutually_exclusive": (
        "yes",
        "concepts_mutually_exclusive: must be True or False, got 'yes'",
    ),
    "template": ("nonsense", "template: must be one of 'classification_inception_general_v1_3"),
    "concepts": ("cat", "concepts: must be a list of concept ids, got 'cat'"),
    "dataset_id": (7, "dataset_id: must be text, got 7"),
    "select_concepts": ("cat", "select_concepts: must be a list, got 'cat'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_and_nothing_changes(model, name):
    value, said = WRONG[name]
    before = pickle.dumps(model.training_params)
    with pytest.raises(UserError) as refused:
        model.update_params(**{name: value})
    assert said in str(refused.value)
    assert pickle.dumps(model.training_params) == before


def test_all_faults_are_told_at_once(model):
    with pytest.raises(UserError) as refused:
        model.update_params(batch_size=0, train_params={"num_epochs": "x"}, bach_size=3)
    lines = str(refused.value).splitlines()
    assert [line.split(":")[0].strip() for line in lines] == [
        "Invalid params",
        "batch_size",
        "train_params.num_epochs",
        "bach_size",
    ]


def test_none_stands_for_the_default(model):
    model.update_params(batch_size=None)
    assert model.training_params["train_params"]["batch_size"] is None


def test_a_copy_in_another_process_knows_them_too(model):
    with pytest.raises(UserError, match="batch_size: must be a whole number"):
        pickle.loads(pickle.dumps(model)).update_params(batch_size="x")


def test_parameters_of_ones_own_are_left_to_the_platform(model):
    model.training_params = {"train_params": {"batch_size": 1}}
    model.update_params(batch_size="x")
    assert model.training_params == {"train_params": {"batch_size": "x"}}


@pytest.mark.parametrize("type_id", TRAINABLE_MODEL_TYPES)
def test_every_default_is_a_right_value(app, type_id):
    model = app.create_model("m", model_type_id=type_id)
    types = TypeFields.fetch(model, type_id)
    for template in types.templates if types.needs_template else [None]:
        params = model.get_params(template, save_to=None)
        model.update_params(**{name: params[name] for name in ("train_params", "inference_params")
                               if name in params})  # fmt: skip


def test_limits_of_32_bits_are_those_that_were_meant():
    field = resources_pb2.ModelTypeField(field_type=FieldType.RANGE)
    field.model_type_range_info.min, field.model_type_range_info.max = 0.1, 0.7
    rule = ParameterRule.of(field)
    assert (rule.fault(0.1), rule.fault(0.7)) == ("", "")
    assert rule.fault(0.71) == "must be a number from 0.1 to 0.7, got 0.71"
    numbers = ParameterRule(FieldType.ARRAY_OF_NUMBERS)
    assert numbers.fault([1, "a"]) == "must be numbers; one must be a number, got 'a'"
    assert numbers.fault([1, 2.5]) == numbers.fault(3) == ""
    for odd in (float("nan"), float("inf"), True, "0.5"):
        assert rule.fault(odd)


def test_what_is_not_known_here_is_left_to_the_platform():
    assert ParameterRule(kind=9999).fault(object()) == ""
    assert ParameterRule(FieldType.ENUM).fault("anything") == ""
