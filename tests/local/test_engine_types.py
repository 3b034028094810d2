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
from clarifai_local.engine.model_types import ROWS
from tests.local.conftest import Api

SHOWN = {
    # The documentation of the Python SDK, output of get_params ("setup.txt", "s.txt", "s1.txt").
    ("visual-classifier", "MMClassification_EfficientNet"): {
        "invalid_data_tolerance_percent": 5.0,
        "seed": -1.0,
        "num_gpus": 1.0,
        "image_size": 336.0,
        "batch_size": 4.0,
        "num_epochs": 30.0,
        "per_item_lrate": 0.000390625,
        "weight_decay": 0.0001,
        "momentum": 0.9,
        "pretrained_weights": "ImageNet-1k",
        "flip_probability": 0.5,
        "flip_direction": "horizontal",
        "concepts_mutually_exclusive": False,
        "select_concepts": [],
    },
    ("visual-embedder", "Clarifai_ResNext"): {
        "invalid_data_tolerance_percent": 5.0,
        "logreg": 1.0,
        "image_size": 256.0,
        "batch_size": 64.0,
        "init_epochs": 25.0,
        "step_epochs": 7.0,
        "num_epochs": 65.0,
        "per_item_lrate": 7.8125e-05,
        "num_items_per_epoch": 0.0,
    },
    ("visual-segmenter", "MMSegmentation_SegFormer"): {
        "invalid_data_tolerance_percent": 5.0,
        "image_size": [520.0],
        "batch_size": 2.0,
        "num_epochs": 1.0,
        "per_item_lrate": 7.5e-06,
        "pretrained_weights": "ade20k",
    },
    ("text-classifier", "HuggingFace_AdvancedConfig"): {
        "invalid_data_tolerance_percent": 5.0,
        "model_config": {
            "problem_type": "multi_label_classification",
            "pretrained_model_name_or_path": "bert-base-cased",
            "torch_dtype": "torch.float32",
        },
        "tokenizer_config": {},
        "trainer_config": {
            "num_train_epochs": 1.0,
            "auto_find_batch_size": True,
            "output_dir": "checkpoint",
        },
        "select_concepts": [],
    },
    ("text-to-text", "HuggingFace_AdvancedConfig"): {
        "invalid_data_tolerance_percent": 5.0,
        "model_config": {
            "pretrained_model_name_or_path": "facebook/opt-125m",
            "torch_dtype": "torch.float32",
        },
        "tokenizer_config": {"model_max_length": 512.0},
        "trainer_config": {
            "num_train_epochs": 1.0,
            "auto_find_batch_size": True,
            "output_dir": "checkpoint",
        },
    },
    ("clusterer", ""): {
        "base_embed_model": None,
        "coarse_clusters": 32.0,
        "eval_holdout_fraction": 0.2,
        "query_holdout_fraction": 0.1,
        "to_be_indexed_queries_fraction": 0.25,
        "max_num_query_embeddings": 100.0,
        "num_results_per_query": [1.0, 5.0, 10.0, 20.0],
        "max_visited": 32.0,
        "quota": 1000.0,
        "beta": 1.0,
    },
    # Parameter files of the public examples: params.yaml, model_params.yaml, transfer_learn.yaml.
    ("text-classifier", "HF_GPTNeo_125m_lora"): {
        "invalid_data_tolerance_percent": 5.0,
        "model_config": {
            "pretrained_model_name": "EleutherAI/gpt-neo-125m",
            "torch_dtype": "torch.float32",
            "problem_type": "multi_label_classification",
        },
        "peft_config": {
            "r": 16.0,
            "peft_type": "LORA",
            "task_type": "SEQ_CLS",
            "lora_dropout": 0.1,
            "inference_mode": False,
            "lora_alpha": 16.0,
        },
        "tokenizer_config": {},
        "trainer_config": {"auto_find_batch_size": True, "num_train_epochs": 1.0},
        "select_concepts": [],
    },
    ("visual-detector", "MMDetection_AdvancedConfig"): {
        "invalid_data_tolerance_percent": 5.0,
        "custom_config": None,
        "image_size": [320.0],
        "detection_threshold": 0.0,
    },
    ("embedding-classifier", ""): {
        "base_embed_model": None,
        "enrich_dataset": "Automatic",
        "concepts_mutually_exclusive": False,
        "min_value": 0.0,
    },
    # The public pipeline that took the place of the template.
    ("visual-detector", "MMDetection_YoloF"): {
        "invalid_data_tolerance_percent": 5.0,
        "image_size": [512.0],
        "max_aspect_ratio": 1.5,
        "keep_aspect_ratio": True,
        "batch_size": 16.0,
        "num_epochs": 100.0,
        "min_samples_per_epoch": 300.0,
        "per_item_lrate": 0.001875,
        "pretrained_weights": "coco",
        "frozen_stages": 1.0,
        "detection_threshold": 0.0,
    },
    # A public dump of ListModelTypes.
    ("visual-classifier", "MMClassification_ResNet_50_RSB_A1"): {
        "invalid_data_tolerance_percent": 5.0,
        "image_size": 224.0,
        "batch_size": 64.0,
        "num_epochs": 60.0,
        "per_item_lrate": 1.953125e-05,
        "weight_decay": 0.01,
        "per_item_min_lrate": 1.5625e-08,
        "warmup_iters": 100.0,
        "warmup_ratio": 0.0001,
        "pretrained_weights": "ImageNet-1k",
        "flip_probability": 0.5,
        "flip_direction": "horizontal",
        "concepts_mutually_exclusive": False,
        "select_concepts": [],
    },
    ("visual-classifier", "Clarifai_InceptionTransferEmbedNorm"): {
        "invalid_data_tolerance_percent": 5.0,
        "logreg": 1.0,
        "image_size": 256.0,
        "batch_size": 128.0,
        "lrate": 0.1,
        "base_gradient_multiplier": 0.001,
        "num_epochs": 20.0,
        "num_items_per_epoch": 0.0,
        "average_horizontal_flips": True,
        "select_concepts": [],
    },
    ("visual-classifier", "MMClassification"): {
        "invalid_data_tolerance_percent": 5.0,
        "custom_config": None,
        "concepts_mutually_exclusive": False,
        "image_size": [320.0],
        "select_concepts": [],
    },
}
"""What clients are shown, in its order: parameters with their defaults."""

