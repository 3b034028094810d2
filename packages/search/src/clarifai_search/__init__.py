"""Rank and filter queries over the inputs and annotations of an app.

    from clarifai_search import Query, concept, near

    query = Query().rank(text="a dog").where(concept("cat"), near(13.4, 52.5, km=5))
    for hit in search.hits(query):
        print(hit.score, hit.input.id)

Importing this costs nothing; each name is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.lazy import lazy_submodules

if TYPE_CHECKING:
    from clarifai_search._query import Query
    from clarifai_search._terms import (
        any_of,
        clause,
        concept,
        concepts,
        in_dataset,
        input_id,
        input_type,
        metadata,
        near,
        status,
        within,
    )
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        Query="clarifai_search._query:Query",
        any_of="clarifai_search._terms:any_of",
        clause="clarifai_search._terms:clause",
        concept="clarifai_search._terms:concept",
        concepts="clarifai_search._terms:concepts",
        in_dataset="clarifai_search._terms:in_dataset",
        input_id="clarifai_search._terms:input_id",
        input_type="clarifai_search._terms:input_type",
        metadata="clarifai_search._terms:metadata",
        near="clarifai_search._terms:near",
        status="clarifai_search._terms:status",
        within="clarifai_search._terms:within",
    )

__all__ = [
    "Query",
    "any_of",
    "clause",
    "concept",
    "concepts",
    "in_dataset",
    "input_id",
    "input_type",
    "metadata",
    "near",
    "status",
    "within",
]

lazy_submodules(__name__)
