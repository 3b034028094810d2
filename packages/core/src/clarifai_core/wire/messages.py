"""Protobuf messages from plain Python values, and back."""

from __future__ import annotations

import difflib
import math
import struct as struct_
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


def assign(message: Message, name: str, value: Any, what: str) -> None:
    """Set one field of a message from a plain value, in place of what it was.

    Args:
        message: The message to write into.
        name: A field that it has.
        value: As in `fill`; None clears the field.
        what: What the message is, for the error: `"model"`.

    Raises:
        UserError: The value does not fit; the message is as it was.
    """
    given = fill(type(message)(), {name: value}, what)
    message.ClearField(name)
    message.MergeFrom(given)


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


def arguments_of(message: Message) -> dict[str, Any]:
    """Return the fields that are set as arguments of the message's constructor.

    Nested messages are dicts, lists are lists and enums are names; times, structs and wrappers stay
    messages, since constructors take no dicts for them.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> arguments_of(resources_pb2.Model(id="m", model_version={"id": "v"}))
        {'id': 'm', 'model_version': {'id': 'v'}}
    """
    return {field.name: _argument(field, value) for field, value in message.ListFields()}


def _argument(field: Any, value: Any) -> object:
    if _is_map(field):
        return dict(value)
    return (
        [_one_argument(field, one) for one in value]
        if field.is_repeated
        else _one_argument(field, value)
    )


def _one_argument(field: Any, value: Any) -> object:
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if field.type == field.TYPE_FLOAT:
        return shortest_float(value)
    if field.message_type is None or field.message_type.file.package == "google.protobuf":
        return value
    return arguments_of(value)


def shortest_float(value: float) -> float:
    """Return the number with the fewest digits that has the same 32 bits, as JSON shows it.

    Example:
        >>> shortest_float(0.8999999761581421), shortest_float(0.5)
        (0.9, 0.5)
    """
    if not math.isfinite(value):
        return value
    wanted = _FLOAT.pack(value)
    for digits in (6, 7, 8, 9):
        found = float(f"{value:.{digits}g}")
        if _FLOAT.pack(found) == wanted:
            return found
    return value


_FLOAT = struct_.Struct("<f")

_SHOWN = 200
"""Characters of a value in a summary."""


def summary(message: Message) -> str:
    """Return the fields of a message that are set, in a line for people; long values are cut.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> summary(resources_pb2.App(id="zoo", name="Zoo", default_workflow={"id": "Empty"}))
        "id='zoo', name='Zoo', default_workflow={'id': 'Empty'}"
    """
    try:
        shown = plain(message)
    except (ValueError, json_format.Error):  # it holds what JSON has not, such as NaN
        shown = arguments_of(message)
    return ", ".join(f"{name}={_cut(repr(value))}" for name, value in shown.items())


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
