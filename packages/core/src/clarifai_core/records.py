"""Anything the SDK hands out as flat rows: for tables at the prompt, notebooks and data frames.

A row is a dict of plain values: text, numbers, True or False, None, times in UTC, lists of text,
and for `metadata` a dict as JSON has it. Which columns a message gives stands in `_record_columns`,
once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core._record_columns import COLUMNS, IDS, NAMELESS, PARTS
from clarifai_core._record_columns import Columns as Columns
from clarifai_core.errors import UserError
from clarifai_core.safe_text import shown
from clarifai_core.wire import data as contents
from clarifai_core.wire.messages import shortest_float

if TYPE_CHECKING:
    from datetime import datetime

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.descriptor import FieldDescriptor

Record: TypeAlias = dict[str, object]
"""Name of a column -> its value."""


def record(item: Any) -> Record:
    """Return one thing as a flat row.

    Args:
        item: A handle, a message of the platform, a mapping, or anything with `to_record()`.
            Nothing is asked of the platform: a handle gives what it holds.

    Raises:
        UserError: It is none of these.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> record(resources_pb2.Concept(id="id-cat", name="cat", value=1))["name"]
        'cat'
    """
    made = getattr(item, "to_record", None)
    if callable(made) and not isinstance(item, type):
        return dict(made())
    if is_message(item):
        return row_of(item)
    if isinstance(item, Mapping):
        return dict(item)
    raise UserError(
        f"{shown(item)} is no row: give a handle, a message of the platform, a mapping, or "
        "something that has to_record()."
    )


def records(items: Any) -> list[Record]:
    """Return things as flat rows, a row for each.

    Args:
        items: A listing, a list, hits, a response of the platform (its inputs, outputs, hits ...),
            anything with `to_records()`; one thing is one row.

    Raises:
        UserError: There is something that is no row, or a listing on an event loop.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2, service_pb2
        >>> app = resources_pb2.App(id="zoo")
        >>> [row["id"] for row in records(service_pb2.MultiAppResponse(apps=[app]))]
        ['zoo']
    """
    own = getattr(items, "to_records", None)
    if callable(own) and not isinstance(items, type):
        found = own()
        if hasattr(found, "__await__"):
            found.close()
            raise UserError(
                f"{shown(items)} is on an event loop: its rows are `await x.to_records()`, or "
                "`await x.to_pandas()`."
            )
        return [dict(row) for row in found]
    return list(rows(items))


def rows(items: Any) -> Iterator[Record]:
    """Yield what `records` returns, one by one, without asking `items` for `to_records()`."""
    if is_message(items):
        yield from _rows_of_message(items)
    elif isinstance(items, Mapping) or hasattr(items, "to_record"):
        yield record(items)
    elif isinstance(items, Iterable) and not isinstance(items, (str, bytes)):
        for item in items:
            yield from _rows_of_message(item) if is_message(item) else (record(item),)
    else:
        yield record(items)


def id_of(item: Any) -> str:
    """Return the id that further work on a thing needs: of a hit that of its input.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> id_of(resources_pb2.Hit(input={"id": "a"})), id_of(resources_pb2.App(id="zoo"))
        ('a', 'zoo')
    """
    if is_message(item):
        name = item.DESCRIPTOR.name
        path = "" if name in NAMELESS else IDS.get(name, "id")
        return str(_compiled(item.DESCRIPTOR, path)(item) or "") if path else ""
    if isinstance(item, Mapping):
        return str(item.get("id", ""))
    return str(getattr(item, "id", ""))


def ids(items: Any) -> list[str]:
    """Return the ids of things; what has none is left out.

    Args:
        items: As for `records`.
    """
    if is_message(items):
        return [one for one in map(id_of, items_of(items)) if one]
    if isinstance(items, Mapping) or not isinstance(items, Iterable):
        return [one for one in (id_of(items),) if one]
    return [one for item in items for one in ids(item)]


def is_message(item: object) -> bool:
    """Return whether this is a protobuf message; a class of messages is none."""
    return hasattr(type(item), "DESCRIPTOR") and hasattr(item, "ListFields")


def row_of(message: Any, columns: Columns = ()) -> Record:
    """Return a message as a flat row.

    Args:
        message: Any message.
        columns: Which columns; empty: those of its type, see `columns_of`.
    """
    wanted = columns or columns_of(message)
    if not wanted:
        return _set_fields(message)
    return {name: read(message) for name, read in _row_reader(message.DESCRIPTOR, wanted)}


def columns_of(message: Any) -> Columns:
    """Return the columns of a message, by its type or its kind; empty: what is set decides."""
    return columns_of_type(message.DESCRIPTOR.name)


def columns_of_type(name: str) -> Columns:
    """Return the columns of the messages of a type, `"App"`; empty: what is set decides."""
    known = COLUMNS.get(name)
    return known if known is not None else _columns_of_kind(name)


def _columns_of_kind(title: str) -> Columns:
    # Plugins bring kinds of their own, and with them their columns.
    from clarifai_core import kinds
    from clarifai_core.errors import PluginError

    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in title).lstrip("_")
    try:
        return kinds.kind_named(name).columns
    except PluginError:
        return ()


def _rows_of_message(message: Any) -> Iterator[Record]:
    for item in items_of(message):
        parts = PARTS.get(item.DESCRIPTOR.name)
        if not parts:
            yield row_of(item)
            continue
        for part in getattr(item, parts):  # an output of a workflow does not name its input
            row = row_of(part)
            yield {**row, "input_id": row.get("input_id") or item.input.id}


def items_of(message: Any) -> list[Any]:
    """Return what a response is about; any other message is about itself."""
    kind = message.DESCRIPTOR
    if not kind.name.endswith("Response") or "status" not in kind.fields_by_name:
        return [message]
    for field in kind.fields:
        if field.message_type is not None and field.name != "status":
            if field.is_repeated:
                return list(getattr(message, field.name))
            if kind.name.startswith("Single") and message.HasField(field.name):
                return [getattr(message, field.name)]
    return [message]


# Reading one value.


def _set_fields(message: Any) -> Record:
    """Return the scalar fields that are set, times, wrappers and lists of text among them."""
    hidden = "id" if message.DESCRIPTOR.name in NAMELESS else ""
    return {
        field.name: _value(field, value)
        for field, value in message.ListFields()
        if _is_plain(field) and field.name != hidden
    }


def _is_plain(field: Any) -> bool:
    if field.message_type is None:
        return True
    return not field.is_repeated and field.message_type.name in _TIMES_AND_WRAPPERS


@functools.lru_cache(256)
def _row_reader(kind: Any, columns: Columns) -> tuple[tuple[str, Callable[[Any], object]], ...]:
    """Return what reads each column of messages of a type."""
    return tuple((name, _compiled(kind, path)) for name, path in columns)


@functools.lru_cache(2048)
def _compiled(kind: Any, path: str) -> Callable[[Any], object]:
    """Return what reads a path, with alternatives, of messages of a type."""
    ways = [_way(kind, one) for one in path.split("|")]
    reads, default = tuple(read for read, _ in ways), ways[0][1]
    is_made = callable(default)  # a list or a dict of its own for each row

    def read(message: Any) -> object:
        for way in reads:
            value = way(message)
            if value is not None and value != "" and value != {}:
                return value
        return default() if is_made else default

    return read


def _way(kind: Any, path: str) -> tuple[Callable[[Any], object], Any]:
    """Return what reads one path, None where nothing is set, and what stands for that."""
    names, _, reader = path.partition(":")
    if not names:
        return READERS[reader]
    field = _field_at(kind, names)
    if field is None:  # another version of the wire contract
        return (lambda _: None), READERS[reader][1] if reader else None
    convert, default = READERS[reader] if reader else (_converter(field), _default(field))
    *parents, last = names.split(".")
    if field.message_type is not None and not field.is_repeated:
        parents.append(last)  # it has to be there, too

        def read_message(message: Any) -> object:
            for name in parents:
                if not message.HasField(name):
                    return None
                message = getattr(message, name)
            return convert(message)

        return read_message, default

    def read(message: Any) -> object:
        for name in parents:
            if not message.HasField(name):
                return None
            message = getattr(message, name)
        return convert(getattr(message, last))

    return read, default


def _converter(field: Any) -> Callable[[Any], object]:
    """Return what makes a plain value of a field's, chosen once for all messages."""
    is_text = field.type == field.TYPE_STRING and not field.is_repeated
    return str if is_text else functools.partial(_value, field)


