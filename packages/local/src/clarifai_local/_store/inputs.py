"""The inputs of all apps, and the jobs that uploads are counted in."""

# ruff: noqa: S608 - only names from this package are put into SQL, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from clarifai_local._store.blobs import BlobStore
    from clarifai_local._store.sequences import Sequences
    from clarifai_local._store.vectors import VectorStore

IMAGE, VIDEO, TEXT, AUDIO = 1, 2, 4, 8
"""Bits of `inputs.kinds`: what kinds of data an input has."""

MEDIA_FROM_URL, TEXT_FROM_URL = 16, 32
"""Bits of `inputs.kinds`: the image, video or audio, or the text, was given by its address."""

SUCCESS: int = codes.INPUT_DOWNLOAD_SUCCESS
PENDING: int = codes.INPUT_DOWNLOAD_PENDING
IN_PROGRESS: int = codes.INPUT_DOWNLOAD_IN_PROGRESS

MAX_VARIABLES = 500
"""Values in one `IN (...)` list."""

_COLUMNS = (
    "i.seq, i.app, i.id, i.kinds, i.status, i.details, i.media, i.text_sha,"
    " i.created_at, i.modified_at, w.wire"
)
_FROM = "FROM inputs i JOIN input_wires w ON w.seq = i.seq"


@attrs.frozen
class InputRow:
    """One input as stored."""

    seq: int
    app: int
    id: str
    kinds: int
    status: int
    details: str
    """Why it failed."""
    media: bytes | None
    """SHA-256 of its image, video or audio, once that is here."""
    text_sha: bytes | None
    """SHA-256 of its text in UTF-8."""
    created_at: int
    modified_at: int
    wire: bytes
    """The serialized Input, without status, addresses and datasets."""


@attrs.frozen
class NewInput:
    """An input that is about to be stored."""

    id: str
    kinds: int
    media: bytes | None
    text_sha: bytes | None
    wire: bytes


@attrs.frozen
class JobRow:
    """An upload job."""

    seq: int
    id: str
    cancelled: bool
    created_at: int
    modified_at: int


