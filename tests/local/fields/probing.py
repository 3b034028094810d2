"""Setting one field after the other, on a platform that is put back after each request."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import struct_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from clarifai_local import Platform
from clarifai_local._patching import is_repeated
from tests.local.fields.asking import Asker
from tests.local.fields.bases import Base
from tests.local.fields.observing import Observed, holds
from tests.local.fields.universe import Path, Place
from tests.local.fields.values import put, value_of
from tests.local.fields.world import call, request_of

_ANSWERED = {codes.SUCCESS, codes.MIXED_STATUS, codes.RUNNER_NEEDS_RETRY}


class Fate(enum.Enum):
    """What becomes of a field."""

    KEPT = "kept"
    EFFECT = "effect"
    REFUSED = "refused"
    DROPPED = "dropped"
    UNFIT = "unfit"
    """The request fails for a reason that is not the field: the test has no valid value for it."""


@attrs.frozen
class Verdict:
    """What became of one field of one RPC."""

    rpc: str
    path: Path
    field: str
    """`Message.field`."""
    fate: Fate
    details: str = ""

    @property
    def place(self) -> str:
        """`rpc: path.to.the.field`."""
        name = self.field.rpartition(".")[2]
        return f"{self.rpc}: {'.'.join((*self.path, name))}"


class Probe:
    """Tries the fields of one RPC.

    Args:
        platform: Furnished.
        rpc: Its name.
        base: A request that succeeds.
        minimal: By message: what one needs to be a valid item of a list.
        values: By `Message.field`: values that are valid there.
        others: By `rpc: path.of.the.field`: requests in place of the base.
    """

    def __init__(
        self,
        platform: Platform,
        rpc: str,
        base: Base,
        minimal: Mapping[str, Mapping[str, Any]],
        values: Mapping[str, Any],
        others: Mapping[str, Base],
    ) -> None:
        self._platform = platform
        self._rpc = rpc
        self._base = base
        self._minimal = minimal
        self._values = values
        self._others = others
        self._number = 0

    def base_succeeds(self) -> bool:
        """Return whether the base request is answered."""
        code, _ = _status(self._observed(self._base, self._request(self._base, ())).answer)
        return code in _ANSWERED

    def at(self, place: Place) -> list[Verdict]:
        """Return what becomes of the fields of one message."""
        request = self._request(self._base, place.path)
        before = self._observed(self._base, request)
        code, details = _status(before.answer)
        refused = [one for one in (details, *_inner_details(before.answer)) if _names(one, place)]
        if code not in _ANSWERED or (refused and place.path):
            fate = Fate.REFUSED if refused else Fate.UNFIT
            note = refused[0] if refused else f"cannot be there at all: {details}"
            return [self._verdict(place, field, fate, note) for field in place.fields]
        plain = before.plain()
        return [self._field(place, field, before, plain) for field in place.fields]

    def _field(
        self, place: Place, field: FieldDescriptor, before: Observed, plain: tuple[Any, ...]
    ) -> Verdict:
        self._number += 1
        base = self._others.get(f"{self._rpc}: {'.'.join((*place.path, field.name))}", self._base)
        if base is not self._base:
            before = self._observed(base, self._request(base, place.path))
            plain = before.plain()
        request = self._request(base, place.path)
        target = _reach(request, place.path)
        value = value_of(field, self._number, self._values)
        put(target, field, value)
        after = self._observed(base, request)
        code, details = _status(after.answer)
        said = (details, *_inner_details(after.answer))
        refused = [one for one in said if _says(one, field, value, place.path)]
        if code not in _ANSWERED:
            if refused:
                return self._verdict(place, field, Fate.REFUSED, refused[0])
            fate = Fate.EFFECT if _is_name(place, field) else Fate.UNFIT
            return self._verdict(place, field, fate, details)
        if holds(after.messages, field, value) and not holds(before.messages, field, value):
            return self._verdict(place, field, Fate.KEPT)
        if refused:
            return self._verdict(place, field, Fate.REFUSED, refused[0])
        if after.plain() != plain:
            return self._verdict(place, field, Fate.EFFECT)
        return self._verdict(place, field, Fate.DROPPED)

    def _verdict(
        self, place: Place, field: FieldDescriptor, fate: Fate, details: str = ""
    ) -> Verdict:
        name = f"{place.descriptor.name}.{field.name}"
        return Verdict(self._rpc, place.path, name, fate, details)

    def _request(self, base: Base, path: Path) -> Any:
        """Return a base request, with the messages of a path in it."""
        request = request_of(self._platform, self._rpc, base.fields)
        message = request
        for name in path:
            field = message.DESCRIPTOR.fields_by_name[name]
            inner = getattr(message, name)
            if is_repeated(field):
                if not inner:
                    inner.add(**self._needed(field))
                message = inner[0]
            else:
                if not message.HasField(name):
                    inner.SetInParent()
                    inner.MergeFrom(type(inner)(**self._needed(field)))
                message = inner
        return request

    def _needed(self, field: FieldDescriptor) -> Mapping[str, Any]:
        """Return what a message needs to be valid: where it stands, or wherever it does."""
        owner: Any = field.containing_type
        of_place = self._minimal.get(f"{owner.name}.{field.name}")
        if of_place is not None:
            return of_place
        kind: Any = field.message_type
        return self._minimal.get(kind.name, {})

    def _observed(self, base: Base, request: Any) -> Observed:
        """Return what a request does; afterwards it is undone."""
        seen: list[Observed] = []
        asker = Asker(self._platform) if base.answers_asker else None
        if asker is not None and not request.runner_item_id:
            request.runner_item_id = asker.item_id
        try:
            with self._platform.store.write():
                answer = call(self._platform, self._rpc, request)
                looks = tuple(
                    call(self._platform, rpc, request_of(self._platform, rpc, fields))
                    for rpc, fields in base.looks
                )
                if asker is not None:
                    looks = (*looks, asker.answer())
                seen.append(Observed(answer, looks))
                raise _Undo  # noqa: TRY301  why: only an exception rolls a transaction back
        except _Undo:
            return seen[0]


class _Undo(Exception):
    """Rolls the transaction back."""


def _reach(request: Any, path: Path) -> Any:
    message = request
    for name in path:
        inner = getattr(message, name)
        repeated = is_repeated(message.DESCRIPTOR.fields_by_name[name])
        message = inner[0] if repeated else inner
    return message


def _status(answer: Any) -> tuple[int, str]:
    if "status" not in answer.DESCRIPTOR.fields_by_name:
        return codes.SUCCESS, ""
    return answer.status.code, answer.status.details or answer.status.description


def _inner_details(answer: Any) -> list[str]:
    """Return what the items of an answer say of themselves."""
    return [
        item.status.details
        for field, value in answer.ListFields()
        if field.message_type is not None
        for item in (value if is_repeated(field) else [value])
        if hasattr(item, "status") and hasattr(item.status, "details")
    ]


def _says(details: str, field: FieldDescriptor, value: Any, path: Path) -> bool:
    """Return whether a refusal names a field, the message that holds it, or the value."""
    words = details.lower()
    names = (field.name, *path[-1:])
    plain = [name.removesuffix("_id").removesuffix("s").replace("_", " ") for name in names]
    shown = str(_first_value(value))
    return any(name in words for name in (*names, *plain)) or (len(shown) > 1 and shown in details)


def _first_value(value: Any) -> Any:
    """Return a value that can be found in a text: of a message that of its first field."""
    while isinstance(value, Message):
        if isinstance(value, struct_pb2.Struct):
            return "zqkey"
        value = next((inner for _, inner in value.ListFields()), "")
    return value


def _names(details: str, place: Place) -> bool:
    words = details.lower()
    return any(name in words or name.removesuffix("s") in words for name in place.path)


def _is_name(place: Place, field: FieldDescriptor) -> bool:
    """Return whether a field says what the request is about: something else would not be there."""
    if place.descriptor.name == "UserAppIDSet" or field.name in {"user_id", "app_id"}:
        return True
    return not place.path and field.name.endswith(("id", "ids"))
