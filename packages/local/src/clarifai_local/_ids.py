"""Ids: what a resource may be called, and fresh names for those that come without one."""

from __future__ import annotations

import re
import uuid

from clarifai_local.statuses import invalid

MAX_LENGTH = 48
"""Characters of an id; clients generate UUIDs with hyphens (36), tests and users go up to this."""

MAX_INPUT_LENGTH = 256
"""Characters of an input, annotation or concept id."""


def new_id() -> str:
    """Return a fresh 32-hex id."""
    return uuid.uuid4().hex


def check(value: str, what: str) -> str:
    """Return `value` when it is a proper id.

    Args:
        value: The id that a request named.
        what: What it names, for the message: "app id".

    Raises:
        Refused: 11102, naming the value and the rule.
    """
    if len(value) <= MAX_LENGTH and _PATTERN.fullmatch(value):
        return value
    raise invalid(
        f"{what} {value!r} is invalid: up to {MAX_LENGTH} letters and digits, "
        "with single '-' or '_' between them"
    )


def check_input(value: str, what: str = "input id") -> str:
    """Return `value` when it can be an input or annotation id.

    These often come from file names, so that everything but control characters and path
    separators is let through.

    Raises:
        Refused: 11102, naming the value and the rule.
    """
    if 0 < len(value) <= MAX_INPUT_LENGTH and not _INPUT_FORBIDDEN.search(value):
        return value
    raise invalid(
        f"{what} {value[:64]!r} is invalid: 1 to {MAX_INPUT_LENGTH} characters "
        "without '/', '\\' and control characters"
    )


def check_concept(value: str) -> str:
    """Return `value` when it can be a concept id: a label, so only control characters are out.

    Raises:
        Refused: 11102, naming the value and the rule.
    """
    if 0 < len(value) <= MAX_INPUT_LENGTH and not _CONTROL.search(value):
        return value
    raise invalid(
        f"concept id {value[:64]!r} is invalid: 1 to {MAX_INPUT_LENGTH} characters "
        "without control characters"
    )


_PATTERN = re.compile(r"[0-9A-Za-z]+(?:[-_][0-9A-Za-z]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INPUT_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\]")
