"""Requests as bytes: many entries serialised one by one, and memory that is kept in between.

A request constructor copies the messages it is given, and serialising the whole walks them again:
for 128 pictures that is ten times what serialising each once and joining costs.

What a large request takes is given back to the system when it is freed, and comes anew, page by
page, with the next one: for 128 pictures of 10 KB that is 850 page faults, more than half of what
the request costs. So each thread keeps the bytes of its last large request until the next one, and
the buffer that they are put together in.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from clarifai_core.wire.framing import tag, varint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

LEAST_KEPT_BYTES = 64 * 1024
"""Smaller requests leave the memory of the process as it is."""
MOST_KEPT_BYTES = 8 * 1024 * 1024
"""Larger ones are not kept: a thread that is done with them may never send another."""

_MANY = 4
"""Entries from which on a buffer is worth its while."""


class _ThreadBuffers(threading.local):
    """What a thread keeps: at most twice `MOST_KEPT_BYTES`."""

    buffer = bytearray()
    last = b""


_kept = _ThreadBuffers()


def serialize(request: Message | JoinedRequest | bytes) -> bytes:
    """Return the bytes of a request; bytes are already what they should be."""
    raw = request if isinstance(request, bytes) else request.SerializeToString()
    if LEAST_KEPT_BYTES <= len(raw) <= MOST_KEPT_BYTES:
        _kept.last = raw
    return raw


class JoinedRequest:
    """A request, in two parts that are put together when it is sent.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2, service_pb2
        >>> inputs = [resources_pb2.Input(id="a"), resources_pb2.Input(id="b")]
        >>> joined = JoinedRequest(service_pb2.PostInputsRequest(), "inputs", inputs)
        >>> raw = joined.SerializeToString()
        >>> [one.id for one in service_pb2.PostInputsRequest.FromString(raw).inputs]
        ['a', 'b']
    """

    __slots__ = ("_field", "_messages", "head")

    head: Message
    """The request without its entries."""

    def __init__(self, head: Message, field: str, messages: Sequence[Message]) -> None:
        """Keep the parts; they may not change until the call has ended.

        Args:
            head: The request without its entries.
            field: The repeated field that they belong in.
            messages: The entries.
        """
        self.head, self._field, self._messages = head, field, messages

    def SerializeToString(self) -> bytes:  # noqa: N802  why: the name that messages have
        """Return the request's bytes."""
        head, field_tag = self.head.SerializeToString(), tag(self.head.DESCRIPTOR, self._field)
        if len(self._messages) < _MANY:
            parts = [head]
            for message in self._messages:
                raw = message.SerializeToString()
                parts += (field_tag, varint(len(raw)), raw)
            return b"".join(parts)
        return _joined(head, field_tag, self._messages)


def _joined(head: bytes, field_tag: bytes, messages: Sequence[Message]) -> bytes:
    """Return what joining all would, without holding each of them meanwhile."""
    view = memoryview(_kept.buffer)
    if len(head) > len(view):
        view = _larger(view, 0, len(head))
    end = len(head)
    view[:end] = head
    for message in messages:
        raw = message.SerializeToString()
        prefix = field_tag + varint(len(raw))
        begin, middle = end, end + len(prefix)
        end = middle + len(raw)
        if end > len(view):
            view = _larger(view, begin, end)
        view[begin:middle] = prefix
        view[middle:end] = raw
    return view[:end].tobytes()


def _larger(view: memoryview, used: int, wanted: int) -> memoryview:
    size = max(2 * wanted, LEAST_KEPT_BYTES)
    if wanted <= MOST_KEPT_BYTES:
        size = min(size, MOST_KEPT_BYTES)
    made = bytearray(size)
    made[:used] = view[:used]
    if size <= MOST_KEPT_BYTES:
        _kept.buffer = made
    return memoryview(made)
