"""On whose behalf a call is made, and what its key is good for."""

from __future__ import annotations

import attrs

OWNER = "local"
"""The user id that "me" stands for."""

EVERYTHING = "All"
"""The scope that stands for every one."""


@attrs.frozen
class Caller:
    """The user on whose behalf a call is made, and what the key of the call is good for."""

    user_id: str
    app: tuple[str, str] | None = None
    """`(user_id, app_id)` of the only app that the key is for; None when it is for all."""
    app_number: int | None = None
    """Number of that app."""
    scopes: frozenset[str] = frozenset({EVERYTHING})
    endpoints: frozenset[str] = frozenset()
    """Full names of the RPCs that it may call besides."""
