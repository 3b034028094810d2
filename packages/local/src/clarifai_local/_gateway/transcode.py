"""JSON and query parameters to messages, and messages to JSON, as the hosted service has them.

Requests may name fields in snake_case or lowerCamelCase and enums by name or number; a concept
without a value means 1.0 there, as the option `cl_default_float` of the contract says. Answers are
snake_case with enums as numbers, and show empty fields where its option `cl_show_if_empty` says so.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.utils import extensions_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from clarifai_local._numerals import is_decimal, is_whole
from clarifai_local._patching import is_repeated
from clarifai_local.statuses import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

Json = Any
"""What `json.loads` returns."""

MAX_NESTING = 100
"""Levels of messages in a request, as many as protobuf decodes."""

MAX_JSON_NESTING = 200
"""Levels of objects and arrays: a list of messages takes two."""

MAX_PARAMETERS = 10_000
"""Parameters of a query."""

_WHOLE = (
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
)
_REAL = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""How JSON writes half a character of UTF-16; two of them may be a whole one."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\r\n]*={0,2}[\r\n]*")
_NAMED_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})
"""Numbers that JSON of protobuf has as words."""

_WHOLE_64 = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
_BOOLEAN_WRAPPER = "google.protobuf.BoolValue"
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def documents(body: bytes) -> Iterator[Json]:
    """Yield the JSON documents of a request: one, or several behind each other for a stream.

    Raises:
        Refused: 11100, naming line and column of what is no JSON.
    """
    text = _decoded(body).strip()
    halves = _HALF.search(text) is not None
    at = 0
    while at < len(text):
        try:
            found, at = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise _malformed(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
        except RecursionError as error:
            raise _malformed("it is nested too deep") from error
        except ValueError as error:
            raise _malformed(str(error)) from error
        if halves:
            _check_depth(found, "the request")
            _check_text(found)
        yield found
        while at < len(text) and text[at].isspace():
            at += 1


def document(body: bytes) -> Json:
    """Return the one JSON document of a request, an empty object for an empty body.

    Raises:
        Refused: 11100, see `documents`; or more than one document.
    """
    found = list(documents(body))
    if len(found) > 1:
        raise _malformed("it holds more than one document")
    return found[0] if found else {}


def read(message: Message, given: Json, names: Mapping[str, str] | None = None) -> None:
    """Set the fields of a message that a JSON object gives.

    Args:
        message: Is changed.
        given: The object.
        names: Other names of the message's own fields.

    Raises:
        Refused: 11102, naming the place of an unknown field or a wrong value.
    """
    if not isinstance(given, dict):
        raise invalid(f"the request must be a JSON object, not {_kind(given)}")
    for other, name in (names or {}).items():
        if other in given:
            given[name] = given.pop(other)
    descriptor: Any = message.DESCRIPTOR
    _check_depth(given, f"the request does not fit {descriptor.name}: it")
    _check_texts(descriptor, given, "")
    _fill_defaults(descriptor, given)
    _parse(message, given)


def read_query(message: Message, query: str) -> None:
    """Set the fields that a query's parameters name: `page=2&user_app_id.user_id=me&ids=a&ids=b`.

    Raises:
        Refused: 11102, naming the parameter that is no field or has a wrong value.
    """
    for name, values in _grouped(_pairs_of(query)):
        set_path(message, name, values)


def set_path(message: Message, path: str, values: list[str]) -> None:
    """Set one field from texts.

    Args:
        message: Is changed.
        path: Such as `"user_app_id.user_id"`.
        values: Several only for a repeated field.

    Raises:
        Refused: 11102, naming the path.
    """
    *outer, last = path.split(".")
    home: Any = message
    for name in outer:
        field = _field(home.DESCRIPTOR, name)
        if field is None or field.message_type is None or is_repeated(field):
            raise _unknown(message, path)
        home = getattr(home, field.name)
    field = _field(home.DESCRIPTOR, last)
    if field is None:
        raise _unknown(message, path)
    if not is_repeated(field) and len(values) > 1:
        raise invalid(f"{path!r} is given {len(values)} times: it takes one value")
    for value in values:
        _check_text_of(field, value, path)
    found = [_value(field, path, value) for value in values]
    home.ClearField(field.name)
    try:
        json_format.ParseDict({field.name: found if is_repeated(field) else found[0]}, home)
    except (json_format.ParseError, ValueError, TypeError) as error:
        raise invalid(f"the value {values[-1]!r} of {path!r} is wrong: {error}") from error


def written(message: Message, names: Mapping[str, str] | None = None) -> bytes:
    """Return a message as JSON text.

    Args:
        message: An answer.
        names: Other names of the message's own fields, under which they are written.
    """
    shown = json_format.MessageToDict(
        message, preserving_proto_field_name=True, use_integers_for_enums=True
    )
    _show_empty(message, shown)
    for other, name in (names or {}).items():
        if name in shown:
            shown[other] = shown.pop(name)
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _refuse_constant(name: str) -> float:
    raise _malformed(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start} is not UTF-8") from error


def _malformed(reason: str) -> Refused:
    return Refused(codes.CONN_BAD_REQUEST_FORMAT, f"the body is not valid JSON: {reason}")


def _kind(value: Json) -> str:
    kinds = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")


def _pairs_of(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except UnicodeDecodeError as error:
        raise Refused(
            codes.CONN_BAD_REQUEST_FORMAT, "the query is not UTF-8 once decoded"
        ) from error
    except ValueError as error:
        raise invalid(f"the query has more than {MAX_PARAMETERS:,} parameters") from error


def _check_text(given: Json, place: str = "the request") -> None:
    """Refuse half characters, which no message can hold, by the field that has one."""
    if isinstance(given, str):
        try:
            given.encode()
        except UnicodeEncodeError as error:
            half = ascii(error.object[error.start])[1:-1]
            raise invalid(f"{place} holds half a character, {half}") from error
    elif isinstance(given, list):
        for one in given:
            _check_text(one, place)
    elif isinstance(given, dict):
        for name, value in given.items():
            _check_text(name, f"a name in {place}")
            _check_text(value, name if place == "the request" else f"{place}.{name}")


def _check_depth(given: Json, what: str) -> None:
    """Refuse what is nested too deep, before anything descends into it."""
    level, depth = [given] if isinstance(given, (dict, list)) else [], 0
    while level:
        depth += 1
        if depth > MAX_JSON_NESTING:
            raise invalid(f"{what} is nested more than {MAX_JSON_NESTING} levels deep")
        inner: list[Json] = []
        for one in level:
            values = one.values() if isinstance(one, dict) else one
            inner += [value for value in values if isinstance(value, (dict, list))]
        level = inner


def _check_texts(descriptor: Descriptor, given: Json, place: str) -> None:
    """Refuse texts that stand for a number or bytes and are none: Python would read some."""
    if not isinstance(given, dict):
        return
    for name, value in given.items():
        field = _field(descriptor, name)
        if field is None or not isinstance(value, (str, list, dict)):
            continue
        where = f"{place}.{name}" if place else name
        for one in _messages(field, value):
            if isinstance(one, str):
                _check_text_of(field, one, where)
            elif isinstance(one, dict) and (target := _target(field)) is not None:
                _check_texts(target, one, where)


def _check_text_of(field: FieldDescriptor, text: str, place: str) -> None:
    kind = field.message_type
    if kind is not None:
        inner = kind.fields_by_name.get("value")
        if inner is None:
            return
        field = inner  # of a wrapper, or of a map
    if field.cpp_type in _WHOLE:
        if field.type != field.TYPE_ENUM and not is_whole(text):
            raise invalid(f"the value {text[:40]!r} of {place!r} is wrong: give a whole number")
    elif field.cpp_type in _REAL and not (is_decimal(text) or text in _NAMED_NUMBERS):
        raise invalid(f"the value {text[:40]!r} of {place!r} is wrong: give a number")
    elif field.type == field.TYPE_BYTES and not _BASE64.fullmatch(text):
        raise invalid(f"the value {text[:40]!r} of {place!r} is wrong: it is not base64")


def _parse(message: Message, given: Json) -> None:
    try:
        json_format.ParseDict(given, message, max_recursion_depth=MAX_NESTING)
    except (json_format.ParseError, ValueError, TypeError, RecursionError) as error:
        # Protobuf goes on with all fields that there are.
        reason = str(error).partition(" Available Fields")[0]
        raise invalid(f"the request does not fit {message.DESCRIPTOR.name}: {reason}") from error


def _grouped(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped.items()


def _field(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    return descriptor.fields_by_name.get(name) or descriptor.fields_by_camelcase_name.get(name)


def _unknown(message: Message, path: str) -> Refused:
    return invalid(f"{path!r} is no field of {message.DESCRIPTOR.name} that a text can set")


def _value(field: FieldDescriptor, path: str, text: str) -> Json:
    # Protobuf reads numbers out of texts, but no booleans.
    kind = field.message_type
    if field.type != field.TYPE_BOOL and (kind is None or kind.full_name != _BOOLEAN_WRAPPER):
        return text
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise invalid(f"the value {text!r} of {path!r} is wrong: give true or false")
    return value


def _fill_defaults(descriptor: Descriptor, given: Json) -> None:
    """Give fields that are left out what `cl_default_float` says."""
    if not isinstance(given, dict) or not _leads_to(descriptor, _default):
        return
    for field in descriptor.fields:
        default = _default(field)
        if default is not None and field.name not in given and field.camelcase_name not in given:
            given[field.name] = default
        if field.message_type is not None:
            inner = given.get(field.name, given.get(field.camelcase_name))
            for one in _messages(field, inner):
                _fill_defaults(_target(field), one)


def _show_empty(message: Any, shown: Json) -> None:
    """Add the empty fields that `cl_show_if_empty` asks for."""
    descriptor = message.DESCRIPTOR
    if not isinstance(shown, dict) or not _leads_to(descriptor, _is_shown):
        return
    for field in descriptor.fields:
        if field.name not in shown:
            if _is_shown(field) and not field.has_presence:
                shown[field.name] = [] if is_repeated(field) else _nothing(field)
        elif field.message_type is not None:
            value = getattr(message, field.name)
            for one, inner in _pairs(field, value, shown[field.name]):
                _show_empty(one, inner)


def _pairs(field: FieldDescriptor, value: Any, shown: Json) -> Iterable[tuple[Any, Json]]:
    """Return the messages in a field, each with its JSON."""
    if not is_repeated(field):
        return [(value, shown)]
    if not _is_map(field):
        return zip(value, shown, strict=True)
    if _target(field) is None:
        return []
    return [(value[key], shown[_key(key)]) for key in value]


def _messages(field: FieldDescriptor, given: Json) -> Iterable[Json]:
    """Return the JSON of the messages in a field."""
    if _is_map(field):
        return given.values() if isinstance(given, dict) else ()
    return given if isinstance(given, list) else (given,)


def _nothing(field: FieldDescriptor) -> Json:
    # JSON has whole numbers of 64 bits as texts.
    value: Json = field.default_value
    return str(value) if field.cpp_type in _WHOLE_64 else value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and bool(kind.GetOptions().map_entry)


def _target(field: FieldDescriptor) -> Descriptor:
    """Return what the messages in a field are, those in a map's values for a map."""
    kind: Any = field.message_type
    found: Descriptor = kind.fields_by_name["value"].message_type if _is_map(field) else kind
    return found


@cache
def _default(field: FieldDescriptor) -> float | None:
    options = field.GetOptions()
    if not options.HasExtension(extensions_pb2.cl_default_float):
        return None
    value: float = options.Extensions[extensions_pb2.cl_default_float]
    return value


@cache
def _is_shown(field: FieldDescriptor) -> bool | None:
    # None where it is not: `_leads_to` looks for fields that have an option at all.
    return bool(field.GetOptions().Extensions[extensions_pb2.cl_show_if_empty]) or None


@cache
def _leads_to(descriptor: Descriptor, option: Any) -> bool:
    """Return whether a message, or one in it at any depth, has a field with an option."""
    seen = {descriptor.full_name}
    ahead = [descriptor]
    while ahead:
        for field in ahead.pop().fields:
            if option(field) is not None:
                return True
            kind = field.message_type
            if kind is not None and kind.full_name not in seen:
                seen.add(kind.full_name)
                ahead.append(kind)
    return False
