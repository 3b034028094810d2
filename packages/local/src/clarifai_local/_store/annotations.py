"""The annotations of all inputs, with the indexes that filters use."""

# ruff: noqa: S608 - only names from this package are put into SQL, values are bound

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._store.inputs import chunks, marks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from google.protobuf import struct_pb2

    from clarifai_local._store.sequences import Sequences

WHOLE, REGION, FRAME, TIME_SEGMENT = 0, 1, 2, 3
"""Values of `annotation_concepts.place`: what part of the input a concept is about."""

_MAX_LEAF_CHARACTERS = 128
_COLUMNS = (
    "seq, app, input, id, user_id, model_version_id, status, trusted, input_level,"
    " lat, lon, created_at, modified_at, wire"
)


@attrs.frozen
class AnnotationRow:
    """One annotation as stored."""

    seq: int
    app: int
    input: int
    id: str
    user_id: str
    model_version_id: str
    status: int
    trusted: int
    input_level: int
    lat: float | None
    lon: float | None
    created_at: int
    modified_at: int
    wire: bytes
    """The serialized Annotation."""

    def message(self) -> resources_pb2.Annotation:
        """Return the annotation."""
        return resources_pb2.Annotation.FromString(self.wire)


@attrs.frozen
class NewAnnotation:
    """An annotation that is about to be stored: `message` is complete."""

    input: int
    message: resources_pb2.Annotation


