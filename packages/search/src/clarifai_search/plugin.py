"""What this package adds: the search handle, and the keys of ranks and filters."""

from __future__ import annotations

from clarifai_core.contracts import ClauseSpec, CommandSpec, ResourceSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add the handle that `App.search()` opens; the platform keeps no such resource."""
    return [ResourceSpec("search", "clarifai_search.handle:Search", "Searches of an app.")]


@hookimpl
def clarifai_register_search_clauses() -> list[ClauseSpec]:
    """Add the documented keys, and behind them those that only the wire has."""
    return [
        ClauseSpec("image_url", "clarifai_search._clauses:ImageUrl", "A picture, by its URL."),
        ClauseSpec("image_bytes", "clarifai_search._clauses:ImageBytes", "A picture, as bytes."),
        ClauseSpec("text_raw", "clarifai_search._clauses:TextRaw", "A text."),
        ClauseSpec("metadata", "clarifai_search._clauses:Metadata", "Metadata that is contained."),
        ClauseSpec("geo_point", "clarifai_search._clauses:GeoPoint", "A place and a radius."),
        ClauseSpec("concepts", "clarifai_search._clauses:Concepts", "Concepts, with or without."),
        ClauseSpec(
            "input_types",
            "clarifai_search._clauses:InputTypes",
            "What inputs hold: image, video, text or audio.",
            roles=("filter",),
        ),
        ClauseSpec(
            "input_dataset_ids",
            "clarifai_search._clauses:InputDatasetIds",
            "Datasets that inputs are in.",
            roles=("filter",),
        ),
        ClauseSpec(
            "input_status_code",
            "clarifai_search._clauses:InputStatusCode",
            "The status of inputs, such as 30000.",
            roles=("filter",),
        ),
        ClauseSpec(
            "geo_box", "clarifai_search._clauses:GeoBox", "A box of degrees.", roles=("filter",)
        ),
        ClauseSpec("input_id", "clarifai_search._clauses:InputId", "An input, by its id."),
        ClauseSpec("embedding", "clarifai_search._clauses:Embedding", "A vector.", roles=("rank",)),
    ]


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add the search at the prompt."""
    help_text = "Find inputs: by text, picture, concept, place."
    return [CommandSpec("search", "clarifai_search._commands:search", help_text)]
