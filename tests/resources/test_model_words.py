"""Words of models and users that newer releases have: answers in parts, evaluations, exports.

Names are those of the official SDK 12.5.0; what it sends is read off its requests.
"""

from __future__ import annotations

import asyncio
import functools
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import ApiError, NotFound, NotSupported, Unreachable, UserError
from clarifai_resources import _model_table
from clarifai_resources.app import App
from clarifai_resources.inputs import Inputs
from clarifai_resources.model import Model, _raw_evaluations
from clarifai_resources.module import Module
from clarifai_resources.user import User
from clarifai_resources.workflow import Workflow

MAIN = "https://clarifai.com/clarifai/main"
CHAT = "https://clarifai.com/openai/chat-completion/models/GPT-4"


def ok(response: Any, code: int = 10000) -> Any:
    response.status.code = code
    return response


def text(raw: str) -> resources_pb2.Input:
    return Inputs.get_text_input("", raw)


@pytest.fixture
def chat(platform_url: str) -> Model:
    return Model(CHAT, base_url=platform_url)


def said(answers: Any) -> list[str]:
    return [one.outputs[0].data.text.raw.rpartition("] ")[2] for one in answers]


# --- answers in parts, and one after another


def test_generate_and_its_siblings(chat: Model, tmp_path):
    (tmp_path / "a.txt").write_text("file")
    assert said(chat.generate([text("message")])) == ["message"]
    assert said(chat.generate_by_bytes(b"bytes")) == ["bytes"]
    assert said(chat.generate_by_bytes(b"bytes", "text", {"temperature": 0.1})) == ["bytes"]
    assert said(chat.generate_by_filepath(tmp_path / "a.txt")) == ["file"]


def test_stream_and_its_siblings(chat: Model, tmp_path):
    (tmp_path / "a.txt").write_text("file")
    assert said(chat.stream(iter([[text("a")], [text("b")]]))) == ["a", "b"]
    singly: Any = [text("a"), text("b")]
    assert said(chat.stream(singly)) == ["a", "b"]
    assert said(chat.stream_by_bytes(iter([b"a", b"b"]))) == ["a", "b"]
    assert said(chat.stream_by_filepath(tmp_path / "a.txt")) == ["file"]


def test_by_url_the_platform_fetches(chat: Model, monkeypatch):
    sent: list[resources_pb2.Input] = []
    monkeypatch.setattr(type(chat), "generate", lambda _, inputs, *rest: sent.extend(inputs))
    monkeypatch.setattr(type(chat), "stream", lambda _, lists, *rest: sent.extend(*lists))
    chat.generate_by_url("https://example.com/a")
    chat.stream_by_url(iter(["https://example.com/b"]))
    assert [one.data.text.url[-1] for one in sent] == ["a", "b"]


def test_inputs_are_sent_as_they_are_made(chat: Model):
    made: list[str] = []

    def contents() -> Iterator[bytes]:
        for word in ("a", "b", "c"):
            made.append(word)
            yield word.encode()

    answers = chat.stream_by_bytes(contents())
    assert made == []
    assert said(answers) == made == ["a", "b", "c"]


def test_on_an_event_loop(chat: Model):
    async def all_of(answers: Any) -> list[str]:
        return said([one async for one in answers])

    async def main() -> None:
        assert said([await chat.async_predict([text("a")])]) == ["a"]
        assert await all_of(await chat.async_generate([text("b")])) == ["b"]
        assert await all_of(await chat.async_stream(iter([[text("c")], [text("d")]]))) == ["c", "d"]
        async for one in await chat.async_generate([text("left early")]):
            assert one.outputs
            break

    asyncio.run(main())


def test_wrong_arguments_are_told_before_anything_is_sent(chat: Any):
    for call, words in (
        (lambda: chat.generate([]), "inputs is empty"),
        (lambda: chat.generate([text("x")] * 129), "Too many inputs: 129"),
        (lambda: chat.generate([text("x")], output_config={"min_value": 2}), "min_value"),
        (lambda: chat.stream(b"x"), "inputs must be lists of Input messages"),
        (lambda: chat.stream_by_bytes(b"x"), "input_bytes_iterator must give one content after"),
        (lambda: chat.stream_by_url("https://x"), "url_iterator must give one content after"),
        (lambda: chat.generate_by_bytes(7), "input_bytes must be bytes"),
    ):
        with pytest.raises(UserError, match=words):
            call()


def test_a_wrong_list_ends_a_stream_with_the_error(chat: Model):
    answers = chat.stream(iter([[text("a")], []]))
    assert said([next(answers)]) == ["a"]
    with pytest.raises(UserError, match="inputs is empty"):
        next(answers)