class InputTable:
    """Reads and writes inputs; every method takes the connection of a read or write block."""

    def __init__(self, sequences: Sequences, blobs: BlobStore, vectors: VectorStore) -> None:
        self._sequences = sequences
        self._blobs = blobs
        self._vectors = vectors

    def get(self, db: sqlite3.Connection, app: int, input_id: str) -> InputRow | None:
        """Return an input by its id, or None."""
        found = db.execute(
            f"SELECT {_COLUMNS} {_FROM} WHERE i.app = ? AND i.id = ?", (app, input_id)
        ).fetchone()
        return None if found is None else InputRow(*found)

    def rows(self, db: sqlite3.Connection, seqs: Sequence[int]) -> list[InputRow]:
        """Return inputs by number, in the order asked for; those that are gone are left out."""
        found: dict[int, InputRow] = {}
        for part in chunks(seqs):
            query = f"SELECT {_COLUMNS} {_FROM} WHERE i.seq IN ({marks(part)})"
            found.update((row[0], InputRow(*row)) for row in db.execute(query, part))
        return [found[seq] for seq in seqs if seq in found]

    def page(
        self,
        db: sqlite3.Connection,
        app: int,
        *,
        limit: int,
        offset: int = 0,
        ids: Sequence[str] = (),
        status: int = 0,
        before: int | None = None,
    ) -> list[InputRow]:
        """Return inputs of an app, newest first.

        Args:
            db: The connection of a read or write block.
            app: The app's number.
            limit: Rows at most.
            offset: Rows to leave out first.
            ids: Only these; empty means all.
            status: Only those in this status; 0 means any.
            before: Only those older than the input of this number.
        """
        where: list[str] = ["app = ?"]
        params: list[object] = [app, *ids]
        if ids:
            where.append(f"id IN ({marks(ids)})")
        if status:
            where.append("status = ?")
            params.append(status)
        if before is not None:
            where.append("seq < ?")
            params.append(before)
        chosen = (
            f"SELECT seq FROM inputs WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ? OFFSET ?"
        )
        query = f"SELECT {_COLUMNS} {_FROM} WHERE i.seq IN ({chosen}) ORDER BY i.seq DESC"
        return [InputRow(*row) for row in db.execute(query, (*params, limit, offset))]

    def numbers(self, db: sqlite3.Connection, app: int, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of those of the ids that exist."""
        found: dict[str, int] = {}
        for part in chunks(list(ids)):
            query = f"SELECT id, seq FROM inputs WHERE app = ? AND id IN ({marks(part)})"
            found.update(db.execute(query, (app, *part)))
        return found

    def insert(
        self,
        db: sqlite3.Connection,
        app: int,
        items: Sequence[NewInput],
        *,
        now_us: int,
        job: int | None = None,
        status: int = PENDING,
    ) -> range:
        """Store inputs whose ids are known to be free; the last one is the newest.

        Returns:
            Their numbers.
        """
        seqs = self._sequences.take("inputs", len(items))
        db.executemany(
            "INSERT INTO inputs VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?)",
            [
                (seq, app, i.id, i.kinds, status, job, i.media, i.text_sha, now_us, now_us)
                for seq, i in zip(seqs, items, strict=True)
            ],
        )
        db.executemany(
            "INSERT INTO input_wires VALUES (?, ?)",
            [(seq, item.wire) for seq, item in zip(seqs, items, strict=True)],
        )
        return seqs

    def set_wire(self, db: sqlite3.Connection, seq: int, wire: bytes, now_us: int | None) -> None:
        """Replace the body of an input; `now_us` is None when that is no modification."""
        db.execute("UPDATE input_wires SET wire = ? WHERE seq = ?", (wire, seq))
        if now_us is not None:
            db.execute("UPDATE inputs SET modified_at = ? WHERE seq = ?", (now_us, seq))

    def set_content(
        self, db: sqlite3.Connection, seq: int, media: bytes | None, text_sha: bytes | None
    ) -> None:
        """Record which blob holds an input's image, video or audio, and the hash of its text."""
        replaced = db.execute("SELECT media FROM inputs WHERE seq = ?", (seq,)).fetchone()
        if replaced is not None and replaced[0] != media:
            self._blobs.discard(db, replaced)
        db.execute(
            "UPDATE inputs SET media = ?, text_sha = ? WHERE seq = ?", (media, text_sha, seq)
        )

    def alive(self, db: sqlite3.Connection, seqs: Sequence[int]) -> set[int]:
        """Return those of the numbers that still are inputs."""
        found: set[int] = set()
        for part in chunks(seqs):
            query = f"SELECT seq FROM inputs WHERE seq IN ({marks(part)})"
            found.update(seq for (seq,) in db.execute(query, part))
        return found

    def set_status(
        self, db: sqlite3.Connection, seqs: Sequence[int], status: int, details: str = ""
    ) -> None:
        """Move inputs to another status."""
        db.executemany(
            "UPDATE inputs SET status = ?, details = ? WHERE seq = ?",
            [(status, details, seq) for seq in seqs],
        )

    def reset_interrupted(self, db: sqlite3.Connection) -> None:
        """Let inputs that were being processed when the platform ended be processed anew."""
        db.execute("UPDATE inputs SET status = ? WHERE status = ?", (PENDING, IN_PROGRESS))

    def put_back(self, db: sqlite3.Connection, seqs: Sequence[int]) -> None:
        """Let those of these inputs that are in progress wait to be processed again."""
        db.executemany(
            "UPDATE inputs SET status = ? WHERE seq = ? AND status = ?",
            [(PENDING, seq, IN_PROGRESS) for seq in seqs],
        )

    def pending(self, db: sqlite3.Connection, limit: int, until_us: int | None = None) -> list[int]:
        """Return the numbers of the oldest inputs that wait to be processed.

        Args:
            db: An open transaction.
            limit: At most so many.
            until_us: Only those that came (or were changed) by then; None: all.
        """
        query = "SELECT seq FROM inputs WHERE status = 30001 ORDER BY seq LIMIT ?"
        if until_us is None:
            return [seq for (seq,) in db.execute(query, (limit,))]
        query = query.replace(" ORDER", " AND modified_at <= ? ORDER")
        return [seq for (seq,) in db.execute(query, (until_us, limit))]

    def oldest_pending_us(self, db: sqlite3.Connection) -> int | None:
        """Return when the input that waits longest came, None when none waits."""
        query = "SELECT MIN(modified_at) FROM inputs WHERE status = 30001"
        oldest: int | None = db.execute(query).fetchone()[0]
        return oldest

    @staticmethod
    def last(db: sqlite3.Connection) -> int:
        """Return the number of the input that came last, 0 when none ever came."""
        found: int | None = db.execute("SELECT MAX(seq) FROM inputs").fetchone()[0]
        return found or 0

    @staticmethod
    def unfinished(db: sqlite3.Connection, app: int, last: int) -> bool:
        """Return whether an input of an app, up to the number `last`, is still to be processed."""
        query = "SELECT 1 FROM inputs WHERE app = ? AND seq <= ? AND status IN (?, ?) LIMIT 1"
        return db.execute(query, (app, last, PENDING, IN_PROGRESS)).fetchone() is not None

    def delete(self, db: sqlite3.Connection, seqs: Sequence[int]) -> None:
        """Remove inputs with everything that hangs on them; snapshots keep their copy."""
        for part in chunks(seqs):
            values = list(part)
            of = f"({marks(values)})"
            lost = db.execute(f"SELECT media FROM inputs WHERE seq IN {of}", values).fetchall()
            self._blobs.discard(db, [media for (media,) in lost])
            annotations = f"(SELECT seq FROM annotations WHERE input IN {of})"
            for statement in (
                f"DELETE FROM annotation_concepts WHERE annotation IN {annotations}",
                f"DELETE FROM annotation_leaves WHERE annotation IN {annotations}",
                f"DELETE FROM annotations WHERE input IN {of}",
                f"DELETE FROM dataset_inputs WHERE input IN {of}",
                f"DELETE FROM input_wires WHERE seq IN {of}",
                f"DELETE FROM inputs WHERE seq IN {of}",
            ):
                db.execute(statement, values)
        self._vectors.delete(db, seqs)

    def counts(self, db: sqlite3.Connection, app: int) -> dict[int, int]:
        """Return the number of an app's inputs by status code."""
        query = "SELECT status, COUNT(*) FROM inputs WHERE app = ? GROUP BY status"
        return dict(db.execute(query, (app,)))

    def ensure_job(self, db: sqlite3.Connection, app: int, job_id: str, now_us: int) -> int:
        """Return the number of an upload job, made when the id is new."""
        db.execute(
            "INSERT INTO input_jobs (app, id, created_at, modified_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (app, id) DO UPDATE SET modified_at = excluded.modified_at",
            (app, job_id, now_us, now_us),
        )
        query = "SELECT seq FROM input_jobs WHERE app = ? AND id = ?"
        return int(db.execute(query, (app, job_id)).fetchone()[0])

    def job(self, db: sqlite3.Connection, app: int, job_id: str) -> JobRow | None:
        """Return an upload job by its id, or None."""
        found = self._jobs(db, "app = ? AND id = ?", (app, job_id))
        return found[0] if found else None

    def jobs(
        self, db: sqlite3.Connection, app: int, *, limit: int, offset: int = 0
    ) -> list[JobRow]:
        """Return the upload jobs of an app, newest first."""
        return self._jobs(db, "app = ? ORDER BY seq DESC LIMIT ? OFFSET ?", (app, limit, offset))

    def job_counts(self, db: sqlite3.Connection, job: int) -> dict[int, int]:
        """Return the number of a job's inputs by status code."""
        query = "SELECT status, COUNT(*) FROM inputs WHERE job = ? GROUP BY status"
        return dict(db.execute(query, (job,)))

    def cancel_job(self, db: sqlite3.Connection, job: int, now_us: int, details: str) -> None:
        """Fail the inputs of a job that wait to be processed."""
        db.execute(
            "UPDATE input_jobs SET cancelled = 1, modified_at = ? WHERE seq = ?", (now_us, job)
        )
        db.execute(
            "UPDATE inputs SET status = ?, details = ? WHERE job = ? AND status = ?",
            (codes.INPUT_DOWNLOAD_FAILED, details, job, PENDING),
        )

    @staticmethod
    def _jobs(db: sqlite3.Connection, where: str, params: Sequence[object]) -> list[JobRow]:
        query = f"SELECT seq, id, cancelled, created_at, modified_at FROM input_jobs WHERE {where}"
        return [
            JobRow(seq, job_id, bool(cancelled), created, modified)
            for seq, job_id, cancelled, created, modified in db.execute(query, params)
        ]


def marks(values: Sequence[object]) -> str:
    """Return as many question marks as there are values."""
    return ", ".join("?" * len(values))


def chunks(values: Sequence[object]) -> Iterable[list[object]]:
    """Return `values` in parts that fit into one `IN (...)` list."""
    return (list(values[i : i + MAX_VARIABLES]) for i in range(0, len(values), MAX_VARIABLES))
