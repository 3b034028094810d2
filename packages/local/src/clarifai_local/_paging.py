"""Pages of a listing: the rules for `page` and `per_page`, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

DEFAULT_PER_PAGE = 128
MAX_PER_PAGE = 1000


@attrs.frozen
class PageRange:
    """The part of a listing that one request asks for."""

    limit: int
    """Items on the page."""
    offset: int
    """Items before it."""

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return the items of a whole listing that are on the page."""
        return items[self.offset : self.offset + self.limit]


def page_range(page: int, per_page: int) -> PageRange:
    """Return the range of a page; 0 means the default for both.

    Args:
        page: Counted from 1.
        per_page: Up to 1000; 128 by default.

    Raises:
        Refused: 11102, when `per_page` is over the limit.

    Example:
        >>> page_range(2, 10)
        PageRange(limit=10, offset=10)
        >>> page_range(2, 3).of("abcdefgh")
        'def'
    """
    if per_page > MAX_PER_PAGE:
        raise invalid(f"per_page {per_page} is over the limit of {MAX_PER_PAGE}")
    size = per_page or DEFAULT_PER_PAGE
    return PageRange(size, (max(page, 1) - 1) * size)