def test_what_the_platform_refuses_is_an_error(platform_url: str):
    gone = Model(f"{MAIN}/models/gone", base_url=platform_url)
    for answers in (gone.generate([text("x")]), gone.stream(iter([[text("x")]]))):
        with pytest.raises(NotFound, match="ModelOutputs"):
            next(answers)


def test_a_connection_that_breaks_is_an_error_at_once():
    nobody = Model(f"{MAIN}/models/m", base_url="http://127.0.0.1:1", pat="p")
    for answers in (nobody.generate([text("x")]), nobody.stream(iter([[text("x")]]))):
        with pytest.raises(grpc.RpcError) as caught:
            next(answers)
        assert isinstance(caught.value, Unreachable)


# --- which machines predict


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (
            {"deployment_id": "d", "deployment_user_id": "org"},
            {"deployment": {"id": "d", "user_id": "org"}},
        ),
        ({"deployment_id": "d"}, {"deployment": {"id": "d", "user_id": "ann"}}),
        (
            {"compute_cluster_id": "c", "nodepool_id": "n"},
            {"nodepool": {"id": "n", "compute_cluster": {"id": "c", "user_id": "ann"}}},
        ),
    ],
)
def test_a_program_may_choose_the_machines(scripted, chosen, expected):
    who = service_pb2.SingleUserResponse(user=resources_pb2.User(id="ann"))
    scripted.queue("GetUser", ok(who))
    scripted.queue("PostModelOutputs", ok(service_pb2.MultiOutputResponse()))
    model = Model(model_id="m", user_id="u", app_id="a", base_url=scripted.url, pat="p", **chosen)
    assert scripted.asked == []
    for _ in range(2):
        model.predict([text("x")])
    sent = [request for name, request in scripted.asked if name == "PostModelOutputs"]
    assert [one.runner_selector for one in sent] == [resources_pb2.RunnerSelector(**expected)] * 2
    asked = [name for name, _ in scripted.asked]
    assert asked.count("GetUser") == (0 if "deployment_user_id" in chosen else 1)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"deployment_id": "d", "nodepool_id": "n"}, "only specify one of deployment_id"),
        ({"nodepool_id": "n"}, "compute_cluster_id and nodepool_id go together"),
        ({"deployment_user_id": "u"}, "deployment_user_id goes with deployment_id"),
        ({"deployment_id": 7}, "deployment_id must be a text"),
    ],
)
def test_half_a_choice_is_refused(chosen, words: str):
    with pytest.raises(UserError, match=words):
        Model(model_id="m", **chosen)


# --- what is known of a model


def test_load_info(platform_url: str):
    model = Model(f"{MAIN}/models/general-image-recognition", base_url=platform_url)
    model.load_info(validate=True)
    assert model.description == ""
    model.load_info()
    assert model.model_type_id == "visual-classifier"
    assert model.description
    assert model.model_version.id == "", "the newest counts, as before"
    pinned = Model(
        f"{MAIN}/models/general-image-recognition/versions/aa7f35c01e0642fda5cf400f543e7c40",
        base_url=platform_url,
    )
    pinned.load_info()
    assert pinned.model_version.id == "aa7f35c01e0642fda5cf400f543e7c40"
    with pytest.raises(NotFound):
        Model(f"{MAIN}/models/gone", base_url=platform_url).load_info(validate=True)


def test_training_params_can_be_set_and_changed_in_place(app: App):
    model = app.create_model("m", model_type_id="clusterer")
    with pytest.raises(UserError, match="get_params"):
        model.train()
    params = model.get_params(save_to=None)
    other = app.model("m")
    other.training_params.update(params)
    other.update_params(coarse_clusters=8)
    assert other.training_params["train_params"]["coarse_clusters"] == 8
    other.training_params = {}
    with pytest.raises(UserError, match="get_params"):
        other.update_params(coarse_clusters=8)


# --- evaluations


@pytest.fixture
def judged(app: App) -> Model:
    """A model that was trained on texts of two kinds, and datasets to evaluate it on."""
    for name in ("pets", "more"):
        app.create_dataset(name)
    items = [
        Inputs.get_text_input(f"{label}-{n}-{name}", f"the {label} {n}", name, labels=[label])
        for label in ("cat", "dog")
        for n in range(4)
        for name in ("pets", "more")
    ]
    app.inputs().upload_inputs(items)
    model = app.create_model("m", model_type_id="text-classifier")
    model.get_params(model.list_training_templates()[0], save_to=None)
    model.update_params(dataset_id="pets")
    model.train()
    return model.wait_until_trained(timeout_seconds=120)


