"""JSON of data sets, read within limits: how many values a text may hold, and how deep they lie."""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_BRACKETS = 1_000_000
"""Lists and objects in one text: each takes fifty times its place in the file."""

_MAY_BE_HUGE = re.compile(r"[0-9]{309}")
"""What a whole number beyond double precision is written with; texts may have it too."""

_GLANCE_BYTES = 1024 * 1024
"""Shorter texts cannot grow to anything that matters."""


def loads(text: str | bytes) -> Any:
    """Return what a JSON text holds.

    Raises:
        ValueError: It is no JSON, is nested too deeply, has a number of too many digits, or holds
            too many lists and objects.

    Example:
        >>> loads("[1, 2]")
        [1, 2]
    """
    if len(text) > _GLANCE_BYTES:
        _check_brackets(text)
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parsed(text: str) -> Any:
    """Return what a JSON text holds, all of whose texts are whole characters.

    Raises:
        ValueError: As `loads`; or a text in it has half a character, which JSON can spell and
            UTF-8 cannot hold; or a whole number is beyond double precision, so that each
            reader makes something else of it (RFC 8259, section 6). `1e999` is infinity to all.

    Example:
        >>> parsed('{"a": 1e308}')
        {'a': 1e+308}
        >>> parsed('{"a": 1' + "0" * 400 + "}")
        Traceback (most recent call last):
        ...
        ValueError: number 100000000000... of 401 digits is beyond double precision (1.8e308)
    """
    found = loads(text)
    if _MAY_BE_HUGE.search(text):
        json.loads(text, parse_int=_check_range)
    if "\\u" in text:
        check_characters(found)
    return found


def _check_range(digits: str) -> None:
    if math.isinf(float(digits)):
        length = len(digits.lstrip("-"))
        raise ValueError(
            f"number {digits[:12]}... of {length} digits is beyond double precision (1.8e308)"
        )


def check_characters(value: Any) -> None:
    """Refuse half characters in what JSON, or a literal of Python, holds.

    Raises:
        ValueError: There is one.
    """
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        half = str(error.object)[error.start]
        raise ValueError(f"{half!r} is half a character") from error
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _check_brackets(text: str | bytes) -> None:
    if isinstance(text, bytes):
        found = text.count(b"[") + text.count(b"{")
    else:
        found = text.count("[") + text.count("{")
    if found > MAX_BRACKETS:
        raise ValueError(
            f"it holds {found:,} lists and objects, over the limit of {MAX_BRACKETS:,}"
        )
