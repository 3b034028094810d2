"""`clarifai doctor`: walk the way to the platform hop by hop, and name the one that fails."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

import attrs
import click

from clarifai_cli._invocation import Invocation
from clarifai_cli._options import common_options
from clarifai_core.errors import ClarifaiError, Unreachable, UserError
from clarifai_core.files import others_may_read
from clarifai_core.installation import doors_fault
from clarifai_core.safe_text import plain, redacted, shown_url
from clarifai_core.settings import contexts_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai_core.settings import Settings

HOP_TIMEOUT_SECONDS = 10.0
REMEDIES = {
    "name": "Check base_url and the DNS of this machine.",
    "connection": "Check the port, a firewall, or whether the server is running.",
    "certificate": "For a root of your own, set CLARIFAI_ROOT_CERTIFICATES_PATH.",
}

_UNKNOWN_USER_ID = "me"


@attrs.frozen
class Hop:
    """One step on the way, and how it went."""

    name: str
    state: str
    detail: str


@click.command()
@common_options
def doctor() -> None:
    """Try the settings, the network and the key; stop at the first that fails, and name it."""
    invocation = Invocation.current()
    hops: list[Hop] = []
    failure: ClarifaiError | None = None
    hops.extend(_doors())
    hops.extend(_exposed())
    try:
        settings = _resolved(invocation)
        hops.extend(_settled(settings))
        for name, step in _steps(settings):
            hops.append(_walk(name, step, settings))
    except _HopFailed as failed:
        hops.append(Hop(failed.hop, "failed", ""))
        failure = failed.error
    rows = [{"hop": hop.name, "state": hop.state, "detail": hop.detail} for hop in hops]
    invocation.output.table(rows)
    if failure is not None:
        raise failure


class _HopFailed(Exception):
    def __init__(self, hop: str, error: ClarifaiError) -> None:
        super().__init__(hop)
        self.hop = hop
        self.error = error


def _doors() -> Iterator[Hop]:
    fault = doors_fault()
    if fault:  # why a warning: the rooms, and so the way to the platform, work all the same
        yield Hop("doors", "warning", fault)


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


def _resolved(invocation: Invocation) -> Settings:
    try:
        return invocation.settings()
    except UserError as error:
        raise _HopFailed("settings", error) from error


def _settled(settings: Settings) -> Iterator[Hop]:
    for origin in settings.explain():
        yield Hop(f"setting {origin.name}", "ok", f"{origin.value} ({origin.source})")


def _steps(settings: Settings) -> Iterator[tuple[str, Callable[[Settings], str]]]:
    endpoint = settings.endpoint
    if not endpoint.is_plugin:
        proxy = _proxy_of(settings)
        if proxy:
            yield (
                "proxy",
                lambda _: f"{shown_url(proxy)}: the hops behind it are not tried one by one",
            )
        else:
            yield "name", _resolve
            yield "connection", _connect
            if endpoint.tls:
                yield "certificate", _shake_hands
    yield "key", _check_key
    yield "platform", _ask


def _walk(name: str, step: Callable[[Settings], str], settings: Settings) -> Hop:
    started = time.perf_counter()
    try:
        detail = step(settings)
    except ClarifaiError as error:
        raise _HopFailed(name, error) from error
    except OSError as error:
        where, remedy = settings.endpoint.where, REMEDIES[name]
        text = f"The {name} hop to {where} fails: {redacted(error)}. {remedy}"
        raise _HopFailed(name, Unreachable(text, maybe_applied=False)) from error
    return Hop(name, "ok", f"{detail}, {(time.perf_counter() - started) * 1000:.0f} ms")


def _proxy_of(settings: Settings) -> str:
    endpoint = settings.endpoint
    proxy = getproxies().get(endpoint.scheme, "")
    return "" if proxy_bypass(endpoint.host) else proxy


def _resolve(settings: Settings) -> str:
    endpoint = settings.endpoint
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    return ", ".join(sorted({str(entry[4][0]) for entry in found}))


def _connect(settings: Settings) -> str:
    with _socket(settings):
        return f"port {settings.endpoint.port}"


def _shake_hands(settings: Settings) -> str:
    context = ssl.create_default_context(cafile=settings.root_certificates_path or None)
    context.set_alpn_protocols(["h2"])
    host = settings.endpoint.host
    with _socket(settings) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
        return str(secure.version())


def _socket(settings: Settings) -> socket.socket:
    endpoint = settings.endpoint
    return socket.create_connection((endpoint.host, endpoint.port), HOP_TIMEOUT_SECONDS)


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
