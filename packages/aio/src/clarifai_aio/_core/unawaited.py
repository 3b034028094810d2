"""What a method returns: a coroutine that says what is missing when it is used without `await`."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import TracebackType

T = TypeVar("T")

_IS_COROUTINE_FUNCTION = 0x80
"""`inspect.CO_COROUTINE`: importing `inspect` would cost more than all the rest."""


class Pending(Coroutine[Any, Any, T]):
    """A coroutine of a method: await it, or give it to `asyncio.create_task` and its like.

    Args:
        work: The coroutine.
        name: How the call reads: `"App.model"`.
    """

    __slots__ = ("__weakref__", "_name", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], name: str) -> None:
        self._work, self._name = work, name

    def send(self, value: Any) -> Any:
        """Go on with the coroutine."""
        return self._work.send(value)

    def throw(
        self,
        typ: Any,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raise an exception in the coroutine."""
        if val is None and tb is None:
            return self._work.throw(typ)
        return self._work.throw(typ, val, tb)

    def close(self) -> None:
        """End the coroutine."""
        self._work.close()

    def __await__(self) -> Generator[Any, Any, T]:
        return self._work.__await__()

    if not TYPE_CHECKING:  # to type checkers it is a coroutine, which has none of these

        def __getattr__(self, name: str) -> object:
            if name.startswith(("__", "cr_", "gi_")):
                return getattr(self._work, name)
            raise AttributeError(f"{self._forgotten()} before you ask for its {name!r}.")

        def __iter__(self) -> NoReturn:
            raise TypeError(f"{self._forgotten()} before you go through it.")

        def __bool__(self) -> NoReturn:
            raise TypeError(f"{self._forgotten()} before you look whether it is true.")

        def __len__(self) -> NoReturn:
            raise TypeError(f"{self._forgotten()} before you ask how long it is.")

        def __getitem__(self, key: object) -> NoReturn:
            raise TypeError(f"{self._forgotten()} before you take {key!r} out of it.")

        def __setattr__(self, name: str, value: object) -> None:
            if name not in Pending.__slots__:
                raise AttributeError(f"{self._forgotten()} before you set its {name!r}.")
            super().__setattr__(name, value)

        def __call__(self, *_: object, **__: object) -> NoReturn:
            raise TypeError(f"{self._forgotten()} before you call what it gives.")

        def __aiter__(self) -> NoReturn:
            raise TypeError(f"{self._forgotten()}: `async for ... in await {self._name}(...)`.")

        async def __aenter__(self) -> NoReturn:
            raise TypeError(f"{self._forgotten()}: `async with await {self._name}(...)`.")

        async def __aexit__(self, *_: object) -> None:
            """Make it something that `async with` takes, which then says what is missing."""

    def _forgotten(self) -> str:
        return f"{self._name}(...) is a coroutine: write `await` in front of the call"

    def __repr__(self) -> str:
        return f"<{self._name}(...), not awaited yet>"


def speaking(function: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., Pending[T]]:
    """Return a coroutine function whose coroutines say that they were not awaited."""
    name = function.__qualname__

    @wraps(function)
    def method(*arguments: Any, **named: Any) -> Pending[T]:
        return Pending(function(*arguments, **named), name)

    return method


def let_speak(cls: type) -> None:
    """Have the public coroutine methods of a class speak."""
    for name, value in list(vars(cls).items()):
        code = getattr(value, "__code__", None)
        if code is None or name.startswith("_") or not code.co_flags & _IS_COROUTINE_FUNCTION:
            continue
        setattr(cls, name, speaking(value))
