"""What programs hold: a resource by its ids, with the session it talks through.

Handles are cheap and thread-safe. Importing this module, or the rooms built on it, loads neither
grpc nor protobuf nor attrs: what is heavy comes in with the first handle.
"""

from __future__ import annotations

from abc import ABCMeta
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from clarifai_core import _mixins, _viewing, existing, kinds, plugins, records
from clarifai_core import scope as scopes
from clarifai_core import settings as settings_
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import ClarifaiError, PluginError, UserError
from clarifai_core.transport import session as sessions
from clarifai_core.wire import _frozen, messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import overload

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.message import Message
    from typing_extensions import Self

H = TypeVar("H", bound="Handle")

__all__ = ["DEFAULT_BASE_URL", "Handle", "open_class"]

_SETTINGS = ("user_id", "app_id", "context", "root_certificates_path", "timeout_seconds")


class _HandleType(ABCMeta):  # an ABCMeta, so that programs may derive from a handle and an ABC
    """The type of handle classes: names that plugins put on handles are names of the class, too."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> object:
            spec = None if name.startswith("__") else _mixins.find(cls.kind, name)
            if spec is None:
                raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
            return _mixins.bound(spec, name, None, cls)


class Handle(metaclass=_HandleType):
    """One resource of a platform, or the way to a collection of them.

    Every field of the resource's message is an attribute; `message` is the message itself, as the
    platform last answered it or as it was given. On a handle of one of our classes, setting such an
    attribute sets the field; on one of a class derived from it, attributes are the program's own.
    Plugins may put further names on handles: `contracts.MixinSpec`. Handles can be copied and
    pickled; a pickled handle holds its credentials, in the clear: who can read the pickle has them.
    That of `without_key()` holds none.
    """

    kind: ClassVar[str] = ""
    """Name under which the kind is registered: `"app"`."""

    _settings: settings_.Settings
    _scope: scopes.Scope
    _message: Any = None
    _fields: dict[str, Any]
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
        if self.__dict__:
            resource_id = self._take_early(resource_id or url, resource_id, arguments)
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

    def _take_early(self, named: str, resource_id: str, arguments: dict[str, Any]) -> str:
        """Use the ids that a derived class set before `__init__`, where none are given."""
        early = self.__dict__.get("_scope")
        if early is not None:
            for name in ("user_id", "app_id"):
                arguments[name] = arguments.get(name) or getattr(early, name)
        return resource_id if named else str(self.__dict__.get("_fields", {}).get("id", ""))

    def _from_url(
        self,
        url: str,
        resource_id: str,
        arguments: dict[str, Any],
        fields: dict[str, Any],
    ) -> str:
        if resource_id:
            raise UserError(f"Give {self.kind}_id={resource_id!r} or url={url!r}, not both.")
        address = scopes.ResourceUrl.parse(url, self.kind)
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
                its user and app are those of a message that names none. In an app of the user
                `"me"` the handle says `"me"`, too; `message` has the user's own id.

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
        scope = parent._scope
        user_id = getattr(message, "user_id", "") or scope.user_id
        own_app = message.id if cls.kind == "app" else getattr(message, "app_id", "")
        app_id = own_app or scope.app_id
        if app_id and app_id == scope.app_id and scope.user_id == scopes.ME:
            owner = getattr(parent._message, "user_id", "")
            # It lies in the app that was asked about: the handle keeps the caller's own word.
            user_id = scopes.ME if owner in ("", user_id) else user_id
        if user_id != scope.user_id or app_id != scope.app_id:
            scope = scopes.Scope(user_id, app_id)
        own = made.__dict__  # a listing makes many: this is a third of what setting them takes
        own["_settings"], own["_held"], own["_scope"] = parent._settings, parent._held, scope
        own["_message"], own["_fields"] = message, {}
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

    def without_key(self) -> Self:
        """Return the same handle without credentials, to be pickled for another process.

        They are looked for where the handle is used: in the environment, then in the context, of
        the process that asks the platform with it. So a pool, a queue or a file never has the key.

        Example:
            >>> import pickle
            >>> from clarifai_resources.app import App
            >>> app = App(app_id="main", user_id="clarifai", pat="my-key")
            >>> b"my-key" in pickle.dumps(app), b"my-key" in pickle.dumps(app.without_key())
            (True, False)
        """
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        for name, value in self.__dict__.items():
            if isinstance(value, Handle):
                made.__dict__[name] = value.without_key()
        made._settings, made._held = self._settings.without_key(), None
        return made

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
        """The scope as a `UserAppIDSet` message; setting it sets the scope."""
        return self._scope.message()

    @user_app_id.setter
    def user_app_id(self, value: resources_pb2.UserAppIDSet) -> None:
        self.user_id, self.app_id = value.user_id, value.app_id

    @property
    def id(self) -> str:
        """The id of the resource; setting it makes this the handle of another one."""
        if self._message is not None:
            return str(self._message.id)
        return str(self._fields.get("id", ""))

    @id.setter  # noqa: A003  why: the field's name
    def id(self, value: str) -> None:
        if self.kind in ("app", "user"):
            setattr(self, f"{self.kind}_id", value)
        else:
            self._set_id(value)

    @property
    def user_id(self) -> str:
        """The id of the user that holds it; setting it sets the scope."""
        return self._scope.user_id

    @user_id.setter
    def user_id(self, value: str) -> None:
        self._set_scope("user", value)

    @property
    def app_id(self) -> str:
        """The id of the app that holds it; setting it sets the scope."""
        return self._scope.app_id

    @app_id.setter
    def app_id(self, value: str) -> None:
        self._set_scope("app", value)

    def _set_scope(self, part: str, value: str) -> None:
        name = f"{part}_id"
        if not isinstance(value, str):
            raise UserError(f"{name} must be text, got {value!r}.")
        before = self.__dict__.get("_scope") or scopes.Scope()
        now = {"user_id": before.user_id, "app_id": before.app_id, name: value}
        self._scope = scopes.Scope(**now)
        if self.kind == part:
            self._set_id(value)
        if self._message is not None and name in self._message.DESCRIPTOR.fields_by_name:
            setattr(self._message, name, value)

    def _set_id(self, value: str) -> None:
        if not isinstance(value, str):
            raise UserError(f"id must be text, got {value!r}.")
        if self._message is not None:
            self._message.id = value
        else:
            self._fields = {**self.__dict__.get("_fields", {}), "id": value}

    if not TYPE_CHECKING:  # to type checkers the fields are in the stubs of each room

        def __getattr__(self, name: str) -> object:
            fields = {}
            if name[:2] != "__" and "_settings" in self.__dict__:
                fields = self._known_fields() if name[0] != "_" else fields
                spec = _mixins.find(self.kind, name)
                if name in fields:
                    message = self._message
                    if spec is None or not spec.fills_unset_fields:
                        return getattr(message, name)
                    if _has_value(message, fields[name]):
                        return getattr(message, name)
                if spec is not None:
                    return _mixins.bound(spec, name, self, type(self))
            hint = messages.nearest(name, fields) if fields else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

        def __setattr__(self, name: str, value: Any) -> None:
            if name.startswith("_") or "_settings" not in self.__dict__ or _declares(self, name):
                object.__setattr__(self, name, value)
                return
            fields = self._known_fields() if _is_ours(type(self)) else {}
            if name in fields:
                messages.assign(self.message, name, value, self.kind)
                return
            spec = _mixins.find(self.kind, name)
            found = _mixins.attribute(spec, name) if spec is not None else None
            if getattr(found, "fset", None) is not None:
                found.__set__(self, value)
            else:
                object.__setattr__(self, name, value)

    def _known_fields(self) -> Mapping[str, Any]:
        """Return the fields of the message by name; none for handles without one."""
        message = self._message
        if message is None and self.kind and kinds.resource_spec(self.kind).kind:
            message = self.message
        return {} if message is None else message.DESCRIPTOR.fields_by_name

    def __dir__(self) -> Iterable[str]:
        return sorted({*super().__dir__(), *_mixins.names(self.kind)})

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state.pop("_held", None)
        message = state.pop("_message", None)
        if message is not None:
            state["_wire"] = _frozen.freeze(message)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        wire = state.pop("_wire", None)
        self.__dict__.update(state)
        self._message = _frozen.thaw(wire) if wire else None

    def to_record(self) -> records.Record:
        """Return what this handle knows as one flat row of plain values; nothing is asked.

        A way to a collection, such as `Inputs`, gives the user and the app that it is about.

        Example:
            >>> from clarifai_resources.app import App
            >>> App(app_id="zoo", user_id="me").to_record()["id"]
            'zoo'
        """
        try:
            message = self.message
        except ClarifaiError:
            return {"user_id": self.user_id, "app_id": self.app_id}
        return records.row_of(message, kinds.kind_named(self.kind).columns)

    def _repr_html_(self) -> str | None:
        """Return what a notebook shows of what the handle knows; None: its `repr`."""
        return _viewing.html(self)

    def __str__(self) -> str:
        """Return what is known of the resource, for people: name, description and so on.

        Nothing is asked of the platform: a handle that was made from an id shows the id.
        """
        try:
            told = messages.summary(self.message)
        except ClarifaiError:  # a way to a collection, such as `Inputs`, has no message
            return repr(self)
        return f"{type(self).__name__}: {told}"

    def __repr__(self) -> str:
        parts = [("id", self.id), ("user_id", self.user_id), ("app_id", self.app_id)]
        shown = ", ".join(f"{name}={value!r}" for name, value in parts if value)
        return f"{type(self).__name__}({shown})"


def _has_value(message: Message, field: Any) -> bool:
    """Return whether a field has one; an empty message is none, such as metadata without keys."""
    value = getattr(message, field.name)
    if field.message_type is None or field.is_repeated:
        return bool(value)
    return bool(value.ByteSize())


def _declares(handle: Handle, name: str) -> bool:
    """Return whether the class has the attribute itself, by whatever its plugins put on it."""
    return any(name in vars(cls) for cls in type(handle).__mro__)


def _is_ours(cls: type[Handle]) -> bool:
    """Return whether a class is the handle of its kind, not one that a program derives from it."""
    if "kind" in vars(cls):
        return True
    try:  # a class may inherit its kind from one that it shares with its neighbours
        return bool(cls.kind) and open_class(cls.kind) is cls
    except PluginError:
        return False


def open_class(name: str) -> type[Any]:
    """Return the `Handle` class of a kind of resource; plugins bring them.

    Raises:
        PluginError: No installed plugin has it.
    """
    opened = plugins.plugins().kept
    cls: type[Any] | None = opened.get(f"class of {name}")
    if cls is None:
        spec = kinds.resource_spec(name)
        loaded = spec.load()
        if not (isinstance(loaded, type) and issubclass(loaded, Handle)):
            owner = plugins.plugins().owner("resources", name)
            raise PluginError(
                f"The plugin {owner} names {spec.target} for {name!r}: it must name a subclass of "
                f"clarifai_core.handles.Handle, not a {type(loaded).__name__}{spec.remedy}."
            )
        cls = opened[f"class of {name}"] = loaded
    return cls
