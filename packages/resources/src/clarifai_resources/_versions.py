"""Handles of a resource in one of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core.errors import UserError
from clarifai_core.wire.ids import check_id

if TYPE_CHECKING:
    from clarifai_core.handles import Handle

H = TypeVar("H", bound="Handle")


def with_version(
    fields: Mapping[str, Any], field: str, parameter: str, version: Any
) -> dict[str, Any]:
    """Return the fields of a message with the version that a constructor was given.

    Args:
        fields: What else it was given.
        field: Field of the message that holds the version.
        parameter: Name of the constructor's parameter, for the error.
        version: A dict or a message; without an id it stands for no version.

    Raises:
        UserError: It is neither.
    """
    if version is None or version == {"id": ""}:
        return dict(fields)
    if not isinstance(version, Mapping) and not hasattr(version, "DESCRIPTOR"):
        raise UserError(f'{parameter} must be a dict such as {{"id": "..."}}, got {version!r}.')
    return {**fields, field: version}


def id_in(version: Any) -> str:
    """Return the id of a version: a text, a dict or a message; `""`: none is meant.

    Raises:
        UserError: It is none of these.

    Example:
        >>> id_in({"id": "v1"}), id_in("v1"), id_in({"id": ""})
        ('v1', 'v1', '')
    """
    found = version.get("id") if isinstance(version, Mapping) else getattr(version, "id", version)
    if not isinstance(found or "", str):
        raise UserError(f'model_version must be an id or {{"id": "..."}}, got {version!r}.')
    return str(found or "")


def in_version(handle: H, field: str, version: Any) -> H:
    """Return a handle like `handle` in another version, given as a message."""
    message = type(handle.message)()
    message.CopyFrom(handle.message)
    getattr(message, field).CopyFrom(version)
    made = type(handle).__new__(type(handle))
    made.__dict__.update(handle.__dict__)
    made._message = message
    return made


def id_of(handle: Handle) -> str:
    """Return the handle's id.

    Raises:
        UserError: It has none.
    """
    return check_id(f"{handle.kind}_id", handle.id)
