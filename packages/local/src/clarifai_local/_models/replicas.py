"""How many replicas of runners answer for a model: those that a runner says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from clarifai_local._store import ResourceRow, Store

RUNNER_KIND = "runner"


def serving(
    store: Store, db: sqlite3.Connection, model: ResourceRow, version_id: str
) -> Iterator[tuple[ResourceRow, resources_pb2.Runner]]:
    """Yield the runners of a model's owner whose worker names the model, newest first.

    Args:
        store: Where runners are.
        db: The connection of a read block.
        model: Its row.
        version_id: Of runners that name a version, those of this one only.
    """
    for row in store.resources.list(db, RUNNER_KIND, (model.user_id, "")):
        runner = row.message(resources_pb2.Runner)
        named = runner.worker.model
        owner = (named.user_id or row.user_id, named.app_id, named.id)
        only = named.model_version.id
        if owner == (model.user_id, model.app_id, model.id) and only in {"", version_id}:
            yield row, runner


def count(store: Store, db: sqlite3.Connection, model: ResourceRow, version_id: str) -> int:
    """Return how many replicas answer for a version of a model."""
    return sum(runner.num_replicas for _, runner in serving(store, db, model, version_id))
