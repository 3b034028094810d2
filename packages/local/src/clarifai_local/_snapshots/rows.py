"""What the rows of a snapshot's database must be like to be taken over.

SQLite lets any column hold anything. Here each value has the type that its column is declared with,
numbers and times are within reach, hashes are hashes, and messages are messages: the platform
splices stored bytes into its answers, so that one bad row would break those of its neighbours.
"""

from __future__ import annotations

import hashlib
import math
import re
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from google.protobuf.message import DecodeError, Message

from clarifai_local import _request_checks
from clarifai_local._snapshots.contract import KEPT_META, KEY_KIND, MAX_MEMBERS
from clarifai_local._wire_versions import module_messages
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

Row = dict[str, Any]

MAX_NUMBER = 2**53
MAX_TIME_US = 253_402_300_800 * 1_000_000
"""The year 10000, where protobuf's times end."""

MAX_ID = 256
MAX_DIM = 65_536

_TYPES: dict[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "TEXT": (str,),
    "BLOB": (bytes,),
    "REAL": (float, int),
}
_HASHES = frozenset({"sha", "media", "text_sha"})
_IDS = frozenset({"id", "user_id", "app_id", "parent", "model_version_id", "kind"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MEDIA_TYPE = re.compile(r"[ -~]{0,200}")
_SHA_BYTES = 32


class BadRow(ValueError):
    """A row is not one that this package writes."""


@attrs.frozen
class _Column:
    name: str
    types: tuple[type, ...]
    may_be_null: bool

    def check(self, value: Any) -> None:
        if value is None:
            if not self.may_be_null:
                raise BadRow(f"{self.name} is missing")
            return
        if type(value) not in self.types:
            raise BadRow(f"{self.name} is of another type")
        if self.name.endswith("_at"):
            _require(0 <= value < MAX_TIME_US, f"{self.name} is no time")
        elif self.name in _HASHES:
            _require(len(value) == _SHA_BYTES, f"{self.name} is no hash")
        elif isinstance(value, str):
            is_id = self.name not in _IDS or (len(value) <= MAX_ID and not _CONTROL.search(value))
            _require(is_id, f"{self.name} is no id")
        elif isinstance(value, (int, float)):
            _require(math.isfinite(value) and abs(value) < MAX_NUMBER, f"{self.name} is too large")


class Checker:
    """Checks the rows of one database, table by table, in the order of the schema.

    Args:
        db: A database of the schema's version.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        names = db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " ORDER BY rowid"
        )
        self.tables = {name: _columns(db, name) for (name,) in names}
        self.large: dict[str, int] = {}
        """Size by SHA-256 of the blobs that are files."""
        self._dims: dict[int, int] = {}
        self._special: dict[str, Callable[[Row], None]] = {
            "blobs": self._blob,
            "spaces": self._space,
            "vectors": self._vector,
            "resources": _resource,
            "concepts": lambda row: _message(row["body"], resources_pb2.Concept),
            "input_wires": lambda row: _message(row["wire"], resources_pb2.Input),
            "annotations": lambda row: _message(row["wire"], resources_pb2.Annotation),
            "dataset_version_items": _item,
        }

    def checked(self, table: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table that are taken over.

        Raises:
            BadRow: One is not as it should be.
        """
        columns, special = self.tables[table], self._special.get(table)
        names = [column.name for column in columns]
        for row in rows:
            try:
                for column, value in zip(columns, row, strict=True):
                    column.check(value)
                if special is not None:
                    special(dict(zip(names, row, strict=True)))
            except BadRow as error:
                raise BadRow(f"in {table}, {error}") from error
            if not _is_secret(table, names, row):
                yield row

    def _blob(self, row: Row) -> None:
        _require(_MEDIA_TYPE.fullmatch(row["media_type"]) is not None, "media_type is none")
        _require(row["size"] >= 0, "size is none")
        data = row["data"]
        if data is None:
            self.large[row["sha"].hex()] = row["size"]
            _require(len(self.large) <= MAX_MEMBERS, f"there are more than {MAX_MEMBERS:,}")
            return
        _require(len(data) == row["size"], "size is another")
        _require(hashlib.sha256(data).digest() == row["sha"], "sha is another")

    def _space(self, row: Row) -> None:
        _require(0 < row["dim"] <= MAX_DIM, "dim is out of reach")
        self._dims[row["seq"]] = row["dim"]

    def _vector(self, row: Row) -> None:
        _require(
            len(row["vector"]) == 4 * self._dims.get(row["space"], -1), "vector is of no space"
        )
        _require(bool(np.isfinite(np.frombuffer(row["vector"], np.float32)).all()), "no number")


def _columns(db: sqlite3.Connection, table: str) -> list[_Column]:
    found = db.execute(f"PRAGMA table_info({table})").fetchall()
    return [
        _Column(name, _TYPES[kind], may_be_null=not (notnull or key))
        for _, name, kind, notnull, _, key in found
    ]


def _is_secret(table: str, names: list[str], row: tuple[Any, ...]) -> bool:
    """Return whether a row says who may use a platform: nobody's file says that of ours."""
    if table == "meta":
        return not (row[0] in KEPT_META and row[1].isdecimal())
    return table == "resources" and row[names.index("kind")] == KEY_KIND


def _resource(row: Row) -> None:
    kind = row["kind"]
    if kind in _KINDS:
        _message(row["body"], _KINDS[kind])
    elif kind in _MODULE_KINDS:
        _message(row["body"], getattr(module_messages, _MODULE_KINDS[kind]))


def _item(row: Row) -> None:
    _message(row["wire"], resources_pb2.Input)
    _message(row["annotations"], service_pb2.MultiAnnotationResponse)


def _message(data: bytes, kind: type[Message]) -> None:
    try:
        _request_checks.check(kind.FromString(data))
    except (DecodeError, Refused) as error:
        raise BadRow(f"a {kind.__name__} is malformed") from error


def _require(held: bool, what: str) -> None:
    if not held:
        raise BadRow(what)


_KINDS: dict[str, type[Message]] = {
    "user": resources_pb2.User,
    "app": resources_pb2.App,
    "concept_relation": resources_pb2.ConceptRelation,
    "dataset": resources_pb2.Dataset,
    "dataset_version": resources_pb2.DatasetVersion,
    "dataset_export": resources_pb2.DatasetVersionExport,
    "evaluation": resources_pb2.EvalMetrics,
    "model": resources_pb2.Model,
    "model_version": resources_pb2.ModelVersion,
    "runner": resources_pb2.Runner,
    "workflow": resources_pb2.Workflow,
    "workflow_version": resources_pb2.WorkflowVersion,
}
"""Messages by the kind of a resource; kinds of plugins' services are only theirs to read."""

_MODULE_KINDS = {
    "installed_module_version": "InstalledModuleVersion",
    "module": "Module",
    "module_version": "ModuleVersion",
}