def test_evaluations_over_several_datasets(judged: Model, app: App):
    assert judged.list_evaluations() == []
    pets, more = app.dataset("pets"), app.dataset("more")
    begun = judged.evaluate(dataset=[pets, more])
    assert [one.ground_truth_dataset.id for one in begun] == ["pets", "more"]
    for one in begun:
        judged.wait_until_evaluated(one.id, 120)
    assert {one.id for one in judged.list_evaluations()} == {one.id for one in begun}
    (found,) = judged.get_eval_by_dataset(more)
    assert found.id == begun[1].id
    assert judged.get_eval_by_dataset(app.create_dataset("none")) == []
    right, predicted, ids, inputs = judged.get_raw_eval(more)
    assert right.shape == predicted.shape == (8, 2)
    assert ids == ["id-cat", "id-dog"]
    assert right.sum(axis=0).tolist() == [4, 4]
    assert {one.id for one in inputs} == {f"{a}-{n}-more" for a in ("cat", "dog") for n in range(4)}
    entries = judged.get_raw_eval(eval_id=found.id, return_format="proto")
    assert len(entries) == 8
    with pytest.raises(UserError, match="was not evaluated on"):
        judged.get_raw_eval(app.dataset("none"))


@pytest.fixture
def asked(scripted) -> Any:
    """A model in a version, and what PostEvaluations was asked."""
    scripted.queue("PostEvaluations", ok(service_pb2.MultiEvalMetricsResponse()))
    model = Model(
        model_id="m",
        model_version={"id": "v"},
        user_id="ann",
        app_id="zoo",
        base_url=scripted.url,
        pat="p",
    )

    def ask(*args: Any, **kwargs: Any) -> list[tuple[str, str, str, str]]:
        scripted.asked.clear()
        model.evaluate(*args, **kwargs)
        ((_, request),) = scripted.asked
        sets = [one.ground_truth_dataset for one in request.eval_metrics]
        return [(one.user_id, one.app_id, one.id, one.version.id) for one in sets]

    return ask


def test_a_dataset_is_named_in_many_ways(asked, scripted_app: App):
    ours = ("ann", "zoo", "d", "")
    message = resources_pb2.Dataset(id="d", version=resources_pb2.DatasetVersion(id="v2"))
    cls = type(scripted_app.child("dataset"))
    handle = cls(dataset_id="d", user_id="bob", app_id="ark", pat="p")
    assert asked("d") == asked(dataset_id="d") == [ours]
    assert asked("d", "ark", "bob") == [("bob", "ark", "d", "")]
    assert asked("d", dataset_version_id="v1") == [("ann", "zoo", "d", "v1")]
    assert asked(dataset=message) == asked(message) == [("ann", "zoo", "d", "v2")]
    assert asked(handle) == asked(dataset=handle, dataset_app_id="ark") == [("bob", "ark", "d", "")]
    assert asked(dataset=["d", handle]) == [ours, ("bob", "ark", "d", "")]


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({}, "dataset_id must be a text"),
        ({"dataset": []}, "dataset is an empty list"),
        ({"dataset": 7}, "dataset must be an id, a Dataset or a list of them, got 7"),
        ({"dataset": ["a", "b"], "eval_id": "e"}, "eval_id 'e' can be that of one evaluation"),
        (
            {"dataset": resources_pb2.Dataset(id="d", app_id="x"), "dataset_app_id": "y"},
            "dataset_app_id is 'y', but the dataset says 'x'",
        ),
    ],
)
def test_a_wrong_dataset_is_refused(asked, scripted, kwargs, words: str):
    with pytest.raises(UserError, match=words):
        asked(**kwargs)
    assert scripted.asked == []


def entry(input_id: str, boxes: list[tuple[str, float, list[float]]]) -> Any:
    made = resources_pb2.EvalTestSetEntry(input=resources_pb2.Input(id=input_id))
    made.input.data.image.image_info.width = 200
    made.input.data.image.image_info.height = 100
    for field in (made.ground_truth_annotation, made.predicted_annotation):
        for concept, score, (left, top, right, bottom) in boxes:
            region = field.data.regions.add()
            box = region.region_info.bounding_box
            box.left_col, box.top_row, box.right_col, box.bottom_row = left, top, right, bottom
            region.data.concepts.add(id=concept, value=score)
    return made


