"""Putting the public models among the others, where they are found the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _public_content
from clarifai_local._models.rows import ALIAS_KIND, MODEL_KIND, VERSION_KIND
from clarifai_local._public_models import MODELS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from clarifai_local._models.engines import StandInReplacement
    from clarifai_local._public_models import PublicModel
    from clarifai_local._store import Store


def seed(db: sqlite3.Connection, store: Store, answers: Mapping[str, StandInReplacement]) -> None:
    """Put the public models into the store; the first of the table is listed first."""
    for model in reversed(MODELS):
        _seed(db, store, model, model.answered(answers))


def _seed(
    db: sqlite3.Connection, store: Store, model: PublicModel, answer: StandInReplacement | None
) -> None:
    now_us = _public_content.PUBLISHED_AT_US
    message = model.message(answer)
    store.resources.insert(db, MODEL_KIND, model.app, model.id, message, now_us=now_us)
    for version_id in reversed(model.version_ids):
        store.resources.insert(
            db,
            VERSION_KIND,
            model.app,
            version_id,
            model.version(version_id, answer),
            now_us=now_us,
            parent=model.id,
            status=codes.MODEL_TRAINED,
        )
    for alias, version_id in model.aliases.items():
        target = f"{model.id}:{version_id}" if version_id else model.id
        store.resources.insert(
            db, ALIAS_KIND, model.app, alias, message, now_us=now_us, detail=target
        )
