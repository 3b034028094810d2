"""Workflows of the platform as files that name the models of their nodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.heavy import yaml

if TYPE_CHECKING:
    import os

    from clarifai_grpc.grpc.api import resources_pb2
    from typing_extensions import Self

__all__ = ["Exporter"]


class Exporter:
    """Writes a `Workflow` message to a file that `App.create_workflow` reads.

    `Workflow.export` does more: it gets the workflow, and writes what it takes to make its models.

    Args:
        workflow: The message, or a list that begins with it.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> nodes = [{"id": "a", "model": {"id": "m", "user_id": "me", "app_id": "zoo"}}]
        >>> with Exporter(resources_pb2.Workflow(id="w", nodes=nodes)) as exporter:
        ...     exporter.parse()["workflow"]["nodes"][0]["model"]
        {'model_id': 'm', 'user_id': 'me', 'app_id': 'zoo'}
    """

    def __init__(self, workflow: resources_pb2.Workflow | list[resources_pb2.Workflow]) -> None:
        self.wf = workflow[0] if isinstance(workflow, list) else workflow
        self.wf_dict: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def parse(self) -> dict[str, Any]:
        """Return the workflow as the file has it."""
        nodes = [_without_empty(_node(node)) for node in self.wf.nodes]
        self.wf_dict = {"workflow": {"id": self.wf.id, "nodes": nodes}}
        return self.wf_dict

    def export(self, out_path: str | os.PathLike[str]) -> None:
        """Write the file."""
        text = yaml.safe_dump(self.wf_dict or self.parse(), sort_keys=False)
        Path(out_path).write_text(text, "utf-8")

    def close(self) -> None:
        """End the use of it; there is nothing to let go of."""


def _node(node: resources_pb2.WorkflowNode) -> dict[str, Any]:
    model = {
        "model_id": node.model.id,
        "model_version_id": node.model.model_version.id,
        "user_id": node.model.user_id,
        "app_id": node.model.app_id,
    }
    inputs = [{"node_id": one.node_id} for one in node.node_inputs]
    return {"id": node.id, "model": _without_empty(model), "node_inputs": inputs}


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
