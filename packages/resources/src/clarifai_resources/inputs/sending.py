"""Many inputs through a window of requests; at the end it is known of each what became of it."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import ApiClientError, ApiError, ClarifaiError, ServerError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.status import FAILURE, MIXED_STATUS, SUCCESS
from clarifai_core.transport.session import Session
from clarifai_core.wire.preserialized import Joined
from clarifai_inputs.bisection import Refusals, blames_content, halves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

REQUESTS_IN_FLIGHT = 16
BYTES_IN_FLIGHT = 128_000_000
"""Of all requests in flight together; a single one may be larger."""

MAX_ATTEMPTS = 3
"""How often inputs are sent when no answer comes and they turn out not to be there."""

_Answer = service_pb2.MultiInputResponse
_Batch = list[resources_pb2.Input]
_ANSWERED = (MIXED_STATUS, FAILURE)


@attrs.define
class _Window:
    """Requests in flight, the oldest first, and the answers to those before."""

    waiting: deque[tuple[_Batch, int, Future[Any]]] = attrs.field(factory=deque)
    bytes: int = 0
    answers: list[_Answer] = attrs.field(factory=list)
    arrived: bool = False
    """Whether any batch was answered."""
    fatal: ClarifaiError | None = None
    """Why no more are sent."""

    def is_full(self, size: int) -> bool:
        """Return whether a batch of that size in bytes has to wait."""
        several = len(self.waiting) >= REQUESTS_IN_FLIGHT
        return bool(self.waiting) and (several or self.bytes + size > BYTES_IN_FLIGHT)

    def add(self, batch: _Batch, size: int, answer: Future[Any]) -> None:
        """Note a request that was begun."""
        self.waiting.append((batch, size, answer))
        self.bytes += size

    def reap(self, answer_of: Callable[[_Batch, Future[Any]], _Answer]) -> None:
        """Wait for the oldest request."""
        batch, size, answer = self.waiting.popleft()
        self.bytes -= size
        try:
            self.answers.append(answer_of(batch, answer))
            self.arrived = True
        except ClarifaiError as error:
            self.fatal = self.fatal or error
            self.answers.append(_unsent(batch, str(error), getattr(error, "code", 0)))

    def refuse(self, batch: _Batch, answer_of: Callable[[_Batch, Future[Any]], _Answer]) -> None:
        """Answer a batch that is not sent any more."""
        while self.waiting:
            self.reap(answer_of)
        self.answers.append(_unsent(batch, f"not sent: {self.fatal}", 0))


@attrs.frozen
class Sender:
    """Sends the inputs of one upload job."""

    session: Session
    scope: resources_pb2.UserAppIDSet
    job_id: str
    refusals: Refusals = attrs.field(factory=Refusals, eq=False)

    def send(self, batches: Iterable[_Batch]) -> list[_Answer]:
        """Send batches, several at a time, and return the answer to each, in order.

        When one cannot be sent, the others that are under way are waited for, no more are sent, and
        each input of those is answered with the reason.

        Args:
            batches: What fits one request each; their inputs should have ids, so that it can be
                looked for them when a request stays without an answer.

        Raises:
            ClarifaiError: No batch was sent; the platform has nothing.
        """
        window = _Window()
        for batch in batches:
            size = sum(one.ByteSize() for one in batch)
            while window.is_full(size):
                window.reap(self._answer)
            if window.fatal is None:
                window.add(batch, size, self._start(batch))
            else:
                window.refuse(batch, self._answer)
        while window.waiting:
            window.reap(self._answer)
        if window.fatal is not None and not window.arrived:
            raise window.fatal
        return window.answers

    def _start(self, batch: Sequence[resources_pb2.Input]) -> Future[Any]:
        head = service_pb2.PostInputsRequest(user_app_id=self.scope, inputs_add_job_id=self.job_id)
        request = Joined(head, "inputs", batch)
        return self.session.start(self.session.prepare("PostInputs", request, _ANSWERED))

    def _answer(self, batch: _Batch, answer: Future[Any]) -> _Answer:
        """Return the answer; when none came, what looking for the inputs tells."""
        found: dict[str, resources_pb2.Input] = {}
        waiting = list(batch)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                response: _Answer = answer.result()
            except (ApiClientError, ServerError) as error:
                if attempt == MAX_ATTEMPTS or not all(one.id for one in waiting):
                    raise
                if getattr(error, "maybe_applied", True):
                    found.update(self._there(waiting))
                waiting = [one for one in waiting if one.id not in found]
                if not waiting:
                    return self._whole(batch, found, _Answer(status={"code": SUCCESS}))
                answer = self._start(waiting)
            except ApiError as error:
                refused = error.response
                if len(getattr(refused, "inputs", ())) == len(waiting):
                    return self._whole(batch, found, refused)
                return self._whole(batch, found, self._without_culprits(waiting, error))
            else:
                self.refusals.took()
                return self._whole(batch, found, response)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _without_culprits(self, batch: _Batch, error: ApiError) -> _Answer:
        """Send the halves of what was refused as a whole, and return an answer for each input.

        Raises:
            ApiError: The refusal is not about single inputs.
        """
        if not blames_content(error) or self.refusals.are_alike:
            raise error
        if len(batch) == 1:
            self.refusals.add(error)
            return _unsent(batch, error.description, error.code, error.details)
        first, second = (self._answer(list(h), self._start(list(h))) for h in halves(batch))
        first.inputs.extend(second.inputs)
        if first.status.code != second.status.code:
            first.status.code = MIXED_STATUS
        return first

    def _whole(self, batch: _Batch, found: dict[str, Any], response: Any) -> _Answer:
        """Return an answer for the whole batch, of which some inputs were found."""
        if not found:
            return response  # type: ignore[no-any-return]
        told = {**found, **{one.id: one for one in response.inputs}}
        return _Answer(status=response.status, inputs=[told[one.id] for one in batch])

    def _there(self, batch: Sequence[resources_pb2.Input]) -> dict[str, resources_pb2.Input]:
        request = service_pb2.ListInputsRequest(
            user_app_id=self.scope, ids=[one.id for one in batch], per_page=len(batch)
        )
        return {one.id: one for one in self.session.call("ListInputs", request).inputs}


def _unsent(
    batch: Sequence[resources_pb2.Input], reason: str, code: int, details: str = ""
) -> _Answer:
    answer = _Answer()
    answer.status.code = FAILURE
    for one in batch:
        status = answer.inputs.add(id=one.id).status
        status.code, status.description = code or FAILURE, reason
        status.details = details
    return answer
