"""The faults that are switched on, and the questions that the platform asks them."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from clarifai_local._faults.fault import Fault, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarifai_grpc.grpc.api.status import status_pb2
    from google.protobuf.message import Message

    from clarifai_local._faults.items import AcceptedPart
    from clarifai_local._methods import Method
    from clarifai_local.http_messages import HttpReply


class Injector:
    """Lets faults strike where the platform asks for them.

    When several faults meet a call they act in the order they were switched on, and the first that
    answers or breaks off the call is the last one to see it.
    """

    # Set here, so that a subclass whose constructor does not call ours has no faults.
    _at: Mapping[str, tuple[Fault, ...]] = MappingProxyType({})
    _changed: Callable[[], None] | None = None

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Switch all faults off, and let go what they hold up."""
        for fault in self.active():
            fault.remove()

    def active(self) -> tuple[Fault, ...]:
        """Return the faults that are switched on, also those that struck often enough."""
        return tuple(fault for faults in self._at.values() for fault in faults)

    def switch_on(
        self,
        place: str,
        name: str,
        pattern: str,
        schedule: Schedule,
        act: Callable[..., Any],
    ) -> Fault:
        """Add a fault at one of the places where the platform asks; for the switches."""

        def remove(fault: Fault) -> None:
            self._replace(place, lambda faults: tuple(f for f in faults if f is not fault))

        fault = Fault(name, pattern, schedule, act, remove)
        self._replace(place, lambda faults: (*faults, fault))
        return fault

    def watch(self, changed: Callable[[], None] | None) -> None:
        """Have `changed` called when a fault was added or removed; the platform's own hook."""
        self._changed = changed

    def before(self, rpc: str) -> status_pb2.Status | None:
        """Run before the handler; may wait, or raise `dispatch.Aborted`.

        Returns:
            A status to answer with instead of calling the handler, or None.
        """
        return self._first("before", rpc)  # type: ignore[no-any-return]

    def after(self, rpc: str) -> status_pb2.Status | None:
        """Run when the handler is done, before its answer leaves; may raise `Aborted`.

        Returns:
            A status to answer with instead of what the handler said, or None.
        """
        return self._first("after", rpc)  # type: ignore[no-any-return]

    def message(self, rpc: str, number: int) -> None:
        """Run after the answer `number` (from 1) of a stream was sent; may raise `Aborted`."""
        self._first(f"message {number}", rpc)

    def split(self, method: Method, request: Message) -> AcceptedPart | None:
        """Take the items out of a request that shall be refused, None when there are none."""
        return self._first("items", method.name, method, request)  # type: ignore[no-any-return]

    def before_http(self, path: str) -> HttpReply | None:
        """Run before a route answers; may wait.

        Returns:
            What to answer instead, or None.
        """
        return self._first("before_http", path)  # type: ignore[no-any-return]

    def after_http(self, path: str, reply: HttpReply) -> HttpReply:
        """Return a route's answer as it leaves: whole, or breaking off."""
        return self._first("after_http", path, reply) or reply

    def write(self) -> None:
        """Run before something is written; raises the OSError of a full disk."""
        self._first("disk", "*")

    def indexing_delay_seconds(self) -> float:
        """Return how old inputs must be to be processed, by the platform's clock; mostly 0."""
        return max((fault.strike() for fault in self._at.get("indexing", ())), default=0.0)

    def _first(self, place: str, name: str, *args: Any) -> Any:
        for fault in self._at.get(place, ()):
            if fault.matches(name):
                found = fault.strike(*args)
                if found is not None:
                    return found
        return None

    def _replace(
        self, place: str, change: Callable[[tuple[Fault, ...]], tuple[Fault, ...]]
    ) -> None:
        # A new mapping each time: calls in flight read the old one without a lock.
        with self._lock:
            self._at = {**self._at, place: change(self._at.get(place, ()))}
        if self._changed is not None:
            self._changed()
