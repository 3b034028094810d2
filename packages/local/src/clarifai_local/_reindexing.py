"""Inputs get their vectors in the platform's spaces, in the background.

That is due when an app has vectors of another embedder, and when a change of the app asks for it.
Vectors of other spaces stay: whoever goes back to their embedder has them. What is under way is
noted in the store, so that it goes on at the next start, and so that others can see how far it is.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import attrs

from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason
from clarifai_local._models.spaces import SpaceError, SpaceNames
from clarifai_local._store import ClosedError, DamagedDirectory
from clarifai_local._store.directory_errors import passes, sentence
from clarifai_local._store.indexing import REINDEXING_META, SPACES_META, how_far, noted
from clarifai_local._store.inputs import IMAGE, SUCCESS, TEXT

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._jobs import Job, Jobs
    from clarifai_local._scope import AppScope, AppScopes
    from clarifai_local._store import Store

BATCH_INPUTS = 32
"""Inputs between two looks at whether to stop."""

_LOCK_SECONDS = 0.2

_log = logger_for(__name__)


@attrs.define(eq=False)
class _Progress:
    """How far an app is."""

    total: int
    done: int = 0
    begun: bool = False
    lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)
    """One thread at a time works on an app."""


class Reindexing:
    """Computes the vectors that inputs lack.

    Args:
        store: Where inputs and vectors are; it has them computed by the platform's embedder.
        scopes: To look up apps.
        names: The platform's spaces.
        jobs: Does the work.
    """

    def __init__(self, store: Store, scopes: AppScopes, names: SpaceNames, jobs: Jobs) -> None:
        self._store = store
        self._scopes = scopes
        self._names = names
        self._jobs = jobs
        self._apps: dict[int, _Progress] = {}
        self._lock = threading.Lock()

    def resume(self) -> None:
        """Take up what an earlier process left, and the apps that another embedder indexed."""
        named = json.dumps(self._names.all())
        if self._store.meta(SPACES_META) != named:
            self._store.set_meta(SPACES_META, named)
        left = noted(self._store.meta(REINDEXING_META))
        with self._store.read() as db:
            query = "SELECT DISTINCT app FROM spaces WHERE name NOT IN (?, ?) ORDER BY app"
            others = db.execute(query, (self._names.image, self._names.text))
            apps = list(dict.fromkeys([*(app for (app,) in others), *left]))
            due = [app for app in apps if self._scope(db, app) and self._lacks(db, app)]
            for app in due:
                self._apps[app] = _Progress(_counted(db, app)[0])
        if left or due:
            # One job for all of them: trainings have the other thread.
            self._jobs.submit("reindex", lambda job: self._all(due, job))

    def start(self, app: int) -> None:
        """Compute the vectors that the inputs of an app lack; once at a time."""
        with self._lock:
            if app in self._apps:
                return
            with self._store.read() as db:
                progress = self._apps[app] = _Progress(_counted(db, app)[0])
        # The key is new each time: a job that is just ending would keep out the next one.
        self._jobs.submit(("reindex", progress), lambda job: self.complete(app, job))

    def details(self, app: int) -> str:
        """Return how far an app is, as a sentence; "" when all of its inputs are indexed."""
        progress = self._apps.get(app)
        return "" if progress is None else how_far(progress.done, progress.total)

    def complete(self, app: int, job: Job) -> None:
        """Do, or wait for, what is left to be done for an app; nothing, if nothing is."""
        progress = self._apps.get(app)
        while progress is not None and not job.cancelled:
            if progress.lock.acquire(timeout=_LOCK_SECONDS):
                try:
                    if self._apps.get(app) is progress:
                        self._reindex(app, progress, job)
                finally:
                    progress.lock.release()
                return

    def _all(self, apps: list[int], job: Job) -> None:
        self._note()
        for app in apps:
            self.complete(app, job)

    def _reindex(self, app: int, progress: _Progress, job: Job) -> None:
        with self._store.read() as db:
            scope = self._scope(db, app)
            (last,) = db.execute("SELECT MAX(seq) FROM inputs WHERE app = ?", (app,)).fetchone()
            before = [] if progress.begun else self._others(db, app)
        name = f"{scope.user_id}/{scope.app_id}" if scope else f"number {app}"
        if not progress.begun:
            progress.begun = True
            _log.info(
                "reindexing the app %s: %d inputs, from %s to %s",
                name,
                progress.total,
                ", ".join(before) or "no space",
                ", ".join(self._names.all()),
            )
        self._note()
        try:
            failed = self._walk(app, last or 0, progress, job)
        except Exception as error:
            if isinstance(error, ClosedError) or passes(error):
                raise
            _log.error("reindexing the app %s failed: %s", name, sentence(error) or reason(error))
            del self._apps[app]
            return
        if job.cancelled:  # what is noted goes on at the next start
            return
        with self._store.read() as db:
            scope = self._scope(db, app)
        if scope is None:
            _log.info("reindexing the app %s ended: it is not searched any more", name)
        else:
            lost = f", {failed} of them could not be embedded" if failed else ""
            _log.info("reindexed the app %s: %d inputs%s", name, progress.done, lost)
        del self._apps[app]
        self._note()

    def _walk(self, app: int, last: int, progress: _Progress, job: Job) -> int:
        """Go through the inputs of an app up to a number; returns how many could not be embedded.

        Those that have vectors already are passed by.
        """
        seen = failed = progress.done = 0
        while not job.cancelled:
            with self._store.read() as db:
                part = _part(db, app, seen, last) if self._scope(db, app) else []
            if not part:
                break
            wanted: dict[str, list[int]] = {}
            for seq, kinds in part:
                for kind, space in ((IMAGE, self._names.image), (TEXT, self._names.text)):
                    if kinds & kind and seq not in wanted.setdefault(space, []):
                        wanted[space].append(seq)
            failed += sum(self._embed(app, space, seqs) for space, seqs in wanted.items())
            seen = part[-1][0]
            progress.done += len(part)
            self._note()
        return failed

    def _embed(self, app: int, space: str, seqs: list[int]) -> int:
        """Compute vectors, each for itself when they fail together; returns how many failed."""
        if not seqs:
            return 0
        try:
            rows = self._store.vectors.features(app, space, seqs)
        except (ClosedError, SpaceError, DamagedDirectory):
            raise
        except BaseException as error:  # an embedder may fail in any way
            if passes(error):
                raise
            if len(seqs) > 1:
                return sum(self._embed(app, space, [seq]) for seq in seqs)
            _log.warning("input number %d has no vector in %s: %s", seqs[0], space, reason(error))
            return 1
        return int((~rows.any(axis=1)).sum())

    def _lacks(self, db: sqlite3.Connection, app: int) -> bool:
        either, images, texts = _counted(db, app)
        count = self._store.vectors.count
        if self._names.image == self._names.text:
            return count(app, self._names.image) < either
        return count(app, self._names.image) < images or count(app, self._names.text) < texts

    def _scope(self, db: sqlite3.Connection, app: int) -> AppScope | None:
        """Return an app, None when it is gone or is not to be searched."""
        scope = self._scopes.by_number(db, app)
        return scope if scope is not None and scope.searchable else None

    def _others(self, db: sqlite3.Connection, app: int) -> list[str]:
        query = "SELECT name FROM spaces WHERE app = ? AND name NOT IN (?, ?) ORDER BY seq"
        found = db.execute(query, (app, self._names.image, self._names.text))
        return [name for (name,) in found]

    def _note(self) -> None:
        """Keep in the store what is under way."""
        # Within the block: whoever writes later has looked later.
        with self._store.write():
            under_way = {app: [one.done, one.total] for app, one in list(self._apps.items())}
            self._store.set_meta(REINDEXING_META, json.dumps(under_way))


def _counted(db: sqlite3.Connection, app: int) -> tuple[int, int, int]:
    """Return how many inputs are pictures or texts, how many are pictures, and how many texts."""
    found = db.execute(
        "SELECT COUNT(*), COALESCE(SUM(kinds & :image != 0), 0),"
        " COALESCE(SUM(kinds & :text != 0), 0) FROM inputs"
        " WHERE app = :app AND status = :status AND kinds & (:image | :text)",
        {"app": app, "status": SUCCESS, "image": IMAGE, "text": TEXT},
    )
    either, images, texts = found.fetchone()
    return int(either), int(images), int(texts)


def _part(db: sqlite3.Connection, app: int, after: int, last: int) -> list[tuple[int, int]]:
    """Return the next inputs with their kinds."""
    return db.execute(
        "SELECT seq, kinds FROM inputs WHERE app = ? AND seq > ? AND seq <= ? AND status = ?"
        " AND kinds & ? ORDER BY seq LIMIT ?",
        (app, after, last, SUCCESS, IMAGE | TEXT, BATCH_INPUTS),
    ).fetchall()
