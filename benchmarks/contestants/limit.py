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
from clarifai_grpc.grpc.api.status import status_pb2

from benchmarks.contestants.export_limit import export_image as export_image
from benchmarks.contestants.export_limit import export_text as export_text
from benchmarks.contestants.upload_limit import upload_boxes as upload_boxes
from benchmarks.contestants.upload_limit import upload_csv as upload_csv
from benchmarks.contestants.upload_limit import upload_folder as upload_folder
from benchmarks.payloads import picture, pictures

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

PAGES_AHEAD = 8
"""How many pages of a listing are asked for before it is known that there are so many."""

MANY_AHEAD = 16
"""The same where there is much of it."""

PER_PAGE = 1000
_METADATA = (("authorization", "Key x"),)
_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),
]
_SUCCESS = status_pb2.Status(code=10000)
_SCOPE = resources_pb2.UserAppIDSet(user_id="bench-user", app_id="bench-app")


def list_inputs(target: str) -> Callable[[], int]:
    """List every input of an app."""
    return _listing(target, "ListInputs", service_pb2.MultiInputResponse, "inputs", PAGES_AHEAD)


def list_many_inputs(target: str) -> Callable[[], int]:
    """List every input of a large app, 16 pages in flight."""
    kinds = service_pb2.MultiInputResponse, "inputs"
    return _listing(target, "ListInputs", *kinds, MANY_AHEAD, "bench-app-of-many")


def list_models(target: str, times: int = 1) -> Callable[[], int]:
    """List every model of an app: one page holds them. Again and again: 16 pages in flight."""
    kinds = service_pb2.MultiModelResponse, "models"
    if times == 1:
        return _listing(target, "ListModels", *kinds, 1)
    loop = asyncio.new_event_loop()
    send = loop.run_until_complete(_open(target, "ListModels", kinds[0]))
    request = service_pb2.ListModelsRequest(user_app_id=_SCOPE, page=1, per_page=PER_PAGE)
    raw = request.SerializeToString()

    async def some(turns: Iterable[int]) -> int:
        return sum([sum(1 for _ in (await send(raw, metadata=_METADATA)).models) for _ in turns])

    async def all_of_them() -> int:
        turns = iter(range(times))
        return sum(await asyncio.gather(*(some(turns) for _ in range(MANY_AHEAD))))

    loop.run_until_complete(some(range(1)))
    return lambda: loop.run_until_complete(all_of_them())


def search(target: str, count: int) -> Callable[[], int]:
    """Search by a text and a concept: as many pages as the hits that are wanted fill."""
    query = resources_pb2.Query()
    query.ranks.add().annotation.data.text.raw = "a dog"
    query.filters.add().annotation.data.concepts.add(id="id-cat", value=1)
    head = service_pb2.PostAnnotationsSearchesRequest(
        user_app_id=_SCOPE, searches=[resources_pb2.Search(query=query)]
    ).SerializeToString()
    loop = asyncio.new_event_loop()
    send = loop.run_until_complete(
        _open(target, "PostAnnotationsSearches", service_pb2.MultiSearchResponse)
    )

    async def page(number: int) -> int:
        which = service_pb2.Pagination(page=number, per_page=PER_PAGE)
        tail = service_pb2.PostAnnotationsSearchesRequest(pagination=which).SerializeToString()
        return sum(1 for _ in (await send(head + tail, metadata=_METADATA)).hits)

    async def count_all() -> int:
        return sum(await asyncio.gather(*(page(n + 1) for n in range(count // PER_PAGE))))

    loop.run_until_complete(page(1))
    return lambda: loop.run_until_complete(count_all())


def predict_by_bytes(target: str, count: int, size: int, in_flight: int) -> Callable[[], int]:
    """Ask a model about one picture at a time."""
    return _predictions(target, count, in_flight, [_input("", picture(size))])


def predict_batches(
    target: str, count: int, batch: int, size: int, in_flight: int
) -> Callable[[], int]:
    """Ask a model about many pictures at a time."""
    inputs = [_input(f"i{number}", content) for number, content in enumerate(pictures(batch, size))]
    return _predictions(target, count, in_flight, inputs)


def predict_same(target: str, count: int, batch: int, size: int) -> Callable[[], int]:
    """Ask about the same pictures again and again, in memory that is kept."""
    inputs = [_input(f"i{number}", content) for number, content in enumerate(pictures(batch, size))]
    return _predictions(target, count, 1, inputs, keep=True)


def runner(target: str, polls: int, count: int) -> Callable[[], int]:
    """Answer the items of a platform that always has one; results go out while polls wait."""
    scope: dict[str, Any] = {"user_app_id": _SCOPE, "runner_id": "bench-runner"}
    polling = service_pb2.ListRunnerItemsRequest(**scope).SerializeToString()
    response = service_pb2.MultiOutputResponse(status=_SUCCESS)
    response.outputs.add(status=_SUCCESS).data.concepts.add(id="dog", name="dog", value=0.9)
    output = service_pb2.RunnerItemOutput(multi_output_response=response)
    posting = service_pb2.PostRunnerItemOutputsRequest(**scope, runner_item_outputs=[output])
    head = posting.SerializeToString()
    loop = asyncio.new_event_loop()
    poll, post = (
        loop.run_until_complete(_open(target, name, response_class))
        for name, response_class in (
            ("ListRunnerItems", service_pb2.MultiRunnerItemResponse),
            ("PostRunnerItemOutputs", service_pb2.MultiRunnerItemOutputResponse),
        )
    )

    async def all_of_them(goal: int) -> None:
        seen = 0
        posts: set[asyncio.Future[Any]] = set()

        async def answer(item_id: str) -> None:
            tail = service_pb2.PostRunnerItemOutputsRequest(runner_item_id=item_id)
            await post(head + tail.SerializeToString(), metadata=_METADATA)

        async def work() -> None:
            nonlocal seen
            while seen < goal:
                for item in (await poll(polling, metadata=_METADATA)).runner_items:
                    seen += len(item.post_model_outputs_request.inputs)
                    going = asyncio.ensure_future(answer(item.id))
                    posts.add(going)
                    going.add_done_callback(posts.discard)

        await asyncio.gather(*(work() for _ in range(polls)))
        await asyncio.gather(*posts)

    loop.run_until_complete(all_of_them(polls))
    return lambda: loop.run_until_complete(all_of_them(count)) or count


def _listing(
    target: str,
    method: str,
    response_class: Any,
    field: str,
    ahead: int,
    app_id: str = _SCOPE.app_id,
) -> Callable[[], int]:
    loop = asyncio.new_event_loop()
    send = loop.run_until_complete(_open(target, method, response_class))
    scope = resources_pb2.UserAppIDSet(user_id=_SCOPE.user_id, app_id=app_id)
    head = service_pb2.ListInputsRequest(user_app_id=scope, per_page=PER_PAGE).SerializeToString()

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


def _predictions(
    target: str, count: int, in_flight: int, inputs: list[Any], *, keep: bool = False
) -> Callable[[], int]:
    """Serialise each input once, and join: the cheapest way to a big request.

    Keeping the last one lets the next one have the memory of the one before it.
    """
    kept = b""
    head = service_pb2.PostModelOutputsRequest(
        user_app_id=_SCOPE, model_id="bench-model"
    ).SerializeToString()

    def request() -> bytes:
        parts = [head]
        for one in inputs:
            raw = one.SerializeToString()
            parts += (_INPUTS_TAG, _varint(len(raw)), raw)
        made = b"".join(parts)
        if keep:
            nonlocal kept
            kept = made
        return made

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
