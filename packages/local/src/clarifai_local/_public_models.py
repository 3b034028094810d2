"""The public models: their ids, versions and older names, and what answers for each.

Ids and version ids are those of the hosted service, where clients and examples name them; the
answers are not the hosted models'. A description says in one sentence what is measured instead.
Models of users whom many programs name (openai, mistralai ...) are answered for whatever their id:
`_standins/hosted.json` has those users, and the few models of theirs that are listed.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import _public_content
from clarifai_local._clock import timestamp
from clarifai_local._public_content import HOSTED, OWNERS
from clarifai_local._standins import drawings
from clarifai_local.engine.concepts import concept_id

if TYPE_CHECKING:
    from clarifai_local._models.engines import StandInReplacement

NOTES = (
    "A stand-in of the embedded platform: deterministic, without weights and network. "
    "It has the id of a hosted model and is not that model."
)
_ANSWERED = (
    "The plugin {} answers, in the place of the embedded platform's stand-in. "
    "It has the id of a hosted model and is not that model."
)

_STANDINS = "clarifai_local._standins."

GENERAL = "clarifai/main/general-image-recognition"
_READER = "clarifai/main/ocr-scene-english-paddleocr"
_FACES = "clarifai/main/face-detection"
_EMBEDDERS = tuple(
    f"{_STANDINS}vectors:{name}" for name in ("image_vectors", "text_vectors", "any_vectors")
)


@attrs.frozen
class PublicModel:
    """One public model."""

    id: str
    type: str
    description: str
    predictor: str = ""
    """`"module:callable"` that returns what answers; empty: the operator of the type, or nothing
    that decides between the concepts."""
    versions: Sequence[str] = ()
    """Version ids, the one in use first; empty: one, derived from the name."""
    aliases: Mapping[str, str] = attrs.field(factory=dict)
    """Older names, each with the version that it means ("" is the one in use)."""
    concepts: Sequence[str] = ()
    params: Mapping[str, float] = attrs.field(factory=dict)
    app: tuple[str, str] = _public_content.MAIN
    title: str = ""
    """What people call it; empty: its id."""
    like: str = ""
    """`user/app/model` of a model that does the same: what a plugin puts behind that one answers
    for this one, too, unless a plugin names it."""

    @property
    def name(self) -> str:
        """`user/app/model`."""
        return "/".join((*self.app, self.id))

    @property
    def version_ids(self) -> Sequence[str]:
        """Version ids, the one in use first."""
        return self.versions or (hashlib.sha256(self.name.encode()).hexdigest()[:32],)

    def answered(self, answers: Mapping[str, StandInReplacement]) -> StandInReplacement | None:
        """Return what a plugin puts in the place of its stand-in.

        Args:
            answers: Those of plugins, by the name of a public model, or "embedder".
        """
        embeds = self.predictor in _EMBEDDERS
        named = answers.get(self.name) or answers.get(self.like)
        return named or (answers.get("embedder") if embeds else None)

    def message(self, answer: StandInReplacement | None = None) -> resources_pb2.Model:
        """Return the model as it is kept, with what a plugin puts in the place of its stand-in."""
        user_id, app_id = self.app
        return resources_pb2.Model(
            id=self.id,
            name=self.title or self.id,
            user_id=user_id,
            app_id=app_id,
            model_type_id=self.type,
            description=answer.says if answer else self.description,
            notes=_ANSWERED.format(answer.owner) if answer else NOTES,
            visibility=_public_content.PUBLIC,
        )

    def version(
        self, version_id: str, answer: StandInReplacement | None = None
    ) -> resources_pb2.ModelVersion:
        """Return a version of it as it is kept, with what a plugin puts in the place of its own."""
        user_id, app_id = self.app
        concepts = (answer and answer.concepts) or self.concepts
        version = resources_pb2.ModelVersion(
            id=version_id,
            user_id=user_id,
            app_id=app_id,
            description=answer.says if answer else self.description,
            completed_at=timestamp(_public_content.PUBLISHED_AT_US),
            visibility=_public_content.PUBLIC,
            active_concept_count=len(concepts),
        )
        if self.params:
            version.output_info.params.update(self.params)
        version.MergeFromString(_answering_with(tuple(concepts), app_id))
        return version


@functools.cache
def _answering_with(concepts: tuple[str, ...], app_id: str) -> bytes:
    """Return the concepts of a version, as a serialised one: many models share hundreds of them."""
    version = resources_pb2.ModelVersion()
    for name in concepts:
        version.output_info.data.concepts.add(
            id=concept_id(name), name=name, app_id=app_id, value=1
        )
    return bytes(version.SerializeToString())


_AGES = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70")
_ETHNICITIES = (
    "Black", "East Asian", "Indian", "Latino_Hispanic", "Middle Eastern", "Southeast Asian",
    "White",
)  # fmt: skip
_UNDECIDED = "Undecided: every concept gets the same value, as nothing measured could tell."
_THINGS = "What differs from the colour of the picture's border."

STAND_INS: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "text-to-text": (
        "texts:Extract",
        "Stands in for a language model (LLM): repeats the central sentences of the prompt.",
        (),
    ),
    "multimodal-to-text": (
        "texts:Describe",
        "Stands in for a language model (LLM) that sees: repeats the central sentences of a text, "
        "and names drawings that a picture is like.",
        (),
    ),
    "image-to-text": ("texts:Caption", "Names the drawings that the picture is most like.", ()),
    "optical-character-recognizer": (
        "texts:Unread",
        "Reads nothing: no letter is recognized.",
        (),
    ),
    "text-to-image": (
        "paintings:Paint",
        "Bands of colour that depend on the text alone: nothing is drawn.",
        (),
    ),
    "text-embedder": (
        "vectors:text_vectors",
        "The embedder of this installation, for texts.",
        (),
    ),
    "visual-embedder": (
        "vectors:image_vectors",
        "The embedder of this installation, for images.",
        (),
    ),
    "multimodal-embedder": (
        "vectors:any_vectors",
        "The embedders of this installation, for images and for texts.",
        (),
    ),
    "visual-detector": ("regions:things", _THINGS, ("object",)),
    "visual-segmenter": ("regions:subject", _THINGS, ("subject",)),
    "text-classifier": ("", _UNDECIDED, ("negative", "neutral", "positive")),
    "audio-to-text": ("sounds:Unheard", "Hears nothing: no word is recognized.", ()),
    "text-to-audio": ("sounds:Tone", "A tone as long as the text: no word is spoken.", ()),
}
"""By model type, what answers for a model of a well-known user: the callable of a stand-in, what it
does, and the names of its concepts."""


def type_of(user_id: str, app_id: str, model_id: str) -> str:
    """Return the type of a model of a well-known user, by its name.

    Example:
        >>> type_of("openai", "chat-completion", "GPT-4")
        'text-to-text'
        >>> type_of("openai", "embed", "text-embedding-ada")
        'text-embedder'
    """
    name = f"{user_id}/{app_id}/{model_id}".lower()
    return next((kind for pattern, kind in _KINDS if pattern.search(name)), "text-to-text")


def stand_in(user_id: str, app_id: str, model_id: str, version_id: str = "") -> PublicModel:
    """Return what answers for a model of a well-known user, whatever its id."""
    kind = type_of(user_id, app_id, model_id)
    target, description, concepts = STAND_INS[kind]
    return PublicModel(
        model_id,
        kind,
        description,
        target and _STANDINS + target,
        (version_id,) if version_id else (),
        concepts=concepts,
        app=(user_id, app_id),
        like=_LIKE.get(target, ""),
    )


def answers_for(user_id: str, app_id: str, model_id: str, version_id: str = "") -> bool:
    """Return whether a model that is not kept is stood in for.

    Example:
        >>> answers_for("openai", "chat-completion", "gpt-9"), answers_for("ann", "zoo", "gpt-9")
        (True, False)
    """
    named = all(_NAME.fullmatch(part) for part in (app_id, model_id))
    return user_id in OWNERS and named and (not version_id or bool(_VERSION.fullmatch(version_id)))


_LIKE: Mapping[str, str] = {"texts:Unread": _READER, "regions:faces": _FACES}
"""By stand-in: the public model that does the same."""

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")
_VERSION = re.compile(r"[0-9a-f]{32}")
_KINDS = [(re.compile(pattern), kind) for pattern, kind in HOSTED["kinds"]]


def _described(entry: Mapping[str, Any]) -> PublicModel:
    """Return a model as the data file describes it."""
    target = entry.get("predictor", "")
    return PublicModel(
        entry["id"],
        entry["type"],
        entry.get("says", _UNDECIDED),
        target and _STANDINS + target,
        entry.get("versions", ()),
        dict.fromkeys(entry.get("aliases", ()), ""),
        entry.get("concepts", ()),
        app=tuple(entry.get("app", _public_content.MAIN)),
        title=entry.get("title", ""),
        like=entry.get("like", _LIKE.get(target, "")),
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
        _STANDINS + "vectors:FixedClusterer",
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
            "b8fa05a04e0649a1a9d3186b246a59b3",
            "5e026c5fae004ed4a83263ebaabec49e",
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
        "",
        ("7cde8e92896340b0998b8260d47f1502", "aa8be956dbaa4b7a858826a84253cab9"),
        {"d16f390eb32cad478c7ae150069bd2c6": ""},
        ("safe", "suggestive", "explicit", "drug", "gore"),
    ),
    PublicModel(
        "age-demographics-recognition",
        "visual-classifier",
        _UNDECIDED,
        "",
        ("fb9f10339ac14e23b8e960e74984401b",),
        concepts=_AGES,
    ),
    PublicModel(
        "gender-demographics-recognition",
        "visual-classifier",
        _UNDECIDED,
        "",
        ("ff83d5baac004aafbe6b372ffa6f8227",),
        concepts=("Feminine", "Masculine"),
    ),
    PublicModel(
        "ethnicity-demographics-recognition",
        "visual-classifier",
        _UNDECIDED,
        "",
        ("b2897edbda314615856039fb0c489796",),
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
        _STANDINS + "colours:ColourRecognizer",
        ("dd9458324b4b45c2be1a7ba84d27cd04",),
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
        _STANDINS + "vectors:FixedClusterer",
    ),
    PublicModel(
        "moderation-multilingual-text-classification",
        "text-classifier",
        _UNDECIDED,
        "",
        concepts=("toxic", "insult", "obscene", "identity_hate", "severe_toxic", "threat"),
    ),
    *map(_described, HOSTED["models"]),
    *(
        stand_in(user_id, app_id, model_id)
        for user_id, apps in OWNERS.items()
        for app_id, models in apps.items()
        for model_id in models
    ),
)

_BY_NAME: Mapping[str, PublicModel] = {model.name: model for model in MODELS}

OPERATORS: Mapping[str, str] = {"image-crop": _STANDINS + "regions:ImageCrop"}
"""`"module:callable"` behind each model type that works without training, anybody's too."""


def concepts_of(model_id: str) -> Sequence[str]:
    """Return the names of the concepts of a public model.

    Example:
        >>> concepts_of("face-detection")
        ('face',)
    """
    return next(model.concepts for model in MODELS if model.id == model_id)


def public_model(user_id: str, app_id: str, model_id: str) -> PublicModel | None:
    """Return a public model by its name, those of well-known users whatever it is; else None."""
    known = _BY_NAME.get(f"{user_id}/{app_id}/{model_id}")
    if known is None and answers_for(user_id, app_id, model_id):
        return stand_in(user_id, app_id, model_id)
    return known
