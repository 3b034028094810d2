"""Faults as a line of text, for the command line: `PostInputs: throttled, times=3`.

    WHERE: WHAT[=VALUE][, NAME=NUMBER]...

WHERE is an RPC or a pattern of RPCs (`Post*`), a path or a pattern of paths (`/media/*`), `disk` or
`indexing`. The names are those of `Faults.on`: times, after, every, probability, seed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from clarifai_local._faults.fault import Fault

if TYPE_CHECKING:
    from clarifai_local._faults.disk import DiskSwitch
    from clarifai_local._faults.http import HttpSwitch
    from clarifai_local._faults.rpc import RpcSwitch

EXAMPLE = "PostInputs: throttled, times=3"

_NUMBERS: dict[str, Callable[[str], float]] = {
    "times": int,
    "after": int,
    "every": int,
    "probability": float,
    "seed": int,
}


class FaultSwitches(Protocol):
    """What a line of text is said to; `Faults` is it, and reads such lines itself."""

    @property
    def on(self) -> Callable[..., RpcSwitch]:
        """Chooses calls."""

    @property
    def on_http(self) -> Callable[..., HttpSwitch]:
        """Chooses HTTP requests."""

    @property
    def on_disk(self) -> Callable[..., DiskSwitch]:
        """Chooses writes."""

    def slow_indexing(self, seconds: float) -> Fault:
        """Lets inputs stay pending."""


@attrs.frozen
class _What:
    """A word behind the colon: what it takes, and what it does with a chosen set of calls."""

    switch_on: Callable[[Any, Any], Fault]
    value: Callable[[str], float] | None = None
    needs_value: bool = False


@attrs.frozen
class _Where:
    """A kind of place: the words and numbers it takes, and how calls there are chosen."""

    words: dict[str, _What]
    choose: Callable[..., Any]
    numbers: tuple[str, ...] = tuple(_NUMBERS)


_LATENCY = _What(lambda on, seconds: on.latency(seconds), float, needs_value=True)
_STATUS = _What(lambda on, code: on.status(code), int, needs_value=True)
_RESET = _What(lambda on, _: on.reset())

_RPC = _Where(
    {
        "latency": _LATENCY,
        "unavailable": _What(lambda on, _: on.unavailable()),
        "lost-answer": _What(lambda on, _: on.unavailable(after_effect=True)),
        "reset": _RESET,
        "status": _STATUS,
        "throttled": _What(lambda on, _: on.throttled()),
        "refuse-items": _What(
            lambda on, every: on.refuse_items(every=every), int, needs_value=True
        ),
    },
    lambda faults, rpc, **numbers: faults.on(rpc, **numbers),
)
_HTTP = _Where(
    {
        "latency": _LATENCY,
        "status": _STATUS,
        "truncated": _What(lambda on, size: on.truncated(after_bytes=size), int),
        "reset": _RESET,
    },
    lambda faults, path, **numbers: faults.on_http(path, **numbers),
)
_DISK = _Where(
    {"full": _What(lambda on, _: on.full())},
    lambda faults, _, **numbers: faults.on_disk(**numbers),
    ("times", "after"),
)
_INDEXING = _Where(
    {"slow": _What(lambda on, seconds: on.slow_indexing(seconds), float, needs_value=True)},
    lambda faults, _: faults,
    (),
)
_PLACES = {"disk": _DISK, "indexing": _INDEXING}


def switch_on(faults: FaultSwitches, text: str) -> Fault:
    """Switch on what `text` describes.

    Raises:
        ValueError: It is not understood; the message says what would be right.
    """
    where, colon, rest = (part.strip() for part in text.partition(":"))
    what, *numbers = (part.strip() for part in rest.split(","))
    if not (where and colon and what):
        raise ValueError(f"a fault looks like {EXAMPLE!r}, got {text!r}")
    place = _PLACES.get(where) or (_HTTP if where.startswith("/") else _RPC)
    name, _, value = (part.strip() for part in what.partition("="))
    word = place.words.get(name)
    if word is None:
        raise ValueError(f"{where} can be: {', '.join(place.words)}; got {name!r} in {text!r}")
    given = _value(word, name, value, text)
    return word.switch_on(place.choose(faults, where, **_parsed(place, numbers, text)), given)


def _value(word: _What, name: str, value: str, text: str) -> float | None:
    if value and word.value is None:
        raise ValueError(f"{name} takes no value, got {value!r} in {text!r}")
    if word.needs_value and not value:
        raise ValueError(f"{name} needs a number, as in {name}=1; got {text!r}")
    return _number(word.value, name, value, text) if word.value and value else None


def _parsed(place: _Where, numbers: list[str], text: str) -> dict[str, float]:
    given = {}
    for part in numbers:
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in place.numbers:
            known = f"one of {', '.join(place.numbers)}" if place.numbers else "nothing more"
            raise ValueError(f"{name!r} stands where {known} may, in {text!r}")
        given[name] = _number(_NUMBERS[name], name, value, text)
    return given


def _number(kind: Callable[[str], float], name: str, value: str, text: str) -> float:
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {value!r} in {text!r}") from None
