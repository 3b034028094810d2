"""All eight trainable types: what is listed, and a training's life on the platform."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format, struct_pb2
from PIL import Image, ImageDraw

from clarifai_local import ManualClock, Platform

PLAIN = {
    "batch_size": 16.0,
    "flip_image": True,
    "invalid_data_tolerance_percent": 5.0,
    "learning_rate": 0.000391,
    "num_epochs": 30.0,
    "per_item_lrate": 1.25e-05,
    "seed": None,
}
CONFIGURED = {
    "batch_size": 16.0,
    "custom_config": None,
    "flip_image": True,
    "image_size": [320.0],
    **{name: PLAIN[name] for name in list(PLAIN)[2:]},
}

LISTED = {
    ("visual-classifier", "Clarifai_InceptionV2"): PLAIN,
    ("visual-classifier", "MMClassification_ResNet_50"): CONFIGURED,
    ("visual-detector", "Clarifai_InceptionV4"): PLAIN,
    ("visual-detector", "MMDetection_FasterRCNN"): CONFIGURED,
    ("visual-segmenter", "MMSegmentation_SegFormer"): CONFIGURED,
    ("visual-embedder", "Clarifai_ResNext"): PLAIN,
    ("clusterer", ""): {"coarse_clusters": 32.0, "query_batch": 10.0, "base_embed_model": None},
    ("text-classifier", "HF_GPTNeo_125m_lora"): {**PLAIN, "max_new_tokens": 64.0},
    ("text-to-text", "HF_Llama_2_7b"): {
        **{name: value for name, value in PLAIN.items() if name != "flip_image"},
        "temperature": 0.0,
        "top_k": 50.0,
        "max_new_tokens": 64.0,
    },
    ("embedding-classifier", ""): {
        "enrich_dataset": "Automatic",
        "regularization": 0.02,
        "invalid_data_tolerance_percent": 5.0,
        "base_embed_model": None,
    },
}
"""Parameters with their defaults, in order: of type and template."""

ONE_EACH = [
    ("visual-classifier", "MMClassification_ResNet_50"),
    ("visual-detector", "MMDetection_FasterRCNN"),
    ("visual-segmenter", "MMSegmentation_SegFormer"),
    ("visual-embedder", "Clarifai_ResNext"),
    ("clusterer", ""),
    ("text-classifier", "HF_GPTNeo_125m_lora"),
    ("text-to-text", "HF_Llama_2_7b"),
    ("embedding-classifier", ""),
]


def test_types_templates_and_parameters_are_those_of_the_hosted_platform(api, app):
    listed = {}
    for kind in api.ListModelTypes(user_app_id=app).model_types:
        if not kind.trainable:
            continue
        assert kind.description.endswith(".")
        fields = list(kind.model_type_fields)
        templates = [f for f in fields if f.path == "train_info.params.template"]
        others = [f for f in fields if f not in templates]
        options = [option for f in templates for option in f.model_type_enum_options]
        for option in options:
            listed[kind.id, option.id] = values([*option.model_type_fields, *others])
        if not options:
            listed[kind.id, ""] = values(others)
    assert {key: list(found) for key, found in listed.items()} == {
        key: list(wanted) for key, wanted in LISTED.items()
    }
    for found in listed.values():
        if "custom_config" in found:
            assert "never runs it" in found.pop("custom_config")
            found["custom_config"] = None
    assert listed == LISTED


def values(fields):
    assert all(f.placeholder and f.description and f.HasField("default_value") for f in fields)
    return {f.path.rpartition(".")[2]: json_format.MessageToDict(f.default_value) for f in fields}


def inputs():
    """Pictures with a labelled polygon, and texts; all are labelled as a whole, too."""
    random = np.random.default_rng(1)
    for number in range(6):
        concept = ("red", "blue")[number % 2]
        noise = random.integers(90, 160, (48, 64, 3)).astype(np.uint8)
        image = Image.fromarray(noise)
        left, top = random.integers(2, 30, 2).tolist()
        ImageDraw.Draw(image).rectangle((left, top, left + 16, top + 16), fill=concept)
        out = io.BytesIO()
        image.save(out, "PNG")
        data = resources_pb2.Data(image=resources_pb2.Image(base64=out.getvalue()))
        region = resources_pb2.Region()
        for down, across in ((0, 0), (0, 17), (17, 17), (17, 0)):
            region.region_info.polygon.points.add(row=(top + down) / 48, col=(left + across) / 64)
        yield resources_pb2.Input(id=f"picture-{number}", data=data), concept, [region]
        data = resources_pb2.Data(text=resources_pb2.Text(raw=f"a {concept} text, number {number}"))
        yield resources_pb2.Input(id=f"text-{number}", data=data), concept, []


def fill(api, app, platform):
    api.PostApps(
        user_app_id=resources_pb2.UserAppIDSet(user_id=app.user_id),
        apps=[resources_pb2.App(id=app.app_id)],
    )
    marks = []
    given = list(inputs())
    for item, concept, regions in given:
        item.data.concepts.add(id=concept, value=1)
        for region in regions:
            region.data.concepts.add(id=concept, value=1)
            data = resources_pb2.Data(regions=[region])
            marks.append(resources_pb2.Annotation(input_id=item.id, data=data))
    reply = api.PostInputs(user_app_id=app, inputs=[item for item, _, _ in given])
    assert reply.status.code == codes.SUCCESS
    assert platform.wait_idle(30)
    assert api.PostAnnotations(user_app_id=app, annotations=marks).status.code == codes.SUCCESS


def start(api, app, type_id, template, **params):
    api.PostModels(user_app_id=app, models=[resources_pb2.Model(id="m", model_type_id=type_id)])
    struct = struct_pb2.Struct()
    struct.update({**({"template": template} if template else {}), **params})
    given = resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))
    reply = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[given])
    assert reply.status.code == codes.SUCCESS, reply.status
    assert reply.model.model_version.status.code == codes.MODEL_QUEUED_FOR_TRAINING
    return {
        "user_app_id": app,
        "model_id": "m",
        "version_id": reply.model.model_version.id,
    }


@pytest.mark.parametrize(("type_id", "template"), ONE_EACH)
def test_a_training_survives_a_restart_and_leaves_a_log(
    tmp_path, connect, monkeypatch, type_id, template
):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="garden")
    quick = {"num_epochs": 3} if template else {}
    with Platform(tmp_path, clock=ManualClock()) as platform:
        api = connect(platform.channel())
        fill(api, app, platform)
        # The process ends between the answer and the first step of the training.
        monkeypatch.setattr(platform.jobs, "submit", lambda *_: None)
        version = start(api, app, type_id, template, **quick)

    with Platform(tmp_path, clock=ManualClock()) as platform:
        api = connect(platform.channel())
        assert platform.wait_idle(60)
        found = api.GetModelVersion(**version).model_version
        assert found.status.code == codes.MODEL_TRAINED, found.status
        log = httpx.Client(transport=platform.http_transport()).get(found.train_log).text
    lines = log.splitlines()
    assert f"training {type_id} 'm'" in lines[0]
    assert "parameters: " in lines[1]
    assert lines[-1].endswith("done")
    steps = "epoch 3/3: loss" if template else "pass 10/10" if type_id == "clusterer" else "fitted"
    assert steps in log
    assert "100%]" not in log


@pytest.mark.parametrize(
    ("type_id", "template", "endless"),
    [
        *((t, name, {"num_epochs": 10_000, "batch_size": 1}) for t, name in ONE_EACH if name),
    ],
)
def test_deleting_the_version_of_any_type_stops_it(connect, type_id, template, endless):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="garden")
    with Platform() as platform:
        api = connect(platform.channel())
        fill(api, app, platform)
        version = start(api, app, type_id, template, **endless)
        assert api.DeleteModelVersion(**version).status.code == codes.SUCCESS
        assert platform.wait_idle(30)
        assert api.GetModelVersion(**version).status.code == codes.MODEL_DOES_NOT_EXIST


@pytest.mark.parametrize(("type_id", "template"), ONE_EACH)
def test_without_data_every_type_fails_with_a_reason(api, app, platform, type_id, template):
    version = start(api, app, type_id, template)
    assert platform.wait_idle(30)
    status = api.GetModelVersion(**version).model_version.status
    assert status.code == codes.MODEL_TRAINING_NO_DATA
    assert status.details


@pytest.mark.parametrize(("type_id", "template"), ONE_EACH)
def test_unknown_parameters_are_named_before_anything_happens(api, app, type_id, template):
    api.PostModels(user_app_id=app, models=[resources_pb2.Model(id="m", model_type_id=type_id)])
    struct = struct_pb2.Struct()
    struct.update({"template": template, "num_epoch_s": 1} if template else {"num_epoch_s": 1})
    given = resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))
    status = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[given]).status
    assert status.code == codes.MODEL_TRAINING_INVALID_PARAMS
    assert "'num_epoch_s'" in status.details
