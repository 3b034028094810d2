"""The public content of every installation: users, apps and concepts that everybody may read.

It is seeded into the platform's own tables, again whenever the packaged content changed, so that
public and own resources are found the same way. Models and workflows join through `SEEDERS`.
"""

from __future__ import annotations

import hashlib
import json
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._clock import timestamp
from clarifai_local.engine.concepts import concept_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from clarifai_local._models.engines import StandInReplacement
    from clarifai_local._store import Store

CONTENT_VERSION = 4
"""Count this up when the public content changes; every directory then seeds it anew."""

MAIN = ("clarifai", "main")
"""User and app of the public models, workflows and concepts."""

HOSTED: Mapping[str, Any] = json.loads(
    (resources.files(__package__) / "_standins" / "hosted.json").read_text("utf-8")
)
"""Models and users of the hosted service that public programs name; the file says from where."""

OWNERS: Mapping[str, Mapping[str, Sequence[str]]] = HOSTED["owners"]
"""Users with a stand-in for every model of theirs: by user and app, the models that are listed."""

UNLISTED_OWNERS = tuple(OWNERS)
"""Users whose apps are all there when somebody names them, most without being listed."""

PUBLIC_USERS = ("clarifai", *OWNERS)
"""Users whose content everybody can read and nobody can change."""

BASE_WORKFLOWS = ("Empty", "Universal", "General", "Text", "Language-Understanding")
"""Workflows that an app may be built on."""

PUBLIC_APPS: tuple[tuple[str, str, str], ...] = (
    ("clarifai", "ml", "Stand-ins for models that the hosted service has in this app."),
    (*MAIN, "The public models, workflows and concepts of the platform."),
    *(
        (user_id, app_id, "Stand-ins for the models of a user of the hosted service.")
        for user_id, apps in OWNERS.items()
        for app_id in apps
    ),
)
"""User, app and description: every app that public resources are kept in, listed last first."""

PUBLISHED_AT_US = 1_672_531_200_000_001
"""When the public content says it was made (2023-01-01, with a fraction)."""

PUBLIC = resources_pb2.Visibility(gettable=resources_pb2.Visibility.Gettable.PUBLIC)

SEEDERS: tuple[str, ...] = (
    "clarifai_local._models.seeding:seed",
    "clarifai_local._public_workflows:seed",
)
"""`"module:function"`, each called as `function(db, store, answers)` to seed more."""

CONCEPTS: tuple[str, ...] = (
    "animal", "apple", "ball", "banana", "beach", "bicycle", "bird", "black", "blue",
    "boat", "book", "bread", "bridge", "building", "bus", "cake", "car", "cat", "chair",
    "child", "city", "cloud", "coast", "coffee", "computer", "cow", "dark", "daylight",
    "desert", "digit", "dog", "drawing", "face", "fish", "flower", "food", "forest",
    "fruit", "girl", "grass", "green", "handwriting", "horse", "house", "indoors",
    "landscape", "leaf", "light", "man", "monochrome", "mountain", "nature", "night",
    "ocean", "office", "orange", "outdoors", "park", "pattern", "people", "person", "pink",
    "plane", "plant", "portrait", "purple", "red", "river", "road", "rock", "room", "sand",
    "sea", "sky", "snow", "sport", "street", "summer", "sun", "sunset", "symbol", "table",
    "text", "texture", "traffic", "train", "transportation", "travel", "tree", "urban",
    "vehicle", "wall", "water", "white", "winter", "woman", "wood", "yellow",
)  # fmt: skip
"""Names of the public concepts."""


def seed(store: Store, answers: Mapping[str, StandInReplacement]) -> None:
    """Put the public content into the store, unless this version of it is there.

    Args:
        store: Where it is kept.
        answers: What plugins put in the place of stand-ins, by the name of the public model.
    """
    version = _version(answers)
    if store.meta("public") == version:
        return
    with store.write() as db:
        if _is_unused(db):
            _put(db, _made_rows(db, store, answers, version))
        else:
            _remove(db, store)
            _make(db, store, answers)
        store.set_meta("public", version)