TEMPLATES = {
    "visual-classifier": [
        "classification_inception_general_v1_3_transfer_embednorm",
        "classification_basemodel_v1",
        "classification_cifar10_v1",
        "Clarifai_InceptionTransferEmbedNorm",
        "Clarifai_ResNext",
        "Clarifai_InceptionV2",
        "Clarifai_InceptionBatchNorm",
        "MMClassification",
        "MMClassification_EfficientNet",
        "MMClassification_ResNet_50_RSB_A1",
        "MMClassification_ResNet_50",
    ],
    "visual-detector": [
        "MMDetection_AdvancedConfig",
        "MMDetection_FasterRCNN",
        "MMDetection_SSD",
        "MMDetection_YoloF",
        "Clarifai_InceptionV2",
        "Clarifai_InceptionV4",
        "detection_msc10",
    ],
    "visual-segmenter": ["MMSegmentation", "MMSegmentation_SegFormer"],
    "visual-embedder": [
        "classification_angular_margin_embed",
        "classification_basemodel_v1_embed",
        "Clarifai_ResNet_AngularMargin",
        "Clarifai_InceptionBatchNorm",
        "Clarifai_ResNext",
    ],
    "text-to-text": [
        "HF_GPTNeo_125m_lora",
        "HF_GPTNeo_2p7b_lora",
        "HF_Llama_2_13b_chat_GPTQ_lora",
        "HF_Llama_2_7b_chat_GPTQ_lora",
        "HF_Mistral_7b_instruct_GPTQ_lora",
        "HuggingFace_AdvancedConfig",
    ],
}
"""Outputs of list_training_templates in the documentation, in their order."""