def _field_at(kind: Any, names: str) -> FieldDescriptor | None:
    """Return the field that a path of names leads to; None: a message has no such field."""
    field = None
    for name in names.split("."):
        field = kind.fields_by_name.get(name) if kind is not None else None
        kind = field.message_type if field is not None else None
    return field


_TIMES_AND_WRAPPERS = frozenset(
    {
        "Timestamp",
        *("BoolValue", "Int32Value", "UInt32Value", "Int64Value", "UInt64Value"),
        *("FloatValue", "DoubleValue", "StringValue"),
    }
)


def _default(field: Any) -> object:
    """Return what stands for a field that is not set: nothing, as its type has it."""
    if field.is_repeated:
        return list
    if field.message_type is not None and field.message_type.name == "Struct":
        return dict
    return "" if field.enum_type is not None or field.type == field.TYPE_STRING else None


def _value(field: Any, value: Any) -> object:
    if field.is_repeated:
        return [_text(field, one) for one in value]
    if field.enum_type is not None:
        return _enum(field, value)
    if field.type == field.TYPE_FLOAT:
        return shortest_float(value)
    if field.type == field.TYPE_BYTES:
        return f"{len(value)} bytes"
    return value if field.message_type is None else _of_message(value)


def _text(field: Any, value: Any) -> str:
    if field.message_type is not None:
        return str(getattr(value, "id", "") or getattr(value, "name", ""))
    return str(_enum(field, value)) if field.enum_type is not None else str(value)


