"""Serialized messages as a list of fields, without knowing their type.

Where a release of the contract gave a field number a new meaning, only the shape of a message says
which release wrote it: which numbers are there, and as what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

VARINT: Final = 0
FIXED64: Final = 1
DELIMITED: Final = 2
FIXED32: Final = 5

_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}
_MAX_VARINT_BYTES = 10


class NotFields(ValueError):
    """The bytes are no protobuf message, or one with groups, which nobody uses."""


@attrs.frozen
class Field:
    """One field as it is on the wire."""

    number: int
    kind: int
    """`VARINT`, `FIXED64`, `DELIMITED` or `FIXED32`."""
    body: bytes
    """What follows the tag; without the length, where it has one."""

    def renumbered(self, number: int) -> Field:
        """Return the field under another number."""
        return attrs.evolve(self, number=number)

    def mapped(self, change: Callable[[bytes], bytes]) -> Field:
        """Return the field with another body."""
        return attrs.evolve(self, body=change(self.body))


def split(payload: bytes) -> list[Field]:
    """Return the fields of a message, in the order of the wire.

    Raises:
        NotFields: The bytes are no message.

    Example:
        >>> split(bytes.fromhex("0a026869"))
        [Field(number=1, kind=2, body=b'hi')]
    """
    fields = []
    at = 0
    while at < len(payload):
        tag, at = _varint(payload, at)
        number, kind = tag >> 3, tag & 7
        start, end = _extent(payload, at, kind)
        if not number or end > len(payload):
            raise NotFields(f"the field at byte {at} is cut off or has no number")
        fields.append(Field(number, kind, payload[start:end]))
        at = end
    return fields


def join(fields: Iterable[Field]) -> bytes:
    """Return the message that `split` took apart.

    Example:
        >>> join(split(bytes.fromhex("0a026869"))).hex()
        '0a026869'
    """
    out = bytearray()
    for field in fields:
        out += varint(field.number << 3 | field.kind)
        if field.kind == DELIMITED:
            out += varint(len(field.body))
        out += field.body
    return bytes(out)


def renumber(fields: Iterable[Field], numbers: Mapping[int, int]) -> list[Field]:
    """Return the fields with other numbers; those that `numbers` does not name keep theirs."""
    return [field.renumbered(numbers.get(field.number, field.number)) for field in fields]


def varint(value: int) -> bytes:
    """Return `value` as a protobuf varint.

    Example:
        >>> varint(300).hex()
        'ac02'
    """
    if value < len(_SMALL):
        return _SMALL[value]
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


_SMALL = tuple(bytes((n,)) for n in range(0x80))


def _extent(payload: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == VARINT:
        return at, _varint(payload, at)[1]
    if kind == DELIMITED:
        length, start = _varint(payload, at)
        return start, start + length
    if kind in _FIXED_BYTES:
        return at, at + _FIXED_BYTES[kind]
    raise NotFields(f"wire type {kind} at byte {at} is not in use")


def _varint(payload: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(payload[at : at + _MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise NotFields(f"the number at byte {at} does not end")
