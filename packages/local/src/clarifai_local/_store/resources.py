"""The table of the kinds with few rows: apps, datasets, models, workflows and their versions."""

# ruff: noqa: S608 - only names from this package are put into SQL, values are bound

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs
from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarifai_local._store.blobs import BlobStore

M = TypeVar("M", bound=Message)

_COLUMNS = "seq, kind, user_id, app_id, parent, id, created_at, modified_at, status, detail, body"


Rows: TypeAlias = list["ResourceRow"]


class Duplicate(Exception):
    """A resource of that kind and id exists already."""


@attrs.frozen
class ResourceRow:
    """One resource as stored."""

    seq: int
    """Its number, never reused."""
    kind: str
    user_id: str
    app_id: str
    parent: str
    """Id of what it belongs to: a version's model, dataset or workflow; else ""."""
    id: str
    created_at: int
    """Microseconds since 1970."""
    modified_at: int
    status: int
    """Status code of kinds that have one, else 0."""
    detail: str
    """A fact of the kind that queries need (an app's base workflow), else ""."""
    body: bytes
    """The serialized message."""

    def message(self, message_type: type[M]) -> M:
        """Return the stored message."""
        return message_type.FromString(self.body)


class ResourceTable:
    """Reads and writes rows; every method takes the connection of a `read` or `write` block.

    Args:
        blobs: Where attachments go.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def insert(
        self,
        db: sqlite3.Connection,
        kind: str,
        scope: tuple[str, str],
        resource_id: str,
        message: Message,
        *,
        now_us: int,
        parent: str = "",
        status: int = 0,
        detail: str = "",
    ) -> ResourceRow:
        """Add a resource.

        Args:
            db: The connection of a write block.
            kind: Such as "dataset".
            scope: `(user_id, app_id)`.
            resource_id: Its id, unique within kind, scope and parent.
            message: Its body.
            now_us: Time of creation.
            parent: Id of what it belongs to.
            status: Its status code, if it has one.
            detail: See `ResourceRow.detail`.

        Raises:
            Duplicate: It exists already.
        """
        body = message.SerializeToString()
        values = (kind, *scope, parent, resource_id, now_us, now_us, status, detail, body)
        try:
            seq = db.execute(
                "INSERT INTO resources (kind, user_id, app_id, parent, id, created_at, modified_at,"
                " status, detail, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid
        except sqlite3.IntegrityError as error:
            raise Duplicate(kind, resource_id) from error
        return ResourceRow(seq or 0, *values)

    def get(
        self,
        db: sqlite3.Connection,
        kind: str,
        scope: tuple[str, str],
        resource_id: str,
        parent: str = "",
    ) -> ResourceRow | None:
        """Return one resource by its id, or None."""
        found = db.execute(
            f"SELECT {_COLUMNS} FROM resources"
            " WHERE kind = ? AND user_id = ? AND app_id = ? AND parent = ? AND id = ?",
            (kind, *scope, parent, resource_id),
        ).fetchone()
        return None if found is None else ResourceRow(*found)

    def by_seq(self, db: sqlite3.Connection, seq: int) -> ResourceRow | None:
        """Return one resource by its number, or None."""
        found = db.execute(f"SELECT {_COLUMNS} FROM resources WHERE seq = ?", (seq,)).fetchone()
        return None if found is None else ResourceRow(*found)

    def list(
        self,
        db: sqlite3.Connection,
        kind: str,
        scope: tuple[str, str] = ("", ""),
        *,
        parent: str | None = "",
        limit: int = -1,
        offset: int = 0,
        order: str = "seq DESC",
        where: str = "",
        params: Sequence[object] = (),
    ) -> Rows:
        """Return resources of a kind, newest first unless `order` says otherwise.

        Args:
            db: The connection of a read or write block.
            kind: Such as "dataset".
            scope: `(user_id, app_id)`; "" in either means any.
            parent: Id of what they belong to; None means any.
            limit: Rows at most; -1 means all.
            offset: Rows to leave out first.
            order: SQL order; `seq` is appended to make it stable.
            where: One more SQL condition, with `params`.
            params: Values for the question marks of `where`.
        """
        conditions, values = _conditions(kind, scope, parent)
        if where:
            conditions.append(f"({where})")
            values += params
        found = db.execute(
            f"SELECT {_COLUMNS} FROM resources WHERE {' AND '.join(conditions)}"
            f" ORDER BY {order}, seq DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [ResourceRow(*row) for row in found]

    def by_status(self, db: sqlite3.Connection, kind: str, statuses: Iterable[int]) -> Rows:
        """Return the resources of a kind in one of the statuses, oldest first: unfinished work."""
        wanted = list(statuses)
        marks = ", ".join("?" * len(wanted))
        found = db.execute(
            f"SELECT {_COLUMNS} FROM resources WHERE kind = ? AND status IN ({marks}) ORDER BY seq",
            (kind, *wanted),
        )
        return [ResourceRow(*row) for row in found]

    def update(
        self,
        db: sqlite3.Connection,
        row: ResourceRow,
        message: Message,
        *,
        now_us: int,
        status: int | None = None,
        detail: str | None = None,
    ) -> ResourceRow:
        """Replace the body of a resource, and its status or detail when given."""
        changed = attrs.evolve(
            row,
            body=message.SerializeToString(),
            modified_at=now_us,
            status=row.status if status is None else status,
            detail=row.detail if detail is None else detail,
        )
        db.execute(
            "UPDATE resources SET body = ?, modified_at = ?, status = ?, detail = ? WHERE seq = ?",
            (changed.body, now_us, changed.status, changed.detail, row.seq),
        )
        return changed

    def set_status(self, db: sqlite3.Connection, row: ResourceRow, status: int) -> ResourceRow:
        """Move a resource to another status."""
        db.execute("UPDATE resources SET status = ? WHERE seq = ?", (status, row.seq))
        return attrs.evolve(row, status=status)

    def delete(self, db: sqlite3.Connection, row: ResourceRow) -> None:
        """Remove a resource with its attachments; what hangs on it otherwise is the caller's."""
        self.delete_where(db, "seq = ?", (row.seq,))

    def delete_where(
        self, db: sqlite3.Connection, condition: str, params: Sequence[object]
    ) -> None:
        """Remove all resources that meet a SQL condition, with their attachments."""
        chosen = f"SELECT seq FROM resources WHERE {condition}"
        lost = db.execute(f"SELECT sha FROM attachments WHERE resource IN ({chosen})", params)
        self._blobs.discard(db, [sha for (sha,) in lost.fetchall()])
        db.execute(f"DELETE FROM attachments WHERE resource IN ({chosen})", params)
        db.execute(f"DELETE FROM resources WHERE {condition}", params)

    def attach(
        self,
        db: sqlite3.Connection,
        row: ResourceRow,
        name: str,
        data: bytes,
        media_type: str = "application/octet-stream",
    ) -> None:
        """Keep bytes with a resource (weights, a log, an archive), replacing those of that name."""
        sha = self._blobs.prepare_within(data)
        previous = self._attached(db, row, name)
        self._blobs.put(db, sha, data, media_type)
        db.execute("INSERT OR REPLACE INTO attachments VALUES (?, ?, ?)", (row.seq, name, sha))
        if previous not in {None, sha}:
            self._blobs.discard(db, [previous])

    def attachment(self, db: sqlite3.Connection, row: ResourceRow, name: str) -> bytes | None:
        """Return the bytes kept with a resource under `name`, or None, also when they are lost."""
        sha = self._attached(db, row, name)
        return None if sha is None else self._blobs.get(db, sha)

    def whole_attachment(self, db: sqlite3.Connection, row: ResourceRow, name: str) -> bytes | None:
        """Return the bytes kept with a resource under `name`, or None when there are none.

        Raises:
            DamagedDirectory: They are lost.
        """
        sha = self._attached(db, row, name)
        return None if sha is None else self._blobs.read(db, sha)

    @staticmethod
    def _attached(db: sqlite3.Connection, row: ResourceRow, name: str) -> bytes | None:
        found = db.execute(
            "SELECT sha FROM attachments WHERE resource = ? AND name = ?", (row.seq, name)
        ).fetchone()
        return None if found is None else bytes(found[0])


def _conditions(
    kind: str, scope: tuple[str, str], parent: str | None
) -> tuple[list[str], list[object]]:
    wanted = (("user_id", scope[0] or None), ("app_id", scope[1] or None), ("parent", parent))
    given = [(column, value) for column, value in wanted if value is not None]
    return ["kind = ?", *(f"{column} = ?" for column, _ in given)], [kind, *(v for _, v in given)]
