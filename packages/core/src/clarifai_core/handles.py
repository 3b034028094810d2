"""What programs hold: a resource by its ids, with the session it talks through.

Handles are cheap and thread-safe. Importing this module, or the rooms built on it, loads neither
grpc nor protobuf nor attrs: what is heavy comes in with the first handle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from clarifai_core import kinds
from clarifai_core import scope as scopes
from clarifai_core import settings as settings_
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import PluginError, UserError
from clarifai_core.transport import session as sessions
from clarifai_core.wire import frozen, messages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.message import Message
    from typing_extensions import Self

__all__ = ["DEFAULT_BASE_URL", "Handle", "open_class"]

_SETTINGS = ("user_id", "app_id", "context", "root_certificates_path", "timeout_seconds")


class Handle:
    """One resource of a platform, or the way to a collection of them.

    Every field of the resource's message is an attribute; `message` is the message itself, as the
    platform last answered it or as it was given. Handles can be copied and pickled; a pickled
    handle holds its credentials.
    """

    kind: ClassVar[str] = ""
    """Name under which the kind is registered: `"app"`."""

    _settings: settings_.Settings
    _scope: scopes.Scope
    _message: Any
    _held: sessions.Session | None = None
    """Once it was asked for: a session stays open as long as a handle has it."""

    def _init(
        self,
        url: str,
        resource_id: str,
        base_url: str,
        pat: str,
        token: str,
        kwargs: Mapping[str, Any],
    ) -> None:
        """Set up from the documented arguments of a constructor: `url` or an id, not both."""
        arguments = {name: kwargs[name] for name in _SETTINGS if name in kwargs}
        context = arguments.pop("context", "")
        fields = {name: value for name, value in kwargs.items() if name not in _SETTINGS}
        if url:
            resource_id = self._from_url(url, resource_id, arguments, fields)
        found = settings_.Settings.resolve(
            context=context, base_url=base_url, pat=pat, token=token, **arguments
        )
        app_id = resource_id if self.kind == "app" else found.app_id
        user_id = resource_id if self.kind == "user" and resource_id else found.user_id
        self._settings = found
        self._scope = scopes.Scope(user_id, app_id or (found.app_id if self.kind == "app" else ""))
        own_id = {"app": self._scope.app_id, "user": user_id}.get(self.kind, resource_id)
        if own_id or self.kind == "app":
            fields["id"] = own_id
        self._message = None
        self._fields = fields
        if len(fields) > 1 or (fields and "id" not in fields):
            self._message = self._build(fields)

    def _from_url(
        self,
        url: str,
        resource_id: str,
        arguments: dict[str, Any],
        fields: dict[str, Any],
    ) -> str:
        if resource_id:
            raise UserError(f"Give {self.kind}_id={resource_id!r} or url={url!r}, not both.")
        address = scopes.Address.parse(url, self.kind)
        arguments.update(user_id=address.user_id, app_id=address.app_id)
        if address.version_id:
            fields.setdefault(self._version_field, {"id": address.version_id})
        return address.id

    _version_field: ClassVar[str] = "version"
    """The field of the message that holds its version."""

    @classmethod
    def _of(cls, message: Any, parent: Handle) -> Self:
        """Return the handle of a message that the platform answered to `parent`."""
        made = cls.__new__(cls)
        made._settings, made._held = parent._settings, parent._held
        user_id = getattr(message, "user_id", "") or parent._scope.user_id
        own_app = message.id if cls.kind == "app" else getattr(message, "app_id", "")
        made._scope = scopes.Scope(user_id, own_app or parent._scope.app_id)
        made._message = message
        made._fields = {}
        return made

    def _child(self, kind: str) -> Handle:
        """Return a new handle of another kind with the same settings and scope."""
        cls: type[Handle] = open_class(kind)
        made = cls.__new__(cls)
        made._settings, made._scope, made._held = self._settings, self._scope, self._held
        made._message, made._fields = None, {}
        return made

    def _build(self, fields: Mapping[str, Any]) -> Message:
        kind = kinds.kind_named(self.kind)
        message: Message = messages.fill(kind.message_class(), fields, self.kind)
        known = message.DESCRIPTOR.fields_by_name
        for name, value in (("user_id", self._scope.user_id), ("app_id", self._scope.app_id)):
            if name in known and not getattr(message, name):
                setattr(message, name, value)
        return message

    @property
    def message(self) -> Any:
        """Return the protobuf message of this resource."""
        if self._message is None:
            self._message = self._build(self._fields)
        return self._message

    @property
    def session(self) -> sessions.Session:
        """Return the session that this handle talks through; it is shared.

        Raises:
            UserError: There are no credentials, or the platform's address cannot be opened.
        """
        held = self._held
        if held is None or held.closed:
            held = self._held = sessions.session_for(self._settings)
        return held

    @property
    def settings(self) -> settings_.Settings:
        """Return the settings this handle was made with; `explain()` tells where each is from."""
        return self._settings

    @property
    def scope(self) -> scopes.Scope:
        """Return the user and app that this handle is about."""
        return self._scope

    @property
    def user_app_id(self) -> resources_pb2.UserAppIDSet:
        """Return the scope as a `UserAppIDSet` message."""
        return self._scope.message()

    @property
    def id(self) -> str:
        """Return the id of the resource."""
        if self._message is not None:
            return str(self._message.id)
        return str(self._fields.get("id", ""))

    @property
    def user_id(self) -> str:
        """Return the id of the user that holds it."""
        return self._scope.user_id

    @property
    def app_id(self) -> str:
        """Return the id of the app that holds it."""
        return self._scope.app_id

    if not TYPE_CHECKING:  # to type checkers the fields are in the stubs of each room

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_") or not self.kind:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            message = self.message
            if name in message.DESCRIPTOR.fields_by_name:
                return getattr(message, name)
            hint = messages.nearest(name, message.DESCRIPTOR.fields_by_name)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state.pop("_held", None)
        message = state.pop("_message", None)
        if message is not None:
            state["_wire"] = frozen.freeze(message)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        wire = state.pop("_wire", None)
        self.__dict__.update(state)
        self._message = frozen.thaw(wire) if wire else None

    def __repr__(self) -> str:
        parts = [("id", self.id), ("user_id", self.user_id), ("app_id", self.app_id)]
        shown = ", ".join(f"{name}={value!r}" for name, value in parts if value)
        return f"{type(self).__name__}({shown})"


_opened: dict[str, type[Handle]] = {}


def open_class(name: str) -> type[Any]:
    """Return the `Handle` class of a kind of resource; plugins bring them.

    Raises:
        PluginError: No installed plugin has it.
    """
    cls = _opened.get(name)
    if cls is None:
        loaded = kinds.resource_spec(name).load()
        if not (isinstance(loaded, type) and issubclass(loaded, Handle)):
            raise PluginError(f"The plugin of {name!r} names {loaded!r}, which is no Handle class.")
        cls = _opened[name] = loaded
    return cls
