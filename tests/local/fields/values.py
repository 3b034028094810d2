"""Recognisable values for fields: valid where they stand, and found nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import message_factory, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from clarifai_local._patching import is_repeated
from tests.local.pictures import picture

NUMBER = 1234
DECIMAL = 0.21875  # the same in 32 bits
SECONDS = 4_000_000_000


def text(number: int) -> str:
    """Return a text that is also an id, and nobody else's."""
    return f"zq{number}"


def value_of(field: FieldDescriptor, number: int, given: Mapping[str, Any]) -> Any:
    """Return a value for a field: for a repeated one, of an item.

    Args:
        field: A leaf.
        number: Makes texts unique.
        given: Values by `"Message.field"`, where not any will do.
    """
    owner: Any = field.containing_type
    known = given.get(f"{owner.name}.{field.name}")
    if known is not None:
        return known
    inner = field.message_type
    if inner is not None:
        if inner.GetOptions().map_entry:
            return None
        if inner.full_name.startswith("google."):
            return _message(inner.full_name, number)
        return _first_leaf(inner, number, given)
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return picture("purple", 8)
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING:
        return text(number)
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return True
    if kind in {FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE}:
        return DECIMAL
    return NUMBER


def _first_leaf(descriptor: Descriptor, number: int, given: Mapping[str, Any]) -> Any:
    """Return a message with one field."""
    made = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if field.message_type is None:
            put(made, field, value_of(field, number, given))
            break
    return made


def put(message: Any, field: FieldDescriptor, value: Any) -> None:
    """Set a field, or add to it when it is a list or map."""
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        target = getattr(message, field.name)
        entry = inner.fields_by_name["value"].message_type
        if entry is None:
            target["zqkey"] = NUMBER if value is None else value
        else:
            target["zqkey"].SetInParent()
    elif is_repeated(field):
        getattr(message, field.name).extend([value])
    elif inner is not None:
        getattr(message, field.name).CopyFrom(value)
    else:
        setattr(message, field.name, value)


def _message(name: str, number: int) -> Any:
    if name == "google.protobuf.Struct":
        made = struct_pb2.Struct()
        made.update({"zqkey": text(number)})
        return made
    if name == "google.protobuf.Value":
        return struct_pb2.Value(string_value=text(number))
    if name == "google.protobuf.Timestamp":
        return timestamp_pb2.Timestamp(seconds=SECONDS)
    wrappers = {
        f"google.protobuf.{kind}": getattr(wrappers_pb2, kind)
        for kind in ("BoolValue", "StringValue", "Int32Value", "UInt32Value", "UInt64Value",
                     "Int64Value", "FloatValue", "DoubleValue")
    }  # fmt: skip
    if name in wrappers:
        made = wrappers[name]()
        made.value = {"BoolValue": True, "StringValue": text(number)}.get(
            name.rpartition(".")[2], 3
        )
        return made
    raise NotImplementedError(name)
