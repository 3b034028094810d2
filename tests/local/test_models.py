"""Models, versions, trainings, predictions: through raw RPCs."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import struct_pb2
from PIL import Image
from sklearn.datasets import load_digits

from clarifai_local import ManualClock, Platform
from clarifai_local._models import training

TEXTS = {
    "weather": [
        "rain and wind all day",
        "sunny with a light breeze",
        "snow is expected tonight",
        "a storm with heavy rain",
        "clouds and cold wind in the north",
        "warm and sunny weekend",
    ],
    "sport": [
        "the team won the match",
        "a late goal decided the game",
        "the coach praised the players",
        "she won the race by a second",
        "the match ended without a goal",
        "players of both teams were injured",
    ],
}


def png(pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(out, "PNG")
    return out.getvalue()


def concept(name, value=1.0):
    return resources_pb2.Concept(id=name, value=value)


def picture(blob, *labels, input_id=""):
    data = resources_pb2.Data(image=resources_pb2.Image(base64=blob), concepts=map(concept, labels))
    return resources_pb2.Input(id=input_id, data=data)


def text(raw, *labels, input_id=""):
    data = resources_pb2.Data(text=resources_pb2.Text(raw=raw), concepts=map(concept, labels))
    return resources_pb2.Input(id=input_id, data=data)


def upload(api, app, platform, inputs, dataset=None):
    for start in range(0, len(inputs), 128):
        part = inputs[start : start + 128]
        for item in part:
            item.dataset_ids.extend([dataset] if dataset else [])
        reply = api.PostInputs(user_app_id=app, inputs=part)
        assert reply.status.code == codes.SUCCESS
    assert platform.wait_idle(300)


def version(**params) -> resources_pb2.ModelVersion:
    struct = struct_pb2.Struct()
    struct.update(params)
    return resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))


def make_model(api, app, model_id="m", model_type_id="embedding-classifier"):
    model = resources_pb2.Model(id=model_id, model_type_id=model_type_id)
    return api.PostModels(user_app_id=app, models=[model])


def train(api, app, platform, given=None, model_id="m"):
    """Start a training; returns the version when nothing runs any more."""
    reply = api.PostModelVersions(
        user_app_id=app, model_id=model_id, model_versions=[given or version()]
    )
    assert reply.status.code == codes.SUCCESS, reply.status
    started = reply.model.model_version
    assert started.status.code == codes.MODEL_QUEUED_FOR_TRAINING
    assert platform.wait_idle(300)
    return api.GetModelVersion(
        user_app_id=app, model_id=model_id, version_id=started.id
    ).model_version


def predict(api, app, inputs, model_id="m", **fields):
    return api.PostModelOutputs(user_app_id=app, model_id=model_id, inputs=inputs, **fields)


@pytest.fixture
def texts(api, app, platform):
    """An app with labelled texts and a model `m` trained on them."""
    inputs = [text(raw, label) for label, raws in TEXTS.items() for raw in raws]
    upload(api, app, platform, inputs)
    make_model(api, app)
    assert train(api, app, platform).status.code == codes.MODEL_TRAINED
    return app


@pytest.mark.parametrize(
    ("model_type_id", "params"),
    [
        ("embedding-classifier", {}),
        ("visual-classifier", {"template": "MMClassification_ResNet_50", "num_epochs": 20}),
    ],
)
def test_digits_are_learned(api, app, platform, model_type_id, params):
    digits = load_digits()
    names = [f"digit-{label}" for label in digits.target]
    blobs = [png(image * 15.9) for image in digits.images]
    upload(api, app, platform, [picture(b, n) for b, n in zip(blobs[:1000], names, strict=False)])
    make_model(api, app, model_type_id=model_type_id)

    trained = train(api, app, platform, version(**params))
    assert trained.status.code == codes.MODEL_TRAINED
    assert trained.total_input_count == 1000
    assert trained.active_concept_count == 10
    assert {c.id for c in trained.output_info.data.concepts} == set(names)

    right = 0
    for start in range(1000, 1512, 128):
        held_out = [picture(blob) for blob in blobs[start : start + 128]]
        reply = predict(api, app, held_out)
        assert reply.status.code == codes.SUCCESS
        best = [output.data.concepts[0].id for output in reply.outputs]
        right += sum(b == n for b, n in zip(best, names[start : start + 128], strict=True))
    assert right / 512 >= 0.95


def test_texts_are_learned(api, texts):
    reply = predict(api, texts, [text("cold rain and wind"), text("a goal for the team")])

    assert [output.data.concepts[0].id for output in reply.outputs] == ["weather", "sport"]
    assert all(0 <= c.value <= 1 for output in reply.outputs for c in output.data.concepts)


def test_a_text_classifier_learns_in_epochs_and_parameters_change_the_result(api, app, platform):
    upload(api, app, platform, [text(r, label) for label, raws in TEXTS.items() for r in raws])
    make_model(api, app, model_type_id="text-classifier")
    template = "HF_GPTNeo_125m_lora"
    few = train(api, app, platform, version(template=template, num_epochs=1))
    many = train(api, app, platform, version(template=template, num_epochs=60))
    question = [text("the match and the goal")]

    sure = [
        predict(api, app, question, version_id=v.id).outputs[0].data.concepts[0].value
        for v in (few, many)
    ]
    assert sure[0] < 0.9 < sure[1]


def test_one_model_learns_pictures_and_texts(api, app, platform):
    red, blue = png(np.full((9, 9, 3), (250, 0, 0))), png(np.full((9, 9, 3), (0, 0, 250)))
    upload(api, app, platform, [picture(red, "red"), picture(blue, "blue")])
    upload(api, app, platform, [text("red as fire", "red"), text("blue as the sea", "blue")])
    make_model(api, app)
    train(api, app, platform)

    reply = predict(api, app, [picture(blue), text("fire"), picture(red), text("the sea")])

    best = [output.data.concepts[0].id for output in reply.outputs]
    assert best == ["blue", "red", "red", "blue"]


def test_an_explicit_negative_teaches_a_single_concept(api, app, platform):
    materials = ("a", "b", "c")
    upload(api, app, platform, [text(f"shiny metal {n}", "shiny") for n in materials])
    dull = [text(f"dull paper {n}", input_id=f"dull-{n}") for n in materials]
    upload(api, app, platform, dull)
    without = resources_pb2.Data(concepts=[concept("shiny", 0)])
    marks = [resources_pb2.Annotation(input_id=item.id, data=without) for item in dull]
    assert api.PostAnnotations(user_app_id=app, annotations=marks).status.code == codes.SUCCESS
    make_model(api, app)
    train(api, app, platform)

    reply = predict(api, app, [text("metal"), text("paper")])

    yes, no = (output.data.concepts[0].value for output in reply.outputs)
    assert yes > 0.5 > no


def test_a_concept_without_negatives(api, app, platform):
    upload(api, app, platform, [text("shiny metal", "shiny"), text("polished metal", "shiny")])
    make_model(api, app)

    refused = train(api, app, platform, version(enrich_dataset="Disabled"))
    assert refused.status.code == codes.MODEL_TRAINING_ONE_VS_N_SINGLE_CLASS
    assert "negative" in refused.status.details

    assert train(api, app, platform).status.code == codes.MODEL_TRAINED
    answers = predict(api, app, [text("metal"), text("the doctor told him to rest")]).outputs
    assert answers[0].data.concepts[0].value > 0.5 > answers[1].data.concepts[0].value


def test_training_reads_a_dataset_version_as_it_was(api, app, platform):
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="d")])
    upload(api, app, platform, [text(t, k) for k in TEXTS for t in TEXTS[k]], "d")
    api.PostDatasetVersions(
        user_app_id=app,
        dataset_id="d",
        dataset_versions=[resources_pb2.DatasetVersion(id="v1")],
    )
    assert platform.wait_idle()
    ids = [i.id for i in api.ListInputs(user_app_id=app, per_page=1000).inputs]
    api.DeleteInputs(user_app_id=app, ids=ids)
    make_model(api, app)

    now_empty = train(api, app, platform, version(dataset_id="d"))
    snapshot = train(api, app, platform, version(dataset_id="d", dataset_version_id="v1"))

    assert now_empty.status.code == codes.MODEL_TRAINING_NO_DATA
    assert (snapshot.status.code, snapshot.total_input_count) == (codes.MODEL_TRAINED, 12)
    reply = predict(api, app, [text("heavy rain")])
    assert reply.outputs[0].data.concepts[0].id == "weather"


def test_only_the_concepts_asked_for_are_learned(api, app, platform):
    upload(api, app, platform, [text(t, k) for k in TEXTS for t in TEXTS[k]])
    make_model(api, app)
    given = version()
    given.output_info.data.concepts.extend([concept("sport"), concept("never-labelled")])

    trained = train(api, app, platform, given)

    assert [c.id for c in trained.output_info.data.concepts] == ["sport"]
    log = httpx.Client(transport=platform.http_transport()).get(trained.train_log).text
    assert "left out never-labelled" in log


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (version(num_epoch=3), codes.MODEL_TRAINING_INVALID_PARAMS, "num_epoch"),
        (version(regularization=-1), codes.MODEL_TRAINING_INVALID_PARAMS, "between"),
        (version(enrich_dataset="No"), codes.MODEL_TRAINING_INVALID_PARAMS, "'Disabled'"),
        (version(dataset_id="none"), codes.CONN_DOES_NOT_EXIST, "'none'"),
    ],
)
def test_bad_training_requests_make_no_version(api, app, given, code, words):
    make_model(api, app)

    reply = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[given])

    assert reply.status.code == code
    assert words in reply.status.details
    assert not api.ListModelVersions(user_app_id=app, model_id="m").model_versions


def test_a_template_is_required_where_there_are_some(api, app):
    make_model(api, app, model_type_id="visual-classifier")
    reply = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[version()])
    assert reply.status.code == codes.MODEL_TRAINING_INVALID_PARAMS
    assert "MMClassification_ResNet_50" in reply.status.details


def test_the_log_is_served_without_a_key(api, app, platform):
    make_model(api, app)
    failed = train(api, app, platform)
    assert failed.status.code == codes.MODEL_TRAINING_NO_DATA

    with platform.serve() as server:
        channel_url = failed.train_log.replace("http://clarifai.local", platform.http.base_url)
        reply = httpx.get(channel_url)
        guess = httpx.get(channel_url[:-1] + ("0" if channel_url[-1] != "0" else "1"))
        assert server.pat

    assert (reply.status_code, guess.status_code) == (200, 404)
    assert "failed: " in reply.text


def test_models_are_created_found_patched_and_deleted(api, app):
    created = make_model(api, app).model
    assert (created.user_id, created.app_id, created.name) == ("alice", "zoo", "m")
    assert created.HasField("created_at")
    assert not created.HasField("model_version")
    assert "already exists" in make_model(api, app).status.details
    unknown = make_model(api, app, "x", "visual-clasifier").status
    assert unknown.code == codes.CONN_INVALID_REQUEST
    assert "'visual-classifier'" in unknown.details

    patched = resources_pb2.Model(id="m", description="D")
    assert api.PatchModels(user_app_id=app, action="overwrite", models=[patched]).status.code == (
        codes.SUCCESS
    )
    assert api.GetModel(user_app_id=app, model_id="m").model.description == "D"

    assert api.DeleteModels(user_app_id=app).status.code == codes.CONN_INVALID_REQUEST
    assert api.DeleteModels(user_app_id=app, ids=["m"]).status.code == codes.SUCCESS
    gone = api.GetModel(user_app_id=app, model_id="m").status
    assert (gone.code, gone.description) == (codes.MODEL_DOES_NOT_EXIST, "Model does not exist")


def test_models_are_listed_and_filtered(api, app):
    make_model(api, app, "a-cat-model")
    make_model(api, app, "dog", "text-to-text")
    api.PostModelVersions(user_app_id=app, model_id="dog")

    def listed(**fields):
        return [m.id for m in api.ListModels(user_app_id=app, **fields).models]

    assert listed() == ["dog", "a-cat-model"]
    assert listed(per_page=1, page=2) == ["a-cat-model"]
    assert listed(model_type_id="text-to-text") == ["dog"]
    assert listed(trained_only=True) == ["dog"]
    assert listed(name="*cat*") == ["a-cat-model"]
    assert listed(search="cat") == ["a-cat-model"]
    assert listed(input_fields=["text"]) == ["dog"]
    assert not api.ListModels(user_app_id=app, page=9).models


def test_the_newest_trained_version_is_in_use(api, texts, platform):
    first = api.GetModel(user_app_id=texts, model_id="m").model.model_version.id
    second = train(api, texts, platform)
    failed = train(api, texts, platform, version(concepts=["nothing"]))

    assert failed.status.code == codes.MODEL_TRAINING_NO_POSITIVES
    assert api.GetModel(user_app_id=texts, model_id="m").model.model_version.id == second.id
    listed = api.ListModelVersions(user_app_id=texts, model_id="m").model_versions
    assert [v.id for v in listed] == [failed.id, second.id, first]
    trained = api.ListModelVersions(user_app_id=texts, model_id="m", trained_only=True)
    assert [v.id for v in trained.model_versions] == [second.id, first]
    for v in listed:
        reply = api.DeleteModelVersion(user_app_id=texts, model_id="m", version_id=v.id)
        assert reply.status.code == codes.SUCCESS
    assert not api.GetModel(user_app_id=texts, model_id="m").model.HasField("model_version")


def test_a_version_without_training_is_ready_at_once_but_cannot_answer(api, app):
    make_model(api, app, model_type_id="concept-synonym-mapper")
    given = resources_pb2.ModelVersion(description="D")
    given.output_info.params.update({"margin": 1.5})
    made = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[given]).model
    assert made.model_version.status.code == codes.MODEL_TRAINED
    assert made.model_version.output_info.params["margin"] == 1.5

    reply = predict(api, app, [text("x")])
    assert reply.status.code == codes.MODEL_PREDICTION_FAILED
    assert "concept-synonym-mapper" in reply.status.details


def test_a_training_waits_for_inputs_that_were_posted_before_it(api, app, platform):
    platform.faults.slow_indexing(60)
    inputs = [text(raw, label) for label, texts in TEXTS.items() for raw in texts]
    api.PostInputs(user_app_id=app, inputs=inputs)
    make_model(api, app)
    api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[version()])
    assert not platform.wait_idle(0.2)
    platform.clock.advance(60)
    assert platform.wait_idle(300)
    made = api.GetModel(user_app_id=app, model_id="m").model.model_version
    assert made.status.code == codes.MODEL_TRAINED
    assert made.active_concept_count == 2


def test_deleting_the_version_cancels_its_training(api, app, platform):
    upload(api, app, platform, [text(t, k) for k in TEXTS for t in TEXTS[k]])
    make_model(api, app, model_type_id="text-classifier")
    endless = version(template="HF_GPTNeo_125m_lora", num_epochs=10_000)
    started = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[endless])
    version_id = started.model.model_version.id

    reply = api.DeleteModelVersion(user_app_id=app, model_id="m", version_id=version_id)

    assert reply.status.code == codes.SUCCESS
    assert platform.wait_idle(300)
    assert not api.ListModelVersions(user_app_id=app, model_id="m").model_versions


def test_training_goes_on_after_a_restart(tmp_path, connect, monkeypatch):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
    with Platform(tmp_path, clock=ManualClock()) as platform:
        api = connect(platform.channel())
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="zoo")])
        upload(api, app, platform, [text(t, k) for k in TEXTS for t in TEXTS[k]])
        make_model(api, app)
        # The process ends between the answer and the first step of the training.
        monkeypatch.setattr(platform.jobs, "submit", lambda *_: None)
        started = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[version()])

    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        assert platform.wait_idle()
        found = api.GetModelVersion(
            user_app_id=app, model_id="m", version_id=started.model.model_version.id
        )
        assert found.model_version.status.code == codes.MODEL_TRAINED
        assert predict(api, app, [text("rain")]).outputs[0].data.concepts[0].id == "weather"


def test_a_training_cut_off_by_the_end_of_the_platform_is_taken_up(tmp_path, connect):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="zoo")])
        upload(api, app, platform, [text(t, k) for k in TEXTS for t in TEXTS[k]])
        make_model(api, app, model_type_id="text-classifier")
        endless = version(template="HF_GPTNeo_125m_lora", num_epochs=10_000, batch_size=1)
        started = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[endless])
    name = {"user_app_id": app, "model_id": "m", "version_id": started.model.model_version.id}

    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        status = api.GetModelVersion(**name).model_version.status.code
        assert status in {codes.MODEL_QUEUED_FOR_TRAINING, codes.MODEL_TRAINING}
        assert not platform.jobs.wait_idle(0)
        api.DeleteModelVersion(**name)
        assert platform.wait_idle()


def test_outputs_keep_the_order_and_each_has_its_status(api, texts):
    inputs = [
        text("rain", input_id="good"),
        resources_pb2.Input(id="empty"),
        picture(png(np.zeros((4, 4))), input_id="picture"),
        text("goal", input_id="last"),
    ]
    inputs.append(resources_pb2.Input(id="far"))
    inputs[-1].data.text.url = "https://nowhere.test/x.txt"

    reply = predict(api, texts, inputs)

    assert reply.status.code == codes.MIXED_STATUS
    assert [o.input.id for o in reply.outputs] == ["good", "empty", "picture", "last", "far"]
    assert [o.status.code for o in reply.outputs] == [
        codes.SUCCESS,
        codes.INPUT_INVALID_ARGUMENT,
        codes.INPUT_INVALID_ARGUMENT,
        codes.SUCCESS,
        codes.INPUT_DOWNLOAD_FAILED,
    ]
    assert not reply.outputs[2].input.data.image.base64
    assert all(o.model.model_version.id and o.id for o in reply.outputs)


def test_when_all_inputs_fail_the_same_way_the_answer_says_it(api, texts):
    reply = predict(api, texts, [resources_pb2.Input(id="a"), resources_pb2.Input(id="b")])
    assert reply.status.code == codes.INPUT_INVALID_ARGUMENT
    assert len(reply.outputs) == 2


@pytest.mark.parametrize("place", ["version", "model"])
def test_options_are_taken_from_both_places(api, texts, place):
    model = resources_pb2.Model()
    info = model.model_version.output_info if place == "version" else model.output_info

    def best(**options):
        info.output_config.CopyFrom(resources_pb2.OutputConfig(**options))
        output = predict(api, texts, [text("rain and wind")], model=model).outputs[0]
        return [(c.id, c.name) for c in output.data.concepts]

    assert best() == [("weather", "weather"), ("sport", "sport")]
    assert best(max_concepts=1) == [("weather", "weather")]
    assert best(min_value=0.5) == [("weather", "weather")]
    assert best(select_concepts=[resources_pb2.Concept(name="sport")]) == [("sport", "sport")]
    assert best(select_concepts=[resources_pb2.Concept(id="sport")]) == [("sport", "sport")]


def test_predict_refuses(api, texts):
    assert predict(api, texts, []).status.code == codes.CONN_INVALID_REQUEST
    too_many = predict(api, texts, [text("x")] * 129).status
    assert (too_many.code, "129" in too_many.details) == (codes.INPUT_INVALID_REQUEST, True)
    unknown = predict(api, texts, [text("x")], model_id="none").status
    assert (unknown.code, unknown.description) == (
        codes.MODEL_DOES_NOT_EXIST,
        "Model does not exist",
    )
    make_model(api, texts, "untrained")
    assert predict(api, texts, [text("x")], model_id="untrained").status.code == (
        codes.MODEL_UNTRAINED
    )


def test_a_stored_picture_is_predicted_by_its_address(api, app, platform):
    red, blue = png(np.full((9, 9, 3), (250, 0, 0))), png(np.full((9, 9, 3), (0, 0, 250)))
    upload(api, app, platform, [picture(red, "red", input_id="r"), picture(blue, "blue")])
    make_model(api, app)
    train(api, app, platform)
    stored = api.GetInput(user_app_id=app, input_id="r").input

    reply = predict(
        api,
        app,
        [resources_pb2.Input(data={"image": {"url": stored.data.image.url}})],
    )

    assert reply.outputs[0].data.concepts[0].id == "red"


def test_model_types_are_described_as_clients_read_them(api, app):
    types = {t.id: t for t in api.ListModelTypes(user_app_id=app).model_types}
    trainable = [t for t in types.values() if t.trainable]
    assert {t.id for t in trainable} >= {
        "embedding-classifier",
        "visual-classifier",
        "text-classifier",
    }
    for model_type in trainable:
        fields = list(model_type.model_type_fields)
        assert fields
        templates = [f for f in fields if f.path.endswith(".template")]
        for template in templates:
            assert template.field_type == resources_pb2.ModelTypeField.RECURSIVE_ENUM
            for option in template.model_type_enum_options:
                assert option.model_type_fields
                fields.extend(option.model_type_fields)
        for field in fields:
            assert len(field.path.split(".")) >= 2
            assert field.placeholder
            assert field in templates or field.HasField("default_value")
    one = api.GetModelType(user_app_id=app, model_type_id="text-classifier").model_type
    assert one == types["text-classifier"]
    assert list(one.input_fields) == ["text"]
    unknown = api.GetModelType(user_app_id=app, model_type_id="x").status
    assert unknown.code == codes.CONN_DOES_NOT_EXIST


def test_an_evaluation_measures_held_out_inputs(api, texts, platform):
    api.PostDatasets(user_app_id=texts, datasets=[resources_pb2.Dataset(id="truth")])
    held_out = [
        text("heavy snow and wind", "weather", input_id="t1"),
        text("the players and the goal", "sport", input_id="t2"),
        text("sunny match", "sport", input_id="t3"),
    ]
    upload(api, texts, platform, held_out, "truth")
    version_id = api.GetModel(user_app_id=texts, model_id="m").model.model_version.id
    asked = resources_pb2.EvalMetrics(id="e1")
    asked.model.id, asked.model.model_version.id = "m", version_id
    asked.ground_truth_dataset.id = "truth"

    started = api.PostEvaluations(user_app_id=texts, eval_metrics=[asked]).eval_metrics[0]
    assert started.status.code == codes.MODEL_QUEUED_FOR_EVALUATION
    assert platform.wait_idle()

    fields = resources_pb2.FieldsValue(
        confusion_matrix=True, label_counts=True, binary_metrics=True, test_set=True
    )
    found = api.GetEvaluation(user_app_id=texts, evaluation_id="e1", fields=fields).eval_metrics
    assert found.status.code == codes.MODEL_EVALUATED
    assert found.ground_truth_dataset.id == "truth"
    assert found.ground_truth_dataset.app_id == "zoo"
    assert 0 < found.summary.top1_accuracy <= 1
    assert 0 < found.summary.macro_avg_roc_auc <= 1
    counts = {c.concept.id: c.count for c in found.label_counts.positive_label_counts}
    assert counts == {"weather": 1, "sport": 2}
    assert {e.input.id for e in found.test_set} == {"t1", "t2", "t3"}
    right = [e.predicted_concepts[0].id == e.ground_truth_concepts[0].id for e in found.test_set]
    assert found.summary.top1_accuracy == pytest.approx(sum(right) / 3)
    for actual in ("weather", "sport"):
        row = [m.value for m in found.confusion_matrix.matrix if m.actual == actual]
        assert sum(row) == pytest.approx(1)

    short = api.GetEvaluation(user_app_id=texts, evaluation_id="e1").eval_metrics
    assert short.summary == found.summary
    assert not short.test_set
    listed = api.ListModelVersionEvaluations(
        user_app_id=texts, model_id="m", model_version_id=version_id
    ).eval_metrics
    assert [e.id for e in listed] == ["e1"]
    assert listed[0].summary == found.summary


def test_a_version_has_metrics_of_its_own_as_old_clients_ask(api, texts, platform):
    """`PostModelVersionMetrics`, then `GetModelVersionMetrics` until 21300: the gRPC client's."""
    version_id = api.GetModel(user_app_id=texts, model_id="m").model.model_version.id
    version = {"user_app_id": texts, "model_id": "m", "version_id": version_id}
    none = api.GetModelVersionMetrics(**version).model_version
    assert (none.id, none.metrics.status.code) == (version_id, codes.MODEL_NOT_EVALUATED)
    started = api.PostModelVersionMetrics(**version).model_version
    assert started.metrics.status.code == codes.MODEL_QUEUED_FOR_EVALUATION
    assert platform.wait_idle()
    fields = {"confusion_matrix": True, "label_counts": True, "test_set": True}
    done = api.GetModelVersionMetrics(fields=fields, **version).model_version.metrics
    assert done.status.code == codes.MODEL_EVALUATED
    assert done.test_set
    assert not done.binary_metrics
    listed = api.ListModelVersionEvaluations(
        user_app_id=texts, model_id="m", model_version_id=version_id
    ).eval_metrics
    assert [one.id for one in listed] == [done.id]

    one = text("heavy snow and wind", "weather", input_id="t1")
    other = text("the players and the goal", "sport", input_id="t2")
    api.PostDatasets(user_app_id=texts, datasets=[resources_pb2.Dataset(id="truth")])
    upload(api, texts, platform, [one, other], "truth")
    info = {"params": {"dataset_id": "truth"}}
    weather = {"concepts": [{"id": "weather", "value": 1}]}
    search = {"query": {"filters": [{"annotation": {"data": weather}}]}}
    for more, expected in (({}, {"t1", "t2"}), ({"test_search": search}, {"t1"})):
        api.PostModelVersionMetrics(eval_info=info, **more, **version)
        assert platform.wait_idle()
        found = api.GetModelVersionMetrics(fields=fields, **version).model_version.metrics
        assert {entry.input.id for entry in found.test_set} == expected
        assert found.eval_info.params["dataset_id"] == "truth"


