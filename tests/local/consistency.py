"""Whether what a platform has on disk fits together: nothing half-written, nothing forgotten."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf.message import DecodeError

from clarifai_local import Platform

_ORPHANS: tuple[tuple[str, str], ...] = (
    ("input without app", "SELECT seq FROM inputs WHERE app NOT IN apps"),
    ("input without body", "SELECT seq FROM inputs WHERE seq NOT IN (SELECT seq FROM input_wires)"),
    ("body without input", "SELECT seq FROM input_wires WHERE seq NOT IN (SELECT seq FROM inputs)"),
    (
        "input without its blob",
        "SELECT id FROM inputs WHERE media NOT NULL AND media NOT IN (SELECT sha FROM blobs)",
    ),
    ("upload job without app", "SELECT id FROM input_jobs WHERE app NOT IN apps"),
    ("concept without app", "SELECT id FROM concepts WHERE app NOT IN apps"),
    (
        "annotation without input",
        "SELECT id FROM annotations WHERE input NOT IN (SELECT seq FROM inputs)",
    ),
    (
        "annotation of another app than its input",
        "SELECT a.id FROM annotations a JOIN inputs i ON i.seq = a.input WHERE i.app != a.app",
    ),
    (
        "label without annotation",
        "SELECT annotation FROM annotation_concepts"
        " WHERE annotation NOT IN (SELECT seq FROM annotations)",
    ),
    (
        "label without concept",
        "SELECT annotation FROM annotation_concepts"
        " WHERE concept NOT IN (SELECT seq FROM concepts)",
    ),
    (
        "metadata without annotation",
        "SELECT annotation FROM annotation_leaves"
        " WHERE annotation NOT IN (SELECT seq FROM annotations)",
    ),
    (
        "member of no dataset",
        "SELECT seq FROM dataset_inputs"
        " WHERE dataset NOT IN (SELECT seq FROM resources WHERE kind = 'dataset')",
    ),
    (
        "member that is no input",
        "SELECT seq FROM dataset_inputs WHERE input NOT IN (SELECT seq FROM inputs)",
    ),
    (
        "snapshot of no version",
        "SELECT version FROM dataset_version_items"
        " WHERE version NOT IN (SELECT seq FROM resources WHERE kind = 'dataset_version')",
    ),
    (
        "snapshot without its blob",
        "SELECT id FROM dataset_version_items"
        " WHERE media NOT NULL AND media NOT IN (SELECT sha FROM blobs)",
    ),
    ("vector of no input", "SELECT input FROM vectors WHERE input NOT IN (SELECT seq FROM inputs)"),
    ("vector of no space", "SELECT input FROM vectors WHERE space NOT IN (SELECT seq FROM spaces)"),
    (
        "file of vectors of no space",
        "SELECT file FROM vector_blocks WHERE space NOT IN (SELECT seq FROM spaces)",
    ),
    (
        "changed vector of no space",
        "SELECT input FROM vector_changes WHERE space NOT IN (SELECT seq FROM spaces)",
    ),
    ("space without app", "SELECT name FROM spaces WHERE app NOT IN apps"),
    (
        "attachment without resource",
        "SELECT name FROM attachments WHERE resource NOT IN (SELECT seq FROM resources)",
    ),
    (
        "attachment without its blob",
        "SELECT name FROM attachments WHERE sha NOT IN (SELECT sha FROM blobs)",
    ),
    (
        "blob that nothing refers to",
        "SELECT hex(sha) FROM blobs WHERE sha NOT IN (SELECT sha FROM blob_garbage)"
        " AND sha NOT IN (SELECT media FROM inputs WHERE media NOT NULL)"
        " AND sha NOT IN (SELECT sha FROM attachments)"
        " AND sha NOT IN (SELECT media FROM dataset_version_items WHERE media NOT NULL)",
    ),
    ("purge that was not done", "SELECT app FROM purges"),
    (
        "resource of no app",
        "SELECT kind || ' ' || id FROM resources r WHERE app_id != '' AND NOT EXISTS"
        " (SELECT 1 FROM resources a WHERE a.kind = 'app' AND a.user_id = r.user_id"
        " AND a.id = r.app_id)",
    ),
)
"""What is wrong, and a query that finds cases of it; `apps` is a temporary view of app numbers."""

_PARENTS = {
    "dataset_version": "dataset",
    "model_version": "model",
    "workflow_version": "workflow",
    "module_version": "module",
}

_UNFINISHED = (
    codes.INPUT_DOWNLOAD_PENDING, codes.INPUT_DOWNLOAD_IN_PROGRESS, codes.MODEL_TRAINING,
    codes.MODEL_QUEUED_FOR_TRAINING, codes.MODEL_UPLOADING, codes.MODEL_BUILDING,
    codes.MODEL_EVALUATING, codes.MODEL_QUEUED_FOR_EVALUATION, codes.DATASET_VERSION_PENDING,
    codes.DATASET_VERSION_IN_PROGRESS, codes.DATASET_VERSION_EXPORT_IN_PROGRESS,
)  # fmt: skip
"""Statuses that nothing may be left in once the platform is idle.

