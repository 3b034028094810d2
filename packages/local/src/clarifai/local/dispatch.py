"""From the name of an RPC and the bytes of a request to the bytes of the answer.

Every way in (in process, gRPC server, HTTP gateway) ends here. The rungs of one call:

    authenticate -> faults.before -> handler -> envelope status -> faults.after

Handlers are methods marked with `@rpc`; a service is any object that has some. What an application
refuses is a status in the answer, with gRPC status OK; only `Aborted` becomes a gRPC error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2
from google.protobuf import message_factory
from google.protobuf.message import DecodeError, Message

from clarifai.local import ids
from clarifai.local.statuses import Refused, status

if TYPE_CHECKING:
    import grpc
    from google.protobuf.descriptor import MethodDescriptor

    from clarifai.local.auth import Authenticator
    from clarifai.local.faults import Faults

SERVICE = service_pb2.DESCRIPTOR.services_by_name["V2"]
"""The descriptor of the V2 service, the source of all names and message types."""

Metadata = Mapping[str, str]
"""Call metadata with lower-case keys."""

Handler = TypeVar("Handler", bound=Callable[..., Any])

_MARK = "__clarifai_rpcs__"
_log = logging.getLogger(__name__)


class Aborted(Exception):
    """End the call with a gRPC error; for trouble of the transport, not of the application."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


@attrs.frozen
class RawResponse:
    """An answer that is serialized already, without its `status` field."""

    body: bytes
    status: status_pb2.Status | None = None
    """None means success."""


def rpc(*names: str) -> Callable[[Handler], Handler]:
    """Mark a method `(self, request, caller) -> response` as the handler of an RPC.

    Args:
        names: RPC names of the V2 service, such as `"PostApps"`.
    """

    def mark(handler: Handler) -> Handler:
        setattr(handler, _MARK, names)
        return handler

    return mark


class Method:
    """One RPC of the service: its name, kind and message classes."""

    def __init__(self, descriptor: MethodDescriptor) -> None:
        self.name: str = descriptor.name
        self.path = f"/{descriptor.containing_service.full_name}/{descriptor.name}"
        self.client_streaming = bool(getattr(descriptor, "client_streaming", False))
        self.server_streaming = bool(getattr(descriptor, "server_streaming", False))
        self.request_type = message_factory.GetMessageClass(descriptor.input_type)
        self.response_type = message_factory.GetMessageClass(descriptor.output_type)
        field = descriptor.output_type.fields_by_name.get("status")
        self._status_tag = b"" if field is None else _tag(field.number)

    def refusal(self, refused: status_pb2.Status) -> bytes:
        """Return an answer that holds nothing but a status."""
        return self._envelope(b"", refused)

    def finish(self, answer: Message | RawResponse) -> bytes:
        """Return the bytes of a handler's answer, with its status filled in."""
        if isinstance(answer, RawResponse):
            return self._envelope(answer.body, answer.status or status(codes.SUCCESS))
        envelope = getattr(answer, "status", None)
        if envelope is not None and self._status_tag:
            if not envelope.code:
                envelope.MergeFrom(status(codes.SUCCESS))
            envelope.req_id = ids.new_id()
        return answer.SerializeToString()

    def _envelope(self, body: bytes, envelope: status_pb2.Status) -> bytes:
        if not self._status_tag:
            return body
        envelope.req_id = ids.new_id()
        head = envelope.SerializeToString()
        return b"".join((self._status_tag, varint(len(head)), head, body))


