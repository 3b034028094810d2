"""What programs hold, on an event loop: handles whose methods are awaited.

Importing this module, or what is built on it, loads neither grpc nor protobuf nor asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_aio._core import existing, session, unawaited
from clarifai_core import _mixins, handles, kinds, lazy
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import PluginError, UserError
from clarifai_core.transport import session as sessions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import overload

    from typing_extensions import Self

H = TypeVar("H", bound="Handle")

__all__ = ["CLASSES", "DEFAULT_BASE_URL", "Handle", "open_class"]

CLASSES = {
    "app": "clarifai_aio._resources.app:App",
    "dataset": "clarifai_aio._datasets.handle:Dataset",
    "inputs": "clarifai_aio._resources.inputs.inputs:Inputs",
    "model": "clarifai_aio._resources.model.model:Model",
    "module": "clarifai_aio._resources.module:Module",
    "runner": "clarifai_aio._runner.handle:Runner",
    "search": "clarifai_aio._search.handle:Search",
    "user": "clarifai_aio._resources.user:User",
    "workflow": "clarifai_aio._resources.workflow.workflow:Workflow",
}
"""Kind of handle -> its class here."""


class Handle(handles.Handle):
    """One resource of a platform, or the way to a collection of them, on an event loop.

    It is a handle as blocking programs have them, but what asks the platform is awaited. Several
    loops may use one handle: each has a channel of its own. `async with` closes that of the loop
    at the end of the block; without, it is closed with the loop.
    """

    if TYPE_CHECKING:

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
        ) -> None: ...

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        unawaited.let_speak(cls)
        if cls.kind and cls.__module__.startswith("clarifai_aio."):
            cls.kind = cls.kind  # the class that says its kind is the handle of it: see `handles`

    @property
    def session(self) -> session.Session:  # type: ignore[override]  # why: it is awaited
        """Return the session that this handle talks through; it is shared.

        Raises:
            UserError: There are no credentials, or the platform's address cannot be opened.
        """
        return session.Session(self._shared_session())

    def _shared_session(self) -> sessions.Session:
        held = self._held
        if held is None or held.closed:
            held = self._held = sessions.session_for(self._settings)
        return held

    async def aclose(self) -> None:
        """Close the channel that the running loop has to the platform of this handle.

        All handles of the same platform and credentials share it; the next call opens another.
        """
        await self.session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.session.aclose()

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # why: handles of here are opened
        def child(self, kind: type[H]) -> H: ...

        @overload
        def child(self, kind: str) -> Handle: ...

    def child(self, kind: Any) -> Any:
        """Return a new handle of another kind, without an id, with the same settings and scope.

        Args:
            kind: The name under which it is registered, or its class here.

        Raises:
            PluginError: There is no such kind on an event loop.
        """
        return super().child(open_class(kind) if isinstance(kind, str) else kind)

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # why: it is awaited
        async def open(self, kind: type[H], resource_id: str, **fields: Any) -> H: ...

        @overload
        async def open(self, kind: str, resource_id: str, **fields: Any) -> Handle: ...

    async def open(self, kind: Any, resource_id: str, **fields: Any) -> Any:
        """Return a resource that exists, of any registered kind, as the platform answers it now.

        Args:
            kind: The name under which it is registered, or its class here.
            resource_id: Its id.
            **fields: `user_id` and `app_id` where they differ from this handle's; fields to set on
                the handle.

        Raises:
            UserError: The id is empty, or the message has no such field; nothing was sent.
            PluginError: There is no such kind on an event loop.
            NotFound: It does not exist.

        Example:
            >>> from clarifai.aio import User
            >>> (await User("clarifai").open("app", "main")).id
            'main'
        """
        name = kind if isinstance(kind, str) else kind.kind
        cls: type[Handle] = open_class(name) if isinstance(kind, str) else kind
        found = kinds.kind_named(name)
        parent = {}
        if found.parent:
            if found.parent != self.kind:
                raise UserError(f"A {name} is opened from a {found.parent}, not from {self!r}.")
            parent[f"{found.parent}_id"] = self.id
        return await existing.existing(self, cls, found, resource_id, fields, **parent)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            spec = None if name.startswith("_") else _mixins.find(self.kind, name)
            if spec is None or name in self._known_fields():
                return super().__getattr__(name)
            # What a plugin puts on handles asks the platform, and waits: here it would stop all.
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}: a plugin puts it on "
                "blocking handles only, those of clarifai.client."
            )

        def __dir__(self) -> Iterable[str]:
            return sorted({*object.__dir__(self)})


def open_class(name: str) -> type[Any]:
    """Return the class of a kind of handle.

    Raises:
        PluginError: The extra that brings it is missing, or there is no such kind here.
    """
    kinds.resource_spec(name)  # what is not installed, is not here either
    if name not in CLASSES:
        raise PluginError(
            f"{name!r} has no handle for asyncio: known are {', '.join(CLASSES)}. Its methods can "
            "be called: await session.call(name, request)."
        )
    found: type[Any] = lazy.load_target(CLASSES[name])  # type: ignore[assignment]
    return found
