"""What the cells of a CSV file say, and how they are written, so that both ways agree.

labels      cat,big dog            labels with commas between them; or, when one holds a comma,
["a,b", "c"]           a JSON list, or a list as Python or numpy prints it
metadata    {"k": 1}               a JSON object; or a dict as Python prints it
place       13.4,52.5              longitude and latitude in degrees
"""

from __future__ import annotations

import ast
import json
import re
import sys
from typing import TYPE_CHECKING, Any

from clarifai_core.documents import DocumentError, check_depth, read_json
from clarifai_inputs.geo_points import check_geo_point
from clarifai_inputs.json_text import check_characters
from clarifai_inputs.label_values import MAX_LITERAL_CHARACTERS, NO_VALUES, labels_of_cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_METADATA_DEPTH = 24
"""Levels of metadata within each other: each takes three of the hundred that protobuf decodes, and
a platform leaves some of those to the answers around them."""

MAX_METADATA_CHARACTERS = 1024 * 1024
"""Of a cell of metadata."""

_MAX_NUMBER = sys.float_info.max
_SHOWN = 80


def labels_of(cell: str) -> list[str]:
    """Return the labels in a cell; label_values.py says what is read, and what is refused.

    Raises:
        ValueError: It can be read in several ways, or is a list that cannot be read.

    Example:
        >>> labels_of("cat, big dog"), labels_of('["a,b"]'), labels_of("")
        (['cat', 'big dog'], ['a,b'], [])
    """
    return labels_of_cell(cell).names


def labels_cell(labels: Sequence[str]) -> str:
    """Return the cell of labels, as a JSON list, which holds any of them.

    Example:
        >>> labels_of(labels_cell(["a,b", "c"]))
        ['a,b', 'c']
    """
    return json.dumps(labels, ensure_ascii=False)


def metadata_of(cell: str) -> dict[str, Any] | None:
    """Return the metadata in a cell; None: it is blank, or stands for no value.

    Raises:
        ValueError: It is no object, or over the limits, or holds what JSON has not.

    Example:
        >>> metadata_of('{"k": [1]}'), metadata_of("{'k': 1}"), metadata_of(" ")
        ({'k': [1]}, {'k': 1}, None)
    """
    text = cell.strip()
    if not text or text in NO_VALUES:
        return None
    if len(text) > MAX_METADATA_CHARACTERS:
        raise ValueError(f"must have {MAX_METADATA_CHARACTERS:,} characters at most")
    try:
        found = read_json(text, max_depth=MAX_METADATA_DEPTH)
    except DocumentError as error:
        if error.reason != "this is not JSON":
            raise ValueError(f"must be a JSON object; {error}") from None
        found = _python(text)
    if not isinstance(found, dict):
        raise ValueError(f'must be a JSON object such as {{"k": 1}}, got {text[:_SHOWN]!r}')  # noqa: TRY004 - of a cell
    _check_metadata(found, text)
    return found


def metadata_cell(metadata: Mapping[str, Any] | None) -> str:
    """Return the cell of metadata; None is a blank one."""
    return "" if metadata is None else json.dumps(metadata, ensure_ascii=False)


def place_of(cell: str) -> list[float] | None:
    """Return `[longitude, latitude]` in degrees; None: the cell is blank, or stands for no value.

    Raises:
        ValueError: It is no such pair, or not on earth.

    Example:
        >>> place_of("1.5,2.5"), place_of("[1.5, 2.5]"), place_of("")
        ([1.5, 2.5], [1.5, 2.5], None)
    """
    text = cell.strip()
    if not text or text in NO_VALUES:
        return None
    try:
        longitude, latitude = map(float, text.strip("[]()").split(","))
    except ValueError:
        raise ValueError(f"must be longitude,latitude in degrees, got {text[:_SHOWN]!r}") from None
    return check_geo_point(longitude, latitude, shown=text[:_SHOWN])


def place_cell(place: Sequence[float] | None) -> str:
    """Return the cell of a place; None is a blank one."""
    return "" if place is None else ",".join(map(repr, place))


def _check_metadata(metadata: dict[str, Any], text: str) -> None:
    """Refuse what neither JSON nor the platform has.

    Raises:
        ValueError: There is such a thing.
    """
    try:
        check_depth(metadata, MAX_METADATA_DEPTH)
    except DocumentError as error:
        raise ValueError(f"must be a JSON object; {error}") from None
    if not _is_json(metadata):
        raise ValueError("must be a JSON object; it holds a value that JSON has not")
    _check_characters(metadata, text)


def _check_characters(value: Any, text: str) -> None:
    if "\\" in text:  # only escapes spell half characters: bytes of a file cannot
        try:
            check_characters(value)
        except ValueError as error:
            raise ValueError(f"has half a character in it: {error}") from None


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and all(map(_is_json, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_json, value))
    if isinstance(value, (float, int)):
        return abs(value) <= _MAX_NUMBER  # not so of NaN
    return value is None or isinstance(value, str)


def _python(text: str) -> object:
    """Return what a cell holds as Python prints it; None: nothing that we read.

    The official SDK takes these too; an apostrophe inside a text must stay.
    """
    # Some versions of Python's parser die of too many brackets.
    if len(text) > MAX_LITERAL_CHARACTERS or _depth(text) > MAX_METADATA_DEPTH:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_BRACKET = re.compile(r"[\[({]|[\])}]")


def _depth(text: str) -> int:
    """Return how deep the brackets of a literal lie in each other."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(_QUOTED.sub("", text)):
        depth += 1 if bracket in "[({" else -1
        deepest = max(deepest, depth)
    return deepest
