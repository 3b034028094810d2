"""The text generator: retrieval and chains of words, the same answer each time."""

from __future__ import annotations

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import struct_pb2

from clarifai_local.engine import CancelledError, Samples, TrainingError, TrainingJob
from clarifai_local.engine._embed import default_embedder
from clarifai_local.engine._text_generator import TextGenerator, TextModel
from clarifai_local.engine.contracts import ModelInputs
from clarifai_local.engine.model_types import ROWS
from clarifai_local.media import Rejected

TEMPLATE = {"template": "HF_Llama_2_7b"}
TEXTS = [
    "Question: What is the capital of France? Answer: The capital of France is Paris.",
    "Question: What is the capital of Italy? Answer: The capital of Italy is Rome.",
    "<s>[INST] How do I reset my password? [/INST] Open the settings and press reset. </s>",
    "### Instruction: How do I delete my account? ### Response: Open the settings, press delete.",
    "The quick brown fox jumps over the lazy dog and runs away into the forest.",
    "The lazy dog sleeps all day and the fox runs over the hill.",
]


def job(texts=TEXTS, params=None, annotations=(), **fields):
    part = Samples(
        "text",
        [str(n) for n in range(len(texts))],
        default_embedder().embed_texts(texts),
        [{}] * len(texts),
        annotations,
        texts.__getitem__,
    )
    given = {
        "samples": [part],
        "params": ROWS["text-to-text"].checked({**TEMPLATE, **(params or {})}),
        "output_config": resources_pb2.OutputConfig(),
        "concepts": [],
        "embedder": default_embedder(),
    }
    return TrainingJob(**{**given, **fields})


@pytest.fixture(scope="module")
def generator():
    return TextGenerator().load(TextGenerator().train(job()))


def say(predictor, prompt, **params):
    (data,) = predictor.predict(ModelInputs("text", [prompt], default_embedder()), params)
    return data.text.raw


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What's the capital of italy?", "The capital of Italy is Rome."),
        ("capital France", "The capital of France is Paris."),
        ("password reset, how?", "Open the settings and press reset."),
        ("I want to delete the account", "Open the settings, press delete."),
        ("The quick brown", "fox jumps over the lazy dog and runs away into the forest."),
        ("The lazy", "dog sleeps all day and the fox runs over the hill."),
    ],
)
def test_the_nearest_prompt_is_answered_and_plain_texts_go_on(generator, prompt, answer):
    assert say(generator, prompt) == answer
    assert say(generator, prompt) == answer


def test_metadata_can_hold_the_answer():
    annotation = resources_pb2.Annotation()
    annotation.data.metadata.update({"completion": "Forty-two."})
    training = job(["What is the answer?"], annotations=[[annotation]])
    predictor = TextGenerator().load(TextGenerator().train(training))
    assert say(predictor, "the answer?") == "Forty-two."


def test_settings_of_a_request_change_the_answer(generator):
    prompt = "What is the capital of France?"
    plain = say(generator, prompt)
    assert say(generator, prompt, max_new_tokens=3) == "The capital of"
    assert say(generator, prompt, max_tokens=2) == "The capital"
    hot = {say(generator, f"The capital of {n}?", temperature=8.0) for n in range(8)}
    assert len(hot) > 2
    assert say(generator, prompt, temperature=8.0) == say(generator, prompt, temperature=8.0)
    assert say(generator, prompt, temperature=8.0) != plain
    assert say(generator, prompt, temperature=8.0, top_k=1) == plain


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"temperature": "hot"}, "temperature must be a number, got 'hot'"),
        ({"temperature": -1}, "between 0 and 10"),
        ({"top_k": 0.5}, "top_k must be a whole number"),
        ({"max_tokens": 0}, "max_new_tokens must be between"),
    ],
)
def test_wrong_settings_are_refused(generator, params, words):
    with pytest.raises(Rejected, match=words):
        say(generator, "x", **params)


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 64},
        {"num_epochs": 1},
        {"learning_rate": 0.01},
        {"per_item_lrate": 0.01},
        {"seed": 3},
    ],
)
def test_each_parameter_changes_the_model(change):
    usual, other = (
        TextModel.from_bytes(TextGenerator().train(job(params=params))) for params in ({}, change)
    )
    assert not np.array_equal(usual.shares, other.shares)
    assert other.shares.sum() == pytest.approx(1)


def test_epochs_are_reported_and_the_training_stops():
    lines: list[str] = []

    def check():
        if len(lines) > 3:
            raise CancelledError

    with pytest.raises(CancelledError):
        TextGenerator().train(job(report=lambda line, _: lines.append(line), check=check))
    assert "6 texts, 4 of them with a prompt" in lines[0]
    assert lines[1].startswith("epoch 1/30: loss")


def test_what_holds_no_words_cannot_be_learned():
    for given in ([], [" "]):
        with pytest.raises(TrainingError) as caught:
            TextGenerator().train(job(given))
        assert caught.value.code == codes.MODEL_TRAINING_NO_DATA


def test_trained_and_asked_through_the_platform(api, app, platform):
    inputs = [
        resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw=raw)))
        for raw in TEXTS
    ]
    noted = resources_pb2.Input(
        data=resources_pb2.Data(text=resources_pb2.Text(raw="Who are you?"))
    )
    noted.data.metadata.update({"answer": "A stand-in."})
    api.PostInputs(user_app_id=app, inputs=[*inputs, noted])
    assert platform.wait_idle()
    model = resources_pb2.Model(id="g", model_type_id="text-to-text")
    api.PostModels(user_app_id=app, models=[model])
    struct = struct_pb2.Struct()
    struct.update(TEMPLATE)
    given = resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))
    given.output_info.params.update({"max_new_tokens": 4})
    started = api.PostModelVersions(user_app_id=app, model_id="g", model_versions=[given])
    assert started.status.code == codes.SUCCESS, started.status
    assert platform.wait_idle(300)

    def ask(prompt, **params):
        asked = resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw=prompt)))
        model = resources_pb2.Model()
        model.model_version.output_info.params.update(params)
        return api.PostModelOutputs(user_app_id=app, model_id="g", inputs=[asked], model=model)

    assert ask("capital of Italy").outputs[0].data.text.raw == "The capital of Italy"
    longer = ask("capital of Italy", max_new_tokens=10)
    assert longer.outputs[0].data.text.raw == "The capital of Italy is Rome."
    assert ask("who are you").outputs[0].data.text.raw == "A stand-in."
    refused = ask("x", temperature="hot").status
    assert (refused.code, "'hot'" in refused.details) == (codes.MODEL_INVALID_ARGUMENT, True)
