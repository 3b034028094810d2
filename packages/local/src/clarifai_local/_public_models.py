"""The public models: their ids, versions and older names, and what answers for each.

Ids and version ids are those of the hosted service, where clients and examples name them; the
answers are not the hosted models'. A description says in one sentence what is measured instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _public_content
from clarifai_local._clock import timestamp
from clarifai_local._models.rows import ALIAS_KIND, MODEL_KIND, VERSION_KIND
from clarifai_local._standins import drawings

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._store import Store

NOTES = (
    "A stand-in of the embedded platform: deterministic, without weights and network. "
    "It has the id of a hosted model and is not that model."
)

_STANDINS = "clarifai_local._standins."


@attrs.frozen
class PublicModel:
    """One public model."""

    id: str
    type: str
    description: str
    predictor: str = ""
    """`"module:callable"` that returns what answers; empty: the operator of the type."""
    versions: Sequence[str] = ()
    """Version ids, the one in use first; empty: one, derived from the name."""
    aliases: Mapping[str, str] = attrs.field(factory=dict)
    """Older names, each with the version that it means ("" is the one in use)."""
    concepts: Sequence[str] = ()
    params: Mapping[str, float] = attrs.field(factory=dict)
    app: tuple[str, str] = _public_content.MAIN

    @property
    def name(self) -> str:
        """`user/app/model`."""
        return "/".join((*self.app, self.id))

    @property
    def version_ids(self) -> Sequence[str]:
        """Version ids, the one in use first."""
        return self.versions or (hashlib.sha256(self.name.encode()).hexdigest()[:32],)


_AGES = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70")
_ETHNICITIES = (
    "Black", "East Asian", "Indian", "Latino_Hispanic", "Middle Eastern", "Southeast Asian",
    "White",
)  # fmt: skip
_UNDECIDED = "Undecided: every concept gets the same value, as nothing measured could tell."
_TEXT = "Repeats the central sentences of the prompt: no language model runs."


def _language_model(user_id: str, app_id: str, model_id: str) -> PublicModel:
    return PublicModel(
        model_id,
        "text-to-text",
        _TEXT,
        _STANDINS + "texts:Extract",
        app=(user_id, app_id),
    )


MODELS: tuple[PublicModel, ...] = (
    PublicModel(
        "general-image-recognition",
        "visual-classifier",
        "Concepts by likeness of the picture's shapes and colours to drawings of them.",
        _STANDINS + "concepts:general",
        ("aa7f35c01e0642fda5cf400f543e7c40", "aa9ca48295b37401f8af92ad1af0d91d"),
        {"aaa03c23b3724a16a56b629203edc62c": ""},
        tuple(drawings.recipes()),
    ),
    PublicModel(
        "general-image-embedding",
        "visual-embedder",
        "The embedder of this installation, for images.",
        _STANDINS + "vectors:image_vectors",
        ("bb186755eda04f9cbb6fe32e816be104",),
        {"bbb5f41425b8468d9b7a554ff10f8581": ""},
    ),
    PublicModel(
        "general-clusterering",
        "clusterer",
        "The nearest of 64 fixed directions in the space of the embedder before it.",
        _STANDINS + "vectors:Clusterer",
        ("cc2074cff6dc4c02b6f4e1b8606dcb54",),
        {"cccbe437d6e54e2bb911c6aa292fb072": ""},
    ),
    PublicModel(
        "face-detection",
        "visual-detector",
        "Upright blobs in the colours of skin.",
        _STANDINS + "regions:faces",
        (
            "45fb9a671625463fa646c3523a3087d5",
            "fe995da8cb73490f8556416ecf25cea3",
            "6dc7e46bc9124c5c8824be4822abe105",
            "34ce21a40cc24b6b96ffee54aabff139",
        ),
        {"a403429f2ddf4b49b307e318f00e528b": "34ce21a40cc24b6b96ffee54aabff139"},
        ("face",),
    ),
    PublicModel(
        "general-image-detection",
        "visual-detector",
        "What differs from the colour of the picture's border.",
        _STANDINS + "regions:things",
        concepts=("object",),
    ),
    PublicModel(
        "face-sentiment-recognition",
        "visual-classifier",
        "Feelings by likeness of a face to drawn ones.",
        _STANDINS + "concepts:feelings",
        ("a5d7776f0c064a41b48c3ce039049f65",),
        concepts=tuple(drawings.FEELINGS),
    ),
    PublicModel(
        "moderation-recognition",
        "visual-classifier",
        _UNDECIDED,
        _STANDINS + "undecided:moderation",
        ("7cde8e92896340b0998b8260d47f1502", "aa8be956dbaa4b7a858826a84253cab9"),
        {"d16f390eb32cad478c7ae150069bd2c6": ""},
        ("safe", "suggestive", "explicit", "drug", "gore"),
    ),
    PublicModel(
        "age-demographics-recognition",
        "visual-classifier",
        _UNDECIDED,
        _STANDINS + "undecided:ages",
        ("fb9f10339ac14e23b8e960e74984401b",),
        concepts=_AGES,
    ),
    PublicModel(
        "gender-demographics-recognition",
        "visual-classifier",
        _UNDECIDED,
        _STANDINS + "undecided:genders",
        concepts=("Feminine", "Masculine"),
    ),
    PublicModel(
        "ethnicity-demographics-recognition",
        "visual-classifier",
        _UNDECIDED,
        _STANDINS + "undecided:ethnicities",
        concepts=_ETHNICITIES,
    ),
    PublicModel(
        "margin-110-image-crop",
        "image-crop",
        "Cuts regions out of a picture with a margin of a tenth.",
        versions=("b9987421b40a46649566826ef9325303",),
        params={"margin": 1.1},
    ),
    PublicModel(
        "margin-100-image-crop",
        "image-crop",
        "Cuts regions out of a picture.",
        params={"margin": 1.0},
    ),
    PublicModel(
        "color-recognition",
        "image-color-recognizer",
        "The colours of the picture with the share of each, by median cut.",
        _STANDINS + "colours:Colours",
        aliases={"eeed0b6733a644cea07cf4c60f87ebb7": ""},
    ),
    PublicModel(
        "multimodal-clip-embed",
        "multimodal-embedder",
        "The embedders of this installation, for images and for texts: two spaces of 512 numbers.",
        _STANDINS + "vectors:any_vectors",
    ),
    PublicModel(
        "multilingual-text-embedding",
        "text-embedder",
        "The embedder of this installation, for texts.",
        _STANDINS + "vectors:text_vectors",
    ),
    PublicModel(
        "multilingual-text-clustering",
        "clusterer",
        "The nearest of 64 fixed directions in the space of the embedder before it.",
        _STANDINS + "vectors:Clusterer",
    ),
    PublicModel(
        "moderation-multilingual-text-classification",
        "text-classifier",
        _UNDECIDED,
        _STANDINS + "undecided:text_moderation",
        concepts=("toxic", "insult", "obscene", "identity_hate", "severe_toxic", "threat"),
    ),
    _language_model("openai", "chat-completion", "GPT-4"),
    _language_model("openai", "chat-completion", "GPT-3_5-turbo"),
    _language_model("anthropic", "completion", "claude-v2"),
    _language_model("mistralai", "completion", "mistral-7B-Instruct"),
)

PREDICTORS: Mapping[str, str] = {model.name: model.predictor for model in MODELS if model.predictor}
"""`"module:callable"` behind each public model that has something of its own."""

OPERATORS: Mapping[str, str] = {"image-crop": _STANDINS + "regions:ImageCrop"}
"""`"module:callable"` behind each model type that works without training, anybody's too."""


