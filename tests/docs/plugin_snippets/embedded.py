"""Policies and credentials of a program that is no distribution."""

# --8<-- [start:embedded]
from __future__ import annotations

import time
from typing import TYPE_CHECKING

from clarifai.client.user import User
from clarifai_core.registration import register_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from clarifai_core.contracts import Policy
    from clarifai_core.settings import Settings
    from clarifai_core.transport.calls import Flow, RpcCall

SECONDS: dict[str, float] = {}


def timing(settings: Settings) -> Policy:
    def timed(call: RpcCall, proceed: Callable[[RpcCall], Flow[Message]]) -> Flow[Message]:
        started = time.perf_counter()
        reply = yield from proceed(call)
        SECONDS[call.rpc.name] = time.perf_counter() - started
        return reply

    return timed


def app_ids(base_url: str, pat: str) -> list[str]:
    with register_policy("timing", timing):
        return [app.id for app in User("me", base_url=base_url, pat=pat).list_apps()]


# --8<-- [end:embedded]