RANGES = {
    # A public dump of ListModelTypes.
    ("visual-classifier", "MMClassification_ResNet_50_RSB_A1"): {
        "batch_size": (1, 256, 1),
        "num_epochs": (1, 600, 1),
        "weight_decay": (0, 1, 0),
        "flip_probability": (0, 1, 0),
    },
    ("visual-classifier", "Clarifai_InceptionV2"): {
        "logreg": (0, 1, 1),
        "image_size": (32, 1024, 16),
        "batch_size": (1, 128, 1),
        "init_epochs": (1, 200, 1),
        "step_epochs": (1, 200, 1),
        "num_epochs": (1, 200, 1),
    },
    # The documentation's pages on templates.
    ("visual-detector", "MMDetection_YoloF"): {
        "max_aspect_ratio": (1, 5, 0),
        "batch_size": (1, 32, 1),
        "num_epochs": (1, 200, 1),
        "frozen_stages": (1, 4, 1),
    },
    ("visual-detector", "Clarifai_InceptionV4"): {
        "batch_size": (1, 16, 1),
        "num_epochs": (1, 200, 1),
    },
    ("visual-segmenter", "MMSegmentation_SegFormer"): {
        "batch_size": (1, 16, 1),
        "num_epochs": (1, 200, 1),
    },
    ("visual-embedder", "Clarifai_ResNet_AngularMargin"): {
        "angular_scale": (16, 128, 16),
        "angular_margin": (0.1, 0.9, 0),
    },
}

INTERNAL = {
    "classification_inception_general_v1_3_transfer_embednorm",
    "classification_basemodel_v1",
    "classification_cifar10_v1",
    "MMClassification_EfficientNet",
    "MMClassification_ResNet_50",
}
"""Templates of the visual-classifier that the dump calls internal."""

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

MOST = {
    "MMClassification_ResNet_50": {"num_epochs": 600, "batch_size": 1},
    "MMDetection_FasterRCNN": {"num_epochs": 200, "batch_size": 1},
    "MMSegmentation_SegFormer": {"num_epochs": 200, "batch_size": 1},
    "Clarifai_ResNext": {"num_epochs": 200, "batch_size": 1},
    "HF_GPTNeo_125m_lora": {"num_epochs": 10_000, "batch_size": 1},
    "HF_Llama_2_7b": {"num_epochs": 10_000, "batch_size": 1},
}
"""As long as a training may take."""


@pytest.fixture
def types(api, app):
    """The types as ListModelTypes has them, by id."""
    return {
        kind.id: kind for kind in api.ListModelTypes(user_app_id=app, per_page=1000).model_types
    }


def template_field(kind):
    return next((f for f in kind.model_type_fields if f.path == "train_info.params.template"), None)


def shown_fields(kind, template):
    """The fields that clients of the hosted service show, in order."""
    for field in kind.model_type_fields:
        if field.path == "train_info.params.template":
            (option,) = (one for one in field.model_type_enum_options if one.id == template)
            yield from (one for one in option.model_type_fields if not one.internal_only)
        elif not field.internal_only:
            yield field


@pytest.mark.parametrize(("type_id", "template"), SHOWN)
def test_parameters_are_those_of_the_hosted_platform(types, type_id, template):
    fields = list(shown_fields(types[type_id], template))

    assert all(f.placeholder and f.description and f.HasField("default_value") for f in fields)
    names = [field.path.rpartition(".")[2] for field in fields]
    found = [json_format.MessageToDict(field.default_value) for field in fields]
    wanted = SHOWN[type_id, template]
    assert names == list(wanted)
    for name, value in zip(names, found, strict=True):
        if name == "custom_config":
            assert "_base_" in value
            assert "max_epochs" in value
            compile(value, "custom_config", "exec")
        else:
            assert value == wanted[name], name


