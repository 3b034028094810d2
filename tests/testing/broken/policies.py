"""Policies with one fault each."""

from __future__ import annotations

import logging
import threading
from typing import Any

import attrs

from clarifai_core.contracts import PolicySpec
from clarifai_core.transport.calls import new_request_id
from clarifai_testing import PolicyContract
from tests.testing.cases import Cases, giving


class Contract(PolicyContract):
    name = "noting"


def spec(target: Any) -> PolicySpec:
    return PolicySpec("noting", f"{__name__}:{target.__name__}", "Notes calls.")


cases = Cases(__name__, Contract, lambda target: giving("policies", spec(target)))


@cases.good
def noting(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        return (yield from proceed(call))

    return policy


@cases.fails("test_makes_a_policy", "makes a NoneType")
def nothing(settings: Any) -> Any:
    return None


@cases.fails("test_makes_a_policy", "TypeError")
def argumentless() -> Any:
    return noting(None)


@cases.fails("test_is_a_generator_function", "write a generator function")
def plain(settings: Any) -> Any:
    return lambda call, proceed: "an answer"


@cases.fails("test_the_answer_is_passed_on", "`return reply`")
def silent(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        yield from proceed(call)

    return policy


@cases.fails("test_steps_are_passed_on", "the call what came of its steps")
def deaf(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        steps = proceed(call)
        try:
            while True:
                yield next(steps)
        except StopIteration as stop:
            return stop.value

    return policy


@cases.fails("test_the_call_goes_on_once", "proceeds 2 times")
def retrying(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        yield from proceed(call)
        return (yield from proceed(call))

    return policy


@cases.fails("test_failures_go_through", "swallows a failure")
def swallowing(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        try:
            return (yield from proceed(call))
        except Exception:  # noqa: BLE001
            return call.rpc.response_class()

    return policy


@cases.fails("test_failures_go_through", "raise it again as it is")
def turning(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        try:
            return (yield from proceed(call))
        except Exception as error:
            raise RuntimeError("it failed") from error

    return policy


@cases.fails("test_the_call_keeps_its_id", "another call")
def renumbering(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        return (yield from proceed(attrs.evolve(call, request_id=new_request_id())))

    return policy


@cases.fails("test_requests_of_any_form_go_through", "request that is bytes")
def reading(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        call.request.ListFields()
        return (yield from proceed(call))

    return policy


@cases.fails("test_shows_no_key", "shows the key")
def logging_all(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        logging.getLogger("acme").debug("called with %s", call.metadata)
        return (yield from proceed(call))

    return policy


@cases.fails("test_shows_no_key", "shows the key")
class Keeping:
    def __init__(self, settings: Any) -> None:
        self.pat = settings.credentials.secret.reveal() if settings.credentials else ""

    def __repr__(self) -> str:
        return f"Keeping({self.pat!r})"

    def __call__(self, call: Any, proceed: Any) -> Any:
        return (yield from proceed(call))


@cases.fails("test_calls_go_through", "ZeroDivisionError")
def picky(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        if call.rpc.name == "PostApps":
            raise ZeroDivisionError("Boom")
        return (yield from proceed(call))

    return policy


@cases.fails("test_refusals_go_through")
def replacing(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        try:
            return (yield from proceed(call))
        except Exception:
            if call.rpc.name == "GetApp":
                return call.rpc.response_class()
            raise

    return policy


@cases.fails("test_threads_call_at_once", "ZeroDivisionError")
class Single:
    def __init__(self, settings: Any) -> None:
        self.lock = threading.Lock()

    def __call__(self, call: Any, proceed: Any) -> Any:
        if not self.lock.acquire(blocking=False):
            raise ZeroDivisionError("one call at a time")
        try:
            return (yield from proceed(call))
        finally:
            self.lock.release()
