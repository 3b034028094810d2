"""What somebody meant who wrote a name that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.safe_text import named

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["suggestion"]


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'near'?"`, or `""` when nothing known is near.

    Args:
        name: As it was written.
        known: What there is.

    Example:
        >>> suggestion("serach", ["search", "dataset"]), suggestion("x", ["search"])
        (" Did you mean 'search'?", '')
    """
    from difflib import get_close_matches  # here: only who errs needs it

    folded = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean {named(folded[near[0]])}?" if near else ""
