"""Requests that decode, yet hold what an answer could not carry: refused before any effect.

What is stored comes back in answers, and clients turn answers into JSON. A timestamp in the year
300,000 or a NaN in metadata would make a whole listing unreadable, and so would nesting just below
the limit of protobuf, as answers wrap what they show.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

from clarifai_local._patching import is_repeated
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

    Items: TypeAlias = Iterable[tuple[object, Any]]
    """Messages in a field, each with its key or position; None where there is one."""

MAX_NESTING = 80
"""Levels of messages in a request (protobuf decodes 100); each level of metadata takes three."""

_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
_NANOS = 1_000_000_000


def check(request: Message) -> None:
    """Refuse values that no answer can carry.

    Args:
        request: Any message.

    Raises:
        Refused: 11102, naming the place: a time that is no date, a number in metadata that is not
            finite, or nesting over `MAX_NESTING` levels.
    """
    if not _fields_to_check(request.DESCRIPTOR):
        return
    try:
        _check(request, 0)
    except _Unfit as unfit:
        place = ".".join(reversed(unfit.path))
        place = place if len(place) <= _SHOWN else f"{place[:_SHOWN]}..."
        raise invalid(f"{place} {unfit.reason}") from None


_SHOWN = 120
"""Characters of a place in a refusal."""


class _Unfit(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []


def _check(message: Message, level: int) -> None:
    if level > MAX_NESTING:
        raise _Unfit(f"is nested more than {MAX_NESTING} levels deep")
    descriptor = message.DESCRIPTOR
    own = _RULES.get(descriptor.full_name)
    if own is not None:
        own(message)
    inner = _fields_to_check(descriptor)
    if not inner:
        return
    for field, value in message.ListFields():
        items = inner.get(field.number)
        if items is None:
            continue
        # What is in a map is in an entry of it on the wire.
        deeper = level + (2 if items is _values else 1)
        for key, item in items(value):
            try:
                _check(item, deeper)
            except _Unfit as unfit:
                unfit.path.append(field.name if key is None else f"{field.name}[{key!r:.20}]")
                raise


@functools.cache
def _fields_to_check(descriptor: Descriptor) -> Mapping[int, Callable[[Any], Any]]:
    """Return the fields that lead to a message with a rule, or back to their own kind."""
    return {
        field.number: _items_of(field)
        for field in descriptor.fields
        if field.message_type is not None and _leads_somewhere(field.message_type)
    }


@functools.cache
def _leads_somewhere(descriptor: Descriptor) -> bool:
    seen: dict[str, Descriptor] = {}
    waiting = [descriptor]
    while waiting:
        current = waiting.pop()
        for field in current.fields:
            inner = field.message_type
            if inner is None:
                continue
            if inner.full_name == descriptor.full_name:
                return True
            if inner.full_name not in seen:
                seen[inner.full_name] = inner
                waiting.append(inner)
    return bool(_RULES.keys() & {descriptor.full_name, *seen})


def _items_of(field: FieldDescriptor) -> Callable[[Any], Items]:
    if not is_repeated(field):
        return _one
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        return _values if entry.fields_by_name["value"].message_type is not None else _nothing
    return _list


def _one(value: Any) -> Items:
    return ((None, value),)


def _list(value: Any) -> Items:
    return enumerate(value)


def _values(value: Mapping[Any, Any]) -> Items:
    return value.items()


def _nothing(_: Any) -> Items:
    return ()


def _check_time(time: Any) -> None:
    if not (_FIRST_SECOND <= time.seconds <= _LAST_SECOND and 0 <= time.nanos < _NANOS):
        raise _Unfit(f"is no time of the years 1 to 9999: {time.seconds} s, {time.nanos} ns")


def _check_number(value: Any) -> None:
    if not math.isfinite(value.number_value):
        raise _Unfit(f"is {value.number_value}: metadata and parameters hold finite numbers only")


_RULES: dict[str, Callable[[Any], None]] = {
    "google.protobuf.Timestamp": _check_time,
    "google.protobuf.Value": _check_number,
}
