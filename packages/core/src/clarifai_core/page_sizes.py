"""How many items a page of a method holds: what one asks for, and which page is the last.

Pages of 1000 are documented for the platform as a whole, not for each method. A server may give
fewer than it is asked for, or refuse to give so many; neither may end a listing early. So a page
that is not full is the last only when it is shorter than pages that this method has given before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections import defaultdict

MAX_PER_PAGE = 1000
"""The most items a page of the platform may have."""

SURE_PER_PAGE = 128
"""Items of a page that every method gives: as many as it gives when none are asked for."""

USUAL_SIZES = frozenset({128, 200, 250, 256, 500, 512})
"""Where servers cut their pages: a first page that is exactly so long may be cut again, though the
listing was as long before. A shorter one than 128 is all there is: no request more for those."""


@attrs.define
class PageSizes:
    """What one method was seen to do, in one session.

    Threads may share it without a lock: what one of them overwrites costs a request, no item.

    Example:
        >>> sizes = PageSizes()
        >>> sizes.may_go_on(300)  # of 1000 that were asked for: all there is, or a page cut to 300
        True
        >>> sizes.saw(1000, 400)
        >>> sizes.may_go_on(300)
        False
    """

    most: int = MAX_PER_PAGE
    """Items to ask for: fewer than a page may have once those were refused, or not given."""
    longest: int = 0
    """Items of the longest page that was given, of those that were asked for."""
    taken: int = 0
    """The most items that were asked for without being refused."""
    ends: set[int] = attrs.field(factory=set)
    """Lengths of first pages that nothing came behind."""

    def saw(self, asked: int, came: int) -> None:
        """Take note of an answer: items that were asked for, and that came."""
        self.taken = max(self.taken, asked)
        self.longest = max(self.longest, min(asked, came))

    def may_go_on(self, came: int) -> bool:
        """Return whether more may follow a first page that is shorter than asked for.

        A page of as many as a listing had before is the same listing again: that the server cuts
        pages there, too, would be chance, but at a usual size.
        """
        if came in USUAL_SIZES:
            return came >= self.longest
        return came >= max(SURE_PER_PAGE, self.longest) and came not in self.ends

    def may_be_too_large(self, asked: int) -> bool:
        """Return whether a refusal may be due to the number of items that were asked for."""
        return asked > max(SURE_PER_PAGE, self.taken)

    def cut_to(self, size: int) -> None:
        """Take note that pages of more than `size` items are cut to that, or refused."""
        self.most = min(self.most, size)


SizesByMethod: TypeAlias = "defaultdict[str, PageSizes]"
"""Name of a method -> what it was seen to do."""
