"""Answers of a model as they come: to one request, or to many that go out as they are made."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from clarifai_aio._core.polling import wait_until
from clarifai_aio._resources.model import predictions
from clarifai_core.errors import ApiClientError, BadReply, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.status import Advice, error_from, is_success, meaning_of
from clarifai_core.wire.preserialized import JoinedRequest
from clarifai_resources.model._streams import DEPLOYMENT_SECONDS

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Mapping,
        Sequence,
    )

    from clarifai_grpc.grpc.api import service_pb2

    from clarifai_aio._resources.model._prediction_methods import PredictionMethods
    from clarifai_resources._output_config import OutputSettings

T = TypeVar("T")

AnyIterable: TypeAlias = "Iterable[T] | AsyncIterable[T]"
"""What gives one thing after another, at once or as they come."""


def generate(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> AsyncIterator[service_pb2.MultiOutputResponse]:
    """Return the parts of an answer as they come; see `Model.generate`."""
    given = predictions.checked_inputs(inputs)
    return _generated(model, given, inference_params, output_config)


async def _generated(
    model: PredictionMethods,
    inputs: list[resources_pb2.Input],
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> AsyncGenerator[service_pb2.MultiOutputResponse, None]:
    name = "GenerateModelOutputs"
    request: Any = await predictions.request_of(model, inputs, inference_params, output_config)

    async def begun() -> tuple[Any, Any] | None:
        answers = model.session.stream(name, request)
        try:
            first = await anext(answers, None)
        except ApiClientError as error:  # a wait would ask again: what was lost may have been done
            return error, answers
        if first is None:
            return BadReply(f"{name}: the answer has no parts."), answers
        if meaning_of(first.status.code).advice is Advice.NOT_READY:
            return None
        return first, answers

    what = f"The deployment of model {model.id!r}"
    first, rest = await wait_until(begun, what=what, timeout_seconds=DEPLOYMENT_SECONDS)
    if isinstance(first, ApiClientError):
        raise first
    async with aclosing(rest):
        yield _checked(model, name, request, first)
        async for answer in rest:
            yield _checked(model, name, request, answer)


def stream(
    model: PredictionMethods,
    inputs: object,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> AsyncIterator[service_pb2.MultiOutputResponse]:
    """Return answers as they come, while inputs are still made; see `Model.stream`."""
    if not isinstance(inputs, (Iterable, AsyncIterable)) or isinstance(inputs, (str, bytes)):
        raise UserError(
            f"inputs must be lists of Input messages, one after another, got {inputs!r}."
        )
    return _streamed(model, inputs, inference_params, output_config)


async def _streamed(
    model: PredictionMethods,
    inputs: AnyIterable[Any],
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
) -> AsyncGenerator[service_pb2.MultiOutputResponse, None]:
    head = await predictions.head_of(model, inference_params, output_config)
    failed: list[Exception] = []

    async def requests() -> AsyncIterator[JoinedRequest]:
        # gRPC tells nobody what goes wrong here: it is kept, and raised where answers are read.
        try:
            async for one in each_of(inputs):
                listed = [one] if isinstance(one, resources_pb2.Input) else one
                yield JoinedRequest(head, "inputs", predictions.checked_inputs(listed))
        except Exception as error:  # noqa: BLE001  why: it is raised below
            failed.append(error)

    name = "StreamModelOutputs"
    async with aclosing(model.session.stream(name, requests())) as answers:
        async for answer in answers:
            yield _checked(model, name, head, answer)
    if failed:
        raise failed[0]


def _checked(
    model: PredictionMethods, name: str, request: Any, answer: service_pb2.MultiOutputResponse
) -> service_pb2.MultiOutputResponse:
    if is_success(answer.status):
        return answer
    raise error_from(answer, model.session.prepare(name, request), 1)


async def each_of(given: AnyIterable[T]) -> AsyncIterator[T]:
    """Yield things one after another, whichever way they come."""
    if isinstance(given, AsyncIterable):
        async for one in given:
            yield one
    else:
        for one in given:
            yield one


def each(
    contents: object, name: str, made: Callable[[Any], Awaitable[resources_pb2.Input]]
) -> AsyncIterator[Sequence[resources_pb2.Input]]:
    """Yield a list with an input for each content, as it comes.

    Raises:
        UserError: It is one content, not one after another.
    """
    if not isinstance(contents, (Iterable, AsyncIterable)) or isinstance(contents, (str, bytes)):
        raise UserError(f"{name} must give one content after another, got {contents!r:.80}.")
    return _each(contents, made)


async def _each(
    contents: AnyIterable[Any], made: Callable[[Any], Awaitable[resources_pb2.Input]]
) -> AsyncIterator[Sequence[resources_pb2.Input]]:
    async for one in each_of(contents):
        yield [await made(one)]
