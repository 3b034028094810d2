"""Code around every call."""

# --8<-- [start:policy]
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai_core.contracts import Policy
    from clarifai_core.transport.calls import Flow, RpcCall

CALLS: Counter[str] = Counter()


def counting(settings: object) -> Policy:
    def count(call: RpcCall, proceed: Callable[[RpcCall], Flow[Message]]) -> Flow[Message]:
        reply = yield from proceed(call)  # raises when the call fails
        CALLS[call.rpc.name] += 1
        return reply

    return count


# --8<-- [end:policy]
