"""Requests that are too much of something: too many items, too deep, too wide, too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from clarifai_local._patching import is_repeated
from tests.local.fuzz.chooser import Chooser

MANY = (1_001, 10_001, 40_000)
"""How many: over what a page, a list of ids and a statement of SQLite take."""

PATTERNS = (
    "*a" * 30_000, "%a" * 30_000, "*" * 60_000, "[" * 5_000, "?*" * 500, "a*" * 400 + "b",
    "\\" * 1_001, "_" * 999, "a " * 40_000, "(" * 2_000, "\U0001f415" * 20_000,
)  # fmt: skip


def overdo(message: Message, choose: Chooser) -> None:
    """Make a request, or something in it, too much."""
    reachable = list(_with(message, 0))
    way = choose.of((_crowd, _crowd, _deepen, _widen, _lengthen))
    way(choose.of(reachable), choose)


def _with(message: Message, depth: int) -> Iterator[Message]:
    """Yield a message, and those in it: set ones and ones that could be."""
    yield message
    fields: Any = message.DESCRIPTOR.fields
    for field in fields:
        if field.message_type is None or depth > 3:
            continue
        if field.message_type.GetOptions().map_entry:
            continue
        inner = getattr(message, field.name)
        if is_repeated(field):
            for one in inner[:3]:
                yield from _with(one, depth + 1)
        elif message.HasField(field.name):
            yield from _with(inner, depth + 1)


def _crowd(message: Message, choose: Chooser) -> None:
    """Repeat a field thousands of times, each time another value where it is an id."""
    found = [f for f in _fields(message, is_repeated) if not _is_map(f)]
    if not found:
        return
    field = choose.of(found)
    count = choose.of(MANY)
    target = getattr(message, field.name)
    if field.message_type is None:
        target.extend(_scalars(field, count))
        return
    for number in range(count):
        item = target.add()
        if "id" in item.DESCRIPTOR.fields_by_name and item.DESCRIPTOR.fields_by_name["id"].type == (
            FieldDescriptor.TYPE_STRING
        ):
            item.id = f"c{number}"
        _set_one(item, number)


def _set_one(item: Any, number: int) -> None:
    """Put something into what says nothing without: a filter's concept, an annotation's input."""
    if item.DESCRIPTOR.name in {"Filter", "Rank"}:
        item.annotation.data.concepts.add(id=f"c{number}", value=1)
    elif item.DESCRIPTOR.name == "Annotation":
        item.input_id = f"i{number}"
    elif item.DESCRIPTOR.name == "NodeInput":
        item.node_id = f"n{number}"


def _deepen(message: Message, choose: Chooser) -> None:
    for field in _fields(message, _is_struct):
        inner = getattr(message, field.name)
        for _ in range(choose.of((10, 24, 28, 31))):
            inner = inner.fields["a"].struct_value
        inner.fields["end"].number_value = 1


def _widen(message: Message, choose: Chooser) -> None:
    for field in _fields(message, _is_struct):
        inner = getattr(message, field.name)
        if choose.chance(50):
            inner.update({f"k{number}": number for number in range(choose.of(MANY[:2]))})
        else:
            inner.update({"list": list(map(str, range(choose.of(MANY[:2]))))})


def _lengthen(message: Message, choose: Chooser) -> None:
    texts = list(_fields(message, lambda f: f.type == FieldDescriptor.TYPE_STRING))
    if texts:
        field = choose.of(texts)
        value = choose.of(PATTERNS)
        if is_repeated(field):
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)


def _fields(message: Message, fits: Callable[[Any], bool]) -> list[Any]:
    fields: Any = message.DESCRIPTOR.fields
    return [field for field in fields if fits(field)]


def _is_map(field: Any) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _is_struct(field: Any) -> bool:
    kind = field.message_type
    return (
        kind is not None and kind.full_name == "google.protobuf.Struct" and not is_repeated(field)
    )


def _scalars(field: Any, count: int) -> list[Any]:
    if field.type == FieldDescriptor.TYPE_STRING:
        return [f"c{number}" for number in range(count)]
    if field.type == FieldDescriptor.TYPE_BYTES:
        return [b"x"] * count
    if field.type == FieldDescriptor.TYPE_ENUM:
        return [field.enum_type.values[-1].number] * count
    return [1] * count
