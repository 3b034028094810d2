"""Policies of plugins and programs, made when a session opens, and named when they fail."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.contracts import PolicySpec
from clarifai_core.errors import ClarifaiError, PluginError
from clarifai_core.heavy import protobuf_message
from clarifai_core.safe_text import plain
from clarifai_core.transport.calls import Flow, RpcCall, Send, Sleep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_core.contracts import Policy
    from clarifai_core.plugins import Plugins
    from clarifai_core.registration import Registration
    from clarifai_core.settings import Settings


def policies_of(
    plugins: Plugins, settings: Settings, registered: Iterable[Registration] = ()
) -> tuple[Policy, ...]:
    """Return the policies of all plugins, and of the program itself, the outermost first.

    Raises:
        PluginError: One cannot be made.
    """
    found = [
        *(_of_plugin(s, plugins) for s in plugins.specs("policies") if isinstance(s, PolicySpec)),
        *(_of_program(one) for one in registered if one.what == "policy"),
    ]
    return tuple(_made(one, settings) for one in sorted(found, key=lambda s: (s.order, s.name)))


@attrs.frozen
class _PolicySource:
    """Where a policy comes from."""

    order: int
    name: str
    who: str
    load: Callable[[], Any]
    remedy: str = ""


def _of_plugin(spec: PolicySpec, plugins: Plugins) -> _PolicySource:
    owner = plugins.owner("policies", spec.name)
    who = f"The policy {plain(spec.name)!r} of the plugin {owner}"
    return _PolicySource(spec.order, spec.name, who, spec.load, spec.remedy)


def _of_program(one: Registration) -> _PolicySource:
    return _PolicySource(one.order, one.name, one.title, lambda: one.function)


def _made(source: _PolicySource, settings: Settings) -> Policy:
    who, remedy = source.who, source.remedy
    failed = ""
    try:
        policy = source.load()(settings)
    except ClarifaiError:
        raise
    except Exception as error:  # noqa: BLE001  why: a plugin may fail in any way
        failed = _where(error)
    if failed:
        raise PluginError(f"{who} cannot be made: {failed}; nothing was sent{remedy}.")
    if not callable(policy):
        kind = type(policy).__name__
        raise PluginError(f"{who} is a {kind}, which cannot be called; nothing was sent{remedy}.")

    def guarded(call: RpcCall, proceed: Callable[[RpcCall], Flow[Any]]) -> Flow[Any]:
        return (yield from _guarded(source, policy, call, proceed))

    return guarded


def _guarded(
    source: _PolicySource, policy: Any, call: RpcCall, proceed: Callable[[RpcCall], Flow[Any]]
) -> Flow[Any]:
    """Go through a policy, and say whose it is when it fails or makes no sense."""
    reply, answer, wrong = None, None, ""
    try:
        steps = policy(call, proceed)
        if not hasattr(steps, "send"):
            wrong = f"is no generator function: it returns a {_kind(steps)}"
        while not wrong:
            step = steps.send(reply)
            if isinstance(step, (Send, Sleep)):
                reply = yield step
            else:
                wrong = f"yields a {_kind(step)} instead of what `proceed` yields"
    except StopIteration as stop:
        answer = stop.value
        if not isinstance(answer, protobuf_message.Message):
            wrong = f"returns a {_kind(answer)} instead of the answer"
    except ClarifaiError:
        raise
    except Exception as error:  # noqa: BLE001  why: a plugin may fail in any way
        wrong = f"fails at {call.rpc.name}: {_where(error)}"
    if wrong:  # raised here, so that what the plugin said, which may hold a key, is no context
        raise PluginError(f"{source.who} {wrong}{source.remedy}.")
    return answer


def _kind(value: object) -> str:
    return type(value).__name__


def _where(error: Exception) -> str:
    """Return the kind of an error and where it was raised; its words may hold a key."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
