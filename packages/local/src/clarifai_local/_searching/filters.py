"""Filters of a query, as an expression.

Filters are ANDed, `negate` flips one. Within a filter, the kinds of its annotation must all hold;
the concepts of one kind are alternatives, and so are metadata keys, and everything in its `input`.
A message that is present but empty asks for nothing.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._clock import MICROSECONDS
from clarifai_local._concept_names import check_language, in_english
from clarifai_local._context import ServiceContext
from clarifai_local._scope import AppScope
from clarifai_local._searching.expressions import (
    TRUSTED,
    And,
    Expression,
    Not,
    OfAnnotation,
    OfInput,
    Or,
    point_of,
)
from clarifai_local._searching.geo import place
from clarifai_local._searching.metadata import metadata
from clarifai_local._store.inputs import AUDIO, IMAGE, TEXT, VIDEO
from clarifai_local.media import Rejected
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp


POSITIVE = 0.5
"""A concept is there when its value is over this, in the query and in the annotation."""

_AMONG = "m.concept IN (SELECT value FROM json_each(?))"
_KINDS = {"image": IMAGE, "video": VIDEO, "text": TEXT, "audio": AUDIO}
_COLUMNS = {"id": "a.id", "user_id": "a.user_id", "model_version_id": "a.model_version_id"}
_FLAGS = {"trusted": "a.trusted = 1", "input_level": "a.input_level = 1"}
_KNOWN = (*_COLUMNS, *_FLAGS, "input_id", "status", "data")
_KNOWN_DATA = ("concepts", "metadata", "geo", "image", "text")


@attrs.frozen
class Filters:
    """The filters of one query."""

    expression: Expression
    counted: str
    """Condition on annotations that count."""


def compile_filters(
    context: ServiceContext, db: sqlite3.Connection, scope: AppScope, search: resources_pb2.Search
) -> Filters:
    """Return the filters of a search as one expression.

    Args:
        context: To look up what filters mention.
        db: The connection of a read block.
        scope: The app that is searched.
        search: The search; its ranks are not looked at.

    Raises:
        Refused: 40002 for what cannot be filtered by.
    """
    language = check_language(search.query.language, "query.language")
    compiler = _Compiler(context, db, scope, language)
    filters = list(search.query.filters)
    parts = [compiler.one(item) for item in filters]
    if search.HasField("as_of"):
        parts.append(OfInput("i.created_at <= ?", [_microseconds(search.as_of)]))
    counted = TRUSTED
    if any(item.annotation.status.code or item.annotation.model_version_id for item in filters):
        counted = "1"
    return Filters(And(parts), counted)


@attrs.frozen
class _Compiler:
    context: ServiceContext
    db: sqlite3.Connection
    scope: AppScope
    language: str

    def one(self, item: resources_pb2.Filter) -> Expression:
        parts = [*self._annotation(item.annotation), *self._input(item.input)]
        if item.HasField("last_updated_time_range"):
            parts.append(_updated(item.last_updated_time_range))
        # An empty filter asks for nothing, negated or not.
        return Not(And(parts)) if item.negate and parts else And(parts)

    def _annotation(self, asked: resources_pb2.Annotation) -> Iterable[Expression]:
        _refuse_others(asked, _KNOWN, "annotation")
        _refuse_others(asked.data, _KNOWN_DATA, "annotation.data")
        for field, column in _COLUMNS.items():
            if getattr(asked, field):
                sql = f"a.app = ? AND {column} = ?"
                yield OfAnnotation(sql, [self.scope.app, getattr(asked, field)])
        for field, sql in _FLAGS.items():
            if getattr(asked, field):
                yield OfAnnotation(f"a.app = ? AND {sql}", [self.scope.app])
        if asked.status.code:
            yield OfAnnotation("a.app = ? AND a.status = ?", [self.scope.app, asked.status.code])
        if asked.input_id:
            yield OfInput("i.id = ?", [asked.input_id])
        yield from self._data(asked.data)

    def _data(self, data: resources_pb2.Data) -> Iterable[Expression]:
        if data.concepts:
            yield Or([self._concept(concept) for concept in data.concepts])
        if data.metadata.fields:
            yield metadata(self.db, self.scope.app, data.metadata)
        where = place(self.db, self.scope.app, data.geo)
        if where is not None:
            yield where
        if data.image.base64 or data.image.url:
            yield OfInput("i.media IS ?", [self._picture_sha(data.image)])
        if data.text.raw or data.text.url:
            yield OfInput("i.text_sha IS ?", [self._text_sha(data.text)])

    def _concept(self, asked: resources_pb2.Concept) -> Expression:
        numbers = concept_numbers(self.db, self.scope.app, asked, self.language)
        if not numbers:
            return OfAnnotation("0") if asked.value > POSITIVE else Not(OfAnnotation("0"))
        # Many concepts may have one name: a list of them is one value of a statement.
        among = "m.concept = ?" if len(numbers) == 1 else _AMONG
        values = numbers if len(numbers) == 1 else [json.dumps(numbers)]
        like = f"annotation_concepts m WHERE {among} AND m.value > {POSITIVE}"
        has = OfAnnotation(
            f"a.seq IN (SELECT m.annotation FROM {like})",  # noqa: S608
            values,
            point_of(self.db, like, values),
        )
        return has if asked.value > POSITIVE else Not(has)

    def _picture_sha(self, image: resources_pb2.Image) -> bytes:
        try:
            return hashlib.sha256(self.context.content.picture(image)).digest()
        except Rejected as error:
            raise Refused(error.code, error.reason) from error

    def _text_sha(self, text: resources_pb2.Text) -> bytes:
        try:
            return hashlib.sha256(self.context.content.text(text).encode()).digest()
        except Rejected as error:
            raise Refused(error.code, error.reason) from error

    def _input(self, asked: resources_pb2.Input) -> Iterable[Expression]:
        _refuse_others(asked, ("id", "data", "status", "dataset_ids"), "input")
        _refuse_others(asked.data, tuple(_KINDS), "input.data")
        flags = [_KINDS[f.name] for f, _ in asked.data.ListFields() if f.name in _KINDS]
        choices: list[Expression] = [OfInput(f"i.kinds & {bit}") for bit in flags]
        if asked.id:
            choices.append(OfInput("i.id = ?", [asked.id]))
        if asked.status.code:
            choices.append(OfInput("i.status = ?", [asked.status.code]))
        choices += [self._in_dataset(dataset_id) for dataset_id in asked.dataset_ids]
        return [Or(choices)] if choices else []

    def _in_dataset(self, dataset_id: str) -> Expression:
        row = self.context.store.resources.get(self.db, "dataset", self.scope.key, dataset_id)
        if row is None:
            return OfInput("0")
        return OfInput("i.seq IN (SELECT input FROM dataset_inputs WHERE dataset = ?)", [row.seq])


def concept_numbers(
    db: sqlite3.Connection, app: int, asked: resources_pb2.Concept, language: str
) -> list[int]:
    """Return the numbers of the concepts that a query means, by id or else by name.

    Args:
        db: The connection of a read block.
        app: Number of the app.
        asked: The concept of the query.
        language: Of its name: one of a public concept also finds the English name.

    Raises:
        Refused: 40002 when it has neither.
    """
    if not (asked.id or asked.name):
        raise Refused(codes.SEARCH_INVALID_REQUEST, "a concept of the query has no id and no name")
    column = "id" if asked.id else "name"
    names = [asked.id] if asked.id else [asked.name, in_english(asked.name, language)]
    found = db.execute(
        f"SELECT seq FROM concepts WHERE app = ? AND {column} IN (?, ?)",  # noqa: S608 - two names
        (app, names[0], names[-1]),
    )
    return [seq for (seq,) in found]


def _updated(asked: Any) -> Expression:
    sql, params = "i.modified_at >= ?", [_microseconds(asked.start_time)]
    if asked.HasField("end_time"):
        sql, params = f"{sql} AND i.modified_at <= ?", [*params, _microseconds(asked.end_time)]
    return OfInput(sql, params)


def _microseconds(when: Timestamp) -> int:
    return when.seconds * MICROSECONDS + when.nanos // 1000


def _refuse_others(message: Message, known: tuple[str, ...], what: str) -> None:
    for field, value in message.ListFields():
        empty = hasattr(value, "ByteSize") and not value.ByteSize()
        if field.name not in known and not empty:
            raise Refused(
                codes.SEARCH_INVALID_REQUEST,
                f"the embedded platform does not filter by {what}.{field.name}",
            )
