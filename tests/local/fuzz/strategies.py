"""Requests of every RPC, drawn by hypothesis from the descriptors of the wire contract.

A request is a message with some of its fields set, to a depth: numbers at their limits, enums with
unknown numbers, ids that exist mixed with garbage, long texts, bytes that are pictures or nothing;
serialized, and sometimes damaged. What exists is learned from the platform's own answers (`Ids`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from clarifai_local._methods import Method
from clarifai_local._patching import is_repeated
from clarifai_local._wire_versions.wire import varint
from tests.local.fuzz.chooser import Chooser
from tests.local.fuzz.extremes import overdo
from tests.local.fuzz.ids import KINDS, Ids, kind_of
from tests.local.fuzz.samples import SAMPLES, URLS
from tests.local.pictures import huge_png, picture

MAX_DEPTH = 7
MAX_MESSAGES = 24
"""Messages in one request, roughly."""

OVERDONE_PERCENT = 1
"""Requests that are too much of something; they take longer than others."""


@attrs.frozen
class Call:
    """One request to send."""

    method: Method
    payloads: tuple[bytes, ...]
    """One, but for RPCs that stream."""
    damaged: bool
    """Whether the bytes may be no message at all."""


def calls(
    methods: Sequence[Method], ids: Ids, overdone_percent: int = OVERDONE_PERCENT
) -> st.SearchStrategy[Call]:
    """Return the strategy of requests to `methods`.

    Args:
        methods: As often as each shall be drawn.
        ids: What exists.
        overdone_percent: How many are too much of something.
    """

    @st.composite
    def call(draw: Any) -> Call:
        method = draw(st.sampled_from(methods))
        # One seed per request: a draw per field of these messages would take ten times as long.
        choose = Chooser(draw(st.randoms(use_true_random=True)))
        count = choose.below(4) if method.client_streaming else 1
        damaged = choose.chance(12)
        payloads = []
        for _ in range(count):
            payload = _Builder(choose, ids, method, overdone_percent).request().SerializeToString()
            payloads.append(_damage(choose, payload) if damaged else payload)
        return Call(method, tuple(payloads), damaged)

    return call()


def drawn(choose: Chooser, ids: Ids, method: Method) -> Message:
    """Return a request as the choices have it."""
    return _Builder(choose, ids, method, OVERDONE_PERCENT).request()


class _Builder:
    """Fills one request."""

    def __init__(self, choose: Chooser, ids: Ids, method: Method, overdone_percent: int) -> None:
        self._overdone_percent = overdone_percent
        self._choose = choose
        self._ids = ids
        self._method = method
        self._left = MAX_MESSAGES

    def request(self) -> Message:
        """Return a request: half of them make sense but for a field or two."""
        message: Message = self._method.request_type()
        make = SAMPLES.get(self._method.name)
        if make is not None and self._choose.chance(75):
            make(message, self._choose, self._ids)
            if self._choose.chance(50):
                self._disturb(message)
        elif self._choose.chance(50):
            self._name(message)
            if self._choose.chance(30):
                self._disturb(message)
        else:
            self._fill(message, 0)
        scope: Any = message
        has_scope = "user_app_id" in message.DESCRIPTOR.fields_by_name
        if has_scope and self._choose.chance(85 if scope.user_app_id.user_id != "clarifai" else 5):
            scope.user_app_id.user_id = "fuzz"
            scope.user_app_id.app_id = self._choose.of(("one", "one", "two"))
        if self._choose.chance(self._overdone_percent):
            overdo(message, self._choose)
        return message

    def _name(self, message: Message) -> None:
        """Set little but ids, all of which exist."""
        rpc = self._method.name
        fields: Any = message.DESCRIPTOR.fields
        for field in fields:
            if field.type == FieldDescriptor.TYPE_STRING and _is_id(field.name):
                name = rpc if field.name in {"id", "ids"} else field.name
                value = self._ids.pick(kind_of(name, rpc), self._choose)
                if is_repeated(field):
                    getattr(message, field.name).append(value)
                else:
                    setattr(message, field.name, value)
            elif field.message_type is not None and is_repeated(field) and rpc[:5] == "Patch":
                item = getattr(message, field.name).add()
                kind = kind_of(field.message_type.name, rpc)
                if kind and "id" in field.message_type.fields_by_name:
                    item.id = self._ids.pick(kind, self._choose)
            elif field.name == "action" and field.type == FieldDescriptor.TYPE_STRING:
                setattr(message, field.name, self._choose.of(_STRINGS["action"][:3]))

    def _disturb(self, message: Message) -> None:
        """Change one field, here or further in."""
        fields: Any = message.DESCRIPTOR.fields
        present = [f for f, _ in message.ListFields() if f.message_type is not None]
        if present and self._choose.chance(75):
            field = self._choose.of(present)
            inner = getattr(message, field.name)
            if not is_repeated(field):
                self._disturb(inner)
                return
            if not field.message_type.GetOptions().map_entry:
                self._disturb(self._choose.of(inner))
                return
        if fields:
            self._set(message, self._choose.of(fields), 1)

    def _fill(self, message: Message, depth: int) -> None:
        self._left -= 1
        fields: Any = message.DESCRIPTOR.fields
        if not fields:
            return
        # A request of few fields has most of them, a resource of forty a handful.
        percent = max(15, min(80, 500 // len(fields))) if depth else 70
        for field in fields:
            if self._choose.chance(percent) and (self._left > 0 or field.message_type is None):
                self._set(message, field, depth)

    def _set(self, message: Message, field: Any, depth: int) -> None:
        nested = field.message_type
        if nested is not None and (depth >= MAX_DEPTH or self._left <= 0):
            return
        if nested is not None and nested.GetOptions().map_entry:
            self._set_map(getattr(message, field.name), nested, depth)
        elif is_repeated(field):
            self._extend(getattr(message, field.name), field, depth)
        elif nested is not None:
            inner = getattr(message, field.name)
            inner.SetInParent()
            self._fill(inner, depth + 1)
        else:
            setattr(message, field.name, self._scalar(field))

    def _extend(self, target: Any, field: Any, depth: int) -> None:
        count = self._choose.of((1, 1, 1, 2, 2, 3, 0))
        for _ in range(count):
            if field.message_type is None:
                target.append(self._scalar(field))
            elif self._left > 0:
                self._fill(target.add(), depth + 1)
        if target and self._choose.chance(2):
            copies = self._choose.of((128, 129, 1001))
            plain = target[0] if field.message_type is None else target[0].SerializeToString()
            if not hasattr(plain, "__len__") or len(plain) < 1000:
                target.extend([target[0]] * copies)

    def _set_map(self, target: Any, entry: Any, depth: int) -> None:
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        for _ in range(self._choose.below(3)):
            name = self._scalar(key)
            if value.message_type is None:
                target[name] = self._scalar(value)
            elif self._left > 0 and depth < MAX_DEPTH:
                self._fill(target[name], depth + 1)

    def _scalar(self, field: Any) -> Any:
        if field.type == FieldDescriptor.TYPE_ENUM:
            return self._enum(field)
        if field.type == FieldDescriptor.TYPE_STRING:
            return self._string(field)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return self._bytes()
        return self._choose.of(_NUMBERS[field.cpp_type])

    def _enum(self, field: Any) -> int:
        if self._choose.chance(15):
            return int(self._choose.of((-1, 99, 9999, 2**31 - 1, -(2**31))))
        values = field.enum_type.values
        return int(values[self._choose.below(len(values))].number)

    def _string(self, field: Any) -> str:
        if self._choose.chance(3):
            return "long " * self._choose.of((60, 2000, 60_000))
        name = field.name
        if name in _STRINGS and self._choose.chance(80):
            return str(self._choose.of(_STRINGS[name]))
        if _is_id(name):
            return self._id(field)
        if self._choose.chance(40):
            return self._choose.text()
        return str(self._choose.of(_WORDS))

    def _id(self, field: Any) -> str:
        owner = field.containing_type
        if field.name in {"id", "ids"}:
            kind = kind_of(owner.name, self._method.name)
        else:
            kind = kind_of(field.name, f"{owner.name}{self._method.name}")
        roll = self._choose.below(100)
        if roll < 65 and kind:
            return self._ids.pick(kind, self._choose)
        if roll < 75:
            return self._ids.pick(self._choose.of(KINDS), self._choose)
        if roll < 90:
            return f"new{self._choose.below(200)}"
        return str(self._choose.of(_BAD_IDS)) if roll < 96 else self._choose.text()

    def _bytes(self) -> bytes:
        return self._choose.data() if self._choose.chance(30) else self._choose.of(_BYTES)


def _is_id(name: str) -> bool:
    return name in {"id", "ids"} or name.endswith(("_id", "_ids"))


def _damage(choose: Chooser, payload: bytes) -> bytes:
    way = choose.below(5)
    at = choose.below(1 << 16) % (len(payload) + 1)
    if way == 0:
        return payload[:at]
    if way == 1 and payload:
        at = min(at, len(payload) - 1)
        return payload[:at] + bytes((payload[at] ^ (1 << choose.below(8)),)) + payload[at + 1 :]
    if way == 2:
        junk = choose.data()
        return payload + varint((1000 + choose.below(9000)) << 3 | 2) + varint(len(junk)) + junk
    if way == 3:
        return payload[:at] + choose.data() + payload[at:]
    return choose.data()


_WHOLE = (0, 1, 2, 3, 10, 128, 1000, 1001)
_REAL = (0.0, 0.5, 1.0, -1.0, 90.5, 1e-45, float("nan"), float("inf"), float("-inf"))
_NUMBERS: dict[int, tuple[Any, ...]] = {
    FieldDescriptor.CPPTYPE_INT32: (*_WHOLE, -1, 2**31 - 1, -(2**31)),
    FieldDescriptor.CPPTYPE_INT64: (*_WHOLE, -1, 2**63 - 1, -(2**63), 253402300800),
    FieldDescriptor.CPPTYPE_UINT32: (*_WHOLE, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (*_WHOLE, 2**64 - 1),
    FieldDescriptor.CPPTYPE_FLOAT: (*_REAL, 3e38),
    FieldDescriptor.CPPTYPE_DOUBLE: (*_REAL, 1e308, -1e308, 5e-324),
    FieldDescriptor.CPPTYPE_BOOL: (False, True),
}

_WORDS = (
    "", "a", "dog", "*", "do*", "%", "_", "'; DROP TABLE inputs; --", "a.b", "NaN", "-1", "null",
    "tags[]", "\0", "\u202e", "\U0001f415", "\u0130", "{}", "[", "(", "a AND (b", "\\", "\n",
)  # fmt: skip
_BAD_IDS = (
    "", "..", "../../etc/passwd", "a/b", "a\\b", "a\0b", "\u0430dmin", "\uff0e\uff0e", "a b", "-",
    "%2e%2e", "x" * 300, "CON", "me", "*",
)  # fmt: skip
_STRINGS: dict[str, tuple[str, ...]] = {
    "url": URLS,
    "user_id": ("fuzz", "fuzz", "fuzz", "", "me", "clarifai", "openai", "other", "a/b"),
    "app_id": ("one", "one", "one", "two", "", "main", "gone", "../one"),
    "action": ("merge", "overwrite", "remove", "merge", "overwrite", "remove", "", "MERGE"),
    "metric": ("EUCLIDEAN_DISTANCE", "COSINE_DISTANCE", ""),
    "predicate": ("hypernym", "hyponym", "synonym", "x"),
    "model_type_id": (
        "embedding-classifier", "visual-classifier", "text-classifier", "clusterer", "image-crop",
        "visual-detector", "text-to-text", "concept-threshold", "nothing",
    ),
    "raw": ("a dog in the park", "", "\0", "\u202e"),
    "template": ("", "Clarifai_InceptionV2", "nothing"),
}  # fmt: skip
_BYTES = (
    picture("red"), picture("blue", kind="JPEG"), picture("green", kind="GIF"),
    picture("red")[:40], huge_png(60_000, 60_000), b"", b"\xff\xfb\x90\x00", b"RIFF\0\0\0\0WAVE",
    b"\0\0\0\x18ftypmp42", b"PK\x03\x04", b"\xff\xd8\xff\xe0", b"GIF89a", b"II*\0", b"BM",
)  # fmt: skip
