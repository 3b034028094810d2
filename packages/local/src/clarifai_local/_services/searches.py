"""RPCs that search inputs and annotations: filters first, then ranks, then the page."""

# ruff: noqa: S608 - only compiled conditions are put into SQL, values are bound

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _paging
from clarifai_local._methods import RawResponse, delimited
from clarifai_local._searching import legacy, limits
from clarifai_local._searching.expressions import Mode, mentions_annotations, render
from clarifai_local._searching.filters import Filters, compile_filters
from clarifai_local._searching.ranks import Ranking, compile_ranks
from clarifai_local._store.inputs import chunks, marks
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused, status

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local.auth import Caller

MAX_HITS = 1_000_000
"""How far paging goes: page x per_page."""

_INPUT_FIELD = resources_pb2.Hit.DESCRIPTOR.fields_by_name["input"].number
_HITS_FIELD = service_pb2.MultiSearchResponse.DESCRIPTOR.fields_by_name["hits"].number

_EVERYTHING = _paging.PageRange(-1, 0)

Numbers: TypeAlias = npt.NDArray[np.int64]


@attrs.frozen
class _Hits:
    """Hits in order. `annotations` is 0 where the input-level annotation is meant."""

    inputs: Sequence[int]
    annotations: Sequence[int]
    scores: Sequence[float]
    says: str = ""
    """What could not be ranked, and why."""