def test_an_evaluation_waits_for_inputs_that_were_posted_before_it(api, texts, platform):
    api.PostDatasets(user_app_id=texts, datasets=[resources_pb2.Dataset(id="truth")])
    upload(api, texts, platform, [text("heavy snow", "weather", input_id="t1")], "truth")
    platform.faults.slow_indexing(60)
    slow = text("the players and the goal", "sport", input_id="t2")
    slow.dataset_ids.append("truth")
    api.PostInputs(user_app_id=texts, inputs=[slow])
    asked = resources_pb2.EvalMetrics(id="e1")
    asked.model.id, asked.ground_truth_dataset.id = "m", "truth"
    api.PostEvaluations(user_app_id=texts, eval_metrics=[asked])
    assert not platform.wait_idle(0.2)
    platform.clock.advance(60)
    assert platform.wait_idle(300)
    fields = resources_pb2.FieldsValue(test_set=True)
    found = api.GetEvaluation(user_app_id=texts, evaluation_id="e1", fields=fields).eval_metrics
    assert {entry.input.id for entry in found.test_set} == {"t1", "t2"}


def test_evaluations_refuse_and_fail_with_a_reason(api, texts, platform):
    make_model(api, texts, "untrained")
    asked = resources_pb2.EvalMetrics(model=resources_pb2.Model(id="untrained"))
    refused = api.PostEvaluations(user_app_id=texts, eval_metrics=[asked]).status
    assert (refused.code, refused.description) == (codes.MODEL_UNTRAINED, "Model not yet trained")

    api.PostDatasets(user_app_id=texts, datasets=[resources_pb2.Dataset(id="void")])
    asked.model.id = "m"
    asked.ground_truth_dataset.id = "void"
    started = api.PostEvaluations(user_app_id=texts, eval_metrics=[asked]).eval_metrics[0]
    assert platform.wait_idle()
    failed = api.GetEvaluation(user_app_id=texts, evaluation_id=started.id).eval_metrics
    assert failed.status.code == codes.MODEL_EVALUATION_FAILED
    assert "positively labelled" in failed.status.details

    asked.ground_truth_dataset.id = "nowhere"
    missing = api.PostEvaluations(user_app_id=texts, eval_metrics=[asked]).status
    assert missing.code == codes.CONN_DOES_NOT_EXIST


