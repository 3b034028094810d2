"""What the actions of Patch RPCs do to a message: merge, overwrite, remove.

`merge` merges objects deeply, and lists by id, appending what is new; `overwrite` replaces the
fields that are given; `remove` deletes the items and keys that are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import struct_pb2
from google.protobuf.message import Message

from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Collection

    from google.protobuf.descriptor import FieldDescriptor

ACTIONS = ("merge", "overwrite", "remove")


def check_action(action: str, allowed: Collection[str] = ACTIONS) -> str:
    """Return `action` when it is an allowed one.

    Raises:
        Refused: 11102, naming the action and the allowed ones.
    """
    if action in allowed:
        return action
    raise invalid(f"action {action!r} is not one of: {', '.join(allowed)}")


def patch(target: Message, given: Message, action: str) -> None:
    """Change `target` by the fields that are set in `given`.

    Args:
        target: The stored message.
        given: What the request holds, of the same type.
        action: One of `ACTIONS`.
    """
    for field, value in given.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            _patch_map(target, field.name, value, action)
        elif is_repeated(field):
            _patch_list(getattr(target, field.name), value, action, target, field.name)
        elif field.message_type is None:
            _patch_scalar(target, field.name, value, action)
        else:
            _patch_message(target, field.name, value, action)


def merge_struct(target: struct_pb2.Struct, given: struct_pb2.Struct) -> None:
    """Merge metadata deeply: objects key by key, everything else replaced."""
    for key, value in given.fields.items():
        inner = target.fields[key]
        if inner.HasField("struct_value") and value.HasField("struct_value"):
            merge_struct(inner.struct_value, value.struct_value)
        else:
            inner.CopyFrom(value)


def is_repeated(field: FieldDescriptor) -> bool:
    """Return whether a field is a list."""
    # `label` is gone from newer protobuf releases, `is_repeated` missing in older ones.
    repeated = getattr(field, "is_repeated", None)
    if repeated is None:
        label: int = getattr(field, "label")  # noqa: B009 - unknown to the newer stubs
        return label == _LABEL_REPEATED
    return bool(repeated)


def _patch_scalar(target: Message, name: str, value: Any, action: str) -> None:
    if action == "remove":
        target.ClearField(name)
    else:
        setattr(target, name, value)


def _patch_message(target: Message, name: str, value: Any, action: str) -> None:
    inner = getattr(target, name)
    if isinstance(value, struct_pb2.Struct):
        if action == "merge":
            inner.SetInParent()
            merge_struct(inner, value)
        elif action == "overwrite":
            inner.CopyFrom(value)
        else:
            for key in value.fields:
                inner.fields.pop(key, None)
    elif action == "overwrite" and name not in _CONTAINERS:
        inner.CopyFrom(value)
    elif action == "remove" and name not in _CONTAINERS:
        target.ClearField(name)
    else:
        inner.SetInParent()
        patch(inner, value, action)


def _patch_map(target: Message, name: str, value: Any, action: str) -> None:
    if action == "overwrite":
        target.ClearField(name)
    entries = getattr(target, name)
    for key in value:
        if action == "remove":
            entries.pop(key, None)
        elif isinstance(value[key], Message):
            entries[key].CopyFrom(value[key])
        else:
            entries[key] = value[key]


def _patch_list(target: Any, value: Any, action: str, owner: Message, name: str) -> None:
    if action == "overwrite":
        owner.ClearField(name)
        getattr(owner, name).extend(value)
        return
    at = {_key(item): index for index, item in enumerate(target)}
    if action == "remove":
        for index in sorted({at[_key(item)] for item in value if _key(item) in at}, reverse=True):
            del target[index]
        return
    for item in value:
        place = at.get(_key(item))
        if place is None:
            target.append(item)
        elif hasattr(item, "id"):
            target[place].CopyFrom(item)


_CONTAINERS = frozenset({"data"})
"""Message fields whose own fields are patched one by one, whatever the action."""


def _key(item: Any) -> object:
    named = getattr(item, "id", "") or getattr(item, "name", "")
    if named or not isinstance(item, Message):
        return named or item
    # Without a name, equal content is the same item.
    return b"" if hasattr(item, "id") else item.SerializeToString(deterministic=True)


_LABEL_REPEATED = 3
