"""Which inputs are in which dataset, and the snapshots that dataset versions are."""

# ruff: noqa: S608 - only names from this package are put into SQL, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._store.annotations import WHOLE, concepts_in
from clarifai_local._store.inputs import SUCCESS, chunks, marks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_BATCH = 500


@attrs.frozen
class AnnotatedInput:
    """A processed input with its user-made annotations: what training and evaluation read."""

    input: int
    """Number of the input; it may be gone when this comes from a snapshot."""
    id: str
    kinds: int
    media: bytes | None
    text_sha: bytes | None
    wire: bytes
    """The serialized Input."""
    annotations: tuple[resources_pb2.Annotation, ...]

    def message(self) -> resources_pb2.Input:
        """Return the input."""
        return resources_pb2.Input.FromString(self.wire)

    def concepts(self) -> dict[str, float]:
        """Return value by concept id, of the concepts that are about the whole input.

        Where several annotations name a concept, the newest one counts.
        """
        return {
            concept.id: concept.value
            for annotation in self.annotations
            for place, concept in concepts_in(annotation.data)
            if place == WHOLE
        }


class DatasetTable:
    """Reads and writes memberships; every method takes the connection of a read or write block."""

    def add(
        self, db: sqlite3.Connection, dataset: int, inputs: Sequence[int], now_us: int
    ) -> set[int]:
        """Put inputs into a dataset.

        Returns:
            The numbers of those that were in it already.
        """
        present = self.members(db, dataset, inputs)
        db.executemany(
            "INSERT INTO dataset_inputs (dataset, input, created_at) VALUES (?, ?, ?)",
            [(dataset, seq, now_us) for seq in dict.fromkeys(inputs) if seq not in present],
        )
        return present

    def members(self, db: sqlite3.Connection, dataset: int, inputs: Sequence[int]) -> set[int]:
        """Return those of the inputs that are in a dataset."""
        present: set[int] = set()
        for part in chunks(inputs):
            query = (
                f"SELECT input FROM dataset_inputs WHERE dataset = ? AND input IN ({marks(part)})"
            )
            present.update(seq for (seq,) in db.execute(query, (dataset, *part)))
        return present

    def remove(self, db: sqlite3.Connection, dataset: int, inputs: Sequence[int]) -> None:
        """Take inputs out of a dataset."""
        db.executemany(
            "DELETE FROM dataset_inputs WHERE dataset = ? AND input = ?",
            [(dataset, seq) for seq in inputs],
        )

    def page(
        self, db: sqlite3.Connection, dataset: int, *, limit: int, offset: int = 0
    ) -> list[tuple[int, int]]:
        """Return `(input, added at)` of a dataset, the last added first."""
        query = (
            "SELECT input, created_at FROM dataset_inputs WHERE dataset = ?"
            " ORDER BY seq DESC LIMIT ? OFFSET ?"
        )
        return db.execute(query, (dataset, limit, offset)).fetchall()

    def clear(self, db: sqlite3.Connection, dataset: int) -> None:
        """Forget the memberships of a dataset that is deleted."""
        db.execute("DELETE FROM dataset_inputs WHERE dataset = ?", (dataset,))

    def examples(
        self,
        db: sqlite3.Connection,
        app: int,
        *,
        dataset: int | None = None,
        version: int | None = None,
        until: int | None = None,
    ) -> Iterator[AnnotatedInput]:
        """Yield the processed inputs of an app, a dataset or a version's snapshot, oldest first.

        Args:
            db: The connection of a read or write block.
            app: The app's number.
            dataset: Number of the dataset's row; only its inputs.
            version: Number of the version's row; its snapshot.
            until: Number of the last input that is meant; not for a version.
        """
        if version is not None:
            yield from self._snapshot_examples(db, version)
            return
        for seqs in _batches(self._processed(db, app, dataset, until)):
            yield from self._current_examples(db, seqs)

    def snapshot(
        self, db: sqlite3.Connection, version: int, app: int, dataset: int, until: int
    ) -> int:
        """Copy a dataset's inputs up to the number `until` into a version; returns how many.

        The version has no copy yet: `drop_snapshot` says which blobs lose a reference.
        """
        position = 0
        examples = self.examples(db, app, dataset=dataset, until=until)
        for position, example in enumerate(examples, start=1):
            kept = service_pb2.MultiAnnotationResponse(annotations=example.annotations)
            db.execute(
                "INSERT INTO dataset_version_items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    version,
                    position,
                    example.input,
                    example.id,
                    example.kinds,
                    example.media,
                    example.text_sha,
                    example.wire,
                    kept.SerializeToString(),
                ),
            )
        return position

    def drop_snapshot(self, db: sqlite3.Connection, version: int) -> list[bytes]:
        """Remove a version's copy; returns the blobs that lost a reference."""
        lost = db.execute(
            "SELECT DISTINCT media FROM dataset_version_items"
            " WHERE version = ? AND media IS NOT NULL",
            (version,),
        ).fetchall()
        db.execute("DELETE FROM dataset_version_items WHERE version = ?", (version,))
        return [media for (media,) in lost]

    @staticmethod
    def _processed(
        db: sqlite3.Connection, app: int, dataset: int | None, until: int | None
    ) -> list[int]:
        query = "SELECT seq FROM inputs WHERE app = ? AND status = ?"
        params = [app, SUCCESS]
        if dataset is not None:
            query += " AND seq IN (SELECT input FROM dataset_inputs WHERE dataset = ?)"
            params.append(dataset)
        if until is not None:
            query += " AND seq <= ?"
            params.append(until)
        return [seq for (seq,) in db.execute(f"{query} ORDER BY seq", params)]

    @staticmethod
    def _current_examples(db: sqlite3.Connection, seqs: Sequence[int]) -> Iterator[AnnotatedInput]:
        of = f"({marks(seqs)})"
        labels: dict[int, list[resources_pb2.Annotation]] = {}
        for seq, wire in db.execute(
            f"SELECT input, wire FROM annotations WHERE input IN {of}"
            " AND trusted AND status = ? ORDER BY seq",
            (*seqs, codes.ANNOTATION_SUCCESS),
        ).fetchall():
            parsed = resources_pb2.Annotation.FromString(wire)
            labels.setdefault(seq, []).append(parsed)
        rows = db.execute(
            "SELECT i.seq, i.id, i.kinds, i.media, i.text_sha, w.wire FROM inputs i"
            f" JOIN input_wires w ON w.seq = i.seq WHERE i.seq IN {of} ORDER BY i.seq",
            seqs,
        ).fetchall()
        for seq, input_id, kinds, media, text_sha, wire in rows:
            made = tuple(labels.get(seq, ()))
            yield AnnotatedInput(seq, input_id, kinds, media, text_sha, wire, made)

    @staticmethod
    def _snapshot_examples(db: sqlite3.Connection, version: int) -> Iterator[AnnotatedInput]:
        after = 0
        query = (
            "SELECT position, input, id, kinds, media, text_sha, wire, annotations"
            " FROM dataset_version_items WHERE version = ? AND position > ?"
            " ORDER BY position LIMIT ?"
        )
        while rows := db.execute(query, (version, after, _BATCH)).fetchall():
            after = rows[-1][0]
            for _, seq, input_id, kinds, media, text_sha, wire, kept in rows:
                parsed = service_pb2.MultiAnnotationResponse.FromString(kept)
                made = tuple(parsed.annotations)
                yield AnnotatedInput(seq, input_id, kinds, media, text_sha, wire, made)


def _batches(seqs: list[int]) -> Iterator[list[int]]:
    return (seqs[i : i + _BATCH] for i in range(0, len(seqs), _BATCH))
