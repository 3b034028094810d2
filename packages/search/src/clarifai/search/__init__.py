"""Rank and filter queries over the inputs and annotations of an app.

    from clarifai.search import Query, concept, near

    query = Query().rank(text="a dog").where(concept("cat"), near(13.4, 52.5, km=5))
    for hit in search.hits(query):
        print(hit.score, hit.input.id)

Importing this costs nothing; each name is imported when it is first asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clarifai.search.query import Query
    from clarifai.search.terms import (
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
    from clarifai.core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        Query="clarifai.search.query:Query",
        any_of="clarifai.search.terms:any_of",
        clause="clarifai.search.terms:clause",
        concept="clarifai.search.terms:concept",
        concepts="clarifai.search.terms:concepts",
        in_dataset="clarifai.search.terms:in_dataset",
        input_id="clarifai.search.terms:input_id",
        input_type="clarifai.search.terms:input_type",
        metadata="clarifai.search.terms:metadata",
        near="clarifai.search.terms:near",
        status="clarifai.search.terms:status",
        within="clarifai.search.terms:within",
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
