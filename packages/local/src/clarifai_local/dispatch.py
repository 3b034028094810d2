"""From the name of an RPC and the bytes of a request to the bytes of the answer.

Every way in (in process, gRPC server, HTTP gateway) ends here. The rungs of one call:

    authenticate -> permit -> faults.before -> handler -> envelope status -> faults.after

A recorder that is on sees each call from outside.

Handlers are methods marked with `@rpc`; a service is any object that has some. What an application
refuses is a status in the answer, with gRPC status OK; only `Aborted` becomes a gRPC error.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf.message import DecodeError, Message

from clarifai_core.loggers import logger_for
from clarifai_local import _permissions, _refused_fields, _request_checks
from clarifai_local._grpc import grpc
from clarifai_local._methods import SERVICE as SERVICE
from clarifai_local._methods import Aborted as Aborted
from clarifai_local._methods import Method as Method
from clarifai_local._methods import method_of
from clarifai_local._store.database import ClosedError
from clarifai_local._store.directory_errors import sentence
from clarifai_local._wire_versions import understand
from clarifai_local.statuses import CRASHED, Refused, status

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api.status import status_pb2
    from google.protobuf.descriptor import MethodDescriptor

    from clarifai_local._faults.injector import Injector
    from clarifai_local._recorder import Recorder, Recording
    from clarifai_local.auth import Authenticator, Caller

Metadata = Mapping[str, str]
"""Call metadata with lower-case keys."""

Handler = TypeVar("Handler", bound=Callable[..., Any])

_MARK = "__clarifai_rpcs__"
_log = logger_for(__name__)


def rpc(*names: str) -> Callable[[Handler], Handler]:
    """Mark a method `(self, request, caller) -> response` as the handler of an RPC.

    Args:
        names: RPC names of the V2 service, such as `"PostApps"`.
    """

    def mark(handler: Handler) -> Handler:
        setattr(handler, _MARK, names)
        return handler

    return mark


def handlers_of(service: object) -> dict[str, Callable[..., Any]]:
    """Return the marked methods of a service, by the names of the RPCs that they answer."""
    cls: Any = type(service)
    return {name: getattr(service, attribute) for name, attribute in _marked(cls)}


@functools.cache
def _marked(cls: type) -> tuple[tuple[str, str], ...]:
    """Return the RPCs that a class of services answers, each with the method that does."""
    return tuple(
        (name, attribute)
        for attribute in dir(cls)
        for name in getattr(getattr(cls, attribute), _MARK, ())
    )


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
        faults: Callable[[], Injector],
        extra: Iterable[MethodDescriptor] = (),
        recorder: Recorder | None = None,
    ) -> None:
        self.methods = {m.path: m for m in map(method_of, [*SERVICE.methods, *extra])}
        self._authenticate = authenticate
        self._faults = faults
        self._recorder = recorder
        self._handlers: dict[str, Callable[..., Any]] = {}

    def add(self, service: object) -> None:
        """Bind every marked method of `service`; a later service replaces an earlier one's.

        Raises:
            ValueError: A method is marked with the name of no RPC.
        """
        self.bind(handlers_of(service))

    def bind(self, handlers: Mapping[str, Callable[..., Any]]) -> None:
        """Have RPCs answered, by their names; later handlers replace earlier ones.

        Raises:
            ValueError: There is no RPC of a name.
        """
        for name in sorted(handlers):
            if wrong := self.no_rpc(name):
                raise ValueError(f"{handlers[name].__qualname__} answers {wrong}")
        self._handlers.update(handlers)

    def no_rpc(self, name: str) -> str:
        """Return what to say of a name that is no RPC's, for the end of a sentence; else `""`."""
        known = {method.name for method in self.methods.values()}
        if name in known:
            return ""
        near = difflib.get_close_matches(name, known, 1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        return f"{name!r}, which is no RPC{hint}"

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
            caller = self._caller(method, metadata, trusted, recording)
            faults = self._faults()
            faulty = faults.before(method.name)
            if faulty is not None:
                return method.refusal(faulty)
            request = _parse(method, payload, caller)
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
        except (Aborted, KeyboardInterrupt):
            raise
        except Refused as refused:
            return method.refusal(refused.status)
        except ClosedError as error:
            raise _gone(error) from error
        except BaseException as error:  # noqa: BLE001 - logged; never an exception on the wire
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
            caller = self._caller(method, metadata, trusted, recording)
            faulty = self._faults().before(method.name)
            if faulty is not None:
                yield method.refusal(faulty)
                return
            requests = (_parse(method, payload, caller) for payload in payloads)
            request = requests if method.client_streaming else _only(method, requests)
            answers = self._handler(method)(request, caller)
            answers = answers if method.server_streaming else (answers,)
            for number, answer in enumerate(answers, 1):
                yield method.finish(answer)
                self._faults().message(method.name, number)
            faulty = self._faults().after(method.name)
            if faulty is not None:
                yield method.refusal(faulty)
        except (Aborted, KeyboardInterrupt, GeneratorExit):
            raise
        except Refused as refused:
            yield method.refusal(refused.status)
        except ClosedError as error:
            raise _gone(error) from error
        except BaseException as error:  # noqa: BLE001 - logged; never an exception on the wire
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

    def _caller(
        self, method: Method, metadata: Metadata, trusted: bool, recording: Recording | None
    ) -> Caller:
        caller = self._authenticate(metadata, trusted)
        if recording is not None:
            recording.caller = caller.user_id
        _permissions.permit(method, caller)
        return caller

    def _handler(self, method: Method) -> Callable[..., Any]:
        handler = self._handlers.get(method.name)
        if handler is None:
            raise Refused(
                codes.NOT_IMPLEMENTED,
                f"the embedded platform does not implement the RPC {method.name}",
            )
        return handler


def _only(method: Method, requests: Iterator[Message]) -> Message:
    for request in requests:
        return request
    raise Refused(codes.CONN_BAD_REQUEST_FORMAT, f"{method.name} was called without a request")


def _parse(method: Method, payload: bytes, caller: Caller) -> Message:
    try:
        request = method.request_type.FromString(payload)
    except DecodeError as error:
        raise Refused(
            codes.CONN_BAD_REQUEST_FORMAT, f"the request of {method.name} is malformed: {error}"
        ) from error
    _request_checks.check(request)
    _permissions.confine(request, caller)
    _refused_fields.refuse(request)
    return request


def _gone(error: ClosedError) -> Aborted:
    """Return the end of a call whose platform was closed under it: nobody's fault, and no crash."""
    return Aborted(grpc.StatusCode.CANCELLED, str(error))


def _crash(method: Method, error: BaseException) -> status_pb2.Status:
    if trouble := sentence(error):
        _log.warning("%s failed: %s", method.name, trouble)
        return status(CRASHED, trouble)
    _log.error("the handler of %s failed", method.name, exc_info=error)
    return status(CRASHED, f"{method.name} failed; the platform's log says why")
