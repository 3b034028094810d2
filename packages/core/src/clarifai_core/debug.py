"""Whether to show what is left out for users: CLARIFAI_DEBUG says so.

Apart from the settings, since errors ask for it, which the settings are built on.
"""

from __future__ import annotations

import os

VARIABLE = "CLARIFAI_DEBUG"
"""The environment variable; the commands' `--debug` sets it."""

_OFF = frozenset({"", "0", "false", "no", "off"})


def is_on() -> bool:
    """Return whether it does, now."""
    return os.environ.get(VARIABLE, "").strip().lower() not in _OFF
