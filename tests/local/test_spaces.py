"""One directory, opened with one embedder today and another tomorrow, and back."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import httpx
import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from click.testing import CliRunner
from google.protobuf import struct_pb2
from PIL import Image

from clarifai_local import Platform, _commands
from tests.local.pictures import picture

APP = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
COLOURS = ("red", "green", "blue", "yellow")
TEXTS = {
    "weather": ["rain all day", "rain and wind", "a storm with rain", "wind from the north"],
    "sport": ["the team won", "a late goal won", "the team and a goal", "players of the team"],
}


class Letters:
    """Texts by their letters, pictures by their mean colour; can be told to wait."""

    image_space, text_space = "letters-image", "letters-text"

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.pictures = 0
        self.held = ""
        """Texts with this in them wait for `go_on`."""
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def embed_images(self, images):
        self.pictures += len(images)
        rows = [np.asarray(Image.open(io.BytesIO(i)).convert("RGB")).mean((0, 1)) for i in images]
        return unit(np.array(rows, np.float32).reshape(-1, 3) + 1)

    def embed_texts(self, texts):
        if self.held and any(self.held in text for text in texts):
            self.reached.set()
            assert self.go_on.wait(60)
        self.embedded += texts
        rows = [[text.count(letter) for letter in "aeinorstw"] + [1] for text in texts]
        return unit(np.array(rows, np.float32).reshape(-1, 10))


class Narrow(Letters):
    """Takes the names of the built-in spaces for vectors of its own."""

    image_space, text_space = "local-image-v1", "local-text-v1"


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def opened(tmp_path, connect):
    """`with opened(embedder) as (platform, api)`: the same directory each time."""

    @contextlib.contextmanager
    def opening(embedder=None):
        with Platform(tmp_path / "state", embedder=embedder) as platform:
            try:
                yield platform, connect(platform.channel())
            finally:
                if embedder is not None:
                    embedder.go_on.set()

    return opening


@pytest.fixture
def filled(opened):
    """A directory with labelled texts and pictures, indexed by the built-in embedder."""
    with opened() as (platform, api):
        fill(platform, api)


def fill(platform, api, more=0):
    assert api.PostApps(user_app_id=alice(), apps=[{"id": "zoo"}]).status.code == codes.SUCCESS
    inputs = [
        text(raw, label, f"{label}-{n}")
        for label, raws in TEXTS.items()
        for n, raw in enumerate(raws)
    ]
    inputs += [
        image(colour, side, f"{colour}-{side}") for colour in COLOURS for side in (16, 17, 18, 19)
    ]
    inputs += [text(f"more {n}", input_id=f"more-{n}") for n in range(more)]
    post(platform, api, inputs)


def post(platform, api, inputs):
    assert api.PostInputs(user_app_id=APP, inputs=inputs).status.code == codes.SUCCESS
    assert platform.wait_idle(300)


def alice():
    return resources_pb2.UserAppIDSet(user_id="alice")


def text(raw, label="", input_id=""):
    data = resources_pb2.Data(text={"raw": raw}, concepts=[{"id": label, "value": 1}] * bool(label))
    return resources_pb2.Input(id=input_id, data=data)


def image(colour, side=16, input_id=""):
    data = resources_pb2.Data(
        image={"base64": picture(colour, side)}, concepts=[{"id": colour, "value": 1}]
    )
    return resources_pb2.Input(id=input_id, data=data)


def search(api, **annotation):
    asked = resources_pb2.Search()
    asked.query.ranks.add(annotation=annotation)
    return api.PostInputsSearches(user_app_id=APP, searches=[asked])


def ids(reply):
    assert reply.status.code == codes.SUCCESS, reply.status
    return [hit.input.id for hit in reply.hits]


def by_text(api, raw):
    return search(api, data={"text": {"raw": raw}})


def by_picture(api, colour):
    return search(api, data={"image": {"base64": picture(colour)}})


def trained(platform, api, model_id, type_id, **params):
    model = resources_pb2.Model(id=model_id, model_type_id=type_id)
    assert api.PostModels(user_app_id=APP, models=[model]).status.code == codes.SUCCESS
    struct = struct_pb2.Struct()
    struct.update(params)
    given = resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))
    reply = api.PostModelVersions(user_app_id=APP, model_id=model_id, model_versions=[given])
    assert reply.status.code == codes.SUCCESS, reply.status
    assert platform.wait_idle(300)
    return api.GetModelVersion(
        user_app_id=APP, model_id=model_id, version_id=reply.model.model_version.id
    ).model_version


def asked(api, model_id, inputs):
    return api.PostModelOutputs(user_app_id=APP, model_id=model_id, inputs=inputs)


def said(reply):
    assert reply.status.code == codes.SUCCESS, reply.status
    return [output.data for output in reply.outputs]


# -- searches -------------------------------------------------------------------------------------


def test_a_search_compares_within_the_space_of_the_embedder_there_and_back(filled, opened):
    with opened() as (platform, api):
        before = [by_text(api, "rain"), by_picture(api, "red"), search(api, input_id="sport-0")]
        assert [reply.status.details for reply in before] == ["", "", ""]

    letters = Letters()
    with opened(letters) as (platform, api):
        assert platform.wait_idle(300)
        assert len(ids(by_text(api, "rain"))) == 8
        assert [name.split("-")[0] for name in ids(by_picture(api, "red"))[:4]] == ["red"] * 4
        nearest = search(api, input_id="sport-0").hits
        assert (nearest[0].input.id, round(nearest[0].score, 5)) == ("sport-0", 1)
        post(platform, api, [text("new rain", input_id="new")])
        vector = letters.embed_texts(["new rain"])[0].tolist()
        assert ids(search(api, data={"embeddings": [{"vector": vector}]}))[0] == "new"
        refused = search(api, data={"embeddings": [{"vector": [1.0] * 512}]})
        assert refused.status.code == codes.SEARCH_INVALID_REQUEST
        assert refused.status.details.endswith("512 dimensions, the app's have 3, 10")

    with opened() as (platform, api):
        assert platform.wait_idle(300)
        api.DeleteInputs(user_app_id=APP, ids=["new"])
        after = [by_text(api, "rain"), by_picture(api, "red"), search(api, input_id="sport-0")]
        for old, now in zip(before, after, strict=True):
            assert ids(old) == ids(now)
            assert [hit.score for hit in old.hits] == [hit.score for hit in now.hits]


def test_going_back_embeds_what_is_new_and_nothing_else(filled, opened):
    with opened(Letters()) as (platform, api):
        assert platform.wait_idle(300)
    with opened() as (platform, api):
        post(platform, api, [text("new since", input_id="new")])
    letters = Letters()
    with opened(letters) as (platform, api):
        assert platform.wait_idle(300)
        assert (letters.embedded, letters.pictures) == (["new since"], 0)
        assert len(ids(by_text(api, "rain"))) == 9


def test_a_search_finds_what_is_indexed_so_far_and_says_so(opened, caplog):
    with opened() as (platform, api):
        fill(platform, api, more=50)
    letters = Letters()
    letters.held = "more 49"
    caplog.set_level(logging.INFO, "clarifai")
    with opened(letters) as (platform, api):
        assert letters.reached.wait(60)
        half = by_text(api, "rain")
        assert half.status.details == "reindexing: 64 of 74 inputs"
        assert 8 < len(half.hits) < 58
        counted = api.PostInputsSearches(
            user_app_id=APP,
            searches=[{"query": {"ranks": [{"annotation": {"data": {"text": {"raw": "rain"}}}}]}}],
            only_count=True,
        )
        assert (counted.status.code, counted.status.details) == (
            codes.SUCCESS,
            "reindexing: 64 of 74 inputs",
        )
        late = search(api, input_id="more-49")
        assert late.status.code == codes.SEARCH_BY_NOT_FULLY_INDEXED_INPUT
        assert "'more-49' of the rank is not indexed again yet" in late.status.details
        red = {"data": {"concepts": [{"id": "red", "value": 1}]}}
        filtered = api.PostInputsSearches(
            user_app_id=APP,
            searches=[{"query": {"filters": [{"annotation": red}]}}],
        )
        assert (len(ids(filtered)), filtered.status.details) == (4, "")

        # What is uploaded meanwhile is not held up, and is found at once.
        uploaded = api.PostInputs(user_app_id=APP, inputs=[text("fresh snow", input_id="fresh")])
        assert uploaded.status.code == codes.SUCCESS
        assert platform.processor.wait_idle(300)
        assert ids(by_text(api, "fresh snow"))[0] == "fresh"

        letters.go_on.set()
        assert platform.wait_idle(300)
        whole = by_text(api, "rain")
        assert (len(whole.hits), whole.status.details) == (59, "")
    lines = [r.getMessage() for r in caplog.records if "reindex" in r.getMessage()]
    assert lines == [
        "reindexing the app alice/zoo: 74 inputs, "
        "from local-image-v1, local-text-v1 to letters-image, letters-text",
        "reindexed the app alice/zoo: 74 inputs",
    ]


def test_nothing_is_found_before_anything_is_indexed_again(filled, opened):
    letters = Letters()
    letters.held = "rain all day"
    with opened(letters) as (_, api):
        assert letters.reached.wait(60)
        for reply in (
            by_text(api, "goal"),
            search(api, data={"embeddings": [{"vector": [1.0] * 512}]}),
        ):
            assert (ids(reply), reply.status.details) == ([], "reindexing: 0 of 24 inputs")
        # Labels need no vectors.
        assert len(ids(search(api, data={"concepts": [{"id": "sport", "value": 1}]}))) == 4


def test_one_broken_input_does_not_keep_the_others_from_being_indexed(filled, opened, caplog):
    class Fragile(Letters):
        def embed_texts(self, texts):
            if "a storm with rain" in texts:
                raise ValueError("no storms")
            return super().embed_texts(texts)

    caplog.set_level(logging.INFO, "clarifai")
    with opened(Fragile()) as (platform, api):
        assert platform.wait_idle(300)
        assert len(ids(by_text(api, "rain"))) == 7
    assert "has no vector in letters-text: ValueError: no storms" in caplog.text
    assert "24 inputs, 1 of them could not be embedded" in caplog.text


def test_apps_that_are_not_searched_are_left_alone(opened):
    with opened() as (platform, api):
        fill(platform, api)
        empty = resources_pb2.App(id="zoo", default_workflow={"id": "Empty"})
        assert api.PatchApp(user_app_id=APP, app=empty, action="merge").status.code == codes.SUCCESS
    letters = Letters()
    with opened(letters) as (platform, _):
        assert platform.wait_idle(300)
        assert (letters.embedded, letters.pictures) == ([], 0)


def test_an_app_that_is_not_searched_any_more_is_let_go(opened, caplog):
    with opened() as (platform, api):
        fill(platform, api, more=50)
    letters = Letters()
    letters.held = "rain all day"
    caplog.set_level(logging.INFO, "clarifai")
    with opened(letters) as (platform, api):
        assert letters.reached.wait(60)
        empty = resources_pb2.App(id="zoo", default_workflow={"id": "Empty"})
        api.PatchApp(user_app_id=APP, app=empty, action="merge")
        letters.go_on.set()
        assert platform.wait_idle(300)
        assert "more 49" not in letters.embedded
        assert by_text(api, "rain").status.details == ""
    assert "reindexing the app alice/zoo ended: it is not searched any more" in caplog.text


# -- what else compares vectors ------------------------------------------------------------------


def test_exports_have_the_vectors_of_the_platforms_spaces(filled, opened):
    letters = Letters()
    letters.held = "rain all day"
    with opened(letters) as (platform, api):
        assert letters.reached.wait(60)
        dataset = resources_pb2.Dataset(id="all")
        api.PostDatasets(user_app_id=APP, datasets=[dataset])
        chosen = [
            {"input": {"id": name}} for name in ("weather-0", "sport-1", "red-16", "yellow-19")
        ]
        api.PostDatasetInputs(user_app_id=APP, dataset_id="all", dataset_inputs=chosen)
        made = [resources_pb2.DatasetVersion(id="v1")]
        api.PostDatasetVersions(user_app_id=APP, dataset_id="all", dataset_versions=made)
        export = resources_pb2.DatasetVersionExport(
            format=resources_pb2.CLARIFAI_DATA_PROTOBUF, include_embeddings=True
        )
        named = {"user_app_id": APP, "dataset_id": "all", "dataset_version_id": "v1"}
        api.PutDatasetVersionExports(exports=[export], **named)
        letters.go_on.set()
        assert platform.wait_idle(300)
        api.PutDatasetVersionExports(exports=[export], **named)
        assert platform.wait_idle(300)
        done = api.PutDatasetVersionExports(exports=[export], **named).exports[0]
        assert done.status.code == codes.DATASET_VERSION_EXPORT_SUCCESS
        with httpx.Client(transport=platform.http_transport()) as client:
            content = client.get(done.url).content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            batch = resources_pb2.InputBatch.FromString(archive.read(archive.namelist()[1]))
    sizes = [[len(e.vector) for e in item.data.embeddings] for item in batch.inputs]
    assert sorted(sizes) == [[3], [3], [10], [10]]


def test_a_rag_prompter_finds_texts_in_the_platforms_space(filled, opened):
    with opened() as (platform, api):
        params = struct_pb2.Struct()
        params.update({"prompt_template": "{data.hits} ? {data.text.raw}", "max_results": 1})
        model = resources_pb2.Model(id="rag", model_type_id="rag-prompter")
        api.PostModels(user_app_id=APP, models=[model])
        version = resources_pb2.ModelVersion(output_info={"params": params})
        api.PostModelVersions(user_app_id=APP, model_id="rag", model_versions=[version])
        assert platform.wait_idle(300)
    with opened(Letters()) as (platform, api):
        assert platform.wait_idle(300)
        (answer,) = said(asked(api, "rag", [text("players of the team")]))
        assert "players of the team ? players of the team" in answer.text.raw


# -- trained models -----------------------------------------------------------------------------


MODELS = {
    "embedding-classifier": {},
    "visual-classifier": {"template": "MMClassification_ResNet_50", "num_epochs": 20},
    "text-classifier": {"template": "HF_GPTNeo_125m_lora", "num_epochs": 20},
    "visual-embedder": {"template": "Clarifai_ResNext", "num_epochs": 3},
    "text-to-text": {"template": "HF_GPTNeo_125m_lora", "num_epochs": 2},
}


def questions(type_id):
    found = []
    if not type_id.startswith("visual"):
        found += [text("rain or a goal"), text("the team won")]
    if not type_id.startswith("text"):
        found += [image("red", 24), image("blue", 24)]
    return found


def clustered(api):
    images = api.PostWorkflowResults(user_app_id=APP, workflow_id="w", inputs=[image("red", 24)])
    assert images.status.code == codes.SUCCESS, images.status
    return images.results[0].outputs[1].data.clusters[0]


def make_workflow(api):
    nodes = [
        {
            "id": "embed",
            "model": {"id": "general-image-embedding", "user_id": "clarifai", "app_id": "main"},
        },
        {"id": "group", "model": {"id": "clusterer"}, "node_inputs": [{"node_id": "embed"}]},
    ]
    reply = api.PostWorkflows(user_app_id=APP, workflows=[{"id": "w", "nodes": nodes}])
    assert reply.status.code == codes.SUCCESS, reply.status


def test_a_trained_model_answers_the_same_whatever_embedder_is_there(filled, opened):
    with opened() as (platform, api):
        before = {}
        for type_id, params in MODELS.items():
            version = trained(platform, api, type_id, type_id, **params)
            assert version.status.code == codes.MODEL_TRAINED, (type_id, version.status)
            before[type_id] = said(asked(api, type_id, questions(type_id)))
        version = trained(platform, api, "clusterer", "clusterer", coarse_clusters=4)
        assert version.status.code == codes.MODEL_TRAINED
        make_workflow(api)
        cluster = clustered(api)

    for embedder in (Letters(), None):
        with opened(embedder) as (platform, api):
            for type_id in MODELS:
                assert said(asked(api, type_id, questions(type_id))) == before[type_id], type_id
            assert clustered(api) == cluster
            # Public models answer with what is there now.
            public = api.PostModelOutputs(
                user_app_id=resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main"),
                model_id="general-image-embedding",
                inputs=[image("red")],
            )
            assert len(said(public)[0].embeddings[0].vector) == (512 if embedder is None else 3)


def test_a_version_that_remembers_no_space_is_of_the_built_in_ones(filled, opened):
    with opened() as (platform, api):
        trained(platform, api, "m", "embedding-classifier")
        before = said(asked(api, "m", questions("any")))
        with platform.store.write() as db:
            db.execute("DELETE FROM attachments WHERE name = 'spaces'")
    with opened(Letters()) as (_, api):
        assert said(asked(api, "m", questions("any"))) == before


def test_spaces_that_cannot_be_read_are_said(filled, opened):
    with opened() as (platform, api):
        trained(platform, api, "m", "embedding-classifier")
        with platform.store.write() as db:
            weights = db.execute("SELECT sha FROM attachments WHERE name = 'weights'").fetchone()
            db.execute("UPDATE attachments SET sha = ? WHERE name = 'spaces'", weights)
    with opened() as (_, api):
        refused = asked(api, "m", [image("red")])
        assert refused.status.code == codes.MODEL_PREDICTION_FAILED
        assert "its spaces are not understood: train it anew" in refused.status.details


def test_vectors_of_regions_are_not_taken_for_those_of_another_space(filled, opened):
    with opened() as (platform, api):
        trained(platform, api, "c", "clusterer", coarse_clusters=4)
    vector = {"vector": [1.0] * 512, "num_dimensions": 512}
    of_region = resources_pb2.Input(data={"regions": [{"data": {"embeddings": [vector]}}]})
    alone = resources_pb2.Input(data={"embeddings": [vector]})
    with opened(Letters()) as (_, api):
        refused = asked(api, "c", [of_region])
        assert refused.status.code == codes.MODEL_PREDICTION_FAILED
        assert "those of regions are of the platform's space 'letters-image'" in (
            refused.status.details
        )
        # Vectors that come without their picture are the caller's own.
        assert said(asked(api, "c", [alone]))[0].clusters


def test_a_version_is_evaluated_with_the_vectors_that_it_learned_from(filled, opened):
    with opened() as (platform, api):
        version = trained(platform, api, "m", "embedding-classifier")
        before = evaluated(platform, api, version)
    with opened(Letters()) as (platform, api):
        assert platform.wait_idle(300)
        after = evaluated(platform, api, version)
    assert before.status.code == after.status.code == codes.MODEL_EVALUATED
    assert before.summary.macro_avg_roc_auc == after.summary.macro_avg_roc_auc > 0.9


def evaluated(platform, api, version):
    asked = resources_pb2.EvalMetrics()
    asked.model.id, asked.model.model_version.id = "m", version.id
    reply = api.PostEvaluations(user_app_id=APP, eval_metrics=[asked])
    assert reply.status.code == codes.SUCCESS, reply.status
    assert platform.wait_idle(300)
    return api.GetEvaluation(user_app_id=APP, evaluation_id=reply.eval_metrics[0].id).eval_metrics


def test_a_model_whose_space_is_gone_says_which_and_what_to_do(opened):
    with opened(Letters()) as (platform, api):
        fill(platform, api)
        version = trained(platform, api, "m", "embedding-classifier")
        trained(platform, api, "clusterer", "clusterer", coarse_clusters=4)
        make_workflow(api)
        answers = said(asked(api, "m", questions("any")))
        cluster = clustered(api)

    with opened() as (platform, api):
        refused = asked(api, "m", [image("red")])
        assert refused.status.code == codes.MODEL_PREDICTION_FAILED
        assert refused.status.details == (
            f"version {version.id!r} of model 'm' was trained with vectors of the space "
            "'letters-image', and this platform makes those of 'local-image-v1': install what "
            "brings 'letters-image', or train the model anew"
        )
        assert "space 'letters-text'" in asked(api, "m", [text("rain")]).status.details
        failed = evaluated(platform, api, version)
        assert failed.status.code == codes.MODEL_EVALUATION_FAILED
        assert "install what brings 'letters-image'" in failed.status.details
        workflow = api.PostWorkflowResults(user_app_id=APP, workflow_id="w", inputs=[image("red")])
        (result,) = workflow.results
        assert result.outputs[1].status.code == codes.MODEL_PREDICTION_FAILED
        assert "install what brings 'letters-image'" in result.outputs[1].status.details
        anew = trained(platform, api, "again", "embedding-classifier")
        assert anew.status.code == codes.MODEL_TRAINED
        assert said(asked(api, "again", [image("red")]))[0].concepts[0].id == "red"

    with opened(Letters()) as (_, api):
        assert said(asked(api, "m", questions("any"))) == answers
        assert clustered(api) == cluster


def test_a_model_that_looks_at_pictures_themselves_needs_no_space(opened):
    with opened(Letters()) as (platform, api):
        fill(platform, api)
        for colour in ("red", "blue"):
            box = {"region_info": {"bounding_box": {"bottom_row": 1, "right_col": 1}}}
            box["data"] = {"concepts": [{"id": f"all-{colour}", "value": 1}]}
            for side in (16, 17, 18, 19):
                note = {"input_id": f"{colour}-{side}", "data": {"regions": [box]}}
                api.PostAnnotations(user_app_id=APP, annotations=[note])
        version = trained(
            platform, api, "d", "visual-detector", template="MMDetection_YoloF", num_epochs=1
        )
        assert version.status.code == codes.MODEL_TRAINED, version.status
        before = said(asked(api, "d", [image("red")]))
        assert before[0].regions
    with opened() as (_, api):
        assert said(asked(api, "d", [image("red")])) == before


# -- embedders that are not what they say -------------------------------------------------------


WRONG = re.compile(
    r"the embedder gives \d+ numbers per input in the space '(local-image|local-text)-v1', whose "
    r"vectors have 512 here: an embedder that makes others must name its space differently"
)


def test_a_known_space_with_other_vectors_is_refused_in_a_sentence(filled, opened):
    with opened() as (platform, api):
        trained(platform, api, "m", "embedding-classifier")
    with opened(Narrow()) as (platform, api):
        for reply in (
            by_text(api, "rain"),
            by_picture(api, "red"),
            asked(api, "m", [text("rain")]),
        ):
            assert reply.status.code == codes.MODEL_PREDICTION_FAILED
            assert WRONG.fullmatch(reply.status.details)
        post(platform, api, [text("new", input_id="new")])
        failed = api.GetInput(user_app_id=APP, input_id="new").input.status
        assert failed.code == codes.INPUT_DOWNLOAD_FAILED
        assert WRONG.search(failed.details)
        version = trained(
            platform,
            api,
            "v",
            "visual-classifier",
            **MODELS["visual-classifier"],
            flip_probability=1,
        )
        assert version.status.code == codes.MODEL_TRAINING_FAILED
        assert WRONG.fullmatch(version.status.details)
    with opened() as (_, api):
        assert len(ids(by_text(api, "rain"))) == 8


def test_an_embedder_that_knows_words_is_still_one_that_does():
    class Worded(Letters):
        def fit_to(self, text):
            return lambda vectors: vectors[:, 0] if text == "red" else None

    with Platform(embedder=Letters()) as plain, Platform(embedder=Worded()) as worded:
        assert not hasattr(plain.embedder, "fit_to")
        scores = worded.embedder.fit_to("red")
        assert scores is not None
        assert scores(np.eye(3, dtype=np.float32)).tolist() == [1, 0, 0]


def test_an_embedder_must_give_a_row_per_input(opened):
    class Odd(Letters):
        def embed_texts(self, texts):
            return super().embed_texts(texts)[0]

    with opened(Odd()) as (platform, api):
        api.PostApps(user_app_id=alice(), apps=[{"id": "zoo"}])
        post(platform, api, [text("new", input_id="new")])
        failed = api.GetInput(user_app_id=APP, input_id="new").input.status
        assert "an array of shape (10,) for 1 inputs in the space 'letters-text'" in failed.details


# -- the end of a process, and the command -------------------------------------------------------

CHILD = """
import sys
from clarifai_local import Platform
from tests.local.test_spaces import Letters

