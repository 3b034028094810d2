"""The public workflows, among them those that apps are built on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import _public_content
from clarifai_local._public_models import MODELS
from clarifai_local._workflows.rows import VERSION_KIND, WORKFLOW_KIND

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._models.engines import StandInReplacement
    from clarifai_local._store import Store


@attrs.frozen
class PublicNode:
    """One node of a public workflow."""

    id: str
    model: str
    """Id of a public model of clarifai/main."""
    inputs: Sequence[str] = ()
    """Ids of the nodes whose answers it takes."""


@attrs.frozen
class PublicWorkflow:
    """One public workflow."""

    id: str
    description: str
    nodes: Sequence[PublicNode]


_TEXT_NODES = (
    PublicNode("text-embed", "multilingual-text-embedding"),
    PublicNode("text-cluster", "multilingual-text-clustering", ("text-embed",)),
)
_FACES = (
    PublicNode("face-detect", "face-detection"),
    PublicNode("face-crop", "margin-110-image-crop", ("face-detect",)),
)

WORKFLOWS: tuple[PublicWorkflow, ...] = (
    PublicWorkflow(
        "General",
        "Concepts, vector and cluster of an image.",
        (
            PublicNode("general-v1.5-concept", "general-image-recognition"),
            PublicNode("general-v1.5-embed", "general-image-embedding"),
            PublicNode("general-v1.5-cluster", "general-clusterering", ("general-v1.5-embed",)),
        ),
    ),
    PublicWorkflow("Empty", "Nothing: inputs of an app on it are neither embedded nor found.", ()),
    PublicWorkflow(
        "Universal",
        "Vector of an image or a text, and its cluster.",
        (
            PublicNode("universal-embed", "multimodal-clip-embed"),
            PublicNode("universal-cluster", "general-clusterering", ("universal-embed",)),
        ),
    ),
    PublicWorkflow("Text", "Vector and cluster of a text.", _TEXT_NODES),
    PublicWorkflow("Language-Understanding", "Vector and cluster of a text.", _TEXT_NODES),
    PublicWorkflow(
        "Face",
        "Faces of an image, each with its vector and cluster.",
        (
            *_FACES,
            PublicNode("face-embed", "general-image-embedding", ("face-crop",)),
            PublicNode("face-cluster", "general-clusterering", ("face-embed",)),
        ),
    ),
    PublicWorkflow(
        "Face-Sentiment",
        "Faces of an image, each with the feeling it shows.",
        (*_FACES, PublicNode("face-sentiment", "face-sentiment-recognition", ("face-crop",))),
    ),
    PublicWorkflow(
        "Demographics",
        "Faces of an image; the stand-ins for age, gender and ethnicity leave it undecided.",
        (
            *_FACES,
            PublicNode("age", "age-demographics-recognition", ("face-crop",)),
            PublicNode("gender", "gender-demographics-recognition", ("face-crop",)),
            PublicNode("ethnicity", "ethnicity-demographics-recognition", ("face-crop",)),
        ),
    ),
    PublicWorkflow(
        "Moderation",
        "What may not be shown; the stand-in leaves it undecided.",
        (PublicNode("moderation", "moderation-recognition"),),
    ),
    PublicWorkflow("Color", "Colours of an image.", (PublicNode("color", "color-recognition"),)),
    PublicWorkflow(
        "General-Detection",
        "Things in an image, each with its concepts.",
        (
            PublicNode("detect", "general-image-detection"),
            PublicNode("crop", "margin-100-image-crop", ("detect",)),
            PublicNode("concept", "general-image-recognition", ("crop",)),
        ),
    ),
    PublicWorkflow(
        "Text-Moderation",
        "What may not be said; the stand-in leaves it undecided.",
        (PublicNode("moderation", "moderation-multilingual-text-classification"),),
    ),
)

_MODELS = {model.id: model for model in MODELS if model.app == _public_content.MAIN}


def seed(db: sqlite3.Connection, store: Store, _: Mapping[str, StandInReplacement]) -> None:
    """Put the public workflows into the store; the first of the table is listed first."""
    for workflow in reversed(WORKFLOWS):
        _seed(db, store, workflow)


def _seed(db: sqlite3.Connection, store: Store, workflow: PublicWorkflow) -> None:
    user_id, app_id = _public_content.MAIN
    now_us = _public_content.PUBLISHED_AT_US
    message = resources_pb2.Workflow(
        id=workflow.id,
        user_id=user_id,
        app_id=app_id,
        description=workflow.description,
        visibility=_public_content.PUBLIC,
    )
    store.resources.insert(
        db, WORKFLOW_KIND, _public_content.MAIN, workflow.id, message, now_us=now_us
    )
    version = resources_pb2.WorkflowVersion(
        id=hashlib.sha256(f"workflow {workflow.id}".encode()).hexdigest()[:32],
        workflow_id=workflow.id,
        user_id=user_id,
        app_id=app_id,
        visibility=_public_content.PUBLIC,
    )
    for node in workflow.nodes:
        added = version.nodes.add(
            id=node.id,
            node_inputs=[resources_pb2.NodeInput(node_id=given) for given in node.inputs],
        )
        added.model.id, added.model.user_id, added.model.app_id = node.model, user_id, app_id
        added.model.model_version.id = _MODELS[node.model].version_ids[0]
    store.resources.insert(
        db,
        VERSION_KIND,
        _public_content.MAIN,
        version.id,
        version,
        now_us=now_us,
        parent=workflow.id,
    )
