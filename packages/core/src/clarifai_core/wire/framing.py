"""Protobuf's framing: tag, length, bytes.

What is sent by the ten thousand is put together from parts that are serialised once, because
building each as a message costs several times as much.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

_LENGTH_DELIMITED = 2
_ONE_BYTE = [bytes((value,)) for value in range(0x80)]


@functools.cache
def tag(descriptor: Descriptor, field: str) -> bytes:
    """Return the tag of a text, bytes or message field.

    Args:
        descriptor: `DESCRIPTOR` of the message class.
        field: Name of the field.
    """
    return varint(descriptor.fields_by_name[field].number << 3 | _LENGTH_DELIMITED)


def framed(field_tag: bytes, body: bytes) -> bytes:
    """Return a field of a message: its tag, the length of its content, its content.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> raw = framed(tag(resources_pb2.Input.DESCRIPTOR, "id"), b"cat-1")
        >>> resources_pb2.Input.FromString(raw).id
        'cat-1'
    """
    length = len(body)
    return b"".join((field_tag, _ONE_BYTE[length] if length < 0x80 else varint(length), body))


def varint(value: int) -> bytes:
    """Return a number as protobuf writes lengths and tags.

    Example:
        >>> varint(300).hex()
        'ac02'
    """
    if value < 0x80:
        return _ONE_BYTE[value]
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
