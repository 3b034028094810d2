"""A request over HTTP and its answer, as the platform's routes see them: of no web framework."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator, Mapping

import attrs

IN_PROCESS_URL = "http://clarifai.local"
"""Base of the addresses that in-process callers get; `Platform.http_transport` serves it."""

in_process: contextvars.ContextVar[bool] = contextvars.ContextVar("in_process", default=False)
"""Whether the call being answered came in process; decides the base of addresses."""


@attrs.frozen
class HttpRequest:
    """A request as routes see it."""

    path: str
    """What follows the route's prefix."""
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """With lower-case names."""
    method: str = "GET"
    body: bytes = b""
    raw_path: str = ""
    """The whole path, still percent-encoded."""
    trusted: bool = False
    """It comes from this process and needs no credentials."""
    app: int | None = None
    """Number of the only app that the caller's key is for; None: of all."""


@attrs.frozen
class Break:
    """How the sending of an answer breaks off."""

    after_bytes: int
    """How much of the body is sent before."""
    reset: bool
    """Whether the connection is reset rather than closed."""


@attrs.frozen
class HttpReply:
    """What a route answers."""

    status: int
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """Besides length and media type."""
    chunks: Iterator[bytes] | None = None
    """What follows the body, as it comes."""
    broken: Break | None = None
    """None, unless a fault switch is on."""
