"""Which nodes a workflow's nodes work on: ids that stand twice, unknown inputs and circles.

Read off the plain content of a file, so that these faults are told together with all others.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from typing import Any

from clarifai_core.wire.messages import nearest

_ROOT = "workflow.nodes"


def faults(content: Any) -> Iterator[str]:
    """Find what is wrong with the graph of a file, whatever else is wrong with it."""
    workflow = content.get("workflow") if isinstance(content, Mapping) else None
    nodes = workflow.get("nodes") if isinstance(workflow, Mapping) else None
    if not isinstance(nodes, list):
        return
    known = {index: node for index, node in enumerate(nodes) if isinstance(node, Mapping)}
    first: dict[str, int] = {}
    for index, node in known.items():
        name = node.get("id")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield f"{_ROOT}[{index}].id: {name!r} is the id of nodes[{first[name]}] too"
    graph: dict[str, set[str]] = {name: set() for name in first}
    for index, node in known.items():
        yield from _input_faults(index, node, graph)
    yield from _circle(graph)
    yield from _type_faults(known)


def _input_faults(index: int, node: Mapping[str, Any], graph: dict[str, set[str]]) -> Iterator[str]:
    """Find wrong inputs of a node, and enter the right ones in the graph."""
    inputs, own = node.get("node_inputs"), node.get("id")
    seen: set[str] = set()
    for number, one in enumerate(inputs if isinstance(inputs, list) else ()):
        name = one.get("node_id") if isinstance(one, Mapping) else None
        if not isinstance(name, str):
            continue
        where = f"{_ROOT}[{index}].node_inputs[{number}].node_id"
        if name == own:
            yield f"{where}: node {name!r} cannot be its own input"
        elif name not in graph:
            yield f"{where}: there is no node {name!r}{nearest(name, graph)}"
        elif name in seen:
            yield f"{where}: node {name!r} is an input already"
        elif isinstance(own, str):
            graph[own].add(name)
        seen.add(name)


def _circle(graph: dict[str, set[str]]) -> Iterator[str]:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield f"{_ROOT}: the nodes {' -> '.join(error.args[1])} are a circle"


def _type_faults(nodes: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """Find nodes that give one model two types."""
    types: dict[tuple[str, ...], tuple[str, int]] = {}
    for index, node in nodes.items():
        model = node.get("model")
        if not isinstance(model, Mapping):
            continue
        address = [model.get(name, "") for name in ("user_id", "app_id", "model_id")]
        kind = model.get("model_type_id")
        if not isinstance(kind, str) or not all(isinstance(part, str) for part in address):
            continue
        other, where = types.setdefault(tuple(address), (kind, index))
        if other != kind:
            yield (
                f"{_ROOT}[{index}].model.model_type_id: {kind!r}, but nodes[{where}] says that "
                f"model {address[2]!r} is a {other!r}"
            )
