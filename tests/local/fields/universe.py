"""Every field that a request can hold, each at one place.

A message type that a request holds in several places is looked at where it is nearest. What only
names something that exists ("a reference") has no fields of its own here but those that name it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping

import attrs
from google.protobuf.descriptor import Descriptor, FieldDescriptor

Path = tuple[str, ...]


@attrs.frozen
class Place:
    """A message in a request."""

    path: Path
    """Names of the fields that lead there; () is the request."""
    descriptor: Descriptor
    fields: tuple[FieldDescriptor, ...]
    """Those that are looked at there."""
    unread: tuple[FieldDescriptor, ...]
    """What a reference says besides the names."""


def is_leaf(field: FieldDescriptor) -> bool:
    """Return whether a field is set as a whole: a scalar, a map, or a message of protobuf's own."""
    inner = field.message_type
    if inner is None:
        return True
    return inner.full_name.startswith("google.") or bool(inner.GetOptions().map_entry)


def places(
    request: Descriptor, references: Mapping[str, frozenset[str]], own: Collection[str]
) -> Iterator[Place]:
    """Yield the messages of a request, nearest first.

    Args:
        request: Its type.
        references: By `"Message.field"`, the fields of a reference that name what it refers to; by
            `"*.Message"` for what is named within references.
    """
    seen = {request.full_name}
    waiting: deque[tuple[Path, Descriptor, frozenset[str] | None]] = deque([((), request, None)])
    while waiting:
        path, descriptor, names = waiting.popleft()
        fields = [f for f in descriptor.fields if names is None or f.name in names]
        yield Place(
            path,
            descriptor,
            tuple(f for f in fields if is_leaf(f) or f"{descriptor.name}.{f.name}" in own),
            tuple(f for f in descriptor.fields if f not in fields),
        )
        for field in fields:
            inner = field.message_type
            if is_leaf(field) or inner is None or f"{descriptor.name}.{field.name}" in own:
                continue
            limited = references.get(f"{descriptor.name}.{field.name}")
            if limited is None and names is not None:
                limited = references.get(f"*.{inner.name}")
            if limited is not None:
                waiting.append(((*path, field.name), inner, limited))
            elif inner.full_name not in seen:
                seen.add(inner.full_name)
                waiting.append(((*path, field.name), inner, None))
