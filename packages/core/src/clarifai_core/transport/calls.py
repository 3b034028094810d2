"""What a call is, and what a flow may ask of its driver."""

from __future__ import annotations

import enum
import itertools
import os
import re
from collections.abc import Generator, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

import attrs

from clarifai_core.errors import UserError
from clarifai_core.heavy import grpc, protobuf_message
from clarifai_core.safe_text import HIDDEN
from clarifai_core.transport._other_protocols import OtherProtocol as OtherProtocol
from clarifai_core.transport._other_protocols import other_protocol
from clarifai_core.transport.catalogue import CallLimits, Rpc
from clarifai_core.wire.preserialized import JoinedRequest

T = TypeVar("T")
Flow: TypeAlias = Generator["Send | Sleep", Any, T]
"""A sans-IO conversation: yields `Send` and `Sleep`, is sent what came of them, returns a T."""


class Default(enum.Enum):
    """The sentinel for "as the settings say", where None means "none"."""

    DEFAULT = "default"

    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT = Default.DEFAULT


def _check_metadata(_call: object, _field: object, pairs: tuple[tuple[str, str], ...]) -> None:
    """Refuse what gRPC refuses: its own error quotes all metadata, the key among them."""
    for number, pair in enumerate(pairs, 1):
        if not (isinstance(pair, tuple) and len(pair) == 2 and _is_sendable(*pair)):
            raise UserError(
                f"metadata: pair {number} cannot be sent; a name may have a-z, 0-9, '_', '-' and "
                "'.', a value printable ASCII, or bytes where the name ends in '-bin'."
            )


def _is_sendable(name: object, value: object) -> bool:
    if not isinstance(name, str) or not re.fullmatch("[a-zA-Z0-9_.-]+", name):
        return False
    if name.lower().endswith("-bin"):
        return isinstance(value, bytes)
    return isinstance(value, str) and value.isascii() and (value.isprintable() or not value)


def _without_values(pairs: tuple[tuple[str, str], ...]) -> str:
    return repr(tuple((pair[0], HIDDEN) for pair in pairs))


@attrs.frozen(eq=False)
class RpcCall:
    """One call of one method, as policies and the flow see it."""

    rpc: Rpc
    request: protobuf_message.Message | JoinedRequest | bytes = attrs.field(
        repr=lambda one: f"<{type(one).__name__}>"
    )
    """The message; or parts that are joined when it is sent; or its serialised bytes."""
    limits: CallLimits
    accept: frozenset[int] = frozenset()
    """Status codes besides SUCCESS that the caller handles itself."""
    where: str = ""
    """The platform, for messages: `"api.clarifai.com"`."""
    metadata: tuple[tuple[str, str], ...] = attrs.field(
        default=(), validator=_check_metadata, repr=_without_values
    )
    """Further gRPC metadata; credentials among them take the place of the session's."""
    request_id: str = attrs.field(factory=lambda: new_request_id())
    """Made here, the same for every attempt; sent along and put in every error."""

    def asked(self) -> dict[str, str]:
        """Return the ids that the request names, for error messages; never data."""
        if isinstance(self.request, bytes):
            return {}
        found: dict[str, str] = {}
        request = self.request.head if isinstance(self.request, JoinedRequest) else self.request
        for field, value in request.ListFields():
            if field.name == "user_app_id":
                found.update({k.name: v for k, v in value.ListFields()})
            elif field.name.endswith("_id") and isinstance(value, str):
                found[field.name] = value
        return found


@attrs.define
class Attempts:
    """What became of the attempts of one call so far."""

    sends: int = 0
    """Attempts of any kind."""
    failures: int = 0
    """Those that failed, and may have reached the platform."""
    waits: int = 0
    """Those in a row that did not leave this machine: there was no connection."""
    lost_at: float | None = None
    """Since when that is so, by the clock of the rules."""

    def connected(self) -> None:
        """Note that there was a connection, whatever came of it."""
        self.waits, self.lost_at = 0, None


@attrs.frozen
class Send:
    """Ask the driver to send the request once; it answers with the reply or a `Failure`."""

    call: RpcCall
    attempt: int
    timeout_seconds: float


@attrs.frozen
class Sleep:
    """Ask the driver to wait."""

    seconds: float


@attrs.frozen
class Failure:
    """An attempt that ended without an answer."""

    code: grpc.StatusCode
    details: str = ""
    trailers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def never_sent(self) -> bool:
        """Return whether the platform certainly did not get the request."""
        return self.code.name == "UNAVAILABLE" and self._says(_NEVER_SENT)

    @property
    def untrusted(self) -> bool:
        """Return whether a certificate was refused, theirs or ours: asking again changes nothing.

        A handshake that breaks has refused nothing.
        """
        return self._says(_REFUSED_CERTIFICATE)

    @property
    def other_name(self) -> bool:
        """Return whether the certificate is a trusted one of another host."""
        return self._says(_OTHER_NAME)

    @property
    def other_protocol(self) -> OtherProtocol | None:
        """Return what answers at the port in the place of gRPC, if that can be told."""
        return other_protocol(self.details)

    def _says(self, texts: Iterable[str]) -> bool:
        lowered = self.details.lower()
        return any(text in lowered for text in texts)


_NEVER_SENT = (
    "failed to connect to all addresses",
    "connection refused",
    "dns resolution failed",
    "errors resolving",
    "name resolution",
    "connections to all backends failing",
)

_OTHER_NAME = ("hostname verification check failed", "is not in peer certificate")

_REFUSED_CERTIFICATE = (
    "certificate_verify",
    "certificate verify failed",
    *_OTHER_NAME,
    "alert_bad_certificate",
    "alert_certificate",
    "alert_unknown_ca",
)
"""Words of gRPC and BoringSSL; "certificate" alone is also in those for a port without TLS."""

_counter = itertools.count(1)


class _Process:
    """Random for each process: asking the system for each call would cost more than the rest."""

    prefix = os.urandom(8).hex()

    @classmethod
    def renew(cls) -> None:
        cls.prefix = os.urandom(8).hex()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Process.renew)


def new_request_id() -> str:
    """Return an id for one call, unique among the calls of all processes.

    Example:
        >>> len(new_request_id())
        32
    """
    return f"{_Process.prefix}{next(_counter):016x}"
