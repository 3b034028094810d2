"""What the stub server answers: made once, serialised once, cut to the page that is asked for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USER_ID, APP_ID = "bench-user", "bench-app"
INPUT_COUNT = 20_000
MODEL_COUNT = 300
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
    return {
        "GetApp": _always(app),
        "GetDataset": _always(dataset),
        "ListInputs": _pages(
            service_pb2.ListInputsRequest, service_pb2.MultiInputResponse, "inputs", _inputs()
        ),
        "ListModels": _pages(
            service_pb2.ListModelsRequest, service_pb2.MultiModelResponse, "models", _models()
        ),
        "PostModelOutputs": _outputs,
    }


def _always(message: Any) -> Callable[[bytes], bytes]:
    answer: bytes = message.SerializeToString()
    return lambda _: answer


def _inputs() -> list[resources_pb2.Input]:
    made = []
    for number in range(INPUT_COUNT):
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


def _pages(
    request_class: Any, response_class: Any, field: str, items: Sequence[Any]
) -> Callable[[bytes], bytes]:
    """Return the handler of a listing; every page is joined once and kept."""
    head: bytes = response_class(status=_OK).SerializeToString()
    entries = _entries(response_class, field, items)

    @functools.cache
    def page(number: int, size: int) -> bytes:
        start = (number - 1) * size
        return head + b"".join(entries[start : start + size])

    def answer(raw: bytes) -> bytes:
        asked = request_class.FromString(raw)
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
    position, count = 0, 0
    while position < len(raw):
        found, position = _varint(raw, position)
        length, position = _varint(raw, position)
        position += length
        count += found == tag
    return count


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