@pytest.mark.parametrize("type_id", TEMPLATES)
def test_templates_are_those_of_the_hosted_platform(types, type_id):
    options = template_field(types[type_id]).model_type_enum_options
    listed = [option.id for option in options]
    assert [one for one in listed if one in TEMPLATES[type_id]] == TEMPLATES[type_id]
    assert all(option.description and option.model_type_fields for option in options)
    if type_id == "visual-classifier":
        # "tests/test_model_train.py" of the official SDK names it, and wants 11 or more.
        assert "MMClassification_AdvancedConfig" in listed
        assert {option.id for option in options if option.internal_only} == INTERNAL
        recommended = [option.id for option in options if option.recommended]
        assert recommended == ["MMClassification_ResNet_50_RSB_A1"]


@pytest.mark.parametrize(("type_id", "template"), RANGES)
def test_ranges_are_those_of_the_hosted_platform(types, type_id, template):
    fields = {f.path.rpartition(".")[2]: f for f in shown_fields(types[type_id], template)}
    for name, wanted in RANGES[type_id, template].items():
        info = fields[name].model_type_range_info
        assert fields[name].field_type == resources_pb2.ModelTypeField.RANGE
        assert (info.min, info.max, info.step) == pytest.approx(wanted), name


def test_what_has_no_effect_says_so(types):
    """A parameter without effect is told by its description; others are honoured."""
    (option,) = (
        one
        for one in template_field(types["visual-classifier"]).model_type_enum_options
        if one.id == "MMClassification_ResNet_50_RSB_A1"
    )
    idle = {
        field.path.rpartition(".")[2]
        for field in option.model_type_fields
        if "without effect" in field.description
    }
    assert idle == {
        "num_gpus", "per_item_min_lrate", "warmup_iters", "warmup_ratio", "pretrained_weights"
    }  # fmt: skip


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
    assert platform.wait_idle(300)
    assert api.PostAnnotations(user_app_id=app, annotations=marks).status.code == codes.SUCCESS


def training(params):
    struct = struct_pb2.Struct()
    struct.update(params)
    return resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))


def start(api, app, type_id, template, **params):
    api.PostModels(user_app_id=app, models=[resources_pb2.Model(id="m", model_type_id=type_id)])
    given = training({**({"template": template} if template else {}), **params})
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
        assert platform.wait_idle(300)
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
    [(type_id, name, MOST[name]) for type_id, name in ONE_EACH if name],
)
def test_deleting_the_version_of_any_type_stops_it(connect, type_id, template, endless):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="garden")
    with Platform() as platform:
        api = connect(platform.channel())
        fill(api, app, platform)
        version = start(api, app, type_id, template, **endless)
        assert api.DeleteModelVersion(**version).status.code == codes.SUCCESS
        assert platform.wait_idle(300)
        assert api.GetModelVersion(**version).status.code == codes.MODEL_DOES_NOT_EXIST


@pytest.mark.parametrize(("type_id", "template"), ONE_EACH)
def test_without_data_every_type_fails_with_a_reason(api, app, platform, type_id, template):
    version = start(api, app, type_id, template)
    assert platform.wait_idle(300)
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


