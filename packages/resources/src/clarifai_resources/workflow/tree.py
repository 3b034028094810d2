"""The nodes of a workflow as a tree of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.heavy import resources_pb2
from clarifai_core.wire.messages import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


def tree(
    workflow_id: str,
    nodes: Iterable[resources_pb2.WorkflowNode],
    is_own: Callable[[resources_pb2.Model], bool],
) -> str:
    """Return a line per node; each stands once, below the first of its inputs.

    Args:
        workflow_id: What the tree is called.
        nodes: The nodes of the workflow.
        is_own: Tells of a model whether it is of the workflow's app; others show theirs.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> nodes = [resources_pb2.WorkflowNode(id="find"), resources_pb2.WorkflowNode(id="crop")]
        >>> nodes[1].node_inputs.add(node_id="find").node_id
        'find'
        >>> print(tree("faces", nodes, bool))
        faces
        `-- find
            `-- crop
    """
    return "\n".join([workflow_id, *_lines(list(nodes), is_own)])


def _lines(
    nodes: list[resources_pb2.WorkflowNode], is_own: Callable[[resources_pb2.Model], bool]
) -> Iterator[str]:
    below: dict[str, list[resources_pb2.WorkflowNode]] = {}
    for node in nodes:
        parent = node.node_inputs[0].node_id if node.node_inputs else ""
        below.setdefault(parent, []).append(node)
    waiting = [("", node, node is below[""][-1]) for node in reversed(below.get("", []))]
    while waiting:
        indent, node, is_last = waiting.pop()
        yield f"{indent}{'`-- ' if is_last else '|-- '}{_label(node, is_own)}"
        inner = indent + ("    " if is_last else "|   ")
        children = below.get(node.id, [])
        waiting.extend((inner, child, child is children[-1]) for child in reversed(children))


def _label(node: resources_pb2.WorkflowNode, is_own: Callable[[resources_pb2.Model], bool]) -> str:
    model, others = node.model, [one.node_id for one in node.node_inputs[1:]]
    label = node.id
    if model.id:
        owner = "" if is_own(model) else f"{model.user_id}/{model.app_id}/"
        label += f": {owner}{model.id}"
    if model.model_version.id:
        label += f", version {model.model_version.id}"
    if others:
        label += f" (also from {', '.join(others)})"
    return label


def display_workflow_tree(nodes_data: Iterable[Mapping[str, Any]]) -> None:
    """Print the nodes of a workflow as a tree.

    Args:
        nodes_data: The nodes, with the field names of `WorkflowNode`.

    Example:
        >>> display_workflow_tree([{"id": "find", "model": {"id": "detector"}}])
        Input
        `-- find: detector
    """
    nodes = [fill(resources_pb2.WorkflowNode(), node, "node") for node in nodes_data]
    owner = {(node.model.user_id, node.model.app_id) for node in nodes[:1]}
    print(tree("Input", nodes, lambda model: (model.user_id, model.app_id) in owner))  # noqa: T201  why: it displays