def _enum(field: Any, value: int) -> str:
    """Return the name of a value; 0 is what an enum has where nothing was said."""
    known = field.enum_type.values_by_number.get(value)
    return "" if not value else known.name if known else str(value)


def _of_message(value: Any) -> object:
    name = value.DESCRIPTOR.name
    if name == "Timestamp":
        return _time(value)
    if name == "Struct":
        return {key: _json(one) for key, one in value.fields.items()}
    if name in _TIMES_AND_WRAPPERS:
        found: object = value.value
        return found
    return str(getattr(value, "id", ""))


def _time(value: Any) -> datetime | None:
    from datetime import timezone

    try:
        found: datetime = value.ToDatetime(timezone.utc)
    except (ValueError, OverflowError):  # a year that no calendar of ours has
        return None
    return found


def _json(value: Any) -> object:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {key: _json(one) for key, one in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_json(one) for one in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def _url(data: Any) -> str:
    kind = contents.kind_of(data)
    return str(getattr(data, kind).url) if kind else ""


def _labels(data: Any) -> list[str] | None:
    said = contents.said_concepts(data)
    return contents.labels(said) if said else None


def _region_kinds(data: Any) -> list[str]:
    kinds = (one.region_info.ListFields() for one in data.regions)
    return [fields[0][0].name if fields else "" for fields in kinds]


def _best(data: Any) -> resources_pb2.Concept | None:
    return max(contents.said_concepts(data), key=lambda one: one.value, default=None)


def _best_label(data: Any) -> str:
    best = _best(data)
    return "" if best is None else contents.name_of(best)


def _best_score(data: Any) -> float | None:
    best = _best(data)
    return None if best is None else shortest_float(best.value)


def _said_value(concept: Any) -> float | None:
    """Return how sure somebody is of a concept; None for one of an app, which says nothing.

    The wire has a number there in any case: the platform gives 1, or nothing, which reads 0.
    """
    is_of_app = concept.HasField("created_at") and concept.value in (0, 1)
    return None if is_of_app else shortest_float(concept.value)


def _figure(name: str, *family: str) -> Callable[[Any], object]:
    """Return what reads a figure that not every evaluation has.

    What was not computed and 0 are the same on the wire: 0 counts where another figure of its
    family was computed.
    """

    def read(summary: Any) -> float | None:
        value: float = getattr(summary, name, 0.0)  # 0.0: an older wire contract
        computed = value or any(getattr(summary, one, 0) for one in family)
        return shortest_float(value) if computed else None

    return read


_OF_CLASSES = ("top1_accuracy", "top5_accuracy", "macro_avg_roc_auc")
_OF_BOXES = ("mean_avg_precision_iou_50", "mean_avg_precision_iou_range")

READERS: dict[str, tuple[Callable[[Any], object], Any]] = {
    "media": (contents.kind_of, ""),
    "url": (_url, ""),
    "labels": (_labels, list),
    "region_kinds": (_region_kinds, list),
    "best_label": (_best_label, ""),
    "best_score": (_best_score, None),
    "number": (int, None),
    "said_value": (_said_value, None),
    "accuracy": (_figure("top1_accuracy", *_OF_CLASSES), None),
    "roc_auc": (_figure("macro_avg_roc_auc", *_OF_CLASSES), None),
    "mean_avg_precision": (_figure("mean_avg_precision_iou_50", *_OF_BOXES), None),
}
"""What stands behind the colon of a path -> what reads the field, and what stands for nothing."""
