"""What classes derive from that call the service themselves."""

from __future__ import annotations

import functools
from abc import ABCMeta
from typing import TYPE_CHECKING, Any

from clarifai_compat._inherited import Client
from clarifai_compat.auth_helper import ClarifaiAuthHelper
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import UserError
from clarifai_core.handles import Handle
from clarifai_core.wire.messages import nearest

if TYPE_CHECKING:
    from typing_extensions import Self

    from clarifai_core.transport.session import Session

_ARGUMENTS = ("user_id", "app_id", "pat", "token", "base", "ui", "root_certificates_path")


class BaseClient(Client, metaclass=ABCMeta):
    """Credentials, stub and scope for a class of one's own; handles count as instances of it.

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
    def auth_helper(self) -> ClarifaiAuthHelper:  # type: ignore[override]
        """Return address, credentials and scope."""
        return ClarifaiAuthHelper(**self._arguments, validate=False)

    @property
    def session(self) -> Session:
        """Return the session that handles with the same settings share."""
        return self.auth_helper.session

    @classmethod
    def from_auth_helper(cls, auth: ClarifaiAuthHelper, **kwargs: Any) -> Self:
        """Return one with the address, credentials and scope of a helper.

        Args:
            auth: The helper.
            **kwargs: Further arguments of the class; those given count before the helper's.
        """
        if cls is BaseClient:
            kwargs.setdefault("ui", auth.ui)
        return super().from_auth_helper(auth, **kwargs)


BaseClient.register(Handle)