class SearchService:
    """RPCs that search inputs and annotations."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostInputsSearches")
    def post_inputs_searches(
        self, request: service_pb2.PostInputsSearchesRequest, caller: Caller
    ) -> RawResponse | service_pb2.MultiSearchResponse:
        """Return inputs, each once: filters may hold on different annotations of an input."""
        return self._search(request, caller, Mode.INPUT)

    @rpc("PostAnnotationsSearches")
    def post_annotations_searches(
        self, request: service_pb2.PostAnnotationsSearchesRequest, caller: Caller
    ) -> RawResponse | service_pb2.MultiSearchResponse:
        """Return annotations on which all filters hold at once.

        Without a filter on annotations, each input comes once, with its input-level annotation.
        """
        return self._search(request, caller, Mode.ANNOTATION)

    @rpc("PostSearches")
    def post_searches(
        self, request: service_pb2.PostSearchesRequest, caller: Caller
    ) -> RawResponse | service_pb2.MultiSearchResponse:
        """Return inputs, each once, as clients ask that know no other searches."""
        given = service_pb2.PostInputsSearchesRequest(
            searches=request.searches, pagination=request.pagination
        )
        given.user_app_id.CopyFrom(request.user_app_id)
        if request.HasField("query"):
            if request.searches:
                raise Refused(
                    codes.SEARCH_INVALID_REQUEST, "send a query or searches, not both at a time"
                )
            given.searches.add(query=request.query)
        return self._search(given, caller, Mode.INPUT)

    def inputs_of(self, scope: AppScope, search: resources_pb2.Search) -> list[int]:
        """Return the numbers of all inputs that a search finds, best first.

        Raises:
            Refused: 40002, for what cannot be searched by.
        """
        search = _modern(search)
        with self._store.read() as db:
            filters = compile_filters(self._context, db, scope, search)
            return list(self._hits(db, scope, search, filters, Mode.INPUT, _EVERYTHING).inputs)

    def _search(
        self,
        request: service_pb2.PostInputsSearchesRequest | service_pb2.PostAnnotationsSearchesRequest,
        caller: Caller,
        mode: Mode,
    ) -> RawResponse | service_pb2.MultiSearchResponse:
        scope = self._context.scopes.app(request.user_app_id, caller)
        search = _checked(request)
        wanted = _paging.page_range(request.pagination.page, request.pagination.per_page)
        if wanted.offset + wanted.limit > MAX_HITS:
            raise Refused(codes.SEARCH_INVALID_REQUEST, f"page * perPage cannot exceed {MAX_HITS}")
        # Ranks see what is indexed; asked before, so that it is not said too late.
        details = self._context.reindexing.details(scope.app) if search.query.ranks else ""
        with self._store.read() as db:
            filters = compile_filters(self._context, db, scope, search)
            if mode is Mode.ANNOTATION and not mentions_annotations(filters.expression):
                mode = Mode.INPUT
            if getattr(request, "only_count", False):
                wanted = _EVERYTHING
            hits = self._hits(db, scope, search, filters, mode, wanted)
            answer = status(codes.SUCCESS, "; ".join(filter(None, (details, hits.says))))
            if getattr(request, "only_count", False):
                counted = service_pb2.MultiSearchResponse(status=answer)
                counted.hit_counts.add(estimated_total=len(hits.inputs))
                return counted
            return RawResponse(delimited(_HITS_FIELD, self._rendered(db, scope, hits)), answer)

    def _hits(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        search: resources_pb2.Search,
        filters: Filters,
        mode: Mode,
        wanted: _paging.PageRange,
    ) -> _Hits:
        ranking = compile_ranks(self._context, db, scope, search)
        if ranking is None:
            found = _candidates(db, scope.app, filters, mode, wanted)
            return _Hits([i for i, _ in found], [a for _, a in found], [1.0] * len(found))
        if mode is Mode.INPUT and render(filters.expression, mode)[0] == "1":
            inputs, annotations = ranking.seqs, None
        else:
            inputs, annotations = _arrays(_candidates(db, scope.app, filters, mode, _EVERYTHING))
        return _ordered(inputs, annotations, ranking, search.min_value, wanted)

    def _rendered(self, db: sqlite3.Connection, scope: AppScope, hits: _Hits) -> list[bytes]:
        rows = self._store.inputs.rows(db, hits.inputs)
        wires = dict(zip((row.seq for row in rows), self._context.views.wires(rows), strict=True))
        ids = {row.seq: row.id for row in rows}
        pairs = list(zip(hits.inputs, hits.annotations, strict=True))
        whole = self._input_level(db, [seq for seq, annotation in pairs if not annotation])
        named = self._named(db, [a for a in hits.annotations if a])
        rendered = []
        for seq, annotation, score in zip(hits.inputs, hits.annotations, hits.scores, strict=True):
            if seq not in wires:
                continue
            wire = named.get(annotation) if annotation else whole.get(seq)
            hit = resources_pb2.Hit(score=score)
            if wire is None:
                hit.annotation.input_id = ids[seq]
            else:
                hit.annotation.ParseFromString(wire)
                self._context.masks.shown(hit.annotation, scope.app)
            rendered.append(hit.SerializeToString() + delimited(_INPUT_FIELD, [wires[seq]]))
        return rendered

    @staticmethod
    def _input_level(db: sqlite3.Connection, inputs: Sequence[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for part in chunks(inputs):
            query = (
                "SELECT input, wire FROM annotations"
                f" WHERE input IN ({marks(part)}) AND input_level = 1"
            )
            found.update(db.execute(query, part))
        return found

    @staticmethod
    def _named(db: sqlite3.Connection, annotations: Sequence[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for part in chunks(annotations):
            query = f"SELECT seq, wire FROM annotations WHERE seq IN ({marks(part)})"
            found.update(db.execute(query, part))
        return found


def _checked(
    request: service_pb2.PostInputsSearchesRequest | service_pb2.PostAnnotationsSearchesRequest,
) -> resources_pb2.Search:
    search = request.searches[0] if request.searches else resources_pb2.Search()
    if len(request.searches) > 1:
        raise Refused(
            codes.SEARCH_INVALID_REQUEST,
            f"one search at a time, got {len(request.searches)}",
        )
    return _modern(search)


def _modern(search: resources_pb2.Search) -> resources_pb2.Search:
    """Return a search that asks by filters and ranks alone, within limits."""
    if search.save:
        raise Refused(codes.NOT_IMPLEMENTED, "the embedded platform does not honour save")
    if search.query.ands:
        made = resources_pb2.Search()
        made.CopyFrom(search)
        made.query.CopyFrom(legacy.modern(search.query))
        search = made
    limits.check(search)
    return search


def _candidates(
    db: sqlite3.Connection, app: int, filters: Filters, mode: Mode, wanted: _paging.PageRange
) -> list[tuple[int, int]]:
    """Return `(input, annotation)` of what passes the filters, newest first."""
    paged = wanted.limit >= 0
    sql, params = render(filters.expression, mode, filters.counted, paged=paged)
    page = [wanted.limit, wanted.offset]
    if mode is Mode.INPUT:
        query = f"SELECT i.seq, 0 FROM inputs i WHERE i.app = ? AND ({sql})"
        return db.execute(
            f"{query} ORDER BY i.seq DESC LIMIT ? OFFSET ?", (app, *params, *page)
        ).fetchall()
    passing = (
        "FROM annotations a JOIN inputs i ON i.seq = a.input"
        f" WHERE a.app = ? AND {filters.counted} AND ({sql})"
    )
    query = f"SELECT a.input, a.seq {passing} ORDER BY a.seq DESC LIMIT ? OFFSET ?"
    found = db.execute(query, (app, *params, *page)).fetchall()
    if paged and len(found) == wanted.limit:
        return found
    if wanted.offset and not found:
        (before,) = db.execute(f"SELECT COUNT(*) {passing}", (app, *params)).fetchone()
    else:
        before = wanted.offset + len(found)
    rest = _paging.PageRange(
        wanted.limit - len(found) if paged else -1, max(0, wanted.offset - before)
    )
    return found + _bare(db, app, filters, rest)


def _bare(
    db: sqlite3.Connection, app: int, filters: Filters, wanted: _paging.PageRange
) -> list[tuple[int, int]]:
    """Return inputs without an input-level annotation that pass filters which ask for none."""
    sql, params = render(filters.expression, Mode.BARE)
    if sql == "0":
        return []
    return db.execute(
        "SELECT i.seq, 0 FROM inputs i WHERE i.app = ? AND NOT EXISTS"
        " (SELECT 1 FROM annotations a WHERE a.input = i.seq AND a.input_level = 1)"
        f" AND ({sql}) ORDER BY i.seq DESC LIMIT ? OFFSET ?",
        (app, *params, wanted.limit, wanted.offset),
    ).fetchall()


def _arrays(found: list[tuple[int, int]]) -> tuple[Numbers, Numbers]:
    inputs = np.fromiter((pair[0] for pair in found), np.int64, len(found))
    return inputs, np.fromiter((pair[1] for pair in found), np.int64, len(found))


def _ordered(
    inputs: Numbers,
    annotations: Numbers | None,
    ranking: Ranking,
    min_value: float,
    wanted: _paging.PageRange,
) -> _Hits:
    """Return the page of the ranked hits, best first; ties go to the newer ones."""
    scores = ranking.scores if annotations is None else ranking.scores_of(inputs)
    named = np.zeros(len(inputs), np.int64) if annotations is None else annotations
    end = wanted.offset + wanted.limit if wanted.limit >= 0 else len(inputs)
    kept = _best(scores, min_value, end)
    order = kept[np.lexsort((-named[kept], -inputs[kept], -scores[kept]))]
    page = order[wanted.offset : end]
    found = (inputs[page].tolist(), named[page].tolist(), scores[page].tolist())
    return _Hits(*found, ranking.says)


def _best(scores: npt.NDArray[np.float64], min_value: float, count: int) -> Numbers:
    """Return the places of the `count` best scores, more where some are equal, in any order."""
    kept = np.flatnonzero(scores >= min_value)  # also drops NaN: what is not ranked
    if count >= len(kept) or not count:
        return kept
    least = np.partition(scores[kept], len(kept) - count)[len(kept) - count]
    best: Numbers = kept[scores[kept] >= least]
    return best