class Dispatcher:
    """All RPCs of the service, bound to the handlers of the services that were added.

    Args:
        authenticate: Turns call metadata into the caller, or refuses.
        faults: Returns the fault switches in force; asked on every call.
        extra: RPCs that the installed wire contract lacks, described elsewhere.
    """

    def __init__(
        self,
        authenticate: Authenticator,
        faults: Callable[[], Faults],
        extra: Iterable[MethodDescriptor] = (),
    ) -> None:
        self.methods = {m.path: m for m in map(Method, [*SERVICE.methods, *extra])}
        self._authenticate = authenticate
        self._faults = faults
        self._handlers: dict[str, Callable[..., Any]] = {}

    def add(self, service: object) -> None:
        """Bind every marked method of `service`; a later service replaces an earlier one's."""
        for attribute in dir(type(service)):
            for name in getattr(getattr(type(service), attribute), _MARK, ()):
                self._handlers[name] = getattr(service, attribute)

    def implemented(self) -> frozenset[str]:
        """Return the names of the RPCs that have a handler."""
        return frozenset(self._handlers)

    def unary(self, method: Method, payload: bytes, metadata: Metadata, *, trusted: bool) -> bytes:
        """Answer a call with one request and one response.

        Args:
            method: Which RPC.
            payload: The serialized request.
            metadata: The call's metadata.
            trusted: The call comes from this process and needs no credentials.

        Raises:
            Aborted: Only when a fault switch says so.
        """
        try:
            caller = self._authenticate(metadata, trusted)
            faulty = self._faults().before(method.name)
            if faulty is not None:
                return method.refusal(faulty)
            answer = self._handler(method)(_parse(method, payload), caller)
            self._faults().after(method.name)
            return method.finish(answer)
        except Aborted:
            raise
        except Refused as refused:
            return method.refusal(refused.status)
        except Exception:  # noqa: BLE001 - logged; never an exception on the wire
            return method.refusal(_crash(method))

    def stream(
        self, method: Method, payloads: Iterator[bytes], metadata: Metadata, *, trusted: bool
    ) -> Iterator[bytes]:
        """Answer a call that streams requests, responses or both; see `unary`."""
        try:
            caller = self._authenticate(metadata, trusted)
            faulty = self._faults().before(method.name)
            if faulty is not None:
                yield method.refusal(faulty)
                return
            requests = (_parse(method, payload) for payload in payloads)
            request = requests if method.client_streaming else next(requests)
            answers = self._handler(method)(request, caller)
            for answer in answers if method.server_streaming else (answers,):
                yield method.finish(answer)
            self._faults().after(method.name)
        except Aborted:
            raise
        except Refused as refused:
            yield method.refusal(refused.status)
        except Exception:  # noqa: BLE001 - logged; never an exception on the wire
            yield method.refusal(_crash(method))

    def _handler(self, method: Method) -> Callable[..., Any]:
        handler = self._handlers.get(method.name)
        if handler is None:
            raise Refused(
                codes.NOT_IMPLEMENTED,
                f"the embedded platform does not implement the RPC {method.name}",
            )
        return handler


def varint(value: int) -> bytes:
    """Return `value` as a protobuf varint.

    Example:
        >>> varint(300).hex()
        'ac02'
    """
    if value < 0x80:
        return _SMALL[value]
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def delimited(field_number: int, bodies: Iterable[bytes]) -> bytes:
    """Return serialized messages joined as one repeated field.

    Args:
        field_number: The number of the repeated field.
        bodies: One serialized message per item.
    """
    tag = _tag(field_number)
    parts: list[bytes] = []
    for body in bodies:
        parts += (tag, varint(len(body)), body)
    return b"".join(parts)


_SMALL = tuple(bytes((n,)) for n in range(0x80))
_LENGTH_DELIMITED = 2


def _tag(field_number: int) -> bytes:
    return varint(field_number << 3 | _LENGTH_DELIMITED)


def _parse(method: Method, payload: bytes) -> Message:
    try:
        return method.request_type.FromString(payload)
    except DecodeError as error:
        raise Refused(
            codes.CONN_BAD_REQUEST_FORMAT, f"the request of {method.name} is malformed: {error}"
        ) from error


def _crash(method: Method) -> status_pb2.Status:
    _log.exception("the handler of %s failed", method.name)
    return status(codes.INTERNAL_SERVER_ISSUE, f"{method.name} failed; the platform's log says why")
