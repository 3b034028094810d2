"""What a query asks of inputs and annotations, as a tree that turns into SQL in three ways.

A search for inputs asks of each annotation leaf whether the input has *some* annotation like that.
A search for annotations asks it of the annotation itself. And for an input without annotations
every annotation leaf is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

if TYPE_CHECKING:
    import sqlite3


class Mode(Enum):
    """Of what annotation leaves are asked."""

    INPUT = "input"
    """Some annotation of the input `i`."""
    ANNOTATION = "annotation"
    """The annotation `a`."""
    BARE = "bare"
    """Nothing: there is no annotation."""


@attrs.frozen
class OfInput:
    """A condition on the input, alias `i`."""

    sql: str
    params: Sequence[object] = ()


@attrs.frozen
class OfAnnotation:
    """A condition on an annotation, alias `a`."""

    sql: str
    """How to find all such annotations."""
    params: Sequence[object] = ()
    point: str = ""
    """The same of one annotation, with the same values; quicker where most annotations are like
    that and a page of hits is enough. Empty where it is not."""


@attrs.frozen
class And:
    """Every part holds; true without parts."""

    parts: Sequence[Expression]


@attrs.frozen
class Or:
    """Some part holds; false without parts."""

    parts: Sequence[Expression]


@attrs.frozen
class Not:
    """The part does not hold."""

    part: Expression


Expression: TypeAlias = "OfInput | OfAnnotation | And | Or | Not"

Sql: TypeAlias = tuple[str, list[object]]
"""A condition and the values of its question marks."""

MANY_ANNOTATIONS = 5000
"""From how many on it is quicker to look at inputs one by one until a page is full."""

TRUSTED = f"a.trusted = 1 AND a.status = {codes.ANNOTATION_SUCCESS}"
"""The annotations that count unless a filter names their status or model."""


def render(
    expression: Expression, mode: Mode, counted: str = TRUSTED, *, paged: bool = False
) -> Sql:
    """Return an expression as an SQL condition; `1` and `0` when it is settled.

    Args:
        expression: The tree.
        mode: Of what annotation leaves are asked.
        counted: Condition on annotations that count.
        paged: Only a page is wanted, not everything.

    Example:
        >>> render(And([OfInput("i.kinds & 1"), Not(OfAnnotation("a.seq = 3"))]), Mode.BARE)
        ('(i.kinds & 1)', [])
    """
    if isinstance(expression, OfInput):
        return expression.sql, list(expression.params)
    if isinstance(expression, OfAnnotation):
        return _of_annotation(expression, mode, counted, paged=paged)
    if isinstance(expression, Not):
        sql, params = render(expression.part, mode, counted, paged=paged)
        return _OPPOSITES.get(sql, f"NOT ({sql})"), params
    word, neutral = ("AND", "1") if isinstance(expression, And) else ("OR", "0")
    parts = [render(part, mode, counted, paged=paged) for part in expression.parts]
    return _joined(parts, word, neutral)


def point_of(db: sqlite3.Connection, like: str, params: Sequence[object]) -> str:
    """Return `OfAnnotation.point` of a condition: empty when few annotations are like that.

    Args:
        db: Where they are counted.
        like: Table (alias `m`, with a column `annotation`) and condition.
        params: Values of its question marks.
    """
    counted = f"SELECT COUNT(*) FROM (SELECT 1 FROM {like} LIMIT {MANY_ANNOTATIONS})"  # noqa: S608
    (count,) = db.execute(counted, params).fetchone()
    if count < MANY_ANNOTATIONS:
        return ""
    return f"EXISTS (SELECT 1 FROM {like} AND m.annotation = a.seq)"  # noqa: S608


def mentions_annotations(expression: Expression) -> bool:
    """Return whether the expression asks anything of annotations."""
    if isinstance(expression, (And, Or)):
        return any(mentions_annotations(part) for part in expression.parts)
    if isinstance(expression, Not):
        return mentions_annotations(expression.part)
    return isinstance(expression, OfAnnotation)


def balanced(conditions: Sequence[str], word: str) -> str:
    """Return conditions joined by AND or OR, a thousand of them only ten deep.

    SQLite takes `a AND b AND c` for nested, and refuses what is nested more than 1000 deep.
    """
    if len(conditions) <= _FLAT:
        return f" {word} ".join(f"({condition})" for condition in conditions)
    half = len(conditions) // 2
    halves = (balanced(part, word) for part in (conditions[:half], conditions[half:]))
    return f" {word} ".join(f"({part})" for part in halves)


_FLAT = 8
_OPPOSITES = {"0": "1", "1": "0"}


def _of_annotation(leaf: OfAnnotation, mode: Mode, counted: str, *, paged: bool) -> Sql:
    if mode is Mode.BARE:
        return "0", []
    one_by_one = paged and leaf.point
    if mode is Mode.ANNOTATION or leaf.sql in _OPPOSITES:
        return (leaf.point if one_by_one else leaf.sql), list(leaf.params)
    if one_by_one:
        same = f"SELECT 1 FROM annotations a WHERE a.input = i.seq AND {counted} AND {leaf.point}"  # noqa: S608
        return f"EXISTS ({same})", list(leaf.params)
    some = f"SELECT a.input FROM annotations a WHERE {counted} AND {leaf.sql}"  # noqa: S608
    return f"i.seq IN ({some})", list(leaf.params)


def _joined(parts: Sequence[Sql], word: str, neutral: str) -> Sql:
    kept = [part for part in parts if part[0] != neutral]
    settled = _OPPOSITES[neutral]
    if any(sql == settled for sql, _ in kept):
        return settled, []
    if not kept:
        return neutral, []
    sql = balanced([sql for sql, _ in kept], word)
    return sql, [value for _, params in kept for value in params]
