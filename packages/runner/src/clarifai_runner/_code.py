"""The user's code, in its four shapes, as one: inputs in, an output or an exception for each out.

A method or function for one input, or for all inputs of an item; either of them may be a coroutine.
What can be seen to be wrong is refused before any work is taken.

Whatever the code raises is the outcome of its input, also what ends programs elsewhere:
`SystemExit`, or an exception that is no `Exception`. A Ctrl-C never comes this way: Python gives it
to the main thread, and the code runs in others.
"""

from __future__ import annotations

import inspect
import threading
import types
import typing
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import attrs

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason, shown

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

T = TypeVar("T")
Outcome: TypeAlias = "resources_pb2.Output | BaseException"
Outcomes: TypeAlias = list[Outcome]
"""For each input an `Output`, or the exception that took its place."""

_log = logger_for(__name__)


class EventLoopThread:
    """An event loop in a thread of its own, started when the first coroutine comes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end and return what it returns; any thread may call it.

        Raises:
            BaseException: What the coroutine raised.
        """
        import asyncio

        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=self._serve, name="clarifai-runner-loop", daemon=True
                ).start()
        made, error = asyncio.run_coroutine_threadsafe(_kept(coroutine), self._loop).result()
        if error is not None:
            raise error
        return cast("T", made)

    def close(self) -> None:
        """End the loop; what still runs in it is cancelled."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    def _serve(self) -> None:
        import asyncio

        loop = self._loop
        assert loop is not None  # noqa: S101  why: the thread starts when there is one
        while True:
            try:
                loop.run_forever()
                break
            except BaseException as error:  # noqa: BLE001  why: a task of theirs, not the loop
                _log.warning("a task that the code began ended with %s", reason(error))
                if self._loop is not loop:
                    break
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.close()


@attrs.frozen
class ModelCode:
    """What answers inputs; call it with the inputs and the `OutputInfo` of a request."""

    function: Callable[..., Any]
    name: str
    """As messages call it: `"Echo.run_input"`."""
    batch: bool = False
    """Whether it gets all inputs of an item at a time."""
    is_coroutine: bool = False
    """Whether it is `async def`."""
    _loop: EventLoopThread = attrs.field(factory=EventLoopThread)

    @classmethod
    def checked(cls, function: Any, name: str = "", *, batch: bool = False) -> ModelCode:
        """Return code that can be called with `(input, output_info)`, or inputs for a batch.

        Raises:
            UserError: It cannot be called so, or says that it returns something else.
        """
        name = name or getattr(function, "__qualname__", "") or type(function).__name__
        if not callable(function):
            raise UserError(f"The code of a runner must be callable, got {function!r}.")
        asked = "inputs" if batch else "input"
        _check_call(function, name, asked)
        _check_kind(function, name)
        _check_return(function, name, batch)
        return cls(function, name, batch, _either(function, inspect.iscoroutinefunction))

    def __call__(self, inputs: Sequence[Any], info: Any) -> Outcomes:
        """Return an `Output` or an exception for each input, in their order."""
        if self.batch:
            return self._all(inputs, info)
        if self.is_coroutine:
            return self._side_by_side(inputs, info)
        return [self._one(given, info) for given in inputs]

    def close(self) -> None:
        """Let go of the event loop, if there is one."""
        self._loop.close()

    def _one(self, given: Any, info: Any) -> Outcome:
        try:
            made = self.function(given, info)
            if isinstance(made, resources_pb2.Output):
                return made
            return _output(self._finished(made), self.name)
        except BaseException as error:  # noqa: BLE001  why: the user's code may fail in any way
            return error

    def _finished(self, made: object) -> object:
        return self._loop.run(_awaited(made)) if inspect.isawaitable(made) else made

    def _side_by_side(self, inputs: Sequence[Any], info: Any) -> Outcomes:
        async def one(given: Any) -> Outcome:
            try:
                return _output(await self.function(given, info), self.name)
            except BaseException as error:  # noqa: BLE001  why: the user's code may fail in any way
                return error

        async def every() -> Outcomes:
            import asyncio

            return list(await asyncio.gather(*map(one, inputs)))

        return self._loop.run(every())

    def _all(self, inputs: Sequence[Any], info: Any) -> Outcomes:
        try:
            made = self._finished(self.function(list(inputs), info))
            outputs = _listed(made, len(inputs), self.name)
        except BaseException as error:  # noqa: BLE001  why: the user's code may fail in any way
            return [error] * len(inputs)
        return [_checked(output, self.name) for output in outputs]


async def _kept(coroutine: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    """Keep what it raises from the loop, which an exception that is no `Exception` would end."""
    try:
        return await coroutine, None
    except BaseException as error:  # noqa: BLE001  why: raised again by the thread that waits
        return None, error


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _checked(output: object, name: str) -> Outcome:
    try:
        return _output(output, name)
    except BaseException as error:  # noqa: BLE001  why: what it returned may fail in any way, too
        return error


def _output(output: Any, name: str) -> resources_pb2.Output:
    if isinstance(output, resources_pb2.Output):
        return output
    raise TypeError(f"{_short(name)} must return a resources_pb2.Output, got {shown(output, 100)}")


def _listed(outputs: Any, count: int, name: str) -> list[Any]:
    if not isinstance(outputs, (list, tuple)):
        raise TypeError(
            f"{_short(name)} must return a list of resources_pb2.Output, got {shown(outputs, 100)}"
        )
    if len(outputs) != count:
        raise ValueError(f"{_short(name)} returned {len(outputs)} outputs for {count} inputs")
    return list(outputs)


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _either(function: Any, test: Callable[[Any], bool]) -> bool:
    """Whether something holds for a function, or for the `__call__` of an object."""
    return test(function) or test(getattr(function, "__call__", None))  # noqa: B004


def _check_call(function: Any, name: str, asked: str) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # some builtins have none to look at
    try:
        signature.bind(object(), object())
    except TypeError as error:
        raise UserError(
            f"{name}{signature} cannot be called as ({asked}, output_info): {error}."
        ) from None


def _check_kind(function: Any, name: str) -> None:
    yields = (inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if any(_either(function, test) for test in yields):
        raise UserError(f"{name} yields; it must return its outputs.")


def _check_return(function: Any, name: str, batch: bool) -> None:
    said = _return_type(function)
    if typing.get_origin(said) in (Awaitable, Coroutine):
        said = typing.get_args(said)[-1]
    if batch:
        wanted = "a list of resources_pb2.Output"
        fits = _may_be_list(said)
    else:
        wanted, fits = "a resources_pb2.Output", _may_be_output(said)
    if not fits:
        is_plain = isinstance(said, type) and not typing.get_args(said)
        shown = getattr(said, "__name__", said) if is_plain else said
        raise UserError(f"{name} must return {wanted}, but says that it returns {shown}.")


_NO_LISTS = (resources_pb2.Output, type(None), str, bytes, dict, int, float, bool)


_UNIONS = (typing.Union, types.UnionType)


def _may_be_list(said: Any) -> bool:
    kind, parts = typing.get_origin(said) or said, typing.get_args(said)
    if kind in _UNIONS:
        return any(map(_may_be_list, parts))
    return kind not in _NO_LISTS and all(map(_may_be_output, parts))


def _may_be_output(said: Any) -> bool:
    kind = typing.get_origin(said) or said
    if kind in _UNIONS:
        return any(map(_may_be_output, typing.get_args(said)))
    # `Any` is a class, since Python 3.11.
    if said is None or said is Any or not isinstance(kind, type):
        return True  # nothing is said, or a type variable
    try:
        return issubclass(resources_pb2.Output, kind) or issubclass(kind, resources_pb2.Output)
    except TypeError:
        return True  # a protocol, which only type checkers can compare


def _return_type(function: Any) -> object:
    plain = function if inspect.isroutine(function) else getattr(function, "__call__", None)  # noqa: B004
    try:
        return typing.get_type_hints(plain).get("return")
    except Exception:  # noqa: BLE001  why: annotations are free text; what cannot be read is not checked
        return None