def test_raw_evaluations_of_a_detector():
    """Corners are fractions of width and height on the wire, and pixels in arrays and in COCO."""
    metrics = resources_pb2.EvalMetrics(
        test_set=[entry("a", [("cat", 1, [0.25, 0.5, 0.75, 1])]), entry("b", [])]
    )
    right, predicted, ids, inputs = _raw_evaluations.shown(metrics, "visual-detector", "array")
    assert ids == ["cat"]
    assert [one.tolist() for one in right] == [[[50, 50, 150, 100, 0, 1]], []]
    assert predicted[1].shape == (0, 6)
    assert [one.id for one in inputs] == ["a", "b"]
    truth, found = _raw_evaluations.shown(metrics, "visual-detector", "coco")
    assert truth["images"][0] == {"id": "a", "file_name": "", "width": 200, "height": 100}
    (box,) = truth["annotations"]
    assert (box["bbox"], box["area"], box["category_id"]) == ([50, 50, 100, 50], 5000, 0)
    assert "score" not in box
    assert found["annotations"][0]["score"] == 1


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({}, "exactly one of dataset and eval_id"),
        ({"dataset": "d", "eval_id": "e"}, "exactly one of dataset and eval_id"),
        ({"eval_id": "e", "return_format": "csv"}, "return_format must be one of"),
        ({"eval_id": "e", "return_format": "coco"}, "is for models of type visual-detector"),
    ],
)
def test_raw_evaluations_that_cannot_be_are_refused(platform_url: str, kwargs, words: str):
    model = Model(f"{MAIN}/models/general-image-recognition", base_url=platform_url)
    with pytest.raises(UserError, match=words):
        model.get_raw_eval(**kwargs)


# --- versions to and from files


