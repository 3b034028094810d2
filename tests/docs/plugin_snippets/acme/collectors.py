"""A kind of resource that no package of ours handles."""

# --8<-- [start:collector]
from __future__ import annotations

from typing import Any

from clarifai_core import ops
from clarifai_core.handles import Handle
from clarifai_core.kinds import ResourceKind
from clarifai_core.paging import Pager

KIND = ResourceKind("collector")


class Collector(Handle):
    """A collector of an app: it makes inputs of what models are asked."""

    kind = "collector"

    description: str  # fields of the message are attributes; this tells type checkers of one

    @classmethod
    def create(cls, app: Handle, collector_id: str, **fields: Any) -> Collector:
        return cls.of(ops.create(app, KIND, {"id": collector_id, **fields}), app)

    @classmethod
    def list_of(cls, app: Handle) -> Pager[Collector]:
        return ops.pager(app, KIND, lambda message: cls.of(message, app))

    def delete(self) -> None:
        ops.delete(self, KIND, [self.id])


# --8<-- [end:collector]
