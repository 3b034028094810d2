"""The board of all switches of one platform, and the questions that the platform asks it."""

from __future__ import annotations

import difflib
import threading
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from clarifai_local.faults.fault import Fault, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from clarifai_grpc.grpc.api.status import status_pb2
    from google.protobuf.message import Message

    from clarifai_local.dispatch import Method
    from clarifai_local.faults.disk import DiskSwitch
    from clarifai_local.faults.http import HttpSwitch
    from clarifai_local.faults.items import Split
    from clarifai_local.faults.rpc import RpcSwitch
    from clarifai_local.http_content import HttpReply


class Faults:
    """The faults of one platform; see the package's docstring for examples.

    When several faults meet a call they act in the order they were switched on, and the first that
    answers or breaks off the call is the last one to see it. So two lines make a sequence:
    `on("GetApp", times=2).throttled()` and `on("GetApp", times=1).unavailable()`.

    A program may also subclass it and override `before` and `after`.

    Args:
        rpcs: Returns the names of the RPCs there are; by default those of the V2 service.
    """

    # Set here, so that a subclass whose constructor does not call ours has no faults.
    _at: Mapping[str, tuple[Fault, ...]] = MappingProxyType({})
    _changed: Callable[[], None] | None = None

    def __init__(self, rpcs: Callable[[], Iterable[str]] | None = None) -> None:
        self._rpcs = rpcs or _service_rpcs
        self._lock = threading.Lock()

    def on(
        self,
        rpc: str = "*",
        *,
        times: int | None = None,
        after: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int = 0,
    ) -> RpcSwitch:
        """Choose calls; the methods of what it returns say what happens to them.

        Args:
            rpc: Such as `"PostInputs"`, or a pattern: `"Post*"`, `"*"`.
            times: Strike so many calls, then no more; None: all.
            after: Leave the first so many alone.
            every: Of the rest strike every n-th.
            probability: Of those strike this share, 0..1.
            seed: Of the dice that `probability` throws.

        Raises:
            ValueError: There is no such RPC, or a number is out of its range.
        """
        from clarifai_local.faults.rpc import RpcSwitch

        known = sorted(self._rpcs())
        if not any(fnmatchcase(name, rpc) for name in known):
            near = difflib.get_close_matches(rpc, known, 1, 0.5)
            hint = f": did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"there is no RPC {rpc!r}{hint}")
        return RpcSwitch(self, rpc, Schedule(times, after, every, probability, seed))

    def on_http(
        self,
        path: str = "/*",
        *,
        times: int | None = None,
        after: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int = 0,
    ) -> HttpSwitch:
        """Choose HTTP requests: media, logs, archives; see `on` for the numbers.

        Args:
            path: A path or a pattern of paths, such as `"/media/*"`.
            times: As in `on`.
            after: As in `on`.
            every: As in `on`.
            probability: As in `on`.
            seed: As in `on`.

        Raises:
            ValueError: The path does not begin with a slash, or a number is out of its range.
        """
        from clarifai_local.faults.http import HttpSwitch

        if not path.startswith(("/", "*")):
            raise ValueError(f"path must begin with '/', got {path!r}")
        return HttpSwitch(self, path, Schedule(times, after, every, probability, seed))

    def on_disk(self, *, times: int | None = None, after: int = 0) -> DiskSwitch:
        """Choose writes to the platform's disk (or memory): transactions and large blobs.

        Args:
            times: Strike so many writes, then no more; None: all.
            after: Leave the first so many alone.

        Raises:
            ValueError: A number is out of its range.
        """
        from clarifai_local.faults.disk import DiskSwitch

        return DiskSwitch(self, Schedule(times, after))

    def slow_indexing(self, seconds: float) -> Fault:
        """Let inputs stay pending until they are `seconds` old by the platform's clock.

        Raises:
            ValueError: `seconds` is not positive.
        """
        if seconds <= 0:
            raise ValueError(f"seconds must be positive, got {seconds}")
        name = f"indexing: {seconds:g} seconds"
        return self.switch_on("indexing", name, "*", Schedule(), lambda _: seconds)

    def add(self, text: str) -> Fault:
        """Switch on the fault that a text describes, as `clarifai local up --fault` takes it.

        Args:
            text: Such as `"PostInputs: throttled, times=3"`.

        Raises:
            ValueError: The text is not understood; the message says what would be right.
        """
        from clarifai_local.faults.texts import switch_on

        return switch_on(self, text)

    def clear(self) -> None:
        """Switch all faults off, and let go what they hold up."""
        for fault in self.active():
            fault.remove()

    def active(self) -> tuple[Fault, ...]:
        """Return the faults that are switched on, also those that struck often enough."""
        return tuple(fault for faults in self._at.values() for fault in faults)

    # What the switches and the platform use.

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

    def split(self, method: Method, request: Message) -> Split | None:
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


def _service_rpcs() -> Iterable[str]:
    from clarifai_local.dispatch import SERVICE

    return (method.name for method in SERVICE.methods)
