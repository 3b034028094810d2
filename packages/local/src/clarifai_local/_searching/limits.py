"""How much one query may ask for: each condition is a look-up of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._store.annotations import leaves_of
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

MAX_CONDITIONS = 1000
"""Conditions in the filters of a query: concepts, values in metadata, datasets and all others."""

MAX_RANKED = 128
"""Examples and concepts that a query ranks by."""


def check(search: resources_pb2.Search) -> None:
    """Refuse a query that asks for too much.

    Raises:
        Refused: 40002, with the number and the limit.
    """
    _check(
        len(search.query.filters) + sum(map(_conditions, search.query.filters)),
        MAX_CONDITIONS,
        "the filters of the query have {:,} conditions",
    )
    ranked = sum(max(1, len(rank.annotation.data.concepts)) for rank in search.query.ranks)
    _check(ranked, MAX_RANKED, "the query ranks by {:,} examples and concepts")


def _conditions(asked: resources_pb2.Filter) -> int:
    data = asked.annotation.data
    # One of each is counted with its filter.
    many = (len(data.concepts), sum(1 for _ in leaves_of(data.metadata)))
    return sum(max(0, count - 1) for count in (*many, len(asked.input.dataset_ids)))


def _check(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise Refused(
            codes.SEARCH_INVALID_REQUEST,
            f"{what.format(count)}, more than {limit:,}: ask in several queries",
        )
