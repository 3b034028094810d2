"""What was asked of the platform: the calls of the last while, for tests to question.

    with platform.recorder:                          # or start() ... stop()
        ...
    assert platform.recorder.count("DeleteInputs") == 0
    assert platform.recorder.last("PostInputs").request.inputs[0].id == "a"

Off by default. Memory is bounded: the oldest calls are forgotten first, and only the counts stay.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local._grpc import grpc
from clarifai_local._methods import Method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.message import Message
    from typing_extensions import Self

    from clarifai_local._clock import Clock

MAX_CALLS = 10_000
"""Calls that are remembered."""

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of requests that are remembered."""


@attrs.frozen
class RecordedCall:
    """One call that is over."""

    rpc: str
    """Such as `"PostInputs"`."""
    at_us: int
    """When it came, in microseconds since 1970 by the platform's clock."""
    began_seconds: float
    """When it came, by `time.monotonic()`."""
    duration_seconds: float
    """How long the platform took, in real time."""
    caller: str
    """User id of the caller; empty when the key was wrong."""
    metadata: Mapping[str, str] = attrs.field(repr=False)
    """What was sent along, without credentials."""
    status: status_pb2.Status
    """Status of the (last) answer; empty when the call was broken off."""
    grpc_code: grpc.StatusCode
    """OK, unless the call was broken off."""
    request_bytes: int
    """Size of the request, or of all requests of a stream."""
    _method: Method = attrs.field(repr=False)
    _payloads: tuple[bytes, ...] | None = attrs.field(repr=False)

    @property
    def request(self) -> Any:
        """The request message, a copy at each time; of a stream, the first one.

        Raises:
            LookupError: It was too large to be remembered.
        """
        return self.requests[0]

    @property
    def requests(self) -> tuple[Message, ...]:
        """The request messages of a stream of requests."""
        if self._payloads is None:
            raise LookupError(
                f"the {self.request_bytes:,} bytes of this {self.rpc} request were over the "
                "recorder's limit, max_bytes, and were not kept"
            )
        return tuple(map(self._method.request_type.FromString, self._payloads))

    @property
    def status_code(self) -> int:
        """The code of `status`, such as 10000."""
        return int(self.status.code)

    @property
    def request_id(self) -> str:
        """The id that the platform gave the call; the answer carried it as `status.req_id`."""
        return self.status.req_id


