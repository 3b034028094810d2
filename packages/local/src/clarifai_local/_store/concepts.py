"""The concepts of all apps."""

# ruff: noqa: S608 - only names from this package are put into SQL, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import _ids
from clarifai_local._clock import timestamp
from clarifai_local._store.inputs import chunks, marks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence


@attrs.frozen
class ConceptRow:
    """One concept as stored."""

    seq: int
    app: int
    id: str
    name: str
    created_at: int
    modified_at: int
    body: bytes
    """The serialized Concept."""

    def message(self) -> resources_pb2.Concept:
        """Return the concept."""
        return resources_pb2.Concept.FromString(self.body)


class ConceptTable:
    """Reads and writes concepts; every method takes the connection of a read or write block."""

    def get(self, db: sqlite3.Connection, app: int, concept_id: str) -> ConceptRow | None:
        """Return a concept by its id, or None."""
        found = self._rows(db, "app = ? AND id = ?", (app, concept_id))
        return found[0] if found else None

    def page(
        self,
        db: sqlite3.Connection,
        app: int,
        *,
        limit: int,
        offset: int = 0,
        like: str = "",
    ) -> list[ConceptRow]:
        r"""Return concepts of an app, newest first.

        Args:
            db: The connection of a read or write block.
            app: The app's number.
            limit: Rows at most.
            offset: Rows to leave out first.
            like: An SQL LIKE pattern (escape character `\\`) that id or name must match.
        """
        where, params = "app = ?", [app]
        if like:
            where += " AND (id LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\')"
            params += [like, like]  # type: ignore[list-item]
        return self._rows(
            db, f"{where} ORDER BY seq DESC LIMIT ? OFFSET ?", (*params, limit, offset)
        )

    def insert(
        self,
        db: sqlite3.Connection,
        app: int,
        key: tuple[str, str],
        concepts: Iterable[resources_pb2.Concept],
        now_us: int,
    ) -> None:
        """Store concepts whose ids are known to be free.

        Args:
            db: The connection of a write block.
            app: The app's number.
            key: `(user_id, app_id)`.
            concepts: Complete but for app, user, language and time, which are filled in.
            now_us: Time of creation.
        """
        rows = []
        for concept in concepts:
            concept.user_id, concept.app_id = key
            concept.language = concept.language or "en"
            concept.created_at.CopyFrom(timestamp(now_us))
            concept.ClearField("value")
            rows.append(
                (app, concept.id, concept.name, now_us, now_us, concept.SerializeToString())
            )
        db.executemany(
            "INSERT INTO concepts (app, id, name, created_at, modified_at, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )

    def update(
        self, db: sqlite3.Connection, row: ConceptRow, concept: resources_pb2.Concept, now_us: int
    ) -> None:
        """Replace the body of a concept."""
        db.execute(
            "UPDATE concepts SET name = ?, modified_at = ?, body = ? WHERE seq = ?",
            (concept.name, now_us, concept.SerializeToString(), row.seq),
        )

    def ensure(
        self,
        db: sqlite3.Connection,
        app: int,
        key: tuple[str, str],
        concepts: Sequence[resources_pb2.Concept],
        now_us: int,
    ) -> dict[str, int]:
        """Complete concepts that a request mentions, creating those that do not exist.

        An id alone gets the stored name, or itself as name; a name alone means the concept of
        that name, or a new one with that id.

        Args:
            db: The connection of a write block.
            app: The app's number.
            key: `(user_id, app_id)`.
            concepts: Completed in place: id, name, app_id.
            now_us: Time of creation of new ones.

        Returns:
            Number by concept id.

        Raises:
            Refused: A concept has an impossible id, or neither id nor name.
        """
        self._name_to_id(db, app, [c for c in concepts if not c.id])
        wanted = {c.id: c.name for c in concepts}
        known = self._known(db, app, list(wanted))
        fresh = [
            resources_pb2.Concept(id=_ids.check_concept(concept_id), name=name or concept_id)
            for concept_id, name in wanted.items()
            if concept_id not in known
        ]
        if fresh:
            self.insert(db, app, key, fresh, now_us)
            known |= self._known(db, app, [c.id for c in fresh])
        for concept in concepts:
            concept.name = known[concept.id][1]
            concept.app_id = key[1]
        return {concept_id: seq for concept_id, (seq, _) in known.items()}

    def by_name(self, db: sqlite3.Connection, app: int, names: Sequence[str]) -> dict[str, str]:
        """Return the id of the oldest concept of each name that exists."""
        found: dict[str, str] = {}
        for part in chunks(names):
            query = (
                f"SELECT name, id FROM concepts WHERE app = ? AND name IN ({marks(part)})"
                " ORDER BY seq DESC"
            )
            found.update(db.execute(query, (app, *part)))
        return found

    def _name_to_id(
        self, db: sqlite3.Connection, app: int, nameless: Sequence[resources_pb2.Concept]
    ) -> None:
        if nameless:
            by_name = self.by_name(db, app, list({c.name for c in nameless}))
            for concept in nameless:
                concept.id = by_name.get(concept.name, concept.name)

    @staticmethod
    def _known(
        db: sqlite3.Connection, app: int, concept_ids: Sequence[str]
    ) -> dict[str, tuple[int, str]]:
        known: dict[str, tuple[int, str]] = {}
        for part in chunks(concept_ids):
            query = f"SELECT id, seq, name FROM concepts WHERE app = ? AND id IN ({marks(part)})"
            known.update((row[0], (row[1], row[2])) for row in db.execute(query, (app, *part)))
        return known

    @staticmethod
    def _rows(db: sqlite3.Connection, where: str, params: Sequence[object]) -> list[ConceptRow]:
        columns = "seq, app, id, name, created_at, modified_at, body"
        query = f"SELECT {columns} FROM concepts WHERE {where}"
        return [ConceptRow(*row) for row in db.execute(query, params)]
