"""What this distribution adds to the SDK; the loader itself is imported when it is used."""

from __future__ import annotations

from clarifai_core.contracts import LoaderSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_loaders() -> list[LoaderSpec]:
    """Add the loader `field_notes`."""
    return [
        LoaderSpec(
            "field_notes",
            "field_notes.loader:FieldNotesLoader",
            "Records of text with ids and labels, blank lines between them.",
            suffixes=(".notes",),
        )
    ]
