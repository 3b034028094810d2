"""Pollers with one fault each."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest

from clarifai_core.contracts import PollerSpec
from clarifai_testing import PollerContract
from tests.testing.cases import Cases, giving

ITEMS: queue.Queue[Any] = queue.Queue()
RUNNERS_POLL_SECONDS = 120.0
ANSWERS: queue.Queue[Any] = queue.Queue()


class Contract(PollerContract):
    name = "memory"

    @pytest.fixture(autouse=True)
    def nothing_is_left(self) -> None:
        for one in (ITEMS, ANSWERS):
            while not one.empty():
                one.get()

    def put(self, item: Any) -> None:
        ITEMS.put(item)

    def posted(self) -> Any:
        return [ANSWERS.get() for _ in range(ANSWERS.qsize())]


def spec(target: Any) -> PollerSpec:
    return PollerSpec("memory", f"{__name__}:{target.__name__}", "A queue.")


cases = Cases(__name__, Contract, lambda target: giving("pollers", spec(target)))


@cases.good
class Memory:
    def __init__(self, session: Any, runner: Any) -> None:
        self.stopping = threading.Event()

    def poll(self, timeout_seconds: float) -> Any:
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline and not self.stopping.is_set():
            try:
                return [ITEMS.get(timeout=0.01)]
            except queue.Empty:
                continue
        return []

    def post(self, item: Any, outputs: Any) -> None:
        ANSWERS.put((item, outputs))

    def start_post(self, item: Any, outputs: Any) -> Any:
        done: Future[None] = Future()
        self.post(item, outputs)
        done.set_result(None)
        return done

    def interrupt(self) -> None:
        self.stopping.set()

    def close(self) -> None:
        pass


@cases.fails("test_makes_a_poller", "without post")
class Postless:
    def __init__(self, session: Any, runner: Any) -> None:
        self.poll: Any = lambda timeout_seconds: []


@cases.fails("test_makes_a_poller", "fails")
class Sessionless(Memory):
    def __init__(self, session: Any) -> None:
        raise AssertionError("it is never called")


@cases.fails("test_an_empty_poll_returns_in_time", "must be an empty list")
class Nothing(Memory):
    def poll(self, timeout_seconds: float) -> Any:
        return super().poll(timeout_seconds) or None


@cases.fails("test_items_come_whole", "as it came")
class Wrapping(Memory):
    def poll(self, timeout_seconds: float) -> Any:
        return [one.id for one in super().poll(timeout_seconds)]


@cases.fails("test_each_item_is_given_out_once", "given out twice")
class Twice(Memory):
    seen = 0

    def poll(self, timeout_seconds: float) -> Any:
        found = super().poll(timeout_seconds)
        if found and found[0].id == "item-7" and not self.seen:
            self.seen = 1
            ITEMS.put(found[0])
        return found


@cases.fails("test_each_item_is_given_out_once", "19 come")
class Losing(Memory):
    def poll(self, timeout_seconds: float) -> Any:
        return [one for one in super().poll(timeout_seconds) if one.id != "item-7"]


@cases.fails("test_outputs_arrive", "leaves 0 answers")
class Dropping(Memory):
    def post(self, item: Any, outputs: Any) -> None:
        pass


@cases.fails("test_outputs_arrive", "leaves 2 answers")
class Doubling(Memory):
    def post(self, item: Any, outputs: Any) -> None:
        super().post(item, outputs)
        super().post(item, outputs)


@cases.fails("test_a_quick_post_is_a_future", "not a Future")
class Impatient(Memory):
    def start_post(self, item: Any, outputs: Any) -> Any:
        self.post(item, outputs)


@cases.fails("test_interrupt_ends_a_poll", "have it return []", patience_seconds=0.5)
class Deaf(Memory):
    def interrupt(self) -> None:
        self.stopping.clear()

    def close(self) -> None:
        self.stopping.set()


@cases.fails("test_polls_after_interrupt_return", "must be a list")
class Ended(Memory):
    def poll(self, timeout_seconds: float) -> Any:
        was_stopping = self.stopping.is_set()
        found = super().poll(timeout_seconds)
        return None if was_stopping else found


@cases.fails("test_posts_after_interrupt", "do not arrive")
class Hasty(Memory):
    def post(self, item: Any, outputs: Any) -> None:
        if not self.stopping.is_set():
            super().post(item, outputs)


@cases.fails("test_can_be_closed", "RuntimeError")
class Jammed(Memory):
    def close(self) -> None:
        if not self.stopping.is_set():
            raise RuntimeError("it polls")


@cases.fails("test_serves_a_runner", "gets no item", patience_seconds=0.5)
class Short(Memory):
    def poll(self, timeout_seconds: float) -> Any:
        return [] if timeout_seconds == RUNNERS_POLL_SECONDS else super().poll(timeout_seconds)
