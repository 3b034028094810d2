"""What a store notes of its vectors: the spaces they are in, and which apps are on their way."""

from __future__ import annotations

import json
from typing import Any

SPACES_META = "spaces"
"""Key of the platform's spaces as of its last start: a JSON list of names."""

REINDEXING_META = "reindexing"
"""Key of what is under way: a JSON object, from the number of an app to `[done, total]`."""


def noted(meta: str) -> dict[int, tuple[int, int]]:
    """Read what is at `REINDEXING_META`: inputs done, and of how many, by the number of the app."""
    found: dict[str, Any] = json.loads(meta or "{}")
    return {int(app): (int(done), int(total)) for app, (done, total) in found.items()}


def how_far(done: int, total: int) -> str:
    """Return how far an app is, for people.

    Example:
        >>> how_far(120, 500)
        'reindexing: 120 of 500 inputs'
    """
    return f"reindexing: {done} of {total} inputs"
