"""Ids that the platform accepts."""

from __future__ import annotations

import re
import uuid

from clarifai_core.errors import UserError
from clarifai_core.safe_text import shown

MAX_ID_LENGTH = 48
"""Characters that an id may have."""

_VALID = re.compile(r"[0-9A-Za-z]+(?:[-_]+[0-9A-Za-z]+)*")


def new_id() -> str:
    """Return a random id of 32 hexadecimal digits.

    Example:
        >>> len(new_id())
        32
    """
    return uuid.uuid4().hex


def check_id(name: str, value: object) -> str:
    """Return `value` when it can be an id.

    Args:
        name: What it is, for the error: `"dataset_id"`.
        value: The id.

    Raises:
        UserError: It is empty or no text.
    """
    if not isinstance(value, str) or not value.strip():
        own = getattr(value, "id", None)
        rather = f"; give its id, {own!r}" if isinstance(own, str) and own else ""
        raise UserError(f"{name} must be a text that is not empty, got {shown(value)}{rather}.")
    return value


def check_new_id(name: str, value: object) -> str:
    """Return `value` when something new may be called so.

    Raises:
        UserError: The platform would refuse it: too long, or with other characters.

    Example:
        >>> check_new_id("dataset_id", "train-1")
        'train-1'
    """
    text = check_id(name, value)
    if len(text) > MAX_ID_LENGTH or not _VALID.fullmatch(text):
        raise UserError(
            f"{name} {shown(text)} cannot be an id: letters and digits, with single '-' or '_' "
            f"between them, at most {MAX_ID_LENGTH} characters."
        )
    return text
