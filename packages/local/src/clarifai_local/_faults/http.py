"""What can happen to HTTP requests: media, logs, archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from clarifai_local._faults.fault import Schedule, waiting
from clarifai_local._faults.injector import Injector
from clarifai_local.http_messages import Break, HttpReply

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_local._faults.fault import Fault


@attrs.frozen
class HttpSwitch:
    """The requests that `Faults.on_http` chose; each method switches a fault on."""

    _injector: Injector
    _path: str
    _schedule: Schedule

    def latency(self, seconds: float) -> Fault:
        """Let requests wait, in real time; removing the fault ends it.

        Raises:
            ValueError: `seconds` is negative.
        """
        return self._switch_on("before_http", f"latency of {seconds:g} s", waiting(seconds))

    def status(self, code: int, body: str = "refused by a fault switch") -> Fault:
        """Answer with an HTTP status.

        Args:
            code: 400..599, such as 503.
            body: Text of the answer.

        Raises:
            ValueError: `code` is out of that range.
        """
        if code not in range(400, 600):
            raise ValueError(f"code must be an HTTP status 400..599, got {code}")
        reply = HttpReply(code, body.encode())
        return self._switch_on("before_http", f"HTTP {code}", lambda _: reply)

    def truncated(self, *, after_bytes: int | None = None) -> Fault:
        """Close the connection before the body is complete.

        Args:
            after_bytes: How much of it is sent; None: half.

        Raises:
            ValueError: `after_bytes` is negative.
        """
        return self._break("truncated", after_bytes, reset=False)

    def reset(self, *, after_bytes: int | None = 0) -> Fault:
        """Reset the connection (TCP RST).

        Args:
            after_bytes: How much of the body is handed to the network before, None: half; what
                the client has not read by then, it loses.

        Raises:
            ValueError: `after_bytes` is negative.
        """
        return self._break("connection reset", after_bytes, reset=True)

    def _break(self, what: str, after_bytes: int | None, *, reset: bool) -> Fault:
        if after_bytes is not None and after_bytes < 0:
            raise ValueError(f"after_bytes must not be negative, got {after_bytes}")

        def break_off(_: Fault, reply: HttpReply) -> HttpReply:
            size = len(reply.body)
            sent = size // 2 if after_bytes is None else min(after_bytes, size)
            return attrs.evolve(reply, broken=Break(sent, reset))

        return self._switch_on("after_http", what, break_off)

    def _switch_on(self, place: str, what: str, act: Callable[..., Any]) -> Fault:
        return self._injector.switch_on(
            place, f"{self._path}: {what}", self._path, self._schedule, act
        )
