"""Methods of models, as the official SDK from 12 on calls them.

What it sends and reads is in `clarifai.client.model_client`: it takes the methods from
`GetModelVersion`, else it asks the model for them (`_GET_SIGNATURES`) and goes on as with an older
model when the answer is 30101; arguments are parts named like them, a first one may be inline.
"""

from __future__ import annotations

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from tests.local.pictures import picture

TYPE = resources_pb2.ModelTypeField.DataType
MAIN = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
CHAT = resources_pb2.UserAppIDSet(user_id="openai", app_id="chat-completion")
ASKED = ["prompt", "chat_history", "max_tokens", "temperature", "top_p"]
ANSWER = "[embedded stand-in, no language model]"


def call(method, **arguments):
    data = resources_pb2.Data(parts=[{"id": name, "data": arguments[name]} for name in arguments])
    data.metadata.update({"_method_name": method})
    return {"data": data}


def methods_of(api, app, model_id):
    version = api.GetModelVersion(user_app_id=app, model_id=model_id).model_version
    return {
        method.name: {field.name: field for field in method.input_fields}
        for method in version.method_signatures
    }


@pytest.mark.parametrize(
    ("app", "model_id"), [(MAIN, "general-image-recognition"), (CHAT, "GPT-4")]
)
def test_the_probe_for_methods_is_answered_as_by_older_models(api, app, model_id):
    probe = resources_pb2.Data(parts=[{}])
    probe.metadata.update({"_method_name": "_GET_SIGNATURES"})
    answer = api.PostModelOutputs(user_app_id=app, model_id=model_id, inputs=[{"data": probe}])
    assert answer.status.code == codes.INPUT_UNSUPPORTED_FORMAT


@pytest.mark.parametrize(
    ("app", "model_id", "methods"),
    [
        (MAIN, "general-image-recognition", {"predict": ["image"]}),
        (MAIN, "multilingual-text-embedding", {"predict": ["text"]}),
        (MAIN, "multimodal-clip-embed", {"predict": ["text", "image"]}),
        (MAIN, "general-clusterering", {}),
        (MAIN, "margin-100-image-crop", {}),
        (
            CHAT,
            "GPT-4",
            {"predict": ASKED, "generate": ASKED},
        ),
    ],
)
def test_versions_tell_their_methods(api, app, model_id, methods):
    found = methods_of(api, app, model_id)
    assert {name: list(fields) for name, fields in found.items()} == methods
    # Old clients list models and versions: there nothing is new.
    listed = api.ListModelVersions(user_app_id=app, model_id=model_id).model_versions
    assert not any(version.method_signatures for version in listed)


def test_a_text_is_asked_by_name_with_parameters(api):
    prompt = {"string_value": "A dog is an animal."}
    answer = api.PostModelOutputs(
        user_app_id=CHAT,
        model_id="GPT-4",
        inputs=[
            call("predict", prompt=prompt),
            call("predict", prompt=prompt, max_tokens={"int_value": 2}),
            {"data": {"text": {"raw": "A cat is an animal."}}},
        ],
    )
    texts = [output.data.text.raw for output in answer.outputs]
    assert texts == [
        f"{ANSWER} {more}" for more in ("A dog is an animal.", "A dog", "A cat is an animal.")
    ]
    assert [output.data.string_value for output in answer.outputs] == [*texts[:2], ""]


def test_what_was_said_before_counts(api):
    history = {
        "parts": [
            {"data": {"struct_value": {"role": "user", "content": "Dogs bark loudly."}}},
            {"data": {"struct_value": {"content": [{"type": "text", "text": "Cats meow."}]}}},
        ]
    }
    asked = call("predict", prompt={"string_value": "Who barks?"}, chat_history=history)
    answer = api.PostModelOutputs(user_app_id=CHAT, model_id="GPT-4", inputs=[asked])
    said = answer.outputs[0].data.string_value
    assert all(word in said for word in ("Dogs bark", "Cats meow", "Who barks"))


def test_a_first_argument_may_stand_inline(api):
    inline = resources_pb2.Data(string_value="A dog is an animal.")
    inline.metadata.update({"_method_name": "predict"})
    answer = api.PostModelOutputs(user_app_id=CHAT, model_id="GPT-4", inputs=[{"data": inline}])
    assert answer.outputs[0].data.string_value == f"{ANSWER} A dog is an animal."


def test_a_picture_is_asked_by_name(api):
    asked = call("predict", image={"image": {"base64": picture("red")}})
    by_name, plain = (
        api.PostModelOutputs(
            user_app_id=MAIN, model_id="general-image-recognition", inputs=[one]
        ).outputs[0]
        for one in (asked, {"data": {"image": {"base64": picture("red")}}})
    )
    assert by_name.data.concepts == plain.data.concepts


def test_a_vector_comes_as_an_array(api):
    asked = call("predict", text={"string_value": "a dog"})
    data = (
        api.PostModelOutputs(user_app_id=MAIN, model_id="multimodal-clip-embed", inputs=[asked])
        .outputs[0]
        .data
    )
    array = np.frombuffer(data.ndarray.buffer, data.ndarray.dtype).reshape(data.ndarray.shape)
    assert array.tolist() == list(data.embeddings[0].vector)


@pytest.mark.parametrize(
    ("asked", "code", "named"),
    [
        (call("invent", prompt={"string_value": "x"}), codes.INPUT_UNSUPPORTED_FORMAT, "'invent'"),
        (call("predict", colour={"string_value": "x"}), codes.INPUT_INVALID_ARGUMENT, "'colour'"),
        (call("predict"), codes.INPUT_INVALID_ARGUMENT, "neither"),
        ({"data": {"string_value": "x"}}, codes.INPUT_UNSUPPORTED_FORMAT, "string_value"),
    ],
)
def test_calls_that_mean_nothing_are_refused_by_name(api, asked, code, named):
    answer = api.PostModelOutputs(user_app_id=CHAT, model_id="GPT-4", inputs=[asked])
    assert answer.outputs[0].status.code == code
    assert named in answer.outputs[0].status.details
