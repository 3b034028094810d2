"""What callers give lists of: messages, or ids of inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2

T = TypeVar("T")


def messages_of(given: object, cls: type[T], name: str) -> list[T]:
    """Return the messages of a list that is not empty.

    Raises:
        UserError: It is nothing to go through, or empty, or something in it is no such message.
    """
    kind = cls.__name__
    if isinstance(given, (str, bytes, cls)) or not isinstance(given, Iterable):
        raise UserError(f"{name} must be a list of {kind} messages, got {given!r:.80}.")
    items = list(given)
    if not items:
        raise UserError(f"{name} is empty: give at least one {kind}.")
    for index, item in enumerate(items):
        if not isinstance(item, cls):
            raise UserError(f"{name}[{index}] must be a message {kind}, got {item!r:.80}.")
    return items


def ids_of(inputs: object, name: str, kind: str = "Input") -> list[str]:
    """Return the ids of messages, or of ids.

    Args:
        inputs: Messages or ids.
        name: What the caller calls them.
        kind: What they are of: `"Input"` or `"Annotation"`.

    Raises:
        UserError: It is nothing to go through, or something in it has no id.
    """
    messages = (resources_pb2.Input, resources_pb2.Annotation)
    if isinstance(inputs, (str, bytes, *messages)) or not isinstance(inputs, Iterable):
        raise UserError(f"{name} must be a list of {kind} messages or ids, got {inputs!r:.80}.")
    ids = []
    for index, one in enumerate(inputs):
        found = one.id if isinstance(one, messages) else one
        if not isinstance(found, str) or not found.strip():
            raise UserError(f"{name}[{index}] must be an {kind} with an id, got {one!r:.80}.")
        ids.append(found)
    return ids
