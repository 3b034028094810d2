"""What the stub server answers to uploads: everything is accepted, and ready after a while.

An app that is named `jobs-300` takes 300 ms to process the inputs of an upload job; others none.
"""

from __future__ import annotations

import functools
import time
from collections import Counter
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Answer = Callable[[bytes], bytes]

SLOW_APP = "jobs-"
_OK = status_pb2.Status(code=10000, description="Ok", req_id="0" * 32)
_READY, _PENDING, _ANNOTATED = 30000, 30001, 24150


def handlers(list_inputs: Answer) -> dict[str, Answer]:
    """Return what answers the methods of an upload.

    Args:
        list_inputs: What answers ListInputs when no ids are asked for.
    """
    jobs = _Jobs()
    done = service_pb2.MultiInputResponse(status=_OK).SerializeToString()
    return {
        "PostInputs": jobs.post,
        "GetInputsAddJob": jobs.get,
        "ListInputs": lambda raw: jobs.listed(raw) or list_inputs(raw),
        "PostAnnotations": _annotations,
        "DeleteInputs": lambda _: done,
    }


class _Jobs:
    """When each upload job, and each input of a slow app, is done."""

    def __init__(self) -> None:
        self._ready_at: dict[bytes, float] = {}
        self._counts: Counter[bytes] = Counter()

    def post(self, raw: bytes) -> bytes:
        """Accept every input."""
        count, job_id, delay = 0, b"", 0.0
        for tag, start, end in fields(raw):
            if tag == _INPUTS:
                count += 1
            elif tag == _JOB:
                job_id = raw[start:end]
            elif tag == _SCOPE:
                delay = _delay_seconds(raw[start:end])
        if job_id:
            self._counts[job_id] += count
            self._ready_at[job_id] = time.monotonic() + delay
        return _posted(count)

    def get(self, raw: bytes) -> bytes:
        """Say how many inputs of a job are pending."""
        asked = service_pb2.GetInputsAddJobRequest.FromString(raw)
        job_id = asked.id.encode()
        waiting = self._ready_at.get(job_id, 0) > time.monotonic()
        job = resources_pb2.InputsAddJob(id=asked.id)
        job.progress.pending_count = self._counts[job_id] if waiting else 0
        job.progress.success_count = 0 if waiting else self._counts[job_id]
        return bytes(
            service_pb2.SingleInputsAddJobResponse(
                status=_OK, inputs_add_job=job
            ).SerializeToString()
        )

    def listed(self, raw: bytes) -> bytes | None:
        """Return the inputs with the ids that are asked for; None: no ids are."""
        asked = service_pb2.ListInputsRequest.FromString(raw)
        if not asked.ids:
            return None
        answer = service_pb2.MultiInputResponse(status=_OK)
        for one in asked.ids:
            answer.inputs.add(id=one).status.code = _READY
        return bytes(answer.SerializeToString())


@functools.cache
def _delay_seconds(scope: bytes) -> float:
    app_id = resources_pb2.UserAppIDSet.FromString(scope).app_id
    return int(app_id[len(SLOW_APP) :]) / 1000 if app_id.startswith(SLOW_APP) else 0.0


@functools.cache
def _posted(count: int) -> bytes:
    answer = service_pb2.MultiInputResponse(status=_OK)
    for number in range(count):
        answer.inputs.add(id=f"input-{number:06d}").status.code = _PENDING
    return bytes(answer.SerializeToString())


def _annotations(raw: bytes) -> bytes:
    return _annotated(sum(tag == _ANNOTATIONS for tag, _, _ in fields(raw)))


@functools.cache
def _annotated(count: int) -> bytes:
    answer = service_pb2.MultiAnnotationResponse(status=_OK)
    for number in range(count):
        answer.annotations.add(id=f"{number:032x}").status.code = _ANNOTATED
    return bytes(answer.SerializeToString())


def fields(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield tag, start and end of each field of a message of texts and messages only."""
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        length, position = _varint(raw, position)
        yield tag, position, position + length
        position += length


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


_POST = service_pb2.PostInputsRequest
_SCOPE = _POST.USER_APP_ID_FIELD_NUMBER << 3 | 2
_INPUTS = _POST.INPUTS_FIELD_NUMBER << 3 | 2
_JOB = _POST.INPUTS_ADD_JOB_ID_FIELD_NUMBER << 3 | 2
_ANNOTATIONS = service_pb2.PostAnnotationsRequest.ANNOTATIONS_FIELD_NUMBER << 3 | 2
