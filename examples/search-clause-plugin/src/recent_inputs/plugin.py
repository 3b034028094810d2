"""What this distribution adds to the SDK; the clause itself is imported when it is used."""

from __future__ import annotations

from clarifai_core.contracts import ClauseSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_search_clauses() -> list[ClauseSpec]:
    """Add the key `updated`."""
    return [
        ClauseSpec(
            "updated",
            "recent_inputs.clause:Updated",
            "When inputs were added or last changed.",
            roles=("filter",),
        )
    ]
