"""The graph of a workflow: what may be a graph, and in which order its nodes run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _ids
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_grpc.grpc.api import resources_pb2

MAX_NODES = 128
"""Nodes in one workflow."""


def run_order(nodes: Sequence[resources_pb2.WorkflowNode]) -> list[resources_pb2.WorkflowNode]:
    """Return nodes so that each comes after those whose answers it takes, else as they are.

    Raises:
        Refused: 22107 "Workflow graph is invalid" for no or too many nodes, an id that is missing,
            wrong or there twice, an input that is no node, or a circle.
    """
    _check(nodes)
    waiting, done, order = list(nodes), set[str](), []
    while waiting:
        ready = [n for n in waiting if all(given.node_id in done for given in n.node_inputs)]
        if not ready:
            circle = ", ".join(repr(node.id) for node in waiting)
            raise invalid_graph(f"the nodes {circle} wait for each other: a graph has no circle")
        order += ready
        done.update(node.id for node in ready)
        waiting = [node for node in waiting if node.id not in done]
    return order


def invalid_graph(details: str) -> Refused:
    """Return the refusal of nodes that are no graph, ready to be raised."""
    return Refused(codes.WORKFLOW_INVALID_GRAPH, details)


def _check(nodes: Sequence[resources_pb2.WorkflowNode]) -> None:
    if not 1 <= len(nodes) <= MAX_NODES:
        raise invalid_graph(f"a workflow has 1 to {MAX_NODES} nodes, got {len(nodes)}")
    known: set[str] = set()
    for node in nodes:
        _ids.check_input(node.id, "node id")
        if node.id in known:
            raise invalid_graph(f"the node id {node.id!r} is there twice")
        known.add(node.id)
    for node in nodes:
        for given in node.node_inputs:
            if given.node_id not in known:
                raise invalid_graph(
                    f"node {node.id!r} takes the answer of {given.node_id!r}, which is no node"
                )
