"""Where the work of runners comes from: requests for the runner `box` of a user."""

from __future__ import annotations

import time
from collections.abc import Callable

from clarifai_grpc.grpc.api import service_pb2

from clarifai_local import Platform
from clarifai_local._runner_queue import RunnerWork

ASKED = (("one",), ("two", "three"), ("quiet",))
"""The texts of each request."""

_WAIT_SECONDS = 60
_POLL_SECONDS = 0.1


class Desk:
    """Puts the requests into the queue at once: runners may come later."""

    def __init__(self, platform: Platform, user_id: str) -> None:
        queue = platform.runner_queue
        self._work = [queue.put((user_id, "box"), _request(texts)) for texts in ASKED]
        self.answers: list[list[str] | int | None] = [None] * len(self._work)
        """The texts of each answer, or its status when it failed."""

    def wait(self, given_up: Callable[[], bool]) -> None:
        """Wait until all requests are answered, or `given_up` says that nobody will."""
        end = time.monotonic() + _WAIT_SECONDS
        for number, work in enumerate(self._work):
            while self.answers[number] is None and time.monotonic() < end:
                last_look = given_up()
                self.answers[number] = _answer(work)
                if last_look:
                    break


def _answer(work: RunnerWork) -> list[str] | int | None:
    try:
        response = work.wait(_POLL_SECONDS)
    except TimeoutError:
        return None
    if response.status.code != 10000:
        return response.status.code
    return [output.data.text.raw for output in response.outputs]


def _request(texts: tuple[str, ...]) -> service_pb2.PostModelOutputsRequest:
    request = service_pb2.PostModelOutputsRequest()
    for text in texts:
        request.inputs.add().data.text.raw = text
    return request
