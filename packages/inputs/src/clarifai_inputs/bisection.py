"""Which of many things a platform refuses a request for, when its answer does not say.

A request of 128 things is refused as a whole for one of them. It is sent again in halves, those
that are refused in halves again: one culprit costs 14 requests, and the others arrive.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from clarifai_core.errors import AlreadyExists, ApiError, InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

MAX_ALIKE = 32
"""Things that were refused one by one in the same words, none of them taken, after which it is the
request as such that is refused."""


def blames_content(error: ApiError) -> bool:
    """Return whether a refusal may be about what was sent, not about who sent it, or how much.

    Example:
        >>> blames_content(InvalidArgument("PostInputs"))
        True
    """
    return isinstance(error, (InvalidArgument, AlreadyExists))


def halves(items: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """Return the first half and the second one.

    Example:
        >>> halves([1, 2, 3])
        ([1], [2, 3])
    """
    middle = len(items) // 2
    return items[:middle], items[middle:]


class Refusals:
    """Tells an upload of which all is refused for one reason from one with some culprits.

    Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken, self._alike, self._words = False, 0, ""

    def took(self) -> None:
        """Note that something was taken: from then on each refusal is about what is refused."""
        self._taken = True

    def add(self, error: ApiError) -> None:
        """Note that one thing was refused."""
        words = f"{error.code} {error.description} {error.details}"
        with self._lock:
            self._alike = self._alike + 1 if words == self._words else 1
            self._words = words

    @property
    def are_alike(self) -> bool:
        """Whether to stop asking: nothing was taken, and the platform goes on saying the same."""
        return not self._taken and self._alike >= MAX_ALIKE
