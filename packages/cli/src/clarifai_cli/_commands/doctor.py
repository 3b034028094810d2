"""`clarifai doctor`: walk the way to the platform hop by hop, and name the one that fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs

from clarifai_cli import _hops
from clarifai_core.command_arguments import command
from clarifai_core.errors import ClarifaiError, UserError
from clarifai_core.files import others_may_read
from clarifai_core.installation import doors_fault, family_faults
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import plain
from clarifai_core.settings import contexts_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai_core.command_context import CommandContext
    from clarifai_core.settings import Settings

HOP_TIMEOUT_SECONDS = 10.0

_UNKNOWN_USER_ID = "me"


@attrs.frozen
class Hop:
    """One step on the way, and how it went."""

    hop: str
    state: str
    detail: str


@command()
def doctor(context: CommandContext) -> None:
    """Try the settings, the network, the key and the app; stop at the first that fails.

    Args:
        context: The command's.
    """
    hops: list[Hop] = []
    failure: ClarifaiError | None = None
    hops.extend(_installed())
    hops.extend(_exposed())
    try:
        settings = _resolved(context)
        hops.extend(_settled(settings))
        for name, step in _steps(settings):
            hops.append(_walk(name, step, settings))
    except _HopFailed as failed:
        hops.append(Hop(failed.hop, "failed", ""))
        failure = failed.error
    context.output.table(attrs.asdict(hop) for hop in hops)
    if failure is not None:
        raise failure


class _HopFailed(Exception):
    def __init__(self, hop: str, error: ClarifaiError) -> None:
        super().__init__(hop)
        self.hop = hop
        self.error = error


def _installed() -> Iterator[Hop]:
    fault = doors_fault()
    if fault:  # why a warning: the rooms, and so the way to the platform, work all the same
        yield Hop("doors", "warning", fault)
    for fault in family_faults():
        yield Hop("packages", "warning", fault)
    for info in plugins().list():
        if info.state == "broken":
            yield Hop("plugin", "warning", f"{info} is left out: {info.reason}")


def _exposed() -> Iterator[Hop]:
    path = contexts_path()
    if others_may_read(path):
        shown = plain(path)
        yield Hop(
            "contexts file",
            "warning",
            f"others may read the keys in {shown}: run `chmod 600 {shown}`; "
            "`clarifai login` and `clarifai config use` do so, too",
        )


def _resolved(context: CommandContext) -> Settings:
    try:
        return context.settings()
    except UserError as error:
        raise _HopFailed("settings", error) from error


def _settled(settings: Settings) -> Iterator[Hop]:
    for origin in settings.explain():
        yield Hop(f"setting {origin.name}", "ok", f"{origin.value} ({origin.source})")


def _steps(settings: Settings) -> Iterator[tuple[str, Callable[[Settings], str]]]:
    if not settings.endpoint.is_plugin:
        yield from _hops.hops(settings)
    yield "key", _check_key
    yield "platform", _ask
    if settings.app_id:
        yield "app", _ask_for_app


def _walk(name: str, step: Callable[[Settings], str], settings: Settings) -> Hop:
    started = time.perf_counter()
    try:
        detail = step(settings)
    except ClarifaiError as error:
        raise _HopFailed(name, error) from error
    except OSError as error:
        raise _HopFailed(name, _hops.failure(name, error, settings)) from error
    return Hop(name, "ok", f"{detail}, {(time.perf_counter() - started) * 1000:.0f} ms")


def _check_key(settings: Settings) -> str:
    from clarifai_core.transport.session import session_for

    session_for(settings)  # raises UserError when a key is needed and there is none
    return settings.credentials.kind if settings.credentials else "none needed"


def _ask(settings: Settings) -> str:
    from clarifai_core.scope import Scope
    from clarifai_core.transport.catalogue import rpc
    from clarifai_core.transport.session import session_for

    if not settings.user_id and not settings.endpoint.is_plugin:
        raise UserError("No user id to ask for: set CLARIFAI_USER_ID or `login --user-id ID`.")
    scope = Scope(settings.user_id or _UNKNOWN_USER_ID)
    request = rpc("ListApps").request_class(user_app_id=scope.message(), page=1, per_page=1)
    session_for(settings).call("ListApps", request, timeout_seconds=HOP_TIMEOUT_SECONDS)
    return f"it answers user {scope.user_id}"


def _ask_for_app(settings: Settings) -> str:
    from clarifai_core.scope import Scope
    from clarifai_core.transport.catalogue import rpc
    from clarifai_core.transport.session import session_for

    scope = Scope(settings.user_id or _UNKNOWN_USER_ID, settings.app_id)
    request = rpc("GetApp").request_class(user_app_id=scope.message())
    session_for(settings).call("GetApp", request, timeout_seconds=HOP_TIMEOUT_SECONDS)
    return f"it is there: {plain(settings.app_id)}"