def test_models_of_other_users_are_not_there(api, app):
    make_model(api, app)
    foreign = resources_pb2.UserAppIDSet(user_id="bob", app_id="zoo")
    assert api.GetModel(user_app_id=foreign, model_id="m").status.code == codes.CONN_DOES_NOT_EXIST


def test_stored_models_hold_no_code(api, texts, platform):
    with platform.store.read() as db:
        blobs = [bytes(d) for (d,) in db.execute("SELECT data FROM blobs") if d]
    models = [blob for blob in blobs if blob.startswith(b"PK")]
    assert models
    for blob in models:
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            assert all(archive[name].dtype != object for name in archive.files)


def test_generated_outputs_are_a_stream_of_one(texts, platform):
    call = platform.channel().unary_stream(
        "/clarifai.api.V2/GenerateModelOutputs",
        request_serializer=service_pb2.PostModelOutputsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiOutputResponse.FromString,
    )
    request = service_pb2.PostModelOutputsRequest(
        user_app_id=texts, model_id="m", inputs=[text("rain")]
    )
    replies = list(call(request))
    assert [r.outputs[0].data.concepts[0].id for r in replies] == ["weather"]


def test_a_training_that_crashes_is_marked_failed(api, texts, platform, monkeypatch, caplog):
    def crash(*_args):
        raise RuntimeError("no memory left")

    monkeypatch.setattr(training, "samples", crash)
    failed = train(api, texts, platform)
    assert failed.status.code == codes.MODEL_TRAINING_FAILED
    assert "no memory left" in failed.status.details
    assert "training the model version" in caplog.text