def _make(db: sqlite3.Connection, store: Store, answers: Mapping[str, StandInReplacement]) -> None:
    for user_id in PUBLIC_USERS:
        _seed_user(db, store, user_id)
    for user_id, app_id, description in PUBLIC_APPS:
        _seed_app(db, store, user_id, app_id, description)
    for target in SEEDERS:
        module, _, function = target.partition(":")
        getattr(import_module(module), function)(db, store, answers)


# Making the messages is more than half of opening a platform, and a process of tests opens
# hundreds, all with the same content: the rows of the last one are kept.
_TABLES = ("resources", "concepts")
_kept: tuple[str, Mapping[str, Sequence[tuple[object, ...]]]] = ("", {})


def _made_rows(
    db: sqlite3.Connection, store: Store, answers: Mapping[str, StandInReplacement], version: str
) -> Mapping[str, Sequence[tuple[object, ...]]]:
    """Return the rows of the content by table, or none where making them has put them there."""
    global _kept
    kept_version, rows = _kept
    if kept_version == version:
        return rows
    _make(db, store, answers)
    made = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}  # noqa: S608
    _kept = (version, made)
    return {}


def _put(db: sqlite3.Connection, rows: Mapping[str, Sequence[tuple[object, ...]]]) -> None:
    for table, values in rows.items():
        marks = ", ".join("?" * len(values[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608


def _is_unused(db: sqlite3.Connection) -> bool:
    """Return whether no row was ever in the tables: numbers of rows are never used again."""
    numbers = dict(db.execute("SELECT name, seq FROM sqlite_sequence"))
    return not any(numbers.get(table) for table in _TABLES)


def _version(answers: Mapping[str, StandInReplacement]) -> str:
    """Return what the content depends on: it is another one when other plugins answer."""
    if not answers:
        return str(CONTENT_VERSION)
    told = repr(sorted((name, attrs.astuple(answer)) for name, answer in answers.items()))
    return f"{CONTENT_VERSION} {hashlib.sha256(told.encode()).hexdigest()}"


def _remove(db: sqlite3.Connection, store: Store) -> None:
    for user_id in PUBLIC_USERS:
        apps = "SELECT seq FROM resources WHERE kind = 'app' AND user_id = ?"
        db.execute(f"DELETE FROM concepts WHERE app IN ({apps})", (user_id,))  # noqa: S608
        store.resources.delete_where(db, "user_id = ?", (user_id,))
        store.resources.delete_where(db, "kind = 'user' AND id = ?", (user_id,))


def _seed_user(db: sqlite3.Connection, store: Store, user_id: str) -> None:
    user = resources_pb2.User(
        id=user_id, first_name=user_id, created_at=timestamp(PUBLISHED_AT_US), visibility=PUBLIC
    )
    store.resources.insert(db, "user", ("", ""), user_id, user, now_us=PUBLISHED_AT_US)


def _seed_app(
    db: sqlite3.Connection, store: Store, user_id: str, app_id: str, description: str
) -> None:
    app = resources_pb2.App(
        id=app_id,
        name=app_id,
        user_id=user_id,
        description=description,
        default_language="en",
        created_at=timestamp(PUBLISHED_AT_US),
        visibility=PUBLIC,
    )
    row = store.resources.insert(
        db, "app", (user_id, ""), app_id, app, now_us=PUBLISHED_AT_US, detail="Universal"
    )
    if (user_id, app_id) == MAIN:
        concepts = [
            resources_pb2.Concept(id=concept_id(name), name=name, visibility=PUBLIC)
            for name in reversed(CONCEPTS)
        ]
        store.concepts.insert(db, row.seq, MAIN, concepts, PUBLISHED_AT_US)
