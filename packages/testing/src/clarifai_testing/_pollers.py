"""What a runner asks of the way in which it gets work."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from clarifai_core.errors import PluginError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, NotSaid, at_once, check, in_time, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_core.contracts import Poller

POLLS = ["test_makes_a_poller", "test_an_empty_poll_returns_in_time"]
SHORT_SECONDS = 0.05
ITEMS = 20


class PollerContract(SpecContract):
    """A way for a runner to get work: polls that end, items given out once, outputs that arrive.

    Say `plugin`, `name`, how to `put` an item where the poller gets it, and what was `posted`.
    """

    hook = "clarifai_register_pollers"
    patience_seconds: ClassVar[float] = 20.0
    """How long a poll may take to end after `interrupt`, on a busy machine."""

    def put(self, item: Any) -> None:
        """Put a `RunnerItem` where polls get it."""
        raise NotSaid("say where polls get items: def put(self, item)")

    def posted(self) -> list[tuple[Any, Any]]:
        """Return and forget what was posted so far: pairs of item and outputs."""
        raise NotSaid("say what was posted: def posted(self)")

    @pytest.fixture
    def poller(self) -> Iterator[Any]:
        """Return a poller of the session and the runner that a test has."""
        try:
            made = self._made()
        except Exception:  # noqa: BLE001  why: test_makes_a_poller tells it
            pytest.skip("test_makes_a_poller says what to mend first")
        yield made
        self._end(made)

    def _made(self) -> Poller:
        _ = self.target
        runner = SimpleNamespace(runner_id="conformance", user_id="me", id="conformance")
        try:
            made: Poller = self.spec.make(User().session, runner, having=("poll", "post"))
        except PluginError as error:
            wrong(f"{self.title}: {error}")
        return made

    @staticmethod
    def _end(poller: Any) -> None:
        for name in ("interrupt", "close"):
            getattr(poller, name, lambda: None)()

    @staticmethod
    def _item(number: int) -> service_pb2.RunnerItem:
        item = service_pb2.RunnerItem(id=f"item-{number}")
        wanted = resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw="hello")))
        item.post_model_outputs_request.inputs.append(wanted)
        return item

    def _polled(self, poller: Any, wanted: int) -> list[Any]:
        """Return the items of as many polls as there can be."""
        found: list[Any] = []
        for _ in range(10 * wanted):
            found += poller.poll(SHORT_SECONDS)
            if len(found) >= wanted:
                break
        return found

    @check()
    def test_makes_a_poller(self, clarifai_platform: Any) -> None:
        """It is called with the session and the runner, and has poll and post."""
        self._end(self._made())

    @check(after=["test_makes_a_poller"])
    def test_an_empty_poll_returns_in_time(self, clarifai_platform: Any, poller: Any) -> None:
        """Without work, a poll returns an empty list after its time."""
        found = in_time(f"{self.title}: poll({SHORT_SECONDS})", lambda: poller.poll(SHORT_SECONDS))
        if not isinstance(found, list) or found:
            wrong(f"{self.title}: poll() without work returns {found!r}: it must be an empty list.")

    @check(after=POLLS)
    def test_items_come_whole(self, clarifai_platform: Any, poller: Any) -> None:
        """A poll returns the item that was put."""
        item = self._item(1)
        self.put(item)
        found = self._polled(poller, 1)
        if found != [item]:
            wrong(
                f"{self.title}: of the item {item.id!r} polls return "
                f"{[getattr(one, 'id', one) for one in found]}: return the RunnerItem as it came."
            )

    @check(after=[*POLLS, "test_items_come_whole"])
    def test_each_item_is_given_out_once(self, clarifai_platform: Any, poller: Any) -> None:
        """Several threads poll at a time, and none gets what another has."""
        for number in range(ITEMS):
            self.put(self._item(number))
        found = at_once(lambda: [one.id for _ in range(8) for one in poller.poll(SHORT_SECONDS)])
        ids = sorted(one for part in found for one in part)
        rest = (
            [one.id for one in self._polled(poller, ITEMS - len(ids))] if len(ids) < ITEMS else []
        )
        ids = sorted(ids + rest)
        if ids != sorted({*ids}):
            wrong(f"{self.title}: an item is given out twice when several threads poll: lock it.")
        if len(ids) != ITEMS:
            wrong(f"{self.title}: of {ITEMS} items {len(ids)} come when several threads poll.")

    @check(after=[*POLLS, "test_items_come_whole"])
    def test_outputs_arrive(self, clarifai_platform: Any, poller: Any) -> None:
        """What is posted is there, with its item."""
        self.put(self._item(1))
        (item,) = self._polled(poller, 1)
        outputs = service_pb2.RunnerItemOutput()
        outputs.multi_output_response.outputs.add(id="answer")
        self.posted()
        in_time(f"{self.title}: post()", lambda: poller.post(item, outputs))
        found = [(one.id, out) for one, out in self.posted()]
        if found != [("item-1", outputs)]:
            wrong(f"{self.title}: post() of outputs leaves {len(found)} answers: one must arrive.")

    @check(after=[*POLLS, "test_outputs_arrive"])
    def test_a_quick_post_is_a_future(self, clarifai_platform: Any, poller: Any) -> None:
        """`start_post`, where there is one, returns a Future that ends."""
        if not hasattr(poller, "start_post"):
            pytest.skip("the poller has no start_post: threads wait for its post")
        self.put(self._item(1))
        (item,) = self._polled(poller, 1)
        found = poller.start_post(item, service_pb2.RunnerItemOutput())
        if not isinstance(found, Future):
            wrong(f"{self.title}: start_post() returns a {type(found).__name__}, not a Future.")
        in_time(f"{self.title}: the future of start_post()", found.result)

    @check(after=POLLS)
    def test_interrupt_ends_a_poll(self, clarifai_platform: Any, poller: Any) -> None:
        """A runner that stops does not wait for the end of a long poll."""
        if not hasattr(poller, "interrupt"):
            pytest.skip("the poller has no interrupt: a runner waits for its polls")
        begun = threading.Event()

        def poll() -> object:
            begun.set()
            return poller.poll(600.0)

        polling = threading.Thread(target=lambda: found.append(poll()), daemon=True)
        found: list[object] = []
        polling.start()
        begun.wait()
        poller.interrupt()
        polling.join(self.patience_seconds)
        if polling.is_alive():
            wrong(f"{self.title}: interrupt() does not end a poll of 600 s: have it return [].")

    @check(after=[*POLLS, "test_interrupt_ends_a_poll"])
    def test_polls_after_interrupt_return(self, clarifai_platform: Any, poller: Any) -> None:
        """A poll that begins while the runner stops returns, too."""
        if not hasattr(poller, "interrupt"):
            pytest.skip("the poller has no interrupt: a runner waits for its polls")
        poller.interrupt()
        found = in_time(f"{self.title}: poll(600) after interrupt()", lambda: poller.poll(600.0))
        if not isinstance(found, list):
            wrong(f"{self.title}: poll() after interrupt() returns {found!r}: it must be a list.")

    @check(after=[*POLLS, "test_outputs_arrive"])
    def test_posts_after_interrupt(self, clarifai_platform: Any, poller: Any) -> None:
        """What was under way when the runner stops is still posted."""
        self.put(self._item(1))
        (item,) = self._polled(poller, 1)
        getattr(poller, "interrupt", lambda: None)()
        self.posted()
        in_time(f"{self.title}: post() after interrupt()", lambda: poller.post(item, _outputs()))
        if not self.posted():
            wrong(f"{self.title}: outputs that are posted after interrupt() do not arrive.")

    @check(after=["test_makes_a_poller"])
    def test_can_be_closed(self, clarifai_platform: Any) -> None:
        """`close`, where there is one, is the last call, and does not fail."""
        made = self._made()
        if not hasattr(made, "close"):
            pytest.skip("the poller has no close")
        in_time(f"{self.title}: close()", made.close)

    @check(after=EVERY)
    def test_serves_a_runner(self, clarifai_platform: Any) -> None:
        """A runner gets an item, answers it, and stops."""
        from clarifai_runner.handle import Runner

        class Echo(Runner):
            def run_input(self, input: Any, output_info: Any) -> resources_pb2.Output:  # noqa: A002
                return resources_pb2.Output(data=input.data)

        User().create_runner("conformance", ["conformance"])
        runner = Echo(runner_id="conformance", user_id="me", poller=self.name)
        self.posted()
        self.put(self._item(1))
        thread = threading.Thread(target=runner.start, daemon=True)
        thread.start()
        try:
            found = self._first_answer()
        finally:
            runner.stop()
            thread.join(60)
        if found is None:
            wrong(
                f"{self.title}: a runner that polls gets no item, or posts no outputs, though "
                "polls and posts alone do well: it polls for two minutes at a time, in threads."
            )
        (output,) = found.multi_output_response.outputs
        if output.data.text.raw != "hello" or thread.is_alive():
            wrong(f"{self.title}: a runner does not answer, or does not stop.")

    def _first_answer(self) -> service_pb2.RunnerItemOutput | None:
        """Return the first outputs that are posted, None when there are none in time."""
        waiting = threading.Event()
        for _ in range(int(self.patience_seconds * 100)):
            found = self.posted()
            if found:
                first: service_pb2.RunnerItemOutput = found[0][1]
                return first
            waiting.wait(0.01)
        return None


def _outputs() -> service_pb2.RunnerItemOutput:
    return service_pb2.RunnerItemOutput()
