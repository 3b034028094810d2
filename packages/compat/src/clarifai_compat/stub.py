"""The RPCs of the service as methods: request message in, response message out."""

from __future__ import annotations

from abc import ABC, ABCMeta
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import ApiError, UserError
from clarifai_core.transport import catalogue
from clarifai_core.transport.calls import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from google.protobuf.message import Message

    from clarifai_core.transport.session import Session


class RpcCallable(ABC):  # noqa: B024  why: it is for isinstance only
    """What a method of a stub is: one of ours, or of gRPC's own."""

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        """Return whether instances of a class are such: gRPC names its classes so."""
        return True if _is_of_grpc(other, "Callable") else NotImplemented


class _StubType(ABCMeta):
    """Counts the stubs that clarifai-grpc generates as stubs, too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or _is_of_grpc(type(instance), "V2Stub")


def _is_of_grpc(cls: type, ending: str) -> bool:
    return any(
        base.__name__.endswith(ending)
        and base.__module__.split(".")[0] in ("grpc", "clarifai_grpc")
        for base in cls.__mro__
    )


class UnaryMethod(RpcCallable):
    """One RPC that answers one request with one response."""

    def __init__(self, session: Session, rpc: catalogue.Rpc) -> None:
        self._session = session
        self._rpc = rpc

    def __call__(
        self,
        request: Message,
        timeout: float | None = None,
        metadata: Iterable[tuple[str, str]] | None = None,
    ) -> Any:
        """Send a request and return the response, whatever status it carries.

        Args:
            request: The RPC's request message.
            timeout: Deadline of the whole call in seconds; None: the RPC's usual one.
            metadata: Pairs to send along; credentials among them replace the stub's.

        Raises:
            UserError: The request is of another RPC.
            ApiClientError: No valid response came before the deadline.
        """
        self._check(request)
        limit = DEFAULT if timeout is None else timeout
        try:
            return self._session.call(
                self._rpc.name, request, timeout_seconds=limit, metadata=metadata or ()
            )
        except ApiError as error:
            if error.response is None:
                raise
            return error.response

    def future(
        self,
        request: Message,
        timeout: float | None = None,
        metadata: Iterable[tuple[str, str]] | None = None,
    ) -> Future[Any]:
        """Send a request in a thread of the session; `result()` waits for the response."""
        return self._session.executor.submit(self, request, timeout, metadata)

    @property
    def session(self) -> Session:
        """Return the session that the requests go through; a `Lister` asks for it."""
        return self._session

    @property
    def rpc_name(self) -> str:
        """Return the name of the RPC, such as `"ListApps"`."""
        return self._rpc.name

    def _check(self, request: Message) -> None:
        if not isinstance(request, self._rpc.request_class):
            raise UserError(
                f"{self._rpc.name} takes a {self._rpc.request_class.__name__}, "
                f"got a {type(request).__name__}."
            )


class StreamMethod(RpcCallable):
    """One RPC that answers with a stream of responses."""

    def __init__(self, session: Session, rpc: catalogue.Rpc) -> None:
        self._session = session
        self._rpc = rpc

    def __call__(
        self,
        request: Message | Iterable[Message],
        timeout: float | None = None,
        metadata: Iterable[tuple[str, str]] | None = None,
    ) -> Iterator[Any]:
        """Return the responses as they come.

        Args:
            request: The request message, or the messages where the RPC takes a stream of them.
            timeout: Deadline of the whole stream in seconds; None: it has none.
            metadata: Pairs to send along; credentials among them replace the stub's.
        """
        return self._session.stream(
            self._rpc.name, request, timeout_seconds=timeout, metadata=metadata or ()
        )


class V2Stub(metaclass=_StubType):
    """Every RPC of the service as a method of that name; `create_stub` makes one."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> UnaryMethod | StreamMethod:
        if name.startswith("_"):
            raise AttributeError(f"'V2Stub' object has no attribute {name!r}")
        try:
            rpc = catalogue.rpc(name)
        except UserError as error:
            raise AttributeError(str(error)) from error
        streams = rpc.server_streaming or rpc.client_streaming
        method = (StreamMethod if streams else UnaryMethod)(self._session, rpc)
        self.__dict__[name] = method
        return method

    def __dir__(self) -> Sequence[str]:
        return sorted({*super().__dir__(), *catalogue.SERVICE.methods_by_name})

    @property
    def session(self) -> Session:
        """Return the session that the requests go through."""
        return self._session
