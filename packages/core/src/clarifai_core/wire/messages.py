"""Protobuf messages from plain Python values, and back."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core.errors import UserError
from clarifai_core.heavy import (
    json_format,
    protobuf_descriptor,
    protobuf_message,
    struct_pb2,
)

if TYPE_CHECKING:
    from google.protobuf.message import Message

M = TypeVar("M", bound="Message")


def fill(message: M, fields: Mapping[str, Any], what: str) -> M:
    """Set fields of a message from plain values, and return it.

    Args:
        message: The message to write into.
        fields: Field name -> scalar, enum name, dict, list, or message. None leaves a field unset.
        what: What is made, for the error: `"dataset"`.

    Raises:
        UserError: Unknown fields or wrong types; all of them at once, each with its path.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> fill(resources_pb2.Dataset(), {"id": "d", "metadata": {"k": 1}}, "dataset").id
        'd'
    """
    faults: list[str] = []
    _fill(message, fields, "", faults)
    if faults:
        raise UserError.listing(f"Wrong values for this {what}", faults)
    return message


def _fill(message: Message, fields: Mapping[str, Any], path: str, faults: list[str]) -> None:
    known = message.DESCRIPTOR.fields_by_name
    for name, value in fields.items():
        here = f"{path}.{name}" if path else str(name)
        field = known.get(name)
        if field is None:
            faults.append(f"{here}: unknown{nearest(str(name), known)}")
        elif value is not None:
            _set(message, field, value, here, faults)


def nearest(name: str, known: Any) -> str:
    """Return `"; did you mean 'x'?"` when a known name is near, else `""`."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _set(message: Message, field: Any, value: Any, path: str, faults: list[str]) -> None:
    try:
        if field.message_type is None:
            _set_scalar(message, field, value)
        elif field.is_repeated and not _is_map(field):
            for index, item in enumerate(_as_list(value)):
                _set_message(getattr(message, field.name).add(), item, f"{path}[{index}]", faults)
        elif _is_map(field):
            getattr(message, field.name).update(value)
        else:
            target = getattr(message, field.name)
            target.SetInParent()
            _set_message(target, value, path, faults)
    except (TypeError, ValueError, OverflowError, json_format.Error) as error:
        faults.append(f"{path}: {error}")


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, (str, bytes, Mapping, protobuf_message.Message)):
        raise TypeError(f"must be a list, got {value!r}")
    return list(value)


def _set_scalar(message: Message, field: Any, value: Any) -> None:
    if field.is_repeated:
        getattr(message, field.name).extend(_as_list(value))
    elif field.enum_type is not None and isinstance(value, str):
        known = field.enum_type.values_by_name
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(sorted(known))}")
        setattr(message, field.name, known[value].number)
    elif field.type == protobuf_descriptor.FieldDescriptor.TYPE_STRING and not isinstance(
        value, str
    ):
        raise TypeError(f"must be text, got {value!r}")
    else:
        setattr(message, field.name, value)


def _set_message(target: Message, value: Any, path: str, faults: list[str]) -> None:
    if isinstance(value, protobuf_message.Message):
        if value.DESCRIPTOR.full_name != target.DESCRIPTOR.full_name:
            raise TypeError(f"must be a {target.DESCRIPTOR.name}, got a {value.DESCRIPTOR.name}")
        target.CopyFrom(value)
    elif isinstance(target, struct_pb2.Struct):
        if not isinstance(value, Mapping):
            raise TypeError(f"must be a mapping, got {value!r}")
        target.update(dict(value))
    elif isinstance(value, Mapping):
        _fill(target, value, path, faults)
    elif target.DESCRIPTOR.file.package == "google.protobuf":  # timestamps, wrappers
        json_format.ParseDict(value, target)
    else:
        raise TypeError(f"must be a mapping, got {value!r}")


def struct(
    values: Mapping[str, Any] | struct_pb2.Struct | None, name: str = "metadata"
) -> struct_pb2.Struct:
    """Return a `Struct` of JSON-like values.

    Raises:
        UserError: It is no mapping, or holds something that JSON has not.

    Example:
        >>> plain(struct({"k": [1, "x"]}))
        {'k': [1.0, 'x']}
    """
    if isinstance(values, struct_pb2.Struct):
        return values
    made = struct_pb2.Struct()
    if values is None:
        return made
    if not isinstance(values, Mapping):
        raise UserError(f"{name} must be a dict or a Struct, got {values!r}.")
    try:
        made.update(dict(values))
    except RecursionError as error:
        raise UserError(f"{name} is nested too deeply: make it flatter.") from error
    except OverflowError:
        raise UserError(f"{name} holds a whole number that is too large for JSON.") from None
    except (TypeError, ValueError) as error:
        raise UserError(f"{name} may hold what JSON has only: {error}.") from error
    return made


def plain(message: Message) -> dict[str, Any]:
    """Return a message as dicts, lists and scalars, with the field names of the wire."""
    made: dict[str, Any] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return made
