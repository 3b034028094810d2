"""How many examples a property is tried with: fewer where they are the same ones each time."""

from __future__ import annotations

import os

FEWEST = 20
"""Below that a property is tried as often as it says."""


def examples(count: int) -> int:
    """Return how many examples to try.

    Args:
        count: How many to try where they differ from run to run. In CI, where they are the same
            ones each time, another run of them finds nothing new: two fifths do.
    """
    if os.environ.get("HYPOTHESIS_PROFILE") != "fixed":
        return count
    return max(min(count, FEWEST), count * 2 // 5)
