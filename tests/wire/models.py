"""Models, their types, evaluations and outputs, as the recorded platform answered them."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict

AT = "2024-01-02T03:04:05.678901Z"
PUBLIC = {"gettable": "PUBLIC"}
NEW_VERSION_ID = "5" * 32

_PREDICTING = {
    "fields_map": {"concepts": "softmax"},
    "output_config": {"max_concepts": 20, "min_value": 0.25},
    "params": {"prompt": "hi", "temperature": 0.5},
}


def model(asked: Any) -> dict[str, Any]:
    """Return the model that a request names; `m--X` is of the type X."""
    scope = {"user_id": asked.user_app_id.user_id, "app_id": asked.user_app_id.app_id}
    version = {
        "id": asked.version_id or "1" * 32,
        "active_concept_count": 2,
        "total_input_count": 10,
        "description": "a model version",
        "license": "MIT",
        "metadata": {},
        "output_info": _PREDICTING,
        "status": {"code": "MODEL_TRAINED", "description": "Model is trained and ready"},
        "visibility": PUBLIC,
        "created_at": AT,
        "modified_at": AT,
        "completed_at": AT,
        **scope,
    }
    return {**_model_without_version(asked.model_id, scope), "model_version": version}


def model_with_new_version(asked: Any) -> dict[str, Any]:
    """Return the answer to PostModelVersions: the model with the version that was posted."""
    scope = {"user_id": asked.user_app_id.user_id, "app_id": asked.user_app_id.app_id}
    posted = MessageToDict(asked.model_versions[0], preserving_proto_field_name=True)
    version = {
        **posted,
        "id": NEW_VERSION_ID,
        "status": {"code": "MODEL_UNTRAINED", "description": "queued"},
        "created_at": AT,
        **scope,
    }
    return {**_model_without_version(asked.model_id, scope), "model_version": version}


def _model_without_version(model_id: str, scope: dict[str, str]) -> dict[str, Any]:
    _, dashes, type_id = model_id.partition("--")
    return {
        "id": model_id,
        "name": f"Model {model_id}",
        "model_type_id": type_id if dashes else "multimodal-to-text",
        "description": "a model",
        "notes": "note",
        "star_count": 1,
        "toolkits": ["torch"],
        "use_cases": ["test"],
        "visibility": PUBLIC,
        "created_at": AT,
        "modified_at": AT,
        **scope,
    }


def evaluation(evaluation_id: str) -> dict[str, Any]:
    """Return a finished evaluation."""
    return {
        "id": evaluation_id,
        "user_id": "me",
        "app_id": "app",
        "status": {"code": "MODEL_EVALUATED", "description": "evaluated"},
        "summary": {"macro_avg_roc_auc": 0.75},
    }


_CONCEPTS = [
    {"id": "id-cat", "name": "cat", "value": 0.9},
    {"id": "id-dog", "name": "dog", "value": 0.125},
]


def outputs(inputs: Any) -> list[dict[str, Any]]:
    """Return an output for each input; texts are answered with a text too."""
    made = []
    for number, given in enumerate(inputs):
        data: dict[str, Any] = {"concepts": _CONCEPTS}
        if given.data.HasField("text"):
            data["text"] = {"raw": "generated"}
        made.append({"input": {"id": given.id or f"input-{number}"}, "data": data, "status": _OK})
    return made


def workflow_results(inputs: Any) -> list[dict[str, Any]]:
    """Return the results of a workflow of two nodes."""
    both = [{"data": {"concepts": _CONCEPTS}, "status": _OK}] * 2
    return [{"input": {"id": given.id}, "outputs": both, "status": _OK} for given in inputs]


_OK = {"code": "SUCCESS"}

# -- model types ---------------------------------------------------------------------------------


def _field(path: str, field_type: str, default: Any = None) -> dict[str, Any]:
    name = path.rpartition(".")[2]
    made = {"path": path, "field_type": field_type, "description": f"{name} of the model"}
    return {**made, "default_value": default} if default is not None else made


def _train(name: str, field_type: str = "NUMBER", default: Any = None) -> dict[str, Any]:
    return _field(f"train_info.params.{name}", field_type, default)


_SOURCE = _train("custom_config", "PYTHON_CODE", "# config\nlr = 0.1\n")
_SIZE = _train("image_size", "ARRAY_OF_NUMBERS", [320.0])
_BATCH = _train("batch_size", default=16.0)
_LEARNING = [
    _train("invalid_data_tolerance_percent", default=5.0),
    _train("learning_rate", default=0.000391),
    _train("num_epochs", default=30.0),
    _train("per_item_lrate", default=1.25e-05),
    _train("seed"),
]
_FLIP = _train("flip_image", "BOOLEAN", True)

_PLAIN = [_BATCH, _FLIP, *_LEARNING]
_WITH_SOURCE = [_BATCH, _SOURCE, _FLIP, _SIZE, *_LEARNING]
_GENERATING = [*_PLAIN, _field("output_info.params.max_new_tokens", "NUMBER", 64.0)]


def _templated(**templates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    options = [{"id": name, "model_type_fields": fields} for name, fields in templates.items()]
    return [{**_train("template", "RECURSIVE_ENUM"), "model_type_enum_options": options}]


_FIELDS: dict[str, list[dict[str, Any]]] = {
    "visual-classifier": _templated(
        Clarifai_InceptionV2=_PLAIN, MMClassification_ResNet_50=_WITH_SOURCE
    ),
    "visual-detector": _templated(Clarifai_InceptionV4=_PLAIN, MMDetection_FasterRCNN=_WITH_SOURCE),
    "visual-segmenter": _templated(MMSegmentation_SegFormer=_WITH_SOURCE),
    "visual-embedder": _templated(Clarifai_ResNext=_PLAIN),
    "clusterer": [
        _train("coarse_clusters", default=32.0),
        _train("query_batch", default=10.0),
        _field("input_info.base_embed_model", "WORKFLOW_EMBED_MODELS"),
    ],
    "text-classifier": _templated(HF_GPTNeo_125m_lora=_GENERATING),
    "embedding-classifier": _PLAIN,
    "text-to-text": _templated(HF_Llama_2_7b=_GENERATING),
}

MODEL_TYPES = [
    {"id": name, "title": name, "trainable": True, "model_type_fields": fields}
    for name, fields in _FIELDS.items()
]
"""The types that can be trained, with the parameters that the recorded YAML files show."""
