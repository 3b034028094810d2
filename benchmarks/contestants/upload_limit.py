"""The uploads of `limit.py`: built, serialised once, joined; 16 requests in flight, no safety."""

from __future__ import annotations

import asyncio
import csv
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from benchmarks.upload_sources import BOXES, csv_file, folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

IN_FLIGHT = 16
BATCH = 128
ROUND = 7
"""Batches of one job, which one status request serves."""

_METADATA = (("authorization", "Key x"),)
_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0)]
_INPUTS = bytes([service_pb2.PostInputsRequest.INPUTS_FIELD_NUMBER << 3 | 2])
_ANNOTATIONS = bytes([service_pb2.PostAnnotationsRequest.ANNOTATIONS_FIELD_NUMBER << 3 | 2])


def upload_csv(target: str, rows: int, job_ms: int = 0) -> Callable[[], int]:
    """Upload the rows of a CSV file."""
    path = csv_file(rows)
    return _Upload(target, job_ms, lambda: ((one, ()) for one in _texts(path))).run


def upload_folder(target: str, files: int, size: int) -> Callable[[], int]:
    """Upload the pictures of a folder."""
    path = folder(files, size)
    return _Upload(target, 0, lambda: ((one, ()) for one in _pictures(path, files, "label"))).run


def upload_boxes(target: str, files: int, size: int, job_ms: int = 0) -> Callable[[], int]:
    """Upload pictures with five boxes each."""
    path = folder(files, size)

    def items() -> Iterator[tuple[bytes, tuple[bytes, ...]]]:
        for number, made in enumerate(_pictures(path, files, "")):
            yield made, tuple(_boxes(f"{number}"))

    return _Upload(target, job_ms, items).run


def _texts(path: str) -> Iterator[bytes]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for input_id, text, label in rows:
            made = resources_pb2.Input(id=input_id, dataset_ids=["bench-dataset"])
            made.data.text.raw = text
            made.data.concepts.add(id=f"id-{label}", name=label, value=1)
            yield _entry(_INPUTS, made)


def _pictures(path: str, files: int, label: str) -> Iterator[bytes]:
    for number in range(files):
        made = resources_pb2.Input(id=f"{number}", dataset_ids=["bench-dataset"])
        made.data.image.base64 = Path(f"{path}/{number:06d}.jpg").read_bytes()
        if label:
            made.data.concepts.add(id=f"id-{label}", name=label, value=1)
        yield _entry(_INPUTS, made)


def _boxes(input_id: str) -> Iterator[bytes]:
    for box, name in zip(BOXES, "abcde", strict=True):
        made = resources_pb2.Annotation(id=uuid.uuid4().hex, input_id=input_id)
        region = made.data.regions.add()
        corners = region.region_info.bounding_box
        corners.left_col, corners.top_row, corners.right_col, corners.bottom_row = box
        region.data.concepts.add(id=f"id-{name}", name=name, value=1)
        yield _entry(_ANNOTATIONS, made)


class _Upload:
    """One upload after another over one channel."""

    def __init__(
        self,
        target: str,
        job_ms: int,
        items: Callable[[], Iterable[tuple[bytes, tuple[bytes, ...]]]],
    ) -> None:
        self._items = items
        self._scope = resources_pb2.UserAppIDSet(user_id="bench-user", app_id=f"jobs-{job_ms}")
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._open(target))

    async def _open(self, target: str) -> None:
        channel = grpc.aio.insecure_channel(target, options=_OPTIONS)

        def method(name: str, answer: Any) -> Any:
            path = f"/clarifai.api.V2/{name}"
            return channel.unary_unary(path, response_deserializer=answer.FromString)

        self._post = method("PostInputs", service_pb2.MultiInputResponse)
        self._annotate = method("PostAnnotations", service_pb2.MultiAnnotationResponse)
        self._job = method("GetInputsAddJob", service_pb2.SingleInputsAddJobResponse)
        await self._ready("none")

    def run(self) -> int:
        """Upload everything; return how many inputs were accepted."""
        return self._loop.run_until_complete(self._run())

    async def _run(self) -> int:
        self._gate = asyncio.Semaphore(IN_FLIGHT)
        rounds: list[Any] = []
        posts: list[Any] = []
        boxes: list[bytes] = []
        self._accepted, batches, job = 0, 0, uuid.uuid4().hex
        inputs: list[bytes] = []
        for made, shapes in self._items():
            inputs.append(made)
            boxes += shapes
            if len(inputs) == BATCH:
                await self._gate.acquire()
                posts.append(asyncio.ensure_future(self._send(inputs, job)))
                inputs, batches = [], batches + 1
                if batches % ROUND == 0:
                    rounds.append(asyncio.ensure_future(self._settle(job, posts, boxes)))
                    posts, boxes, job = [], [], uuid.uuid4().hex
        if inputs:
            await self._gate.acquire()
            posts.append(asyncio.ensure_future(self._send(inputs, job)))
        if posts:
            rounds.append(asyncio.ensure_future(self._settle(job, posts, boxes)))
        await asyncio.gather(*rounds)
        return self._accepted

    async def _send(self, inputs: list[bytes], job: str) -> None:
        head = service_pb2.PostInputsRequest(user_app_id=self._scope, inputs_add_job_id=job)
        request = head.SerializeToString() + b"".join(inputs)
        try:
            answer = await self._post(request, metadata=_METADATA)
            self._accepted += len(answer.inputs)
        finally:
            self._gate.release()

    async def _settle(self, job: str, posts: list[Any], boxes: list[bytes]) -> None:
        await asyncio.gather(*posts)
        while not await self._ready(job):
            await asyncio.sleep(0.05)
        head = service_pb2.PostAnnotationsRequest(user_app_id=self._scope).SerializeToString()
        await asyncio.gather(
            *(
                self._add(head + b"".join(boxes[start : start + BATCH]))
                for start in range(0, len(boxes), BATCH)
            )
        )

    async def _add(self, request: bytes) -> None:
        async with self._gate:
            await self._annotate(request, metadata=_METADATA)

    async def _ready(self, job: str) -> bool:
        asked = service_pb2.GetInputsAddJobRequest(user_app_id=self._scope, id=job)
        answer = await self._job(asked.SerializeToString(), metadata=_METADATA)
        return not answer.inputs_add_job.progress.pending_count


def _entry(tag: bytes, message: Any) -> bytes:
    raw = message.SerializeToString()
    return b"".join((tag, _varint(len(raw)), raw))


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))
