"""Answers of a model as they come: to one request, or to many that go out as they are made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core.errors import ApiClientError, BadReply, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.polling import wait_until
from clarifai_core.status import Advice, error_from, is_success, meaning_of
from clarifai_core.wire.preserialized import JoinedRequest
from clarifai_resources.model import predictions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from clarifai_grpc.grpc.api import service_pb2

    from clarifai_resources._output_config import OutputSettings
    from clarifai_resources.model._prediction_methods import PredictionMethods

T = TypeVar("T")

DEPLOYMENT_SECONDS = 600
"""How long a model may take until it is there to be asked."""

_END: Any = object()


def generate(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> Iterator[service_pb2.MultiOutputResponse]:
    """Return the parts of an answer as they come; see `Model.generate`."""
    request = predictions.request_of(model, inputs, inference_params, output_config)
    return _generated(model, request)


def _generated(
    model: PredictionMethods, request: JoinedRequest
) -> Iterator[service_pb2.MultiOutputResponse]:
    name = "GenerateModelOutputs"

    def begun() -> tuple[Any, Iterator[Any]] | None:
        answers = model.session.stream(name, request)  # type: ignore[arg-type]
        try:
            first = next(answers, None)
        except ApiClientError as error:  # a wait would ask again: what was lost may have been done
            return error, answers
        if first is None:
            return BadReply(f"{name}: the answer has no parts."), answers
        if meaning_of(first.status.code).advice is Advice.NOT_READY:
            return None
        return first, answers

    what = f"The deployment of model {model.id!r}"
    first, rest = wait_until(begun, what=what, timeout_seconds=DEPLOYMENT_SECONDS)
    if isinstance(first, ApiClientError):
        raise first
    yield _checked(model, name, request, first)
    for answer in rest:
        yield _checked(model, name, request, answer)


def stream(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> Iterator[service_pb2.MultiOutputResponse]:
    """Return answers as they come, while inputs are still made; see `Model.stream`."""
    if not isinstance(inputs, Iterable) or isinstance(inputs, (str, bytes)):
        raise UserError(
            f"inputs must be lists of Input messages, one after another, got {inputs!r}."
        )
    head = predictions.head_of(model, inference_params, output_config)
    return _streamed(model, head, inputs)


def _streamed(
    model: PredictionMethods, head: service_pb2.PostModelOutputsRequest, inputs: Iterable[Any]
) -> Iterator[service_pb2.MultiOutputResponse]:
    failed: list[Exception] = []

    def requests() -> Iterator[JoinedRequest]:
        # gRPC tells nobody what goes wrong here: it is kept, and raised where answers are read.
        try:
            for one in inputs:
                listed = [one] if isinstance(one, resources_pb2.Input) else one
                yield JoinedRequest(head, "inputs", predictions.checked_inputs(listed))
        except Exception as error:  # noqa: BLE001  why: it is raised below
            failed.append(error)

    name = "StreamModelOutputs"
    for answer in model.session.stream(name, requests()):  # type: ignore[arg-type]
        yield _checked(model, name, head, answer)
    if failed:
        raise failed[0]


def _checked(
    model: PredictionMethods, name: str, request: Any, answer: service_pb2.MultiOutputResponse
) -> service_pb2.MultiOutputResponse:
    if is_success(answer.status):
        return answer
    raise error_from(answer, model.session.prepare(name, request), 1)


async def in_threads(items: Iterator[T]) -> AsyncIterator[T]:
    """Yield items that a thread waits for, so that the event loop goes on."""
    try:
        while (item := await asyncio.to_thread(next, items, _END)) is not _END:
            yield item
    finally:
        close: Callable[[], None] | None = getattr(items, "close", None)
        if close is not None:
            with suppress(ValueError):  # a thread still waits for the next one
                close()


def each(
    contents: object, name: str, made: Callable[[Any], resources_pb2.Input]
) -> Iterator[Sequence[resources_pb2.Input]]:
    """Yield a list with an input for each content, as it comes.

    Raises:
        UserError: It is one content, not one after another.
    """
    if not isinstance(contents, Iterable) or isinstance(contents, (str, bytes)):
        raise UserError(f"{name} must give one content after another, got {contents!r:.80}.")
    return ([made(one)] for one in contents)
