"""Metadata filters: the stored metadata contains what the filter says, however nested.

An object is contained when each of its keys is there with a value that contains the asked one; a
list when each of its items is contained in some stored item; anything else when it is equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf import struct_pb2

from clarifai_local._searching.expressions import OfAnnotation, Or, balanced, point_of
from clarifai_local._searching.geo import among
from clarifai_local._store.annotations import leaves_of

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._searching.expressions import Expression

_LEAF = "annotation_leaves m WHERE m.app = ? AND m.path = ? AND m.value = ?"


def metadata(db: sqlite3.Connection, app: int, asked: struct_pb2.Struct) -> Expression:
    """Return the condition of a metadata filter: its keys are alternatives.

    Args:
        db: Where candidates are looked up.
        app: Number of the app.
        asked: The filter's metadata, with at least one key.
    """
    return Or(
        [_one(db, app, struct_pb2.Struct(fields={key: asked.fields[key]})) for key in asked.fields]
    )


def contains(stored: struct_pb2.Value, asked: struct_pb2.Value) -> bool:
    """Return whether a stored value contains the asked one; see the rules above."""
    kind = asked.WhichOneof("kind")
    if stored.WhichOneof("kind") != kind:
        return False
    if kind == "struct_value":
        return _object_contains(stored.struct_value, asked.struct_value)
    if kind == "list_value":
        items = stored.list_value.values
        return all(any(contains(s, a) for s in items) for a in asked.list_value.values)
    return kind is None or bool(getattr(stored, kind) == getattr(asked, kind))


def _object_contains(stored: struct_pb2.Struct, asked: struct_pb2.Struct) -> bool:
    return all(
        key in stored.fields and contains(stored.fields[key], value)
        for key, value in asked.fields.items()
    )


def _one(db: sqlite3.Connection, app: int, asked: struct_pb2.Struct) -> OfAnnotation:
    leaves = sorted(set(leaves_of(asked)))
    every = balanced([f"a.seq IN (SELECT m.annotation FROM {_LEAF})" for _ in leaves], "AND")  # noqa: S608
    sql = every or "a.app = ?"
    params: list[object] = [value for leaf in leaves for value in (app, *leaf)] or [app]
    if leaves and _is_exact(asked):
        points = [point_of(db, _LEAF, (app, *leaf)) for leaf in leaves]
        return OfAnnotation(sql, params, balanced(points, "AND") if all(points) else "")
    found = db.execute(f"SELECT a.seq, a.wire FROM annotations a WHERE {sql}", params)  # noqa: S608
    return among(
        [
            seq
            for seq, wire in found.fetchall()
            if _object_contains(resources_pb2.Annotation.FromString(wire).data.metadata, asked)
        ]
    )


def _is_exact(asked: struct_pb2.Struct) -> bool:
    """Return whether the index alone decides: it forgets which list item a leaf belongs to."""
    for key, value in asked.fields.items():
        kind = value.WhichOneof("kind")
        if "." in key or "[" in key:
            return False
        if kind == "struct_value" and not (
            value.struct_value.fields and _is_exact(value.struct_value)
        ):
            return False
        if kind == "list_value" and not _is_flat(value.list_value):
            return False
    return True


def _is_flat(values: struct_pb2.ListValue) -> bool:
    nested = ("struct_value", "list_value")
    return bool(values.values) and all(
        value.WhichOneof("kind") not in nested for value in values.values
    )
