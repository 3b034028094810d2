"""Fields of messages as Python values that constructors of messages take, and from their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clarifai_core.heavy import json_format, struct_pb2, timestamp_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

_TIMES = frozenset({"created_at", "modified_at", "completed_at"})
_STRUCTS = frozenset({"fields_map", "params", "metadata", "presets"})
_LEFT_OUT = frozenset({"metrics", "hosted_image_info"})
_GOOGLE = "google.protobuf"


def of(message: Message) -> dict[str, Any]:
    """Return the fields of a message that have a value: nested messages as dicts, enums as names.

    Times, wrappers and structs stay messages, since constructors take no dicts for them.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> of(resources_pb2.Model(id="m", model_version=resources_pb2.ModelVersion(id="v")))
        {'id': 'm', 'model_version': {'id': 'v'}}
    """
    return {field.name: _value(field, value) for field, value in message.ListFields()}


def _value(field: Any, value: Any) -> object:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return dict(value)
    return [_one(field, item) for item in value] if field.is_repeated else _one(field, value)


def _one(field: Any, value: Any) -> object:
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if field.message_type is None or field.message_type.file.package == _GOOGLE:
        return value
    return of(value)


def timestamp(text: str) -> timestamp_pb2.Timestamp:
    """Return the time of a text in RFC 3339; empty where it is none.

    Example:
        >>> timestamp("2024-05-01T10:00:00Z").seconds, timestamp("yesterday").seconds
        (1714557600, 0)
    """
    made = timestamp_pb2.Timestamp()
    try:
        made.FromJsonString(text)
    except (ValueError, TypeError, AttributeError):
        return timestamp_pb2.Timestamp()
    return made


def arguments(fields: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return constructor arguments from the JSON of a message.

    Args:
        fields: The JSON, with the field names of the wire.
        kind: Singular of the kind, for which `id` becomes `{kind}_id`; empty: it stays.
    """
    renamed = {f"{kind}_id" if kind and name == "id" else name: v for name, v in fields.items()}
    return {
        name: _argument(name, value)
        for name, value in renamed.items()
        if name not in _LEFT_OUT and not (name in _STRUCTS and not value)
    }


def _argument(name: str, value: Any) -> object:
    if name in _TIMES:
        return timestamp(value)
    if name == "default_value":
        return json_format.ParseDict(value, struct_pb2.Value())
    if name in _STRUCTS and isinstance(value, Mapping):
        return json_format.ParseDict(dict(value), struct_pb2.Struct())
    if name == "size":
        return int(value)
    if isinstance(value, Mapping):
        return arguments(value, "")
    return [_argument("", item) for item in value] if isinstance(value, list) else value