def test_a_version_from_a_zip_file_elsewhere(scripted):
    answer = service_pb2.SingleModelResponse()
    answer.model.model_version.id = "v1"
    scripted.queue("PostModelVersions", ok(answer))
    model = Model(model_id="m", user_id="ann", app_id="zoo", base_url=scripted.url, pat="p")
    configs = [{"path": "a.b", "field_type": 3, "default_value": 0.5, "description": "D"}]
    made = model.create_version_by_url(
        "https://example.com/m.zip", {"image": "in"}, {"concepts": "out"}, configs, "Mine"
    )
    assert made.model_version.id == "v1"
    ((_, request),) = scripted.asked
    (sent,) = request.model_versions
    config = sent.pretrained_model_config
    assert config.model_zip_url == "https://example.com/m.zip"
    assert dict(config.input_fields_map) == {"image": "in"}
    assert dict(config.output_fields_map) == {"concepts": "out"}
    (parameter,) = sent.output_info.params_specs
    assert (parameter.path, parameter.field_type) == ("a.b", 3)
    assert parameter.default_value.number_value == 0.5
    assert sent.description == "Mine"
    with pytest.raises(UserError, match="did you mean 'field_type'"):
        model.create_version_by_url("https://x", {}, {}, [{"field_typ": 3}])


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def packed(tmp_path) -> Iterator[tuple[str, Path]]:
    """A packed model on a web server: its address, and the file."""
    folder = tmp_path / "site"
    folder.mkdir()
    with tarfile.open(folder / "packed.tar", mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.py"))
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/packed.tar", folder / "packed.tar"
        server.shutdown()
        thread.join()


def test_a_version_is_packed_and_saved(scripted, packed, tmp_path, caplog):
    caplog.set_level("INFO", "clarifai")
    url, original = packed
    answers = [service_pb2.SingleModelVersionExportResponse() for _ in range(3)]
    ok(answers[0], 11101)
    for answer, code in zip(answers[1:], (21501, 21500), strict=True):
        ok(answer).export.status.code = code
    answers[2].export.url, answers[2].export.size = url, original.stat().st_size
    scripted.queue("GetModelVersionExport", *answers)
    scripted.queue("PutModelVersionExports", ok(service_pb2.SingleModelVersionExportResponse()))
    model = Model(f"{MAIN}/models/m/versions/v", base_url=scripted.url, pat="p")
    path = model.export(tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "model.tar"
    assert path.read_bytes() == original.read_bytes()
    assert [name for name, _ in scripted.asked] == [
        *("GetModelVersionExport", "PutModelVersionExports"),
        *("GetModelVersionExport", "GetModelVersionExport"),
    ]
    assert "started export of model version 'v' in clarifai/main" in caplog.messages


def test_a_packing_that_fails_says_why(scripted, tmp_path):
    failed = ok(service_pb2.SingleModelVersionExportResponse())
    failed.export.status.code, failed.export.status.details = 21502, "too large"
    scripted.queue("GetModelVersionExport", failed)
    model = Model(f"{MAIN}/models/m/versions/v", base_url=scripted.url, pat="p")
    with pytest.raises(ApiError, match="too large"):
        model.export(tmp_path)
    assert model.export() is None


def test_what_is_needed_for_an_export(app: App, tmp_path):
    model = app.create_model("m", model_type_id="image-crop")
    with pytest.raises(UserError, match="was opened without a version"):
        model.export(tmp_path)
    made = model.create_version()
    with pytest.raises(NotSupported, match="does not implement the RPC GetModelVersionExport"):
        made.export(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileExistsError):
        made.export(tmp_path / "file")


# --- users


def test_what_the_platform_tells_of_a_user(user: User):
    assert user.get_user_info().user.id == "ann"
    assert user.get_user_info("clarifai").user.id == "clarifai"
    with pytest.raises(UserError, match="user_id must be a text"):
        user.get_user_info("  ")


def test_models_as_a_table(user: User, platform_url: str, capsys):
    library = User("clarifai", base_url=platform_url)
    rows = library.list_models(query="face")
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split()[:4] == ["user_id", "app_id", "id", "model_type"]
    assert len(printed) == 1 + len(rows)
    face = next(one for one in rows if one["id"] == "face-detection")
    assert face["url"] == f"{MAIN}/models/face-detection"
    assert face["UNARY_UNARY"] == ["predict"]
    everywhere = user.list_models("all", show=False, return_clarifai_model=True)
    assert {"face-detection", "GPT-4"} <= {one.id for one in everywhere}
    assert user.list_models(show=False) == []
    assert capsys.readouterr().out == ""
    with pytest.raises(UserError, match="did you mean 'query'"):
        user.list_models(quer="face")


def test_methods_that_a_models_own_code_declares():
    model = resources_pb2.Model(id="m", user_id="u", app_id="a", model_type_id="t")
    for name, kind in (
        ("openai_transport", 1),
        ("openai_stream_transport", 2),
        ("chat", 2),
        ("talk", 4),
    ):
        model.model_version.method_signatures.add(name=name, method_type=kind)
    told = _model_table.row(model)
    assert told["supported_openai_client"] is True
    assert (told["UNARY_UNARY"], told["UNARY_STREAMING"]) == (["predict"], ["chat"])
    assert told["STREAMING_STREAMING"] == ["talk"]


# --- what is not there says why


@pytest.mark.parametrize(
    ("handle", "name", "words"),
    [
        (lambda: User("ann", base_url="local:"), "list_secrets", "ListSecrets"),
        (lambda: User("ann", base_url="local:"), "create_compute_cluster", "ListComputeClusters"),
        (lambda: User("ann", base_url="local:"), "list_organizations", "REST service"),
        (lambda: App(app_id="a", base_url="local:"), "list_pipelines", "ListPipelines"),
        (lambda: Model(model_id="m", base_url="local:"), "client", "Input messages"),
        (lambda: Model(model_id="m", base_url="local:"), "create_version_by_file", "by_url"),
    ],
)
def test_a_word_that_is_not_there_says_why(handle, name: str, words: str):
    made = handle()
    assert not hasattr(made, name)
    with pytest.raises(AttributeError, match=rf"object has no '{name}': .*{words}"):
        getattr(made, name)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = made.nonsense


# --- words of older releases


def test_what_predictions_hold_can_be_said_once(scripted):
    """As releases 9.x took it: `Model(output_config=...)`; a call's own counts before it."""
    scripted.queue("PostModelOutputs", ok(service_pb2.MultiOutputResponse()))
    model = Model(
        model_id="m",
        output_config={"max_concepts": 3},
        user_id="u",
        app_id="a",
        base_url=scripted.url,
        pat="p",
    )
    model.predict([text("x")])
    model.predict([text("x")], {}, {})
    model.predict([text("x")], output_config={"max_concepts": 5})
    model.output_config = {"max_concepts": 7}
    model.predict([text("x")])
    sent = [request.model.model_version.output_info for _, request in scripted.asked]
    assert [one.output_config.max_concepts for one in sent] == [3, 3, 5, 7]
    with pytest.raises(UserError, match="min_value must be from 0 to 1"):
        Model(model_id="m", output_config={"min_value": 3})


@pytest.mark.parametrize(
    ("cls", "path"),
    [(App, ""), (Model, "/models/m"), (Workflow, "/workflows/m"), (Module, "/modules/m")],
)
def test_url_init_is_the_url(cls: Any, path: str):
    """The document's lists of parameters call it so, as releases 9.x do."""
    made = cls(url_init=MAIN + path)
    assert (made.user_id, made.app_id, made.id) == ("clarifai", "main", "m" if path else "main")
    with pytest.raises(UserError, match="not both: they are the same"):
        cls(MAIN + path, url_init=MAIN + path)
