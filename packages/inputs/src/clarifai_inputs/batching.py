"""How many things, and how many bytes, go into one request, and how many requests are under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

MAX_BATCH_ITEMS = 128
"""The platform's limit of inputs, annotations or entries of a dataset in one request."""

MAX_REQUEST_BYTES = 128_000_000
"""The platform's limit for one request."""

ENVELOPE_BYTES = 4096
"""Reserved for what a request holds besides its items."""

BATCH_BYTES = 32_000_000
"""Bytes in one request. A larger item goes alone, up to the platform's limit: smaller requests cost
nothing in speed, and less memory and less to repeat."""

REQUESTS_IN_FLIGHT = 16

BYTES_IN_FLIGHT = MAX_REQUEST_BYTES
"""Of all requests in flight together; a single one may be larger."""


def in_batches(
    items: Iterable[T],
    size_of: Callable[[T], int],
    *,
    most_items: int = MAX_BATCH_ITEMS,
    most_bytes: int = BATCH_BYTES - ENVELOPE_BYTES,
) -> Iterator[list[T]]:
    """Yield items in lists that fit one request each, by number and by bytes.

    Args:
        items: The items; they are asked for when they are needed.
        size_of: Returns the bytes of one.
        most_items: Items in a list.
        most_bytes: Bytes of a list; an item that is larger goes alone.

    Example:
        >>> list(in_batches(["aa", "b", "ccc", "d"], len, most_bytes=4))
        [['aa', 'b'], ['ccc', 'd']]
    """
    batch: list[T] = []
    total = 0
    for item in items:
        size = size_of(item)
        if batch and (len(batch) == most_items or total + size > most_bytes):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size
    if batch:
        yield batch


@attrs.define
class InFlight:
    """Requests that are under way, and room for more. For one thread."""

    max_requests: int = REQUESTS_IN_FLIGHT
    max_bytes: int = BYTES_IN_FLIGHT
    requests: int = 0
    bytes: int = 0

    def is_full(self, size_bytes: int) -> bool:
        """Return whether a request of that size has to wait for another to end."""
        several = self.requests >= self.max_requests
        return bool(self.requests) and (several or self.bytes + size_bytes > self.max_bytes)

    def add(self, size_bytes: int) -> None:
        """Note that a request begins."""
        self.requests += 1
        self.bytes += size_bytes

    def remove(self, size_bytes: int) -> None:
        """Note that a request has ended."""
        self.requests -= 1
        self.bytes -= size_bytes
