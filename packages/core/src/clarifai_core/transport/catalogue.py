"""Which methods the platform has, read from the descriptor of the V2 service."""

from __future__ import annotations

import enum
import functools
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core._extras import extra_of_spec
from clarifai_core.errors import PluginError, UserError
from clarifai_core.heavy import message_factory, service_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

SERVICE = service_pb2.DESCRIPTOR.services_by_name["V2"]


class Effect(enum.Enum):
    """What sending a request twice does."""

    READ = "nothing: it only looks"
    IDEMPOTENT = "the same as sending it once"
    WRITE = "it may do the thing twice"


@attrs.frozen
class CallLimits:
    """How long one call may take."""

    total_seconds: float
    """The whole call: every attempt and every pause between them."""
    attempt_seconds: float
    """One attempt; never more than what is left of the whole."""
    once: bool = False
    """Whether a failed attempt is the end: the caller decides itself about another one. Being
    throttled is no failure."""

    asked: bool = False
    """Whether a user gave the total: then it holds in an outage, too, however long that takes."""

    def within(self, seconds: float, *, asked: bool = False) -> CallLimits:
        """Return limits of another total; an attempt may not take longer than that.

        Args:
            seconds: The total.
            asked: Whether a user gave it.
        """
        attempt_seconds = min(seconds, self.attempt_seconds)
        return CallLimits(seconds, attempt_seconds, self.once, asked or self.asked)


@attrs.frozen(eq=False)
class Rpc:
    """One method of the service."""

    name: str
    """Such as `"PostInputs"`."""
    path: str
    """Such as `"/clarifai.api.V2/PostInputs"`."""
    request_class: type[Any]
    response_class: type[Any]
    effect: Effect
    limits: CallLimits
    items_field: str
    """The one repeated field of the response, or `""`."""
    client_streaming: bool = False
    server_streaming: bool = False


_READS = frozenset(
    {
        "GenerateModelOutputs",
        "PostAnnotationsSearches",
        "PostConceptsSearches",
        "PostInputsSearches",
        "PostModelOutputs",
        "PostModelsSearches",
        "PostTrendingMetricsView",
        "PostWorkflowResults",
        "PostWorkflowResultsSimilarity",
    }
)
_IDEMPOTENT = frozenset(
    {"PutDatasetVersionExports", "PutModelVersionExports", "CancelInputsAddJob"}
)

_LIMITS = CallLimits(total_seconds=60, attempt_seconds=30)
_DATA_LIMITS = CallLimits(total_seconds=300, attempt_seconds=120)
_MODEL_LIMITS = CallLimits(total_seconds=600, attempt_seconds=300)
"""A model that is being deployed may answer after ten minutes only."""

_LIMITS_BY_NAME = {
    **dict.fromkeys(
        ("PostInputs", "PostAnnotations", "PatchInputs", "PatchAnnotations"), _DATA_LIMITS
    ),
    **dict.fromkeys(("PostInputsSearches", "PostAnnotationsSearches", "ListInputs"), _DATA_LIMITS),
    **dict.fromkeys(
        ("PostModelOutputs", "PostWorkflowResults", "GenerateModelOutputs"), _MODEL_LIMITS
    ),
}


def _effect(name: str) -> Effect:
    if name.startswith(("Get", "List")) or name in _READS:
        return Effect.READ
    if name.startswith("Delete") or name in _IDEMPOTENT:
        return Effect.IDEMPOTENT
    return Effect.WRITE


_PREFERRED_ITEMS = frozenset({"model_types", "hits"})


def _items_field(message: type[Message]) -> str:
    repeated = [field.name for field in message.DESCRIPTOR.fields if field.is_repeated]
    preferred = [name for name in repeated if name in _PREFERRED_ITEMS]
    return (preferred or repeated or [""])[0]


@functools.cache
def rpc(name: str) -> Rpc:
    """Return the method `name`.

    Raises:
        PluginError: The installed clarifai-grpc no longer has this method (the Module RPCs).
        UserError: There is no such method.

    Example:
        >>> rpc("ListInputs").items_field
        'inputs'
    """
    method = SERVICE.methods_by_name.get(name)
    if method is None:
        if "Module" in name:
            extra = extra_of_spec("rpcs", "modules") or "clarifai-grpc<=12.1.1"
            raise PluginError(
                f"The installed clarifai-grpc has no {name}: modules left the wire after 12.1.1. "
                f'Install what keeps them: pip install "{extra}".'
            )
        raise UserError(f"The platform has no method {name!r}.")
    response = message_factory.GetMessageClass(method.output_type)
    return Rpc(
        name=name,
        path=f"/{SERVICE.full_name}/{name}",
        request_class=message_factory.GetMessageClass(method.input_type),
        response_class=response,
        effect=_effect(name),
        limits=_LIMITS_BY_NAME.get(name, _LIMITS),
        items_field=_items_field(response),
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
    )