class AnnotationTable:
    """Reads and writes annotations; every method takes the connection of a read or write block."""

    def __init__(self, sequences: Sequences) -> None:
        self._sequences = sequences

    def get(
        self, db: sqlite3.Connection, input_seq: int, annotation_id: str
    ) -> AnnotationRow | None:
        """Return an annotation by its input and id, or None."""
        found = self.where(db, "input = ? AND id = ?", (input_seq, annotation_id))
        return found[0] if found else None

    def of_inputs(self, db: sqlite3.Connection, seqs: Sequence[int]) -> list[AnnotationRow]:
        """Return all annotations of the inputs, oldest first."""
        found: list[AnnotationRow] = []
        for part in chunks(seqs):
            found += self.where(db, f"input IN ({marks(part)})", part)
        return sorted(found, key=lambda row: row.seq)

    def where(
        self, db: sqlite3.Connection, condition: str, params: Sequence[object]
    ) -> list[AnnotationRow]:
        """Return annotations that meet a SQL condition, which may end in ORDER BY and LIMIT."""
        query = f"SELECT {_COLUMNS} FROM annotations WHERE {condition}"
        return [AnnotationRow(*row) for row in db.execute(query, params)]

    def insert(
        self,
        db: sqlite3.Connection,
        app: int,
        items: Sequence[NewAnnotation],
        concepts: Mapping[str, int],
        now_us: int,
    ) -> range:
        """Store annotations whose ids are known to be free; the last one is the newest.

        Args:
            db: The connection of a write block.
            app: The app's number.
            items: The annotations.
            concepts: Number by id of every concept that they mention.
            now_us: Time of creation.

        Returns:
            Their numbers.
        """
        seqs = self._sequences.take("annotations", len(items))
        pairs = list(zip(seqs, items, strict=True))
        db.executemany(
            f"INSERT INTO annotations VALUES ({marks(_COLUMNS.split(','))})",
            [
                (
                    seq,
                    app,
                    item.input,
                    item.message.id,
                    item.message.user_id,
                    item.message.model_version_id,
                    item.message.status.code,
                    item.message.trusted,
                    item.message.input_level,
                    *_position(item.message.data),
                    now_us,
                    now_us,
                    item.message.SerializeToString(),
                )
                for seq, item in pairs
            ],
        )
        self._index(
            db, app, [(seq, item.input, item.message.data) for seq, item in pairs], concepts
        )
        return seqs

    def update(
        self,
        db: sqlite3.Connection,
        row: AnnotationRow,
        message: resources_pb2.Annotation,
        concepts: Mapping[str, int],
        now_us: int,
    ) -> None:
        """Replace an annotation, its indexes included."""
        db.execute(
            "UPDATE annotations SET status = ?, lat = ?, lon = ?, modified_at = ?, wire = ?"
            " WHERE seq = ?",
            (
                message.status.code,
                *_position(message.data),
                now_us,
                message.SerializeToString(),
                row.seq,
            ),
        )
        self._drop_indexes(db, [row.seq])
        self._index(db, row.app, [(row.seq, row.input, message.data)], concepts)

    def delete(self, db: sqlite3.Connection, seqs: Sequence[int]) -> None:
        """Remove annotations."""
        self._drop_indexes(db, seqs)
        db.executemany("DELETE FROM annotations WHERE seq = ?", [(seq,) for seq in seqs])

    @staticmethod
    def _drop_indexes(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
        values = [(seq,) for seq in seqs]
        db.executemany("DELETE FROM annotation_concepts WHERE annotation = ?", values)
        db.executemany("DELETE FROM annotation_leaves WHERE annotation = ?", values)

    @staticmethod
    def _index(
        db: sqlite3.Connection,
        app: int,
        items: Sequence[tuple[int, int, resources_pb2.Data]],
        concepts: Mapping[str, int],
    ) -> None:
        mentions: dict[tuple[int, int, int], tuple[int, float]] = {}
        leaves: list[tuple[int, str, str, int]] = []
        for seq, input_seq, data in items:
            for place, concept in concepts_in(data):
                key = (concepts[concept.id], seq, place)
                if key not in mentions or concept.value > mentions[key][1]:
                    mentions[key] = (input_seq, concept.value)
            if data.HasField("metadata"):
                leaves += ((app, path, value, seq) for path, value in leaves_of(data.metadata))
        if mentions:
            db.executemany(
                "INSERT INTO annotation_concepts VALUES (?, ?, ?, ?, ?)",
                [(*key, *value) for key, value in mentions.items()],
            )
        if leaves:
            db.executemany("INSERT OR IGNORE INTO annotation_leaves VALUES (?, ?, ?, ?)", leaves)


def concepts_in(data: resources_pb2.Data) -> Iterator[tuple[int, resources_pb2.Concept]]:
    """Yield every concept of an annotation's data, with the place that it is about."""
    for concept in data.concepts:
        yield WHOLE, concept
    for region in data.regions:
        for concept in region.data.concepts:
            yield REGION, concept
    for frame in data.frames:
        for _, concept in concepts_in(frame.data):
            yield FRAME, concept
    for segment in data.time_segments:
        for _, concept in concepts_in(segment.data):
            yield TIME_SEGMENT, concept


def leaves_of(metadata: struct_pb2.Struct) -> Iterator[tuple[str, str]]:
    """Yield `(path, value)` of every scalar in the metadata, as `annotation_leaves` has them.

    Example:
        >>> from google.protobuf.struct_pb2 import Struct
        >>> struct = Struct()
        >>> struct.update({"a": {"b": 1}, "tags": ["x", "y"]})
        >>> sorted(leaves_of(struct))
        [('a.b', '1.0'), ('tags[]', '"x"'), ('tags[]', '"y"')]
    """
    for key, value in metadata.fields.items():
        yield from _leaves(value, key)


def leaf_value(value: str | float | bool | None) -> str:
    """Return the text that stands for a scalar in `annotation_leaves.value`."""
    text = json.dumps(value if isinstance(value, (bool, str, type(None))) else float(value))
    if len(text) <= _MAX_LEAF_CHARACTERS:
        return text
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _leaves(value: struct_pb2.Value, path: str) -> Iterator[tuple[str, str]]:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        for key, inner in value.struct_value.fields.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif kind == "list_value":
        for inner in value.list_value.values:
            yield from _leaves(inner, f"{path}[]")
    elif kind == "string_value":
        yield path, leaf_value(value.string_value)
    elif kind == "number_value":
        yield path, leaf_value(value.number_value)
    elif kind == "bool_value":
        yield path, leaf_value(value.bool_value)
    elif kind == "null_value":
        yield path, leaf_value(None)


def _position(data: resources_pb2.Data) -> tuple[float | None, float | None]:
    if not data.geo.HasField("geo_point"):
        return None, None
    point = data.geo.geo_point
    return point.latitude, point.longitude
