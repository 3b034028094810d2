"""Errors of calls that gRPC itself ended: each is a `grpc.RpcError` too, as programs catch.

Importing `clarifai_core.errors` loads no grpc. So the class that is both is made when the first
such error is, which only happens once grpc is loaded; it goes by the name of the public class.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core.errors import ApiError, ClarifaiError
from clarifai_core.heavy import grpc

if TYPE_CHECKING:
    from clarifai_core.transport.calls import Failure

E = TypeVar("E", bound=ClarifaiError)


def ended_by_grpc(error: E, failure: Failure) -> E:
    """Return the same error as a `grpc.RpcError`, too.

    Args:
        error: What to raise.
        failure: What gRPC told: the new error's `code()`, `details()` and `trailing_metadata()`.

    Example:
        >>> from clarifai_core.errors import Unreachable
        >>> from clarifai_core.transport.calls import Failure
        >>> error = ended_by_grpc(Unreachable("gone"), Failure(grpc.StatusCode.UNAVAILABLE, "off"))
        >>> isinstance(error, grpc.RpcError), error.code().name, error.details()
        (True, 'UNAVAILABLE', 'off')
    """
    public: Any = type(error)
    cls = _class_of(public)
    made: Any = cls.__new__(cls)
    made.args = error.args
    made.__dict__.update(error.__dict__, _failure=failure)
    if isinstance(error, ApiError):
        # `code` and `details` of an ApiError are values: these are, and can be called as well.
        made.code = _Code(error.code)
        made.code.status = failure.code
        made.details = _Details(error.details)
        made.details.told = failure.details
    fit: E = made
    return fit


class _RpcError:
    """What programs ask of a `grpc.RpcError`; a mixin of the classes that `_class_of` makes."""

    _failure: Failure

    def code(self) -> grpc.StatusCode:
        """Return the status of gRPC."""
        return self._failure.code

    def details(self) -> str:
        """Return what gRPC told, at length."""
        return self._failure.details

    def trailing_metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs that came behind the answer."""
        return tuple(self._failure.trailers.items())

    def debug_error_string(self) -> str:
        """Return what gRPC told, for people who look for a fault."""
        return f"{self._failure.code.name}: {self._failure.details}"

    def __reduce__(self) -> tuple[object, ...]:
        state = {k: v for k, v in self.__dict__.items() if k not in ("_failure", "code", "details")}
        public: Any = type(self).__mro__[2]
        plain = public.__new__(public)
        plain.args = self.args  # type: ignore[attr-defined]
        plain.__dict__.update(state)
        if isinstance(plain, ApiError):
            plain.code, plain.details = int(self.code), str(self.details)  # type: ignore[call-overload]
        return (ended_by_grpc, (plain, self._failure))


class _Code(int):
    """The platform's status code, which is 0 here; called, it is that of gRPC."""

    status: grpc.StatusCode

    def __call__(self) -> grpc.StatusCode:
        return self.status


class _Details(str):
    """The platform's words, of which there are none here; called, they are those of gRPC."""

    told: str

    def __call__(self) -> str:
        return self.told


@functools.cache
def _class_of(public: type[ClarifaiError]) -> type[ClarifaiError]:
    named = {"__module__": public.__module__, "__doc__": public.__doc__}
    return type(public.__name__, (_RpcError, public, grpc.RpcError), named)
