"""The limit: the same work by hand on grpcio, with pre-built messages, pipelined, with no safety.

No retries, deadlines, checks or errors: an SDK can come near to it, not below.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

import grpc
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from benchmarks.payloads import picture, pictures

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

PAGES_AHEAD = 8
"""How many pages of a listing are asked for before it is known that there are so many."""

PER_PAGE = 1000
_METADATA = (("authorization", "Key x"),)
_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),
]
_SCOPE = resources_pb2.UserAppIDSet(user_id="bench-user", app_id="bench-app")


def list_inputs(target: str) -> Callable[[], int]:
    """List every input of an app."""
    return _listing(target, "ListInputs", service_pb2.MultiInputResponse, "inputs", PAGES_AHEAD)


def list_models(target: str) -> Callable[[], int]:
    """List every model of an app: one page holds them."""
    return _listing(target, "ListModels", service_pb2.MultiModelResponse, "models", 1)


def predict_by_bytes(target: str, count: int, size: int, in_flight: int) -> Callable[[], int]:
    """Ask a model about one picture at a time."""
    return _predictions(target, count, in_flight, [_input("", picture(size))])


def predict_batches(
    target: str, count: int, batch: int, size: int, in_flight: int
) -> Callable[[], int]:
    """Ask a model about many pictures at a time."""
    inputs = [_input(f"i{number}", content) for number, content in enumerate(pictures(batch, size))]
    return _predictions(target, count, in_flight, inputs)


def _listing(
    target: str, method: str, response_class: Any, field: str, ahead: int
) -> Callable[[], int]:
    loop = asyncio.new_event_loop()
    send = loop.run_until_complete(_open(target, method, response_class))
    head = service_pb2.ListInputsRequest(user_app_id=_SCOPE, per_page=PER_PAGE).SerializeToString()

    async def page(number: int) -> Any:
        tail = service_pb2.ListInputsRequest(page=number).SerializeToString()
        return getattr(await send(head + tail, metadata=_METADATA), field)

    async def count_all() -> int:
        numbers, found = itertools.count(1), 0
        waiting = deque(asyncio.ensure_future(page(next(numbers))) for _ in range(ahead))
        while True:
            items = await waiting.popleft()
            if len(items) == PER_PAGE:
                waiting.append(asyncio.ensure_future(page(next(numbers))))
            found += sum(1 for _ in items)
            if len(items) < PER_PAGE:
                break
        for unneeded in waiting:
            unneeded.cancel()
        return found

    loop.run_until_complete(page(1))
    return lambda: loop.run_until_complete(count_all())


def _predictions(target: str, count: int, in_flight: int, inputs: list[Any]) -> Callable[[], int]:
    """Serialise each input once, and join: the cheapest way to a big request."""
    head = service_pb2.PostModelOutputsRequest(
        user_app_id=_SCOPE, model_id="bench-model"
    ).SerializeToString()

    def request() -> bytes:
        parts = [head]
        for one in inputs:
            raw = one.SerializeToString()
            parts += (_INPUTS_TAG, _varint(len(raw)), raw)
        return b"".join(parts)

    if in_flight == 1:
        return _one_by_one(target, request, count)
    return _pipelined(target, request, count, in_flight)


def _one_by_one(target: str, request: Callable[[], bytes], count: int) -> Callable[[], int]:
    send: Callable[..., Any] = grpc.insecure_channel(target, options=_OPTIONS).unary_unary(
        "/clarifai.api.V2/PostModelOutputs",
        response_deserializer=service_pb2.MultiOutputResponse.FromString,
    )

    def ask() -> int:
        return len(send(request(), metadata=_METADATA).outputs)

    ask()
    return lambda: sum(ask() for _ in range(count))


def _pipelined(
    target: str, request: Callable[[], bytes], count: int, in_flight: int
) -> Callable[[], int]:
    loop = asyncio.new_event_loop()
    send = loop.run_until_complete(
        _open(target, "PostModelOutputs", service_pb2.MultiOutputResponse)
    )

    async def work(turns: Iterable[int]) -> int:
        return sum([len((await send(request(), metadata=_METADATA)).outputs) for _ in turns])

    async def all_of_them() -> int:
        turns = iter(range(count))
        return sum(await asyncio.gather(*(work(turns) for _ in range(in_flight))))

    loop.run_until_complete(work(range(1)))
    return lambda: loop.run_until_complete(all_of_them())


async def _open(target: str, method: str, response_class: Any) -> Callable[..., Awaitable[Any]]:
    channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
    send: Callable[..., Awaitable[Any]] = channel.unary_unary(
        f"/clarifai.api.V2/{method}", response_deserializer=response_class.FromString
    )
    return send


_INPUTS_TAG = bytes([service_pb2.PostModelOutputsRequest.INPUTS_FIELD_NUMBER << 3 | 2])


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def _input(input_id: str, content: bytes) -> resources_pb2.Input:
    made = resources_pb2.Input(id=input_id)
    made.data.image.base64 = content
    return made
