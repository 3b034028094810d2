"""What can happen to the calls of an RPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._faults import items
from clarifai_local._faults.fault import MISSED, Schedule, waiting
from clarifai_local._faults.injector import Injector
from clarifai_local._grpc import grpc
from clarifai_local._methods import Aborted
from clarifai_local.statuses import status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from clarifai_grpc.grpc.api.status import status_pb2
    from google.protobuf.message import Message

    from clarifai_local._faults.fault import Fault
    from clarifai_local._methods import Method

THROTTLED_DETAILS = "exceeded limit of 15 requests per second"
"""What the hosted platform says with 11005; 15 is its default limit."""


@attrs.frozen
class RpcSwitch:
    """The calls that `Faults.on` chose; each method switches a fault on and returns it."""

    _injector: Injector
    _rpc: str
    _schedule: Schedule

    def latency(self, seconds: float) -> Fault:
        """Let calls wait, in real time, before anything happens; removing the fault ends it.

        Raises:
            ValueError: `seconds` is negative.
        """
        return self._switch_on("before", f"latency of {seconds:g} s", waiting(seconds))

    def unavailable(
        self, *, after_effect: bool = False, details: str = "the service is unavailable"
    ) -> Fault:
        """Break calls off with gRPC status UNAVAILABLE.

        Args:
            after_effect: The platform does what it is asked, and only its answer is lost.
            details: Text of the gRPC error.
        """
        return self.grpc_error(grpc.StatusCode.UNAVAILABLE, details, after_effect=after_effect)

    def reset(self, *, after_effect: bool = False) -> Fault:
        """Break calls off as clients see it when the connection is reset by the peer.

        The connection of other calls stays: gRPC shares it between them.
        """
        return self.unavailable(after_effect=after_effect, details="Connection reset by peer")

    def grpc_error(
        self, code: grpc.StatusCode, details: str = "", *, after_effect: bool = False
    ) -> Fault:
        """Break calls off with a gRPC error.

        Args:
            code: Such as `grpc.StatusCode.PERMISSION_DENIED`; not OK.
            details: Text of the error.
            after_effect: The platform does what it is asked before.

        Raises:
            ValueError: `code` is OK.
        """
        if code is grpc.StatusCode.OK:
            raise ValueError("grpc_error takes a code of a failure, got OK")

        def break_off(_: Fault) -> None:
            raise Aborted(code, details or f"{code.name.lower()}, by a fault switch")

        return self._switch_on(_place(after_effect), code.name, break_off)

    def breaks_stream(self, *, after_messages: int = 1) -> Fault:
        """Break off streamed answers with UNAVAILABLE.

        Args:
            after_messages: How many answers come through before.

        Raises:
            ValueError: `after_messages` is not positive; `unavailable` breaks off at once.
        """
        if after_messages < 1:
            raise ValueError(f"after_messages must be at least 1, got {after_messages}")

        def break_off(_: Fault) -> None:
            raise Aborted(grpc.StatusCode.UNAVAILABLE, "the stream broke")

        what = f"breaks after {after_messages} messages"
        return self._switch_on(f"message {after_messages}", what, break_off)

    def status(
        self,
        code: int,
        details: str = "",
        *,
        description: str | None = None,
        after_effect: bool = False,
    ) -> Fault:
        """Answer with a status, and nothing else.

        Args:
            code: A number of the proto enum `StatusCode`, such as 98004.
            details: Further text.
            description: Replaces the standard text of the code.
            after_effect: The platform does what it is asked before.

        Raises:
            ValueError: There is no such status code, or it means success.
        """
        if code not in codes.StatusCode.values() or code in (codes.ZERO, codes.SUCCESS):
            raise ValueError(f"code must be the number of a status that refuses, got {code}")

        def refuse(_: Fault) -> status_pb2.Status:
            # A new one per call: the request's id is written into it.
            return status(code, details, description=description)

        return self._switch_on(_place(after_effect), f"status {code}", refuse)

    def throttled(self, details: str = THROTTLED_DETAILS) -> Fault:
        """Answer 11005 "Making too many requests", as the hosted platform does above its rate."""
        return self.status(codes.CONN_THROTTLED, details)

    def refuse_items(
        self,
        code: int = codes.INTERNAL_UNCATEGORIZED,
        details: str = "refused by a fault switch",
        *,
        at: Collection[int] | None = None,
        every: int | None = None,
        ids: Collection[str] | None = None,
    ) -> Fault:
        """Refuse some items of a batch; the others are dealt with as usual.

        The answer has all items in their order, the refused ones with this status, and the
        status 10010 (10020 when nothing is left) above them.

        Args:
            code: Status of the refused items.
            details: Further text of it.
            at: Their positions, from 0.
            every: Every n-th item of a request, instead.
            ids: The items with these ids, instead.

        Raises:
            ValueError: The RPC has no items with a status each, or not exactly one of `at`,
                `every` and `ids` is given.
        """
        choose = items.chooser(at, every, ids)
        items.check(self._rpc)

        def refuse(_: Fault, method: Method, request: Message) -> object:
            return items.split(method, request, choose, status(code, details)) or MISSED

        return self._switch_on("items", f"refuses items with {code}", refuse)

    def run(self, action: Callable[[], Any], *, after_effect: bool = False) -> Fault:
        """Call a function of the program.

        Args:
            action: May raise `clarifai_local.dispatch.Aborted`, or return a `Status` to answer
                with; whatever else it does happens at this moment of the call.
            after_effect: Call it when the platform has done what it was asked.
        """
        return self._switch_on(_place(after_effect), "runs a function", lambda _: action())

    def _switch_on(self, place: str, what: str, act: Callable[..., Any]) -> Fault:
        return self._injector.switch_on(
            place, f"{self._rpc}: {what}", self._rpc, self._schedule, act
        )


def _place(after_effect: bool) -> str:
    return "after" if after_effect else "before"