class Recorder:
    """Remembers calls while it is on. Thread-safe.

    Args:
        clock: The platform's clock.
        max_calls: How many calls to remember.
        max_bytes: How many bytes of requests to remember.
    """

    def __init__(
        self, clock: Clock, *, max_calls: int = MAX_CALLS, max_bytes: int = MAX_BYTES
    ) -> None:
        self.on = False
        """Whether calls are being remembered."""
        self.max_bytes = max_bytes
        self._clock = clock
        self._max_calls = max_calls
        self._calls: deque[RecordedCall] = deque()
        self._counts: Counter[str] = Counter()
        self._bytes = 0
        self._changed = threading.Condition()

    def start(self) -> Self:
        """Remember the calls that come from now on; what is remembered already stays."""
        self.on = True
        return self

    def stop(self) -> None:
        """Remember no further calls."""
        self.on = False

    def clear(self) -> None:
        """Forget all calls and counts."""
        with self._changed:
            self._calls.clear()
            self._counts.clear()
            self._bytes = 0

    def calls(self, rpc: str = "*") -> list[RecordedCall]:
        """Return the remembered calls in the order they ended.

        Args:
            rpc: An RPC's name, or a pattern such as `"Post*"`.
        """
        with self._changed:
            return [call for call in self._calls if _matches(call.rpc, rpc)]

    def count(self, rpc: str = "*") -> int:
        """Return how many calls ended since the start, forgotten ones among them."""
        with self._changed:
            return self._count(rpc)

    def counts(self) -> dict[str, int]:
        """Return the number of calls per RPC."""
        with self._changed:
            return dict(self._counts)

    def last(self, rpc: str = "*") -> RecordedCall:
        """Return the latest call.

        Raises:
            LookupError: There was none.
        """
        with self._changed:
            for call in reversed(self._calls):
                if _matches(call.rpc, rpc):
                    return call
        raise LookupError(f"no call of {rpc} is remembered")

    @property
    def forgotten(self) -> int:
        """How many calls are only counted, because there was no room for more."""
        with self._changed:
            return self._counts.total() - len(self._calls)

    def requests_per_second(self, rpc: str = "*") -> float:
        """Return the mean rate of the remembered calls in real time; 0 for fewer than two."""
        began = self._began(rpc)
        if len(began) < 2 or began[-1] == began[0]:
            return 0.0
        return (len(began) - 1) / (began[-1] - began[0])

    def most_within(self, seconds: float = 1.0, rpc: str = "*") -> int:
        """Return the largest number of remembered calls that came within `seconds`, real time.

        This is what a rate limit looks at.

        Raises:
            ValueError: `seconds` is not positive.
        """
        if seconds <= 0:
            raise ValueError(f"seconds must be positive, got {seconds}")
        most, first = 0, 0
        began = self._began(rpc)
        for last, moment in enumerate(began):
            while moment - began[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def wait_for(self, rpc: str = "*", count: int = 1, *, timeout_seconds: float = 10) -> bool:
        """Wait until so many calls have ended since the start; returns whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count(rpc) >= count, timeout_seconds)

    def begin(self, method: Method, metadata: Mapping[str, str]) -> Recording:
        """Return a recording of a call that begins now; the dispatcher's own."""
        return Recording(self, self._add, method, metadata, self._clock.now_us())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _add(self, call: RecordedCall, kept_bytes: int) -> None:
        with self._changed:
            self._counts[call.rpc] += 1
            self._calls.append(call)
            self._bytes += kept_bytes
            while len(self._calls) > self._max_calls or self._bytes > self.max_bytes:
                self._bytes -= _kept_bytes(self._calls.popleft())
            self._changed.notify_all()

    def _count(self, rpc: str) -> int:
        return sum(count for name, count in self._counts.items() if _matches(name, rpc))

    def _began(self, rpc: str) -> list[float]:
        return sorted(call.began_seconds for call in self.calls(rpc))


class Recording:
    """A call in progress; the dispatcher notes what it learns."""

    def __init__(
        self,
        recorder: Recorder,
        add: Callable[[RecordedCall, int], None],
        method: Method,
        metadata: Mapping[str, str],
        at_us: int,
    ) -> None:
        self.caller = ""
        self.grpc_code = grpc.StatusCode.OK
        self._add = add
        self._max_bytes = recorder.max_bytes
        self._method = method
        self._metadata = {k: v for k, v in metadata.items() if k not in _CREDENTIALS}
        self._at_us = at_us
        self._began = time.monotonic()
        self._payloads: list[bytes] = []
        self._bytes = 0
        self._answer = b""

    def asked(self, payload: bytes) -> bytes:
        """Note a request; returns it."""
        self._bytes += len(payload)
        if self._bytes <= self._max_bytes:
            self._payloads.append(payload)
        return payload

    def all_asked(self, payloads: Iterator[bytes]) -> Iterator[bytes]:
        """Note the requests of a stream as they come."""
        return map(self.asked, payloads)

    def answered(self, body: bytes) -> bytes:
        """Note the latest answer; returns it."""
        self._answer = body
        return body

    def end(self) -> None:
        """Hand the call to the recorder."""
        fits = self._bytes <= self._max_bytes
        broken_off = self.grpc_code is not grpc.StatusCode.OK
        self._add(
            RecordedCall(
                self._method.name,
                self._at_us,
                self._began,
                time.monotonic() - self._began,
                self.caller,
                self._metadata,
                status_pb2.Status() if broken_off else self._method.status_of(self._answer),
                self.grpc_code,
                self._bytes,
                self._method,
                tuple(self._payloads) if fits else None,
            ),
            self._bytes if fits else 0,
        )


_CREDENTIALS = frozenset({"authorization", "x-clarifai-session-token"})


def _matches(name: str, pattern: str) -> bool:
    return pattern in ("*", name) or fnmatchcase(name, pattern)


def _kept_bytes(call: RecordedCall) -> int:
    return 0 if call._payloads is None else call.request_bytes