KEPT = {
    # What the official SDK 12.x sends with a version that a worker serves.
    "method_signatures": [
        resources_pb2.MethodSignature(
            name="predict",
            input_fields=[
                resources_pb2.ModelTypeField(name="prompt", required=True, is_param=True)
            ],
        )
    ],
    "num_threads": 16,
    "build_info": resources_pb2.BuildInfo(docker_image_name="image", docker_image_tag="tag"),
    "inference_compute_info": resources_pb2.ComputeInfo(cpu_limit="1", cpu_memory="2Gi"),
    "import_info": resources_pb2.ImportInfo(),
    "license": "MIT",
    "description": "a model of mine",
}


def test_a_version_keeps_what_it_was_made_with(api, app):
    make_model(api, app, model_type_id="any-to-any")
    known = {name for name in KEPT if name in resources_pb2.ModelVersion.DESCRIPTOR.fields_by_name}
    given = resources_pb2.ModelVersion(**{name: KEPT[name] for name in known})
    given.import_info.params.update({"toolkit": "mine"})

    made = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[given])
    assert made.status.code == codes.SUCCESS, made.status
    version_id = made.model.model_version.id

    (listed,) = api.ListModelVersions(user_app_id=app, model_id="m").model_versions
    for found in (
        made.model.model_version,
        api.GetModelVersion(user_app_id=app, model_id="m", version_id=version_id).model_version,
        api.GetModel(user_app_id=app, model_id="m").model.model_version,
        listed,
    ):
        for name in known:
            assert getattr(found, name) == getattr(given, name), name


def test_what_the_platform_says_of_a_version_is_not_taken_from_requests(api, app):
    make_model(api, app)
    given = resources_pb2.ModelVersion(total_input_count=9, active_concept_count=9, user_id="eve")
    given.status.code = codes.MODEL_TRAINING_FAILED
    made = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[given])
    version = made.model.model_version
    assert (version.total_input_count, version.active_concept_count) == (0, 0)
    assert (version.user_id, version.status.code) == ("alice", codes.MODEL_TRAINED)


def test_a_patched_version_has_its_new_signatures(api, app):
    make_model(api, app, model_type_id="any-to-any")
    made = api.PostModelVersions(user_app_id=app, model_id="m")
    version_id = made.model.model_version.id
    change = resources_pb2.ModelVersion(id=version_id, method_signatures=KEPT["method_signatures"])
    reply = api.PatchModelVersions(
        user_app_id=app, model_id="m", model_versions=[change], action="overwrite"
    )
    assert reply.status.code == codes.SUCCESS, reply.status
    found = api.GetModelVersion(user_app_id=app, model_id="m", version_id=version_id).model_version
    assert list(found.method_signatures) == KEPT["method_signatures"]
