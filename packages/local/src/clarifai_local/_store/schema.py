"""The tables, by version: each entry migrates a directory of the version before it.

Kinds with few rows share `resources`, body and all. Inputs and what hangs on them have tables of
their own, so that filters, counts and pages are SQL and a page of inputs is spliced from stored
bytes. `seq` numbers are never reused: they order listings (newest first) and name rows elsewhere.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from typing import TypeAlias

_VERSION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE resources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    user_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    detail TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, user_id, app_id, parent, id)
);
CREATE INDEX resources_status ON resources (kind, status);

CREATE TABLE blobs (
    sha BLOB PRIMARY KEY, size INTEGER NOT NULL, media_type TEXT NOT NULL, data BLOB
);
CREATE TABLE blob_garbage (sha BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE attachments (
    resource INTEGER NOT NULL, name TEXT NOT NULL, sha BLOB NOT NULL,
    PRIMARY KEY (resource, name)
) WITHOUT ROWID;
CREATE INDEX attachments_sha ON attachments (sha);

CREATE TABLE inputs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    id TEXT NOT NULL,
    kinds INTEGER NOT NULL,
    status INTEGER NOT NULL,
    details TEXT NOT NULL,
    job INTEGER,
    media BLOB,
    text_sha BLOB,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (app, id)
);
CREATE INDEX inputs_app ON inputs (app, seq);
CREATE INDEX inputs_status ON inputs (app, status);
CREATE INDEX inputs_pending ON inputs (status) WHERE status IN (30001, 30003);
CREATE INDEX inputs_job ON inputs (job, status) WHERE job IS NOT NULL;
CREATE INDEX inputs_media ON inputs (media) WHERE media IS NOT NULL;
CREATE INDEX inputs_text ON inputs (text_sha) WHERE text_sha IS NOT NULL;
CREATE TABLE input_wires (seq INTEGER PRIMARY KEY, wire BLOB NOT NULL);
CREATE TABLE input_jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    id TEXT NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (app, id)
);

CREATE TABLE concepts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (app, id)
);
CREATE INDEX concepts_name ON concepts (app, name);

CREATE TABLE annotations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    input INTEGER NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    model_version_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    trusted INTEGER NOT NULL,
    input_level INTEGER NOT NULL,
    lat REAL,
    lon REAL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    wire BLOB NOT NULL,
    UNIQUE (input, id)
);
CREATE INDEX annotations_app ON annotations (app, seq);
CREATE INDEX annotations_geo ON annotations (app, lat, lon) WHERE lat IS NOT NULL;
CREATE TABLE annotation_concepts (
    concept INTEGER NOT NULL,
    annotation INTEGER NOT NULL,
    place INTEGER NOT NULL,
    input INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (concept, annotation, place)
) WITHOUT ROWID;
CREATE INDEX annotation_concepts_annotation ON annotation_concepts (annotation);
CREATE TABLE annotation_leaves (
    app INTEGER NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    annotation INTEGER NOT NULL,
    PRIMARY KEY (app, path, value, annotation)
) WITHOUT ROWID;
CREATE INDEX annotation_leaves_annotation ON annotation_leaves (annotation);

CREATE TABLE dataset_inputs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset INTEGER NOT NULL,
    input INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (dataset, input)
);
CREATE INDEX dataset_inputs_dataset ON dataset_inputs (dataset, seq);
CREATE INDEX dataset_inputs_input ON dataset_inputs (input);
CREATE TABLE dataset_version_items (
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    input INTEGER NOT NULL,
    id TEXT NOT NULL,
    kinds INTEGER NOT NULL,
    media BLOB,
    text_sha BLOB,
    wire BLOB NOT NULL,
    annotations BLOB NOT NULL,
    UNIQUE (version, position)
);
CREATE INDEX dataset_version_items_media ON dataset_version_items (media) WHERE media IS NOT NULL;
CREATE INDEX dataset_version_items_text ON dataset_version_items (text_sha)
    WHERE text_sha IS NOT NULL;

CREATE TABLE spaces (
    seq INTEGER PRIMARY KEY, app INTEGER NOT NULL, name TEXT NOT NULL, dim INTEGER NOT NULL,
    UNIQUE (app, name)
);
CREATE TABLE vectors (
    space INTEGER NOT NULL, input INTEGER NOT NULL, vector BLOB NOT NULL,
    UNIQUE (space, input)
);
CREATE INDEX vectors_input ON vectors (input);

CREATE TABLE purges (app INTEGER PRIMARY KEY);
"""

APPLICATION_ID = 0x434C4146
"""Says that a database is ours ("CLAF", `PRAGMA application_id`), since version 2."""

_VERSION_2 = f"""
PRAGMA application_id = {APPLICATION_ID};
"""

_VERSION_3 = """
CREATE TABLE vector_blocks (
    block INTEGER PRIMARY KEY AUTOINCREMENT,
    space INTEGER NOT NULL,
    file TEXT NOT NULL,
    digest BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    seqs BLOB NOT NULL,
    gone BLOB NOT NULL
);
CREATE INDEX vector_blocks_space ON vector_blocks (space);
CREATE TABLE vector_changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    space INTEGER NOT NULL,
    input INTEGER NOT NULL,
    UNIQUE (space, input)
);
INSERT INTO vector_changes (space, input) SELECT space, input FROM vectors ORDER BY space, input;
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2, _VERSION_3)
"""`MIGRATIONS[n]` takes version n to n + 1; 0 is an empty database.

Each runs in a transaction of its own together with the new version number: whoever dies half-way
leaves the version before. An entry that was released is never changed.
"""

VERSION = len(MIGRATIONS)
"""The version that this code reads and writes (`PRAGMA user_version`)."""

Description: TypeAlias = frozenset[tuple[str, str, str, str]]
"""Type, name, table and SQL of everything that a database defines."""


def described(db: sqlite3.Connection) -> Description:
    """Return what a database defines."""
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return frozenset((kind, name, table, _words(sql)) for kind, name, table, sql in found)


@functools.cache
def expected(version: int) -> Description:
    """Return what a database of a version defines."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        for step in MIGRATIONS[:version]:
            db.executescript(step)
        return described(db)


def _words(sql: str | None) -> str:
    return " ".join((sql or "").split())
