"""JSON of data sets, read within limits: how many values a text may hold, and how deep they lie."""

from __future__ import annotations

import json
from typing import Any

from clarifai_datasets.upload.limits import MAX_BRACKETS

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


def _check_brackets(text: str | bytes) -> None:
    if isinstance(text, bytes):
        found = text.count(b"[") + text.count(b"{")
    else:
        found = text.count("[") + text.count("{")
    if found > MAX_BRACKETS:
        raise ValueError(
            f"it holds {found:,} lists and objects, over the limit of {MAX_BRACKETS:,}"
        )
