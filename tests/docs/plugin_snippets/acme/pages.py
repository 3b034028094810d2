"""The view of the examples in docs/plugins.md."""

# --8<-- [start:page]
from __future__ import annotations

from html import escape
from typing import Any

from clarifai_core.errors import ClarifaiError
from clarifai_core.paging import Pager
from clarifai_core.records import records


def page(thing: Any) -> str:
    """Return a link for each thing, of a listing for the first 20."""
    try:
        rows = records(thing.peek(20) if isinstance(thing, Pager) else thing)
    except ClarifaiError as error:  # the platform may be away, and nobody asked for an error
        return escape(str(error))
    names = [escape(str(row.get("id", ""))) for row in rows]
    return "<br>".join(f'<a href="https://console.acme.example/{one}">{one}</a>' for one in names)


# --8<-- [end:page]
