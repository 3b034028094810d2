"""What happens to one call: send, judge the answer, wait, send again. No IO here.

`unary` is a generator that asks its driver for sends and sleeps; `drive`, `drive_async` and
`drive_later` are the drivers. Deadline, retry, throttle and status are each handled at one place
below.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core import status
from clarifai_core.errors import BadReply, ClarifaiError, DeadlineExceeded
from clarifai_core.loggers import logger_for
from clarifai_core.transport.calls import Attempts, Failure, Flow, RpcCall, Send, Sleep

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarifai_core.transport.policies import CallRules

T = TypeVar("T")

logger = logger_for(__name__)


def unary(call: RpcCall, rules: CallRules) -> Flow[Any]:
    """Return the platform's answer to `call`.

    Raises:
        ApiError: The platform said no.
        ApiClientError: No valid answer came before the deadline.
    """
    deadline = rules.clock() + call.limits.total_seconds
    tries = Attempts()
    while True:
        pause = rules.limiter.reserve()
        if pause:
            _check_deadline(call, pause, deadline - rules.clock(), tries.sends)
            yield Sleep(pause)
        remaining = deadline - rules.clock()
        if remaining <= 0 and not tries.sends:
            raise _no_time(call)
        tries.sends += 1
        reply = yield Send(
            call, tries.sends, max(0.001, min(remaining, call.limits.attempt_seconds))
        )
        error, again = _judge(call, reply, tries, rules)
        if error is None:
            rules.budget.earn()
            return reply
        remaining = deadline - rules.clock()
        if again is None or again >= remaining:
            raise error
        if tries.lost_at is not None and rules.contact.lose(rules.clock()):
            most = remaining
            if not call.limits.asked:
                most = min(remaining, rules.outage_left_seconds())
            logger.warning("%s Trying on for up to %.0f seconds.", error, most)
        yield Sleep(again)


def _judge(
    call: RpcCall, reply: Any, tries: Attempts, rules: CallRules
) -> tuple[ClarifaiError | None, float | None]:
    """Return the error that the reply means, if any, and the pause before trying again."""
    if isinstance(reply, Failure):
        error: ClarifaiError = status.error_from_failure(reply, call, tries.sends)
        return error, rules.pause_after_failure(reply, call, tries)
    rules.contact.make()
    tries.connected()
    code = reply.status.code
    if status.is_success(reply.status) or code in call.accept:
        return None, None
    if not code:
        text = f"{call.rpc.name}: {call.where} answered without a status."
        return BadReply(text, rpc=call.rpc.name, request_id=call.request_id), None
    meaning = status.meaning_of(code)
    if meaning.tells_rate:
        rules.limiter.throttled(f"{reply.status.description} {reply.status.details}")
    return (
        status.error_from(reply, call, tries.sends),
        rules.pause_after_status(meaning.advice, call, tries),
    )


def _no_time(call: RpcCall) -> DeadlineExceeded:
    return DeadlineExceeded(
        f"{call.rpc.name}: timeout_seconds={call.limits.total_seconds:g} was over before anything "
        f"was sent to {call.where}.",
        rpc=call.rpc.name,
        request_id=call.request_id,
        attempts=0,
        maybe_applied=False,
    )


def _check_deadline(call: RpcCall, pause: float, remaining: float, attempts: int) -> None:
    if pause < remaining:
        return
    raise DeadlineExceeded(
        f"{call.rpc.name}: {call.where} takes so few requests a second that this one would wait "
        f"{pause:.1f} seconds, longer than its deadline allows.",
        rpc=call.rpc.name,
        request_id=call.request_id,
        attempts=attempts,
        maybe_applied=False,
    )


def drive(
    flow: Flow[T],
    send: Callable[[Send], Any],
    sleep: Callable[[float], object],
    step: Send | Sleep | None = None,
) -> T:
    """Run a flow, with functions that block; `step`: what it asked for last, if it was begun."""
    try:
        step = step or next(flow)
        while True:
            step = flow.send(send(step) if isinstance(step, Send) else sleep(step.seconds))
    except StopIteration as stop:
        result: T = stop.value
        return result


async def drive_async(
    flow: Flow[T],
    send: Callable[[Send], Awaitable[Any]],
    sleep: Callable[[float], Awaitable[object]],
) -> T:
    """Run a flow, with functions that are awaited."""
    try:
        step = next(flow)
        while True:
            pending = send(step) if isinstance(step, Send) else sleep(step.seconds)
            step = flow.send(await pending)
    except StopIteration as stop:
        result: T = stop.value
        return result


class CallInProgress(Future[T]):
    """A flow that goes on when an answer comes, and its result; see `drive_later`.

    One object, without closures that know each other: what it holds must go with the last
    reference to it, not with the next garbage collection.
    """

    def __init__(
        self,
        flow: Flow[T],
        begin: Callable[[Send, Callable[[Any], None]], Any] | None,
        go_on: Callable[[Flow[T], Send | Sleep], T],
        submit: Callable[..., object],
    ) -> None:
        super().__init__()
        self._flow = flow
        self._begin = begin
        self._go_on = go_on
        self._submit = submit
        self._request: Any = None

    def advance(self, reply: Any) -> None:
        """Give the flow what came of its first step; None: it has not begun."""
        try:
            step = self._flow.send(reply)
        except StopIteration as stop:
            self.set_result(stop.value)
        except Exception as error:  # noqa: BLE001  why: it is the future's to raise
            self.set_exception(error)
        else:
            if reply is None and isinstance(step, Send) and self._begin is not None:
                self._request = self._begin(step, self.advance)
            else:
                self._submit(self._finish, step)

    def _finish(self, step: Send | Sleep) -> None:
        try:
            self.set_result(self._go_on(self._flow, step))
        except Exception as error:  # noqa: BLE001  why: it is the future's to raise
            self.set_exception(error)

    def cancel(self) -> bool:
        """Give the request up: the result is an error then, or the answer if that was faster.

        Returns False when it is over, or when it is being repeated.
        """
        return bool(self._request is not None and self._request.cancel())


def drive_later(
    flow: Flow[T],
    begin: Callable[[Send, Callable[[Any], None]], Any] | None,
    go_on: Callable[[Flow[T], Send | Sleep], T],
    submit: Callable[..., object],
) -> Future[T]:
    """Begin a flow and return its result as a future; nothing here blocks.

    Args:
        flow: The flow.
        begin: Begins a send and returns it; calls its second argument with what came of it, from
            any thread. None: `go_on` does it all.
        go_on: Runs the flow to its end, blocking, from what it asked for last.
        submit: Runs a function in some thread: only what needs more than one send needs one.
    """
    result = CallInProgress(flow, begin, go_on, submit)
    result.advance(None)
    return result
