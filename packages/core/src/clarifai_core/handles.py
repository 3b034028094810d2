"""What programs hold: a resource by its ids, with the session it talks through.

Handles are cheap and thread-safe. Importing this module, or the rooms built on it, loads neither
grpc nor protobuf nor attrs: what is heavy comes in with the first handle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from clarifai_core import existing, kinds, plugins
from clarifai_core import scope as scopes
from clarifai_core import settings as settings_
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import PluginError, UserError
from clarifai_core.transport import session as sessions
from clarifai_core.wire import frozen, messages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import overload

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.message import Message
    from typing_extensions import Self

H = TypeVar("H", bound="Handle")

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

    def __init__(
        self,
        resource_id: str = "",
        /,
        *,
        url: str = "",
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **fields: Any,
    ) -> None:
        """Name a resource; nothing is sent.

        Args:
            resource_id: Its id; or else ...
            url: ... its address: `https://clarifai.com/{user_id}/{app_id}/{kind}s/{id}`.
            base_url: Address of the platform.
            pat: A personal access token.
            token: A session token.
            **fields: user_id, app_id, context, root_certificates_path, timeout_seconds, and fields
                of the resource's message.

        Raises:
            UserError: An id and a url are given, or an argument is wrong.
        """
        arguments = {name: fields.pop(name) for name in _SETTINGS if name in fields}
        context = arguments.pop("context", "")
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
            fields.setdefault(self.version_field, {"id": address.version_id})
        return address.id

    version_field: ClassVar[str] = "version"
    """The field of the message that holds its version."""

    @classmethod
    def of(cls, message: Any, parent: Handle) -> Self:
        """Return the handle of a message that the platform answered.

        Args:
            message: The message of this kind, such as an `App`; the handle keeps it.
            parent: The handle that it was asked through: its settings and session are shared, and
                its user and app are those of a message that names none.

        Example:
            >>> from clarifai_core import ops
            >>> from clarifai_core.kinds import kind_named
            >>> from clarifai_resources.app import App
            >>> from clarifai_resources.user import User
            >>> user = User("clarifai")
            >>> App.of(ops.get(User("clarifai", app_id="main"), kind_named("app"), "main"), user)
            App(id='main', user_id='clarifai', app_id='main')
        """
        made = cls.__new__(cls)
        made._settings, made._held = parent._settings, parent._held
        user_id = getattr(message, "user_id", "") or parent._scope.user_id
        own_app = message.id if cls.kind == "app" else getattr(message, "app_id", "")
        made._scope = scopes.Scope(user_id, own_app or parent._scope.app_id)
        made._message = message
        made._fields = {}
        return made

    if TYPE_CHECKING:  # at run time, `typing` would be one more import

        @overload
        def child(self, kind: type[H]) -> H: ...

        @overload
        def child(self, kind: str) -> Handle: ...

    def child(self, kind: str | type[Handle]) -> Handle:
        """Return a new handle of another kind, without an id, with the same settings and scope.

        Args:
            kind: The name under which a plugin registered it, or its handle class.

        Raises:
            PluginError: No installed plugin has it.
        """
        cls: type[Handle] = open_class(kind) if isinstance(kind, str) else kind
        made = cls.__new__(cls)
        made._settings, made._scope, made._held = self._settings, self._scope, self._held
        made._message, made._fields = None, {}
        return made

    if TYPE_CHECKING:

        @overload
        def open(self, kind: type[H], resource_id: str, **fields: Any) -> H: ...

        @overload
        def open(self, kind: str, resource_id: str, **fields: Any) -> Handle: ...

    def open(self, kind: str | type[Handle], resource_id: str, **fields: Any) -> Handle:
        """Return a resource that exists, of any registered kind, as the platform answers it now.

        Args:
            kind: The name under which a plugin registered it, or its handle class: then the result
                is of that class for type checkers, too.
            resource_id: Its id.
            **fields: `user_id` and `app_id` where they differ from this handle's; fields to set on
                the handle.

        Raises:
            UserError: The id is empty, or the message has no such field; nothing was sent.
            PluginError: No installed plugin brings the kind, or it is none that has ids.
            NotFound: It does not exist.

        Example:
            >>> from clarifai_resources.user import User
            >>> User("clarifai").open("app", "main").id
            'main'
        """
        name = kind if isinstance(kind, str) else kind.kind
        found = kinds.kind_named(name)
        cls: type[Handle] = open_class(name) if isinstance(kind, str) else kind
        if cls.kind != name:
            raise PluginError(
                f"{cls.__name__} is the handle of {cls.kind or 'no kind'}, not of {name!r}: give "
                f"that one a class that says `kind = {name!r}`."
            )
        parent = {}
        if found.parent:
            if found.parent != self.kind:
                raise UserError(f"A {name} is opened from a {found.parent}, not from {self!r}.")
            parent[f"{found.parent}_id"] = self.id
        return existing.existing(self, cls, found, resource_id, fields, **parent)

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
        spec = kinds.resource_spec(name)
        loaded = spec.load()
        if not (isinstance(loaded, type) and issubclass(loaded, Handle)):
            owner = plugins.plugins().owner("resources", name)
            raise PluginError(
                f"The plugin {owner} names {spec.target} for {name!r}: it must name a subclass of "
                f"clarifai_core.handles.Handle, not a {type(loaded).__name__}."
            )
        cls = _opened[name] = loaded
    return cls