def concepts_of(model_id: str) -> Sequence[str]:
    """Return the names of the concepts of a public model.

    Example:
        >>> concepts_of("face-detection")
        ('face',)
    """
    return next(model.concepts for model in MODELS if model.id == model_id)


def seed(db: sqlite3.Connection, store: Store) -> None:
    """Put the public models into the store; the first of the table is listed first."""
    for model in reversed(MODELS):
        _seed(db, store, model)


def _seed(db: sqlite3.Connection, store: Store, model: PublicModel) -> None:
    user_id, app_id = model.app
    now_us = _public_content.PUBLISHED_AT_US
    message = resources_pb2.Model(
        id=model.id,
        name=model.id,
        user_id=user_id,
        app_id=app_id,
        model_type_id=model.type,
        description=model.description,
        notes=NOTES,
        visibility=_public_content.PUBLIC,
    )
    store.resources.insert(db, MODEL_KIND, model.app, model.id, message, now_us=now_us)
    for version_id in reversed(model.version_ids):
        version = _version(model, version_id)
        store.resources.insert(
            db,
            VERSION_KIND,
            model.app,
            version_id,
            version,
            now_us=now_us,
            parent=model.id,
            status=codes.MODEL_TRAINED,
        )
    for alias, version_id in model.aliases.items():
        target = f"{model.id}:{version_id}" if version_id else model.id
        store.resources.insert(
            db, ALIAS_KIND, model.app, alias, message, now_us=now_us, detail=target
        )


def _version(model: PublicModel, version_id: str) -> resources_pb2.ModelVersion:
    user_id, app_id = model.app
    version = resources_pb2.ModelVersion(
        id=version_id,
        user_id=user_id,
        app_id=app_id,
        description=model.description,
        completed_at=timestamp(_public_content.PUBLISHED_AT_US),
        visibility=_public_content.PUBLIC,
        active_concept_count=len(model.concepts),
    )
    if model.params:
        version.output_info.params.update(model.params)
    for name in model.concepts:
        version.output_info.data.concepts.add(
            id=_public_content.concept_id(name), name=name, app_id=app_id, value=1
        )
    return version