letters = Letters()
letters.held = "more 49"
platform = Platform(sys.argv[1], embedder=letters)
assert letters.reached.wait(60)
print("reached", flush=True)
letters.go_on.wait()
"""


def test_after_a_kill_the_next_start_goes_on(opened, tmp_path):
    with opened() as (platform, api):
        fill(platform, api, more=50)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "state")]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "reached\n"
            running = status_lines(tmp_path / "state")
            assert f"running    process {child.pid}" in running
        finally:
            child.send_signal(signal.SIGKILL)
    left = status_lines(tmp_path / "state")
    for lines in (running, left):
        assert [line for line in lines if not line.startswith("cost")][-2:] == [
            "spaces     letters-image, letters-text",
            "app        alice/zoo: reindexing: 64 of 74 inputs",
        ]

    letters = Letters()
    with opened(letters) as (platform, api):
        assert platform.wait_idle(300)
        assert letters.pictures == 0
        assert sorted(letters.embedded) == sorted(f"more {n}" for n in range(40, 50))
        assert len(ids(by_text(api, "rain"))) == 58
    lines = status_lines(tmp_path / "state")
    assert "spaces     letters-image, letters-text" in lines
    assert not [line for line in lines if line.startswith("app ")]


def status_lines(directory):
    shown = CliRunner().invoke(_commands.show, ["--path", str(directory)])
    assert shown.exit_code == 0, shown.output
    return shown.output.splitlines()


def test_closing_ends_it_and_the_next_start_goes_on(opened, tmp_path):
    with opened() as (platform, api):
        fill(platform, api, more=50)
    letters = Letters()
    letters.held = "more 9"
    with Platform(tmp_path / "state", embedder=letters) as platform:
        assert letters.reached.wait(60)
        job = platform.jobs._known["reindex"]
        closing = threading.Thread(target=lambda: job.wait(60) and letters.go_on.set())
        closing.start()
    closing.join()
    assert 0 < len(letters.embedded) < 58
    with opened(Letters()) as (platform, api):
        assert platform.wait_idle(300)
        assert len(ids(by_text(api, "rain"))) == 58


def test_a_reindexing_that_an_app_asked_for_goes_on_after_it_was_cut_off(opened):
    letters = Letters()
    letters.held = "rain all day"
    with opened(Letters()) as (platform, api):
        api.PostApps(user_app_id=alice(), apps=[{"id": "zoo", "default_workflow": {"id": "Empty"}}])
        post(platform, api, [text("rain all day", input_id="a")])
    with opened(letters) as (platform, api):
        general = resources_pb2.App(id="zoo", default_workflow={"id": "General"})
        api.PatchApp(user_app_id=APP, app=general, action="merge", reindex=True)
        assert letters.reached.wait(60)
        platform.store.close()  # as if the process had gone: nothing can be kept any more
        letters.go_on.set()
    with opened(Letters()) as (platform, api):
        assert platform.wait_idle(300)
        assert ids(by_text(api, "rain")) == ["a"]
