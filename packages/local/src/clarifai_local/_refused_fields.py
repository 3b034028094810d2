"""Fields that the embedded platform reads and does nothing about: a request with one is refused.

Who sets a field means something by it. What comes of none is said, by the field's name, rather than
passed over.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._patching import is_repeated
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from google.protobuf.message import Message

_NO_DEPLOYMENTS = "it has no deployments"
_NO_CONSENSUS = "it has no labelling tasks"

UNHONOURED: Mapping[str, Mapping[str, str]] = {
    # request: {path of the field: why, or what does instead}
    "GetModelRequest": {"trained_before": "name the version instead"},
    "ListAnnotationsRequest": {
        "task_id": _NO_CONSENSUS,
        "workflow_version_ids": "no workflow makes annotations on it",
    },
    "PatchAppRequest": {"metadata_action": "metadata follow the action"},
    "PatchAppsRequest": {"metadata_action": "metadata follow the action"},
    "PostConceptsSearchesRequest": {
        "extra_info": "it knows nothing more of concepts",
        "concept_query.use_cases": "concepts have no use cases on it",
    },
    "PostEvaluationsRequest": {
        "eval_metrics.predictions_dataset": "it evaluates what the model answers itself",
    },
    "PostModelOutputsRequest": {"runner_selector.deployment": _NO_DEPLOYMENTS},
    "PostModelVersionsRequest": {
        "do_migration": "upload a package that it can run",
        "eval_info": "evaluate with PostEvaluations when the version is trained",
    },
    "PostWorkflowResultsRequest": {
        "node_runner_selectors": "a node's model is answered for by the runners that serve it",
    },
}
"""By the name of the request; what a path leads through may be a list."""


def refuse(request: Message) -> None:
    """Refuse a request that sets a field of `UNHONOURED`.

    Raises:
        Refused: 10040 "Not implemented", naming the field.
    """
    for path, reason in _rules(request.DESCRIPTOR.name):
        if any(_is_set(message, path[-1]) for message in _reached(request, path[:-1])):
            raise Refused(
                codes.NOT_IMPLEMENTED,
                f"the embedded platform does not honour {'.'.join(path)}: {reason}",
            )


@functools.cache
def _rules(name: str) -> Sequence[tuple[tuple[str, ...], str]]:
    return [(tuple(path.split(".")), why) for path, why in UNHONOURED.get(name, {}).items()]


def _reached(message: Message, path: Sequence[str]) -> Iterator[Message]:
    """Yield the messages at the end of a path; none for a field that this contract lacks."""
    if not path:
        yield message
        return
    field: Any = message.DESCRIPTOR.fields_by_name.get(path[0])
    if field is None:
        return
    value = getattr(message, path[0])
    for inner in value if is_repeated(field) else [value]:
        yield from _reached(inner, path[1:])


def _is_set(message: Message, name: str) -> bool:
    """Return whether a field has a value; an empty message asks for nothing."""
    field: Any = message.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        return False
    value = getattr(message, name)
    if field.message_type is None or is_repeated(field):
        return bool(value)
    return bool(value.ByteSize())
