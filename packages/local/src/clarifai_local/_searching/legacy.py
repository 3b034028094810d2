"""Queries as they were before filters and ranks: a list of conditions that all hold ("ands").

`input` asks what an input is and what users said of it, `annotation` what an annotation says: these
filter. `output` asks what models said of it, or what it looks like: that ranks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from google.protobuf.message import Message

_SAID = ("concepts", "metadata", "geo", "image", "text")
"""Fields of an input's data that are about its annotations, or its very content."""

_RANKED = ("concepts", "embeddings")


def modern(query: resources_pb2.Query) -> resources_pb2.Query:
    """Return a query without `ands`: they become filters and ranks.

    Args:
        query: Left as it is.

    Raises:
        Refused: 40002, naming what cannot be asked for so.

    Example:
        >>> asked = resources_pb2.Query(ands=[{"input": {"data": {"concepts": [{"id": "dog"}]}}}])
        >>> modern(asked).filters[0].annotation.data.concepts[0].id
        'dog'
    """
    made = resources_pb2.Query()
    made.CopyFrom(query)
    made.ClearField("ands")
    for item in query.ands:
        if item.HasField("input"):
            made.filters.add(negate=item.negate).MergeFrom(_of_input(item.input))
        if item.HasField("annotation"):
            made.filters.add(negate=item.negate, annotation=item.annotation)
        if item.HasField("output"):
            made.ranks.extend(_of_output(item.output, negate=item.negate))
    return made


def _of_input(asked: resources_pb2.Input) -> resources_pb2.Filter:
    made = resources_pb2.Filter(
        input=resources_pb2.Input(id=asked.id, dataset_ids=asked.dataset_ids)
    )
    if asked.HasField("status"):
        made.input.status.CopyFrom(asked.status)
    for field, value in asked.data.ListFields():
        if field.name not in _SAID:
            raise _unknown("input.data", field.name)
        _copy(made.annotation.data, field.name, value)
    _refuse_others(asked, ("id", "dataset_ids", "status", "data"), "input")
    return made


def _of_output(asked: resources_pb2.Output, *, negate: bool) -> list[resources_pb2.Rank]:
    _refuse_others(asked, ("data", "input"), "output")
    _refuse_others(asked.data, _RANKED, "output.data")
    _refuse_others(asked.input, ("id", "data"), "output.input")
    asks = resources_pb2.Annotation(input_id=asked.input.id)
    asks.data.CopyFrom(asked.input.data)
    made = [resources_pb2.Rank(negate=negate, annotation=asks)] if asks.ByteSize() else []
    if asked.data.ListFields():
        said = resources_pb2.Annotation(data=asked.data)
        made.append(resources_pb2.Rank(negate=negate, annotation=said))
    return made


def _copy(target: resources_pb2.Data, name: str, value: object) -> None:
    target.MergeFrom(resources_pb2.Data(**{name: value}))  # type: ignore[arg-type]


def _refuse_others(message: Message, known: tuple[str, ...], what: str) -> None:
    for field, value in message.ListFields():
        empty = hasattr(value, "ByteSize") and not value.ByteSize()
        if field.name not in known and not empty:
            raise _unknown(what, field.name)


def _unknown(what: str, name: str) -> Refused:
    return Refused(
        codes.SEARCH_INVALID_REQUEST,
        f"the embedded platform does not search by query.ands.{what}.{name}",
    )
