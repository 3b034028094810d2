"""Finding models and their versions in the store, and showing them.

A model is a row of kind `model`, a version one of kind `model_version` with the model's id as
parent and its status code as status. Ids that an app does not have are looked up in the public app
`clarifai/main`, there also under the older names that clients of the hosted service know. Models of
well-known users are found whatever their id: a row is made for those that are not kept.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _public_content
from clarifai_local._clock import timestamp
from clarifai_local._public_models import answers_for, stand_in
from clarifai_local._store import ResourceRow
from clarifai_local.statuses import Refused, status

if TYPE_CHECKING:
    import sqlite3

    from google.protobuf.message import Message

    from clarifai_local._scope import AppScope
    from clarifai_local._store import Store

MODEL_KIND = "model"
VERSION_KIND = "model_version"
ALIAS_KIND = "model_alias"
"""Another name of a model; `detail` is `"<model id>"` or `"<model id>:<version id>"`."""

TRAINING = (codes.MODEL_QUEUED_FOR_TRAINING, codes.MODEL_TRAINING)
BUILDING = (codes.MODEL_UPLOADING, codes.MODEL_BUILDING)

LOGS_PATH = "/train-logs/"
LOG = "train_log"
WEIGHTS = "weights"
SPACES = "spaces"
"""What the weights were learned from: see `spaces.SpaceNames`."""


@attrs.frozen
class FoundModel:
    """A model, with the version that a request means."""

    model: ResourceRow
    version: ResourceRow | None
    """None when the model has no version at all."""

    @property
    def key(self) -> tuple[str, str]:
        """`(user_id, app_id)` of the app that the model is in."""
        return self.model.user_id, self.model.app_id


def find(
    store: Store, db: sqlite3.Connection, scope: AppScope, model_id: str, version_id: str = ""
) -> FoundModel:
    """Return a model of the app, or else the public one of that name.

    Args:
        store: Where models are.
        db: The connection of a read or write block.
        scope: The app to look in first.
        model_id: Id, or an older name of a public model.
        version_id: Empty means the version in use: the newest trained one, else the newest.

    Raises:
        Refused: 21200 "Model does not exist", also for a version that does not exist.
    """
    model = store.resources.get(db, MODEL_KIND, scope.key, model_id)
    if model is None:
        model, version_id = _public(store, db, model_id, version_id)
    if model is None:
        model = _stood_in(scope.key, model_id)
    if model is None:
        raise no_model(f"model {model_id!r} does not exist in app {scope.app_id!r}")
    if not version_id:
        return FoundModel(model, in_use(versions(store, db, model)))
    version = version_of(store, db, model, version_id)
    if version is None:
        raise no_model(f"model {model_id!r} has no version {version_id!r}")
    return FoundModel(model, version)


def exact(
    store: Store, db: sqlite3.Connection, place: tuple[str, str], model_id: str, version_id: str
) -> FoundModel | None:
    """Return a model of an app, looked up nowhere else, with one of its versions; None: it is gone.

    Args:
        store: Where models are.
        db: The connection of a read or write block.
        place: `(user_id, app_id)`.
        model_id: Its id.
        version_id: The version's id.
    """
    model = store.resources.get(db, MODEL_KIND, place, model_id) or _stood_in(place, model_id)
    version = None if model is None else version_of(store, db, model, version_id)
    return None if model is None or version is None else FoundModel(model, version)


def version_of(
    store: Store, db: sqlite3.Connection, model: ResourceRow, version_id: str
) -> ResourceRow | None:
    """Return a version of a model, or None."""
    kept = store.resources.get(db, VERSION_KIND, key(model), version_id, model.id)
    return kept or _stood_in_version(model, version_id)


def own(store: Store, db: sqlite3.Connection, scope: AppScope, model_id: str) -> ResourceRow:
    """Return a model of the app itself, to be changed.

    Raises:
        Refused: 21200 when the app has none of that id.
    """
    row = store.resources.get(db, MODEL_KIND, scope.key, model_id)
    if row is None:
        raise no_model(f"model {model_id!r} does not exist in app {scope.app_id!r}")
    return row


def versions(store: Store, db: sqlite3.Connection, model: ResourceRow) -> list[ResourceRow]:
    """Return the versions of a model, newest first."""
    if model.seq < 0:
        (version_id,) = stand_in(*key(model), model.id).version_ids
        version = _stood_in_version(model, version_id)
        return [] if version is None else [version]
    return store.resources.list(db, VERSION_KIND, key(model), parent=model.id)


def in_use(rows: list[ResourceRow]) -> ResourceRow | None:
    """Return the version that is meant when none is named: the newest trained one, else the newest.

    Args:
        rows: The versions of one model, newest first.
    """
    trained = [row for row in rows if row.status == codes.MODEL_TRAINED]
    return next(iter(trained or rows), None)


def key(row: ResourceRow) -> tuple[str, str]:
    """Return `(user_id, app_id)` of a row."""
    return row.user_id, row.app_id


def no_model(details: str) -> Refused:
    """Return the refusal of a model that is not there; clients match its description."""
    return Refused(codes.MODEL_DOES_NOT_EXIST, details)


def model_message(
    model: ResourceRow, version: ResourceRow | None, base_url: str
) -> resources_pb2.Model:
    """Return a model as answers show it.

    Args:
        model: Its row.
        version: The version to show in it.
        base_url: Base of the addresses of logs.
    """
    message = model.message(resources_pb2.Model)
    message.created_at.CopyFrom(timestamp(model.created_at))
    message.modified_at.CopyFrom(timestamp(model.modified_at))
    if version is not None:
        message.model_version.CopyFrom(version_message(version, base_url))
    return message


def version_message(version: ResourceRow, base_url: str) -> resources_pb2.ModelVersion:
    """Return a version as answers show it; see `model_message`."""
    message = version.message(resources_pb2.ModelVersion)
    details = message.status.details
    message.status.CopyFrom(status(version.status, details))
    message.created_at.CopyFrom(timestamp(version.created_at))
    message.modified_at.CopyFrom(timestamp(version.modified_at))
    if version.detail:
        message.train_log = f"{base_url}{LOGS_PATH}{version.detail}"
    return message


def delete_model(store: Store, db: sqlite3.Connection, model: ResourceRow) -> list[ResourceRow]:
    """Remove a model with its versions and their evaluations; returns the versions."""
    gone = versions(store, db, model)
    for version in gone:
        delete_version(store, db, version)
    store.resources.delete(db, model)
    return gone


def delete_version(store: Store, db: sqlite3.Connection, version: ResourceRow) -> None:
    """Remove a version with its evaluations."""
    store.resources.delete_where(db, "kind = 'evaluation' AND detail = ?", (str(version.seq),))
    store.resources.delete(db, version)


def _stood_in(place: tuple[str, str], model_id: str) -> ResourceRow | None:
    """Return a row for a model of a well-known user, None for other users."""
    if not answers_for(*place, model_id):
        return None
    model = stand_in(*place, model_id)
    return _made(MODEL_KIND, place, model_id, model.message())


def _stood_in_version(model: ResourceRow, version_id: str) -> ResourceRow | None:
    place = key(model)
    if not answers_for(*place, model.id, version_id):
        return None
    version = stand_in(*place, model.id).version(version_id)
    return _made(VERSION_KIND, place, version_id, version, model.id, codes.MODEL_TRAINED)


def _made(
    kind: str,
    place: tuple[str, str],
    row_id: str,
    message: Message,
    parent: str = "",
    status_code: int = 0,
) -> ResourceRow:
    """Return a row that is not kept; its number is below 0, and always the same."""
    name = "/".join((kind, *place, parent, row_id))
    seq = -1 - int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")
    when = _public_content.PUBLISHED_AT_US
    body = message.SerializeToString()
    return ResourceRow(seq, kind, *place, parent, row_id, when, when, status_code, "", body)


def _public(
    store: Store, db: sqlite3.Connection, model_id: str, version_id: str
) -> tuple[ResourceRow | None, str]:
    model = store.resources.get(db, MODEL_KIND, _public_content.MAIN, model_id)
    if model is not None:
        return model, version_id
    alias = store.resources.get(db, ALIAS_KIND, _public_content.MAIN, model_id)
    if alias is None:
        return None, version_id
    name, _, own_version = alias.detail.partition(":")
    model = store.resources.get(db, MODEL_KIND, _public_content.MAIN, name)
    return model, version_id or own_version
