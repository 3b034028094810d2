"""Services that plugins and programs add to a platform; a fault is told with whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure, plain
from clarifai_local.dispatch import handlers_of

if TYPE_CHECKING:
    from clarifai_core.contracts import Spec
    from clarifai_local.dispatch import Dispatcher

P = TypeVar("P")
"""The platform."""


def added_services(
    makers: Iterable[Callable[[P], object]], platform: P, dispatcher: Dispatcher
) -> list[object]:
    """Return the services of plugins, and behind them those that a program gave.

    Later ones replace RPCs of earlier ones, and all of them ours.

    Args:
        makers: What makes the program's: called with the platform.
        platform: Which is opened.
        dispatcher: Knows which RPCs there are.

    Raises:
        PluginError: A plugin's makes no sense, or two plugins answer one RPC.
        TypeError: A maker is none, or what it makes answers no RPC.
    """
    if callable(makers) and not isinstance(makers, Iterable):
        raise TypeError(f"services must be a list, got {makers!r}: give [{_name(makers)}]")
    return [*_of_plugins(platform, dispatcher), *(_made(make, platform) for make in makers)]


def _of_plugins(platform: object, dispatcher: Dispatcher) -> Iterator[object]:
    answered: dict[str, Spec] = {}
    for spec in plugins().specs("services"):
        maker = spec.load()
        try:
            service = _made(maker, platform)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # why: a plugin may fail in any way
            raise spec.fault(f"fails: {failure(error)}") from error
        for name in handlers_of(service):
            wrong = dispatcher.no_rpc(name)
            if wrong:
                raise spec.fault(f"answers {wrong}")
            other = answered.setdefault(name, spec)
            if other is not spec:
                both = f"as {plain(other.name)!r} of {other.bringer} does"
                raise spec.fault(f"answers {name}, {both}: one RPC is answered by one service")
        yield service


def _made(make: Callable[[P], object], platform: P) -> object:
    if not callable(make):
        raise TypeError(
            f"a service is made by a callable (platform) -> service, got {make!r}: "
            "give its class, or lambda platform: service"
        )
    service = make(platform)
    if not handlers_of(service):
        raise TypeError(f"the service {service!r} answers no RPC: mark its methods with @rpc(name)")
    return service


def _name(made: Any) -> str:
    return getattr(made, "__name__", "service")
