"""What the stub server answers: made once, serialised once, cut to the page that is asked for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from benchmarks import upload_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USER_ID, APP_ID = "bench-user", "bench-app"
INPUT_COUNT = 20_000
MANY_APP_ID, MANY_COUNT = "bench-app-of-many", 100_000
MODEL_COUNT = 300
HIT_COUNT = 5000
CONCEPTS_PER_OUTPUT = 5
DEFAULT_PER_PAGE = 128
"""Items of a page when the request does not say."""

_OK = status_pb2.Status(code=10000, description="Ok", req_id="0" * 32)
_LENGTH_DELIMITED = 2


def throttled(rate: float) -> bytes:
    """Return the refusal of a platform that takes `rate` requests a second."""
    status = status_pb2.Status(
        code=11005,
        description="Making too many requests",
        details=f"exceeded limit of {rate:g} requests per second",
    )
    return service_pb2.MultiInputResponse(status=status).SerializeToString()


def handlers() -> dict[str, Callable[[bytes], bytes]]:
    """Return what answers each method: request bytes in, response bytes out."""
    app = service_pb2.SingleAppResponse(
        status=_OK, app=resources_pb2.App(id=APP_ID, user_id=USER_ID)
    )
    dataset = service_pb2.SingleDatasetResponse(
        status=_OK,
        dataset=resources_pb2.Dataset(id="bench-dataset", user_id=USER_ID, app_id=APP_ID),
    )
    made = {
        "GetApp": _always(app),
        "GetDataset": _always(dataset),
        "ListInputs": _input_pages(),
        "ListModels": _pages(
            service_pb2.ListModelsRequest, service_pb2.MultiModelResponse, "models", _models()
        ),
        "PostInputsSearches": _hits(service_pb2.PostInputsSearchesRequest),
        "PostAnnotationsSearches": _hits(service_pb2.PostAnnotationsSearchesRequest),
        "PostModelOutputs": _outputs,
        "ListRunnerItems": _runner_items(),
        "PostRunnerItemOutputs": _always(service_pb2.MultiRunnerItemOutputResponse(status=_OK)),
    }
    return {**made, **upload_answers.handlers(made["ListInputs"])}


def _always(message: Any) -> Callable[[bytes], bytes]:
    answer: bytes = message.SerializeToString()
    return lambda _: answer


def _runner_items() -> Callable[[bytes], bytes]:
    """Return the handler that always has an item of work, in the caller's generation.

    Contracts before 12 have the runner in field 2 and the request of an item in field 3.
    """
    request = service_pb2.PostModelOutputsRequest(model_id="bench-model")
    request.inputs.add(id="input").data.text.raw = "a dog"
    request.model.model_version.id = "0" * 32
    raw = request.SerializeToString()
    head = service_pb2.MultiRunnerItemResponse(status=_OK).SerializeToString()

    def answer(field: int) -> bytes:
        item = service_pb2.RunnerItem(id="1" * 32).SerializeToString()
        return head + _field(2, item + _field(field, raw))

    old, new = answer(3), answer(4)
    return lambda asked: new if _asked(asked).runner_id else old


def _field(number: int, body: bytes) -> bytes:
    """Return a message as it stands in another one; short ones only."""
    length = len(body)
    size = bytes([length]) if length < 0x80 else bytes([length & 0x7F | 0x80, length >> 7])
    return bytes([number << 3 | _LENGTH_DELIMITED]) + size + body


def _asked(raw: bytes) -> service_pb2.ListRunnerItemsRequest:
    return service_pb2.ListRunnerItemsRequest.FromString(raw)


def _input_pages() -> Callable[[bytes], bytes]:
    """Return the handler for two apps; the inputs of the larger one are made when asked for."""

    def pages(count: int) -> Callable[[bytes], bytes]:
        kinds = service_pb2.ListInputsRequest, service_pb2.MultiInputResponse
        return _pages(*kinds, "inputs", _inputs(count))

    few, many = pages(INPUT_COUNT), functools.cache(lambda: pages(MANY_COUNT))
    mark = MANY_APP_ID.encode()
    return lambda raw: many()(raw) if mark in raw else few(raw)


def _inputs(count: int) -> list[resources_pb2.Input]:
    made = []
    for number in range(count):
        one = resources_pb2.Input(id=f"input-{number:06d}")
        one.data.image.url = f"https://media.example/{number:06d}.jpg"
        one.data.concepts.add(id="id-cat", name="cat", value=1.0, app_id=APP_ID)
        one.data.metadata.update({"row": number})
        one.dataset_ids.append("bench-dataset")
        one.status.code = 30000
        one.status.description = "Download complete"
        one.created_at.seconds = 1_700_000_000 + number
        one.modified_at.seconds = 1_700_000_000 + number
        made.append(one)
    return made


def _models() -> list[resources_pb2.Model]:
    made = []
    for number in range(MODEL_COUNT):
        one = resources_pb2.Model(
            id=f"model-{number:03d}",
            name=f"Model {number}",
            user_id=USER_ID,
            app_id=APP_ID,
            model_type_id="visual-classifier",
            description="A model of the benchmark.",
        )
        one.created_at.seconds = 1_700_000_000 + number
        version = one.model_version
        version.id = f"{number:032x}"
        version.status.code = 21100
        version.active_concept_count = 10
        version.user_id, version.app_id = USER_ID, APP_ID
        version.output_info.output_config.max_concepts = 20
        made.append(one)
    return made


def _hits(request_class: Any) -> Callable[[bytes], bytes]:
    """Return the handler of a search: an input with its input-level annotation for each hit."""
    made = []
    for rank, one in enumerate(_inputs(HIT_COUNT)):
        hit = resources_pb2.Hit(score=1 - rank / HIT_COUNT, input=one)
        annotation = hit.annotation
        annotation.id, annotation.input_id = f"{rank:032x}", one.id
        annotation.data.CopyFrom(one.data)
        annotation.data.ClearField("image")
        annotation.status.code = 24150
        annotation.trusted = annotation.input_level = True
        annotation.created_at.CopyFrom(one.created_at)
        made.append(hit)
    return _pages(
        request_class,
        service_pb2.MultiSearchResponse,
        "hits",
        made,
        lambda asked: asked.pagination,
    )


def _pages(
    request_class: Any,
    response_class: Any,
    field: str,
    items: Sequence[Any],
    page_of: Callable[[Any], Any] = lambda asked: asked,
) -> Callable[[bytes], bytes]:
    """Return the handler of a listing; every page is joined once and kept.

    `page_of` returns what holds the page and its size: the request itself, or a part of it.
    """
    head: bytes = response_class(status=_OK).SerializeToString()
    entries = _entries(response_class, field, items)

    @functools.cache
    def page(number: int, size: int) -> bytes:
        start = (number - 1) * size
        return head + b"".join(entries[start : start + size])

    def answer(raw: bytes) -> bytes:
        asked = page_of(request_class.FromString(raw))
        return page(asked.page or 1, asked.per_page or DEFAULT_PER_PAGE)

    return answer


def _entries(response_class: Any, field: str, items: Sequence[Any]) -> list[bytes]:
    """Return each item as it stands in the wire form of a response."""
    return [response_class(**{field: [item]}).SerializeToString() for item in items]


def _outputs(raw: bytes) -> bytes:
    return _outputs_of(_count(raw, _INPUTS_TAG))


@functools.cache
def _outputs_of(count: int) -> bytes:
    made = []
    for number in range(count):
        output = resources_pb2.Output(id=f"{number:032x}", status=_OK)
        for rank in range(CONCEPTS_PER_OUTPUT):
            value = 0.9 / (rank + 1)
            output.data.concepts.add(id=f"c{rank}", name=f"c{rank}", value=value, app_id="main")
        made.append(output)
    return service_pb2.MultiOutputResponse(status=_OK, outputs=made).SerializeToString()


def _tag(message_class: Any, field: str) -> int:
    number = message_class.DESCRIPTOR.fields_by_name[field].number
    return int(number) << 3 | _LENGTH_DELIMITED


_INPUTS_TAG = _tag(service_pb2.PostModelOutputsRequest, "inputs")


def _count(raw: bytes, tag: int) -> int:
    """Return how often a field stands in a message, without parsing what it holds.

    Every field of the request is length-delimited, so each can be stepped over.
    """
    return sum(found == tag for found, _, _ in upload_answers.fields(raw))
