"""From the name of an RPC and the bytes of a request to the bytes of the answer.

Every way in (in process, gRPC server, HTTP gateway) ends here. The rungs of one call:

    authenticate -> faults.before -> handler -> envelope status -> faults.after

A recorder that is on sees each call from outside.

Handlers are methods marked with `@rpc`; a service is any object that has some. What an application
refuses is a status in the answer, with gRPC status OK; only `Aborted` becomes a gRPC error.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from clarifai_local import ids, request_checks
from clarifai_local.statuses import Refused, status
from clarifai_local.store.directory_errors import sentence
from clarifai_local.wire_versions import understand
from clarifai_local.wire_versions.wire import varint as varint

if TYPE_CHECKING:
    import grpc
    from google.protobuf.descriptor import MethodDescriptor

    from clarifai_local.auth import Authenticator, Caller
    from clarifai_local.faults import Faults
    from clarifai_local.recorder import Recorder, Recording

SERVICE = service_pb2.DESCRIPTOR.services_by_name["V2"]
"""The descriptor of the V2 service, the source of all names and message types."""

HTTP_RULE: Any = descriptor_pool.Default().FindExtensionByName("google.api.http")
"""The option of an RPC that names its paths over HTTP."""

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
        self.http: Any = descriptor.GetOptions().Extensions[HTTP_RULE]
        """Its paths over HTTP, as a `google.api.HttpRule`."""
        # RPCs of other releases are described elsewhere, and called as those of the service.
        self.path = f"/{SERVICE.full_name}/{descriptor.name}"
        self.client_streaming = bool(getattr(descriptor, "client_streaming", False))
        self.server_streaming = bool(getattr(descriptor, "server_streaming", False))
        self.request_type = message_factory.GetMessageClass(descriptor.input_type)
        self.response_type = message_factory.GetMessageClass(descriptor.output_type)
        field = descriptor.output_type.fields_by_name.get("status")
        self._status_tag = b"" if field is None else _tag(field.number)

    def status_of(self, body: bytes) -> status_pb2.Status:
        """Return the status in an answer; an empty one when such answers have none."""
        if not self._status_tag or not body:
            return status_pb2.Status()
        # Most answers have it as field 1: then the rest, which may be large, is only skipped.
        plain = self._status_tag == _tag(1)
        answer: Any = (status_pb2.BaseResponse if plain else self.response_type).FromString(body)
        found = status_pb2.Status()
        found.CopyFrom(answer.status)
        return found

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
        recorder: Remembers calls while it is on.
    """

    def __init__(
        self,
        authenticate: Authenticator,
        faults: Callable[[], Faults],
        extra: Iterable[MethodDescriptor] = (),
        recorder: Recorder | None = None,
    ) -> None:
        self.methods = {m.path: m for m in map(Method, [*SERVICE.methods, *extra])}
        self._authenticate = authenticate
        self._faults = faults
        self._recorder = recorder
        self._handlers: dict[str, Callable[..., Any]] = {}

    def add(self, service: object) -> None:
        """Bind every marked method of `service`; a later service replaces an earlier one's."""
        for attribute in dir(type(service)):
            for name in getattr(getattr(type(service), attribute), _MARK, ()):
                self._handlers[name] = getattr(service, attribute)

    def implemented(self) -> frozenset[str]:
        """Return the names of the RPCs that have a handler."""
        return frozenset(self._handlers)

    def admits(self, metadata: Metadata) -> bool:
        """Return whether a call from outside has credentials; before its request is read."""
        try:
            self._authenticate(metadata, False)
        except Refused:
            return False
        return True

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
        payload, restore = understand(method.name, payload)
        with self._recording(method, metadata) as recording:
            if recording is not None:
                recording.asked(payload)
            body = self._unary(method, payload, metadata, trusted, recording)
            if recording is not None:
                recording.answered(body)
        return body if restore is None else restore(body)

    def stream(
        self, method: Method, payloads: Iterator[bytes], metadata: Metadata, *, trusted: bool
    ) -> Iterator[bytes]:
        """Answer a call that streams requests, responses or both; see `unary`."""
        with self._recording(method, metadata) as recording:
            if recording is None:
                yield from self._stream(method, payloads, metadata, trusted, None)
                return
            asked = recording.all_asked(payloads)
            for answer in self._stream(method, asked, metadata, trusted, recording):
                yield recording.answered(answer)

    def _unary(
        self,
        method: Method,
        payload: bytes,
        metadata: Metadata,
        trusted: bool,
        recording: Recording | None,
    ) -> bytes:
        try:
            caller = self._caller(metadata, trusted, recording)
            faults = self._faults()
            faulty = faults.before(method.name)
            if faulty is not None:
                return method.refusal(faulty)
            request = _parse(method, payload)
            split = faults.split(method, request)
            if split is not None and split.nothing_left:
                return split.join(b"")
            try:
                body = method.finish(self._handler(method)(request, caller))
            except Refused as refused:
                body = method.refusal(refused.status)  # an answer that can get lost, too
            faulty = self._faults().after(method.name)
            if faulty is not None:
                return method.refusal(faulty)
            return body if split is None else split.join(body)
        except Aborted:
            raise
        except Refused as refused:
            return method.refusal(refused.status)
        except Exception as error:  # noqa: BLE001 - logged; never an exception on the wire
            return method.refusal(_crash(method, error))

    def _stream(
        self,
        method: Method,
        payloads: Iterator[bytes],
        metadata: Metadata,
        trusted: bool,
        recording: Recording | None,
    ) -> Iterator[bytes]:
        try:
            caller = self._caller(metadata, trusted, recording)
            faulty = self._faults().before(method.name)
            if faulty is not None:
                yield method.refusal(faulty)
                return
            requests = (_parse(method, payload) for payload in payloads)
            request = requests if method.client_streaming else _only(method, requests)
            answers = self._handler(method)(request, caller)
            answers = answers if method.server_streaming else (answers,)
            for number, answer in enumerate(answers, 1):
                yield method.finish(answer)
                self._faults().message(method.name, number)
            faulty = self._faults().after(method.name)
            if faulty is not None:
                yield method.refusal(faulty)
        except Aborted:
            raise
        except Refused as refused:
            yield method.refusal(refused.status)
        except Exception as error:  # noqa: BLE001 - logged; never an exception on the wire
            yield method.refusal(_crash(method, error))

    @contextlib.contextmanager
    def _recording(self, method: Method, metadata: Metadata) -> Iterator[Recording | None]:
        if self._recorder is None or not self._recorder.on:
            yield None
            return
        recording = self._recorder.begin(method, metadata)
        try:
            yield recording
        except Aborted as aborted:
            recording.grpc_code = aborted.code
            raise
        finally:
            recording.end()

    def _caller(self, metadata: Metadata, trusted: bool, recording: Recording | None) -> Caller:
        caller = self._authenticate(metadata, trusted)
        if recording is not None:
            recording.caller = caller.user_id
        return caller

    def _handler(self, method: Method) -> Callable[..., Any]:
        handler = self._handlers.get(method.name)
        if handler is None:
            raise Refused(
                codes.NOT_IMPLEMENTED,
                f"the embedded platform does not implement the RPC {method.name}",
            )
        return handler


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


_LENGTH_DELIMITED = 2


def _tag(field_number: int) -> bytes:
    return varint(field_number << 3 | _LENGTH_DELIMITED)


def _only(method: Method, requests: Iterator[Message]) -> Message:
    for request in requests:
        return request
    raise Refused(codes.CONN_BAD_REQUEST_FORMAT, f"{method.name} was called without a request")


def _parse(method: Method, payload: bytes) -> Message:
    try:
        request = method.request_type.FromString(payload)
    except DecodeError as error:
        raise Refused(
            codes.CONN_BAD_REQUEST_FORMAT, f"the request of {method.name} is malformed: {error}"
        ) from error
    request_checks.check(request)
    return request


def _crash(method: Method, error: Exception) -> status_pb2.Status:
    if trouble := sentence(error):
        _log.warning("%s failed: %s", method.name, trouble)
        return status(codes.INTERNAL_SERVER_ISSUE, trouble)
    _log.error("the handler of %s failed", method.name, exc_info=error)
    return status(codes.INTERNAL_SERVER_ISSUE, f"{method.name} failed; the platform's log says why")
