"""Predictions whose `input_type` is left out: the model tells it, else the content does.

The official SDK (12.5.0) takes the only input field of the model's type and refuses models of
several; how contents begin is in the specifications of their formats.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import UserError
from clarifai_inputs.png import png
from clarifai_resources.app import App
from clarifai_resources.model import Model
from clarifai_resources.workflow import Workflow

PNG = png([b"\0\0\0"], colours=3)
WAV = b"RIFF\x24\0\0\0WAVEfmt "
MP4 = b"\0\0\0\x18ftypmp42"
MAIN = "https://clarifai.com/clarifai/main"


def ok(response: Any) -> Any:
    response.status.code = 10000
    return response


@pytest.fixture
def model_taking(scripted) -> Callable[..., Model]:
    """Makes a model whose type takes these kinds, on a platform that notes what it is asked."""

    def make(*fields: str) -> Model:
        model = resources_pb2.Model(id="m", model_type_id="some-type")
        kind = resources_pb2.ModelType(id="some-type", input_fields=fields)
        scripted.queue("GetModel", ok(service_pb2.SingleModelResponse(model=model)))
        scripted.queue("GetModelType", ok(service_pb2.SingleModelTypeResponse(model_type=kind)))
        scripted.queue("PostModelOutputs", ok(service_pb2.MultiOutputResponse()))
        return Model(model_id="m", user_id="ann", app_id="zoo", base_url=scripted.url, pat="p")

    return make


def sent_kinds(scripted) -> list[str]:
    return [
        field.name
        for name, request in scripted.asked
        if name == "PostModelOutputs"
        for one in request.inputs
        for field, _ in one.data.ListFields()
    ]


def test_the_model_tells_it_and_is_asked_once(scripted, model_taking, tmp_path):
    model = model_taking("audio")
    assert model.input_types is None
    path = tmp_path / "a.bin"
    path.write_bytes(b"whatever")
    model.predict_by_bytes(b"whatever")
    model.predict_by_filepath(path)
    model.predict_by_url("https://example.com/x")
    assert sent_kinds(scripted) == ["audio"] * 3
    assert [name for name, _ in scripted.asked][:3] == [
        *("GetModel", "GetModelType", "PostModelOutputs")
    ]
    assert len(scripted.asked) == 5
    assert model.input_types == model.load_input_types() == ["audio"]


@pytest.mark.parametrize(
    ("fields", "content", "kind"),
    [
        (("image", "text"), PNG, "image"),
        (("image", "text"), b"A cat.", "text"),
        (("image,text",), "Größe".encode(), "text"),
        (("any",), WAV, "audio"),
        (("any",), MP4, "video"),
        ((), b"hello", "text"),
        (("embeddings",), PNG, "image"),
        (("text", "audio"), WAV, "audio"),
    ],
)
def test_else_the_content_tells_it(
    scripted, model_taking, tmp_path, fields: tuple[str, ...], content: bytes, kind: str
):
    model = model_taking(*fields)
    (tmp_path / "file").write_bytes(content)
    model.predict_by_bytes(content)
    model.predict_by_filepath(tmp_path / "file")
    assert sent_kinds(scripted) == [kind] * 2


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.com/a.JPG", "image"),
        ("https://example.com/a.mp3?size=1#t", "audio"),
        ("https://example.com/a.txt", "text"),
    ],
)
def test_of_a_url_its_ending_tells_it(scripted, model_taking, url: str, kind: str):
    model_taking("any").predict_by_url(url)
    assert sent_kinds(scripted) == [kind]


def test_a_files_ending_tells_what_its_content_does_not(scripted, model_taking, tmp_path):
    (tmp_path / "a.mov").write_bytes(b"\xff\xfe\xfd odd")
    model_taking("image", "video").predict_by_filepath(tmp_path / "a.mov")
    assert sent_kinds(scripted) == ["video"]


@pytest.mark.parametrize("code", [11101, 10040])
def test_a_platform_that_knows_no_types_leaves_it_to_the_content(scripted, model_taking, code: int):
    model = model_taking("audio")
    refused = service_pb2.SingleModelTypeResponse()
    refused.status.code = code
    scripted.answers["GetModelType"] = [refused]
    model.predict_by_bytes(PNG)
    assert sent_kinds(scripted) == ["image"]


def test_where_nothing_tells_it_nothing_is_predicted(scripted, model_taking, tmp_path):
    model = model_taking("image", "text")
    (tmp_path / "x").write_bytes(b"\xff\xff")
    for call, what in (
        (lambda: model.predict_by_bytes(b"\xff\xff"), "input_bytes"),
        (lambda: model.predict_by_filepath(tmp_path / "x"), "filepath"),
        (lambda: model.predict_by_url("https://example.com/x"), "url 'https://example.com/x'"),
    ):
        with pytest.raises(UserError) as caught:
            call()
        assert str(caught.value).startswith(what)
        assert "whether it is image or text; give input_type" in str(caught.value)
    assert sent_kinds(scripted) == []


@pytest.mark.parametrize("content", [b"", "text", None])
def test_what_is_no_content_is_said_so(model_taking, content):
    with pytest.raises(UserError, match="input_bytes"):
        model_taking("image", "text").predict_by_bytes(content)


def test_a_given_type_is_taken_and_nothing_is_asked(scripted, model_taking):
    model = model_taking("image")
    model.predict_by_bytes(b"hello", "text")
    assert [name for name, _ in scripted.asked] == ["PostModelOutputs"]
    with pytest.raises(UserError, match="Got input type 'picture'"):
        model.predict_by_bytes(b"hello", "picture")


def test_a_missing_file_is_a_file_not_found_error(model_taking, tmp_path):
    for model in (model_taking("image"), Workflow(f"{MAIN}/workflows/General", base_url="local:")):
        for input_type in (None, "image"):
            with pytest.raises(FileNotFoundError):
                model.predict_by_filepath(tmp_path / "gone.png", input_type)


# --- on the embedded platform


def test_models_of_the_library_tell_their_types(platform_url: str, tmp_path):
    app = App(MAIN, base_url=platform_url)
    (tmp_path / "a.png").write_bytes(PNG)
    classifier = app.model("general-image-recognition")
    assert classifier.load_input_types() == ["image"]
    assert classifier.predict_by_filepath(tmp_path / "a.png").outputs[0].data.concepts
    sentences = app.model("multilingual-text-embedding")
    assert sentences.predict_by_bytes(b"Hi!").outputs[0].data.embeddings


def test_a_workflow_takes_what_its_first_nodes_take(platform_url: str, tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    general = Workflow(f"{MAIN}/workflows/General", base_url=platform_url)
    assert general.input_types == ["image"]
    assert general.predict_by_filepath(Path(tmp_path / "a.png")).results
    assert general.predict_by_bytes(PNG).results[0].outputs
    texts = App(MAIN, base_url=platform_url).workflow("Language-Understanding")
    assert texts.input_types == ["text"]
    assert texts.predict_by_bytes(b"Hello!").results
