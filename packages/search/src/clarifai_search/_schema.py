"""What the values in ranks and filters may be: one type per rule, one table of the rules."""

from __future__ import annotations

import functools
import reprlib
import sys
from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NewType,
    Protocol,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
)

from cattrs.cols import list_structure_factory

from clarifai_core.wire.converter import make_converter
from clarifai_core.wire.messages import nearest

if TYPE_CHECKING:
    import cattrs

Text = NewType("Text", str)
"""A text that is not empty."""
WebUrl = NewType("WebUrl", str)
"""A text that begins with http:// or https://."""
Content = NewType("Content", bytes)
"""Bytes of a file; not empty."""
Longitude = NewType("Longitude", float)
"""Degrees east, -180..180."""
Latitude = NewType("Latitude", float)
"""Degrees north, -90..90."""
T = TypeVar("T")
Kilometers = NewType("Kilometers", float)
"""A number of kilometers, from 0; a whole one where a dict says it, as documented."""
Presence = NewType("Presence", int)
"""1: with it; 0: without it."""
JsonObject = NewType("JsonObject", dict[str, Any])
"""What a JSON object may hold."""
InputType = NewType("InputType", str)
"""A kind of content that inputs have."""
StatusCode = NewType("StatusCode", int)
"""Number of a status, such as 30000."""
Vector = NewType("Vector", tuple[float, ...])
"""Numbers of an embedding: a list, a tuple, or what has `tolist` (an array of numpy)."""


class ArrayLike(Protocol):
    """What becomes a list of numbers, as arrays of numpy do."""

    def tolist(self) -> object:
        """Return the numbers."""


MAX_FLOAT32 = 3.4e38
"""What one number of an embedding may be at most."""

MAX_DEPTH = 64
"""How deep metadata may be nested; protobuf reads back 100 levels of messages."""

InputKind: TypeAlias = Literal["image", "video", "text", "audio"]
INPUT_TYPES: tuple[InputKind, ...] = get_args(InputKind)
"""Kinds of content that inputs have: fields of the `Data` message."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{shown(value)} is not text")
    if not value.strip():
        raise ValueError("must not be empty")
    return _unicode(value)


def _unicode(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{shown(value)} is no valid Unicode text") from None
    return value


def _web_url(value: Any) -> str:
    text = _text(value)
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{shown(value)} is not a URL that begins with http:// or https://")
    return text


def _content(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{shown(value)} is not bytes")
    if not len(value):
        raise ValueError("must not be empty")
    return bytes(value)


def _degrees(most: int, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{shown(value)} is not a number")
    if not abs(value) <= most:  # not: NaN is not either
        raise ValueError(f"{shown(value)} is not between -{most} and {most}")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{shown(value)} is not a whole number")
    if not 0 <= value < 1 << 31:
        raise ValueError(f"{shown(value)} is not between 0 and {(1 << 31) - 1}")
    return value


def _presence(value: Any) -> int:
    if not isinstance(value, int) or value not in (0, 1):
        raise ValueError(f"{shown(value)} is neither 0 nor 1")
    return int(value)


def _json_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{shown(value)} is not a dict")
    return {_text(key): _json(part, str(key), 1) for key, part in value.items()}


def _json(value: Any, path: str, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise ValueError(f"{path[:40]}... is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return {_text(key): _json(part, f"{path}.{key}", depth + 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(value)]
    if isinstance(value, str):
        return _unicode(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and abs(value) <= sys.float_info.max:
        return value
    raise ValueError(f"{path} is {shown(value)}, which JSON cannot hold")


def _vector(value: Any) -> tuple[float, ...]:
    numbers = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(numbers, (list, tuple)):
        raise TypeError(f"{shown(value)} is not a list of numbers")
    if not numbers:
        raise ValueError("must not be empty")
    for index, number in enumerate(numbers):
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise TypeError(f"number {index} is {shown(number)}, which is not a number")
        if not abs(number) <= MAX_FLOAT32:
            raise ValueError(f"number {index} is {shown(number)}, which 32 bits cannot hold")
    return tuple(float(number) for number in numbers)


def _input_type(value: Any) -> str:
    if not isinstance(value, str) or value not in INPUT_TYPES:
        known = ", ".join(map(repr, INPUT_TYPES))
        raise ValueError(f"{shown(value)} is none of {known}{nearest(str(value), INPUT_TYPES)}")
    return str(value)


_RULES: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Text, _text),
    (WebUrl, _web_url),
    (Content, _content),
    (Longitude, functools.partial(_degrees, 180)),
    (Latitude, functools.partial(_degrees, 90)),
    (Kilometers, _whole),
    (Presence, _presence),
    (JsonObject, _json_object),
    (InputType, _input_type),
    (StatusCode, _whole),
    (Vector, _vector),
)


@functools.cache
def converter() -> cattrs.Converter:
    """Return the converter that holds every rule; plain types of a plugin's clauses work, too."""
    made = make_converter()
    for kind, rule in _RULES:
        made.register_structure_hook(kind, functools.partial(_checked, rule))
    made.register_structure_hook_factory(_is_list, _list_hook)
    return made


def _checked(rule: Callable[[Any], T], value: object, _: object) -> T:
    return rule(value)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list or (get_origin(kind) is tuple and get_args(kind)[1:] == (...,))


def _list_hook(kind: Any, made: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """Refuse what only can be iterated over: a text is no list of its letters."""
    as_list: Any = GenericAlias(list, get_args(kind)[:1])
    origin: Any = get_origin(kind)
    ordinary = list_structure_factory(as_list, made)

    def structure(value: Any, _: object) -> object:
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{shown(value)} is not a list")
        if not value:
            raise ValueError("must not be empty")
        return origin(ordinary(value, as_list))

    return structure


def shown(value: Any) -> str:
    """Return a short `repr`: values may be whole files."""
    return reprlib.repr(value)
