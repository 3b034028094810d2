"""What a request did: its answer, and what Get and List say afterwards; without chance in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from clarifai_local._patching import is_repeated

_CHANCE = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|/(?:exports|train-logs)/[^ \"]*")
_TIMES = frozenset({"created_at", "modified_at", "completed_at"})


@attrs.frozen
class Observed:
    """The answer to a request and all looks."""

    answer: Any
    looks: tuple[Any, ...]

    @property
    def messages(self) -> tuple[Any, ...]:
        """All of them."""
        return (self.answer, *self.looks)

    def plain(self) -> tuple[Any, ...]:
        """Return what can be compared with that of another request."""
        return tuple(plain(message) for message in self.messages)


def plain(message: Message) -> Any:
    """Return a message as comparable values, without times, random ids and the request's id."""
    found = []
    for field, value in message.ListFields():
        if field.name in _TIMES or field.name == "req_id":
            continue
        found.append((field.number, _plain_value(field, value)))
    return tuple(found)


def _plain_value(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is None:
        if isinstance(value, str):
            return _CHANCE.sub("*", value)
        return tuple(value) if is_repeated(field) else value
    if field.message_type.GetOptions().map_entry:
        return tuple(
            (key, plain(item) if isinstance(item, Message) else item)
            for key, item in sorted(value.items())
        )
    if is_repeated(field):
        return tuple(plain(item) for item in value)
    return plain(value)


def holds(messages: tuple[Any, ...], field: FieldDescriptor, value: Any) -> bool:
    """Return whether a message of the field's type, anywhere, has that value in the field."""
    return any(_has(one, field, value) for message in messages for one in within(message, field))


def within(message: Any, field: Any) -> Iterator[Any]:
    """Yield the messages of the field's type in a message."""
    if message.DESCRIPTOR.full_name == field.containing_type.full_name:
        yield message
    for inner, value in message.ListFields():
        if inner.message_type is None or inner.message_type.full_name.startswith("google."):
            continue
        if inner.message_type.GetOptions().map_entry:
            items = [item for item in value.values() if isinstance(item, Message)]
        else:
            items = value if is_repeated(inner) else [value]
        for item in items:
            yield from within(item, field)


def _has(message: Any, field: FieldDescriptor, value: Any) -> bool:
    found = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return "zqkey" in found
    if is_repeated(field):
        return value in list(found)
    if field.message_type is not None and not message.HasField(field.name):
        return False
    return bool(found == value)
