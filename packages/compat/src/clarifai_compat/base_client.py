"""What classes derive from that call the service themselves."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_compat.auth_helper import ClarifaiAuthHelper
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import UserError
from clarifai_core.wire.messages import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.message import Message

    from clarifai_compat.stub import V2Stub

_ARGUMENTS = ("user_id", "app_id", "pat", "token", "base", "ui", "root_certificates_path")

M = TypeVar("M", bound="Message")
T = TypeVar("T")


class BaseClient:
    """Credentials, stub and scope for a class of one's own.

    Args:
        **kwargs: `user_id`, `app_id`, `pat`, `token`, `base` (or `base_url`), `ui` and
            `root_certificates_path`, as `ClarifaiAuthHelper` takes them.

    Raises:
        UserError: An argument is unknown or wrong.

    Example:
        >>> from clarifai_grpc.grpc.api import service_pb2
        >>> class Concepts(BaseClient):
        ...     def ids(self):
        ...         request = service_pb2.ListConceptsRequest(user_app_id=self.user_app_id)
        ...         return [concept.id for concept in self.STUB.ListConcepts(request).concepts]
        >>> Concepts(user_id="me", app_id="none-yet", base_url="local:").ids()
        []
    """

    def __init__(self, **kwargs: Any) -> None:
        base_url = kwargs.pop("base_url", DEFAULT_BASE_URL)
        for name in kwargs:
            if name not in _ARGUMENTS:
                raise UserError(f"BaseClient has no argument {name!r}{nearest(name, _ARGUMENTS)}.")
        self._arguments = {"base": base_url, **kwargs}

    @functools.cached_property
    def auth_helper(self) -> ClarifaiAuthHelper:
        """Return address, credentials and scope."""
        return ClarifaiAuthHelper(**self._arguments, validate=False)

    @functools.cached_property
    def STUB(self) -> V2Stub:  # noqa: N802  why: programs call it so
        """Return the RPCs of the platform."""
        return self.auth_helper.get_stub()

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the gRPC metadata that proves who calls."""
        return self.auth_helper.metadata

    @property
    def pat(self) -> str:
        """Return the personal access token in the clear, or `""`."""
        return self.auth_helper.pat

    @property
    def base(self) -> str:
        """Return the platform's address."""
        return self.auth_helper.base

    @property
    def user_app_id(self) -> resources_pb2.UserAppIDSet:
        """Return the scope as a `UserAppIDSet` message."""
        return self.auth_helper.get_user_app_id_proto()

    def _grpc_request(self, method: Callable[[M], T], argument: M) -> T:
        """Return what a method of the stub answers; kept for programs that derive from this."""
        return method(argument)