EVERY = [(kind.id, template.id) for kind in ROWS.values() for template in kind.templates]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A platform with the inputs, for all templates: with a model of each type."""
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="garden")
    with Platform(clock=ManualClock()) as platform:
        api = Api(platform.channel())
        fill(api, app, platform)
        kinds = dict.fromkeys(type_id for type_id, _ in EVERY)
        models = [resources_pb2.Model(id=kind, model_type_id=kind) for kind in kinds]
        api.PostModels(user_app_id=app, models=models)
        yield api, app, platform


def trained(filled, type_id, params):
    api, app, platform = filled
    reply = api.PostModelVersions(
        user_app_id=app, model_id=type_id, model_versions=[training(params)]
    )
    assert reply.status.code == codes.SUCCESS, reply.status
    assert platform.wait_idle(300)
    version_id = reply.model.model_version.id
    version = api.GetModelVersion(
        user_app_id=app, model_id=type_id, version_id=version_id
    ).model_version
    assert version.status.code == codes.MODEL_TRAINED, version.status
    return version


@pytest.mark.parametrize(("type_id", "template"), EVERY)
def test_every_template_trains_with_its_own_defaults(filled, type_id, template):
    api, app, _ = filled
    (kind,) = (k for k in api.ListModelTypes(per_page=1000).model_types if k.id == type_id)
    given = {
        field.path.rpartition(".")[2]: json_format.MessageToDict(field.default_value)
        for field in shown_fields(kind, template)
        if field.path.startswith("train_info.")
    }

    version = trained(filled, type_id, {"template": template, **given})

    # All that was sent is given back, with or without effect.
    kept = json_format.MessageToDict(version.train_info.params)
    assert kept == {"template": template, **given}
    asked, concept, _ = list(inputs())[0 if type_id.startswith("visual") else 1]
    if type_id == "text-to-text":
        asked.data.text.raw = "a red"
    answer = api.PostModelOutputs(
        user_app_id=app, model_id=type_id, version_id=version.id, inputs=[asked]
    )
    assert answer.status.code == codes.SUCCESS, answer.status
    data = answer.outputs[0].data
    if type_id in ("visual-classifier", "text-classifier"):
        assert data.concepts[0].id == concept
    elif type_id == "text-to-text":
        assert data.text.raw.startswith("text, number")
    elif type_id != "visual-detector":  # six pictures are few to learn boxes from
        assert data.regions or data.embeddings


def test_max_epochs_of_a_configuration_counts(filled):
    _, _, platform = filled
    config = "_base_ = 'x.py'\nrunner = dict(type='EpochBasedRunner', max_epochs=7)\n"
    params = {"template": "MMClassification_AdvancedConfig", "custom_config": config}
    version = trained(filled, "visual-classifier", params)
    log = httpx.Client(transport=platform.http_transport()).get(version.train_log).text
    assert "epoch 7/7: loss" in log
    assert "epoch 8" not in log


@pytest.mark.parametrize(
    ("type_id", "params", "total"),
    [
        ("visual-classifier", {"template": "Clarifai_InceptionV2", "logreg": 0}, 1),
        ("visual-classifier", {"template": "Clarifai_InceptionV2", "logreg": 1}, None),
        (
            "text-classifier",
            {
                "template": "HF_GPTNeo_125m_lora",
                "model_config": {"problem_type": "single_label_classification"},
            },
            1,
        ),
    ],
)
def test_values_sum_to_1_where_it_is_asked_for(filled, type_id, params, total):
    """`logreg` is "whether to use sigmoid units (logreg=1) or softmax (logreg=0)"."""
    api, app, _ = filled
    version = trained(filled, type_id, params)
    items = list(inputs())
    given = items[0][0] if type_id == "visual-classifier" else items[1][0]
    data = (
        api.PostModelOutputs(
            user_app_id=app, model_id=type_id, version_id=version.id, inputs=[given]
        )
        .outputs[0]
        .data
    )
    found = sum(concept.value for concept in data.concepts)
    assert (found == pytest.approx(1, abs=1e-5)) == (total == 1)


def test_what_a_version_was_trained_with_counts_in_its_answers(filled):
    """`inference_params` of a parameter file: min_value, select_concepts, detection_threshold."""
    api, app, platform = filled
    given = training({"template": "Clarifai_InceptionV2"})
    given.output_info.params.update({"select_concepts": ["red"]})
    version = api.PostModelVersions(
        user_app_id=app, model_id="visual-classifier", model_versions=[given]
    ).model.model_version
    assert platform.wait_idle(300)
    picture = next(iter(inputs()))[0]

    def ask(**options):
        return api.PostModelOutputs(
            user_app_id=app,
            model_id="visual-classifier",
            version_id=version.id,
            inputs=[picture],
            **options,
        ).outputs[0].data.concepts  # fmt: skip

    assert [concept.id for concept in ask()] == ["red"]
    other = resources_pb2.Model()
    other.model_version.output_info.output_config.select_concepts.add(id="blue")
    assert [concept.id for concept in ask(model=other)] == ["blue"]
    none = resources_pb2.Model()
    none.model_version.output_info.params.update({"min_value": 1.0})
    assert not ask(model=none)
