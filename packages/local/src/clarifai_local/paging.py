"""Pages of a listing: the rules for `page` and `per_page`, in one place."""

from __future__ import annotations

import attrs

from clarifai_local.statuses import invalid

DEFAULT_PER_PAGE = 128
MAX_PER_PAGE = 1000


@attrs.frozen
class Window:
    """The part of a listing that one request asks for."""

    limit: int
    """Items on the page."""
    offset: int
    """Items before it."""


def window(page: int, per_page: int) -> Window:
    """Return the window of a page; 0 means the default for both.

    Args:
        page: Counted from 1.
        per_page: Up to 1000; 128 by default.

    Raises:
        Refused: 11102, when `per_page` is over the limit.

    Example:
        >>> window(2, 10)
        Window(limit=10, offset=10)
    """
    if per_page > MAX_PER_PAGE:
        raise invalid(f"per_page {per_page} is over the limit of {MAX_PER_PAGE}")
    size = per_page or DEFAULT_PER_PAGE
    return Window(size, (max(page, 1) - 1) * size)