An export that was asked for too early is pending until it is asked for again.
"""


def problems(platform: Platform) -> list[str]:
    """Return what does not fit together in a platform that is idle, [] when all is well."""
    with platform.store.write() as db:
        db.execute("CREATE TEMP TABLE IF NOT EXISTS apps AS SELECT seq FROM resources WHERE 0")
        db.execute("DELETE FROM apps")
        db.execute("INSERT INTO apps SELECT seq FROM resources WHERE kind = 'app'")
        found = [*_orphans(db), *_stuck(db), *_unreadable(db)]
        if platform.path is not None:
            found += _files(db, platform.path / "blobs")
        checked = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
        found += [f"SQLite says: {line}" for line in checked if line != "ok"]
    return found


def _orphans(db: sqlite3.Connection) -> list[str]:
    found = []
    for what, query in _ORPHANS:
        cases = [row[0] for row in db.execute(query)]
        if cases:
            found.append(f"{len(cases)} x {what}: {cases[:3]}")
    for child, parent in _PARENTS.items():
        query = (
            "SELECT user_id, app_id, parent, id FROM resources c WHERE kind = ? AND NOT EXISTS"
            " (SELECT 1 FROM resources p WHERE p.kind = ? AND p.user_id = c.user_id"
            " AND p.app_id = c.app_id AND p.id = c.parent)"
        )
        cases = list(db.execute(query, (child, parent)))
        if cases:
            found.append(f"{len(cases)} x {child} without {parent}: {cases[:3]}")
    return found


def _stuck(db: sqlite3.Connection) -> list[str]:
    marks = ", ".join("?" * len(_UNFINISHED))
    found = []
    for what, query in (
        ("input", f"SELECT id, status FROM inputs WHERE status IN ({marks})"),
        ("resource", f"SELECT kind || ' ' || id, status FROM resources WHERE status IN ({marks})"),
    ):
        cases = list(db.execute(query, _UNFINISHED))
        if cases:
            found.append(f"{len(cases)} x {what} that is stuck: {cases[:3]}")
    return found


def _unreadable(db: sqlite3.Connection) -> list[str]:
    found = []
    for what, kind, query in (
        ("input", resources_pb2.Input, "SELECT seq, wire FROM input_wires"),
        ("annotation", resources_pb2.Annotation, "SELECT seq, wire FROM annotations"),
        ("concept", resources_pb2.Concept, "SELECT seq, body FROM concepts"),
    ):
        for seq, wire in db.execute(query):
            try:
                kind.FromString(wire)
            except DecodeError:
                found.append(f"{what} {seq} cannot be read")
    for sha, data in db.execute("SELECT sha, data FROM blobs WHERE data NOT NULL"):
        if hashlib.sha256(data).digest() != sha:
            found.append(f"blob {sha.hex()} has other bytes")
    return found


def _files(db: sqlite3.Connection, directory: Path) -> list[str]:
    known = {
        sha.hex(): size
        for sha, size in db.execute("SELECT sha, size FROM blobs WHERE data IS NULL")
    }
    there = {path.name: path for path in directory.glob("*/*")}
    found = [f"blob file {name} is missing" for name in known.keys() - there.keys()]
    found += [f"file {name} belongs to no blob" for name in there.keys() - known.keys()]
    for name in known.keys() & there.keys():
        data = there[name].read_bytes()
        if hashlib.sha256(data).hexdigest() != name or len(data) != known[name]:
            found.append(f"blob file {name} has other bytes")
    return found
