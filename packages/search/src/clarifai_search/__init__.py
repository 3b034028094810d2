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
    from clarifai_search._hits import Hits
    from clarifai_search._query import ClauseGroup, Query
    from clarifai_search._saving import FailedHit, SavedHits, SavingFailed
    from clarifai_search._schema import ArrayLike, InputKind
    from clarifai_search._terms import (
        AnyOf,
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
        AnyOf="clarifai_search._terms:AnyOf",
        ArrayLike="clarifai_search._schema:ArrayLike",
        ClauseGroup="clarifai_search._query:ClauseGroup",
        FailedHit="clarifai_search._saving:FailedHit",
        Hits="clarifai_search._hits:Hits",
        InputKind="clarifai_search._schema:InputKind",
        Query="clarifai_search._query:Query",
        SavedHits="clarifai_search._saving:SavedHits",
        SavingFailed="clarifai_search._saving:SavingFailed",
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
    "AnyOf",
    "ArrayLike",
    "ClauseGroup",
    "FailedHit",
    "Hits",
    "InputKind",
    "Query",
    "SavedHits",
    "SavingFailed",
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
