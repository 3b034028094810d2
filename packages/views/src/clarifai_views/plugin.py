"""What this package adds: the forms in which handles and listings are shown, and data frames."""

from __future__ import annotations

from clarifai_core.contracts import ViewSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_views() -> list[ViewSpec]:
    """Add all three; each gives way to another plugin's of its name."""
    return [
        ViewSpec("html", "clarifai_views.views:html", "Pages for notebooks.", is_default=True),
        ViewSpec("text", "clarifai_views.views:listed", "What print shows.", is_default=True),
        ViewSpec("pandas", "clarifai_views.frames:to_pandas", "Data frames.", is_default=True),
    ]
