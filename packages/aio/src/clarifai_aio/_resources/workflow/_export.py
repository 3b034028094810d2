# Made of clarifai_resources.workflow._export by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Workflows to files that `App.create_workflow` takes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_aio._core import ops
from clarifai_aio._resources.trainable import Trainable
from clarifai_core.errors import UserError
from clarifai_resources import _kinds
from clarifai_resources._versions import id_of
from clarifai_resources.trainable import has_weights
from clarifai_resources.workflow import _document, _output_info
from clarifai_resources.workflow._export import PUBLIC_LIBRARY, Owner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from clarifai_grpc.grpc.api import resources_pb2


async def export(workflow: Any, out_path: str | PathLike[str]) -> None:
    """Write a workflow to a YAML file; see `Workflow.export`."""
    path = _document.check_path("out_path", out_path)
    _document.check_writable(path, "out_path")
    workflow_id = id_of(workflow)
    nodes, owner = await _nodes(workflow, workflow_id)
    if not nodes:
        raise UserError(f"Workflow {workflow_id!r} has no nodes; there is nothing to export.")
    trainable = Trainable(workflow)
    told = [await _node_content(node, owner, trainable) for node in nodes]
    content = {"id": workflow_id, "nodes": told}
    _document.write(path, "out_path", {"workflow": content})


async def _nodes(
    workflow: Any, workflow_id: str
) -> tuple[Sequence[resources_pb2.WorkflowNode], Owner]:
    """Return the nodes of the handle's version, and whose they are."""
    wanted = workflow.asked_version_id
    message: Any = await ops.get(workflow, _kinds.WORKFLOW, workflow_id)
    if wanted and message.version.id != wanted:
        message = await ops.get(workflow, _kinds.WORKFLOW_VERSION, wanted, workflow_id=workflow_id)
    owner = (message.user_id or workflow.user_id, message.app_id or workflow.app_id)
    return message.nodes or getattr(message, "version", message).nodes, owner


async def _node_content(
    node: resources_pb2.WorkflowNode, owner: Owner, trainable: Trainable
) -> dict[str, Any]:
    inputs = [{"node_id": one.node_id} for one in node.node_inputs]
    parts = {
        "id": node.id,
        "model": await _model_content(node.model, owner, trainable),
        "node_inputs": inputs,
        "suppress_output": node.suppress_output,
        "output_info_override": _output_info.override_content(node.output_info_override),
    }
    return {name: part for name, part in parts.items() if part}


async def _model_content(
    model: resources_pb2.Model, owner: Owner, trainable: Trainable
) -> dict[str, Any]:
    """Return a model by its ids and, of the workflow's own app, with what it takes to make it."""
    holder = (model.user_id or owner[0], model.app_id or owner[1])
    parts: dict[str, Any] = {
        "model_id": model.id,
        "model_version_id": model.model_version.id,
        "user_id": holder[0],
        "app_id": holder[1],
    }
    if holder == owner and await _can_be_made(model, owner, trainable):
        parts.update(
            model_type_id=model.model_type_id,
            description=model.description,
            output_info=_output_info.content(model),
        )
    return {name: part for name, part in parts.items() if part}


async def _can_be_made(model: resources_pb2.Model, owner: Owner, trainable: Trainable) -> bool:
    """Tell whether another app can make a model from what a file says of it."""
    if owner == PUBLIC_LIBRARY:
        return False
    return not has_weights(model.model_version) and not await trainable.holds(model.model_type_id)
