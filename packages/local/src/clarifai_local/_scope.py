"""From a request's `user_app_id` to the app it means, and whether the caller may write there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import _ids
from clarifai_local._permissions import other_app
from clarifai_local.statuses import invalid, missing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from clarifai_local._store import Store
    from clarifai_local.auth import Caller

EMPTY_WORKFLOW = "Empty"
"""The base workflow of apps whose inputs are not embedded."""


@attrs.frozen
class AppScope:
    """An app that a request works in."""

    user_id: str
    app_id: str
    app: int
    """The app's number: `resources.seq` of its row, never reused."""
    base_workflow_id: str
    writable: bool
    """False for the public users' apps."""

    @property
    def key(self) -> tuple[str, str]:
        """`(user_id, app_id)`, as `store.resources` wants it."""
        return self.user_id, self.app_id

    @property
    def searchable(self) -> bool:
        """Whether inputs are embedded when they are uploaded."""
        return self.base_workflow_id != EMPTY_WORKFLOW


def within_reach(scope: AppScope, caller: Caller) -> AppScope:
    """Return an app that the caller's key is good for, or that is public.

    Raises:
        Refused: 11008, when the key is for another app.
    """
    if caller.app in {None, scope.key} or not scope.writable:
        return scope
    raise other_app(caller, "/".join(scope.key))


class AppScopes:
    """Resolves users and apps.

    Args:
        store: Where users and apps are kept.
        read_only: Users whose content nobody may change.
        unlisted: Those of them whose apps are there when they are named, whatever they are called.
        main: The public app, as `(user_id, app_id)`.
    """

    def __init__(
        self,
        store: Store,
        read_only: Collection[str],
        unlisted: Collection[str] = (),
        main: tuple[str, str] = ("", ""),
    ) -> None:
        self._store = store
        self._read_only = frozenset(read_only)
        self._unlisted = frozenset(unlisted)
        self._main = main

    def user(
        self, user_app_id: resources_pb2.UserAppIDSet, caller: Caller, *, write: bool = False
    ) -> str:
        """Return the user id that a request means; "me" and "" are the caller.

        Raises:
            Refused: 11102 for an impossible id, 11101 for a write to a public user.
        """
        user_id = user_app_id.user_id
        if user_id in {"", "me"}:
            user_id = caller.user_id
        if write and user_id in self._read_only:
            raise missing("writable user", user_id)
        return _ids.check(user_id, "user id")

    def app(
        self, user_app_id: resources_pb2.UserAppIDSet, caller: Caller, *, write: bool = False
    ) -> AppScope:
        """Return the app that a request means.

        Raises:
            Refused: 11101 when it does not exist, or is a public one and `write` is asked for.
        """
        user_id = self.user(user_app_id, caller)
        if not user_app_id.app_id:
            raise invalid("user_app_id.app_id is empty: name the app that the request is about")
        with self._store.read() as db:
            scope = self.find(db, user_id, user_app_id.app_id)
        if scope is None:
            # The words of the request: who says "me" need not know what that stands for.
            raise missing("app", f"{user_app_id.user_id or user_id}/{user_app_id.app_id}")
        if write and not scope.writable:
            raise missing("writable app", f"{user_id}/{scope.app_id}")
        return within_reach(scope, caller)

    def app_or_main(
        self, user_app_id: resources_pb2.UserAppIDSet, caller: Caller, *, write: bool = False
    ) -> AppScope:
        """Return the app that a request means; the public one where it names none to read from.

        That is how models and workflows that everybody has are asked by their ids alone.

        Raises:
            Refused: As for `app`.
        """
        if write or user_app_id.user_id or user_app_id.app_id:
            return self.app(user_app_id, caller, write=write)
        user_id, app_id = self._main
        return self.app(resources_pb2.UserAppIDSet(user_id=user_id, app_id=app_id), caller)

    def keys(
        self, user_app_id: resources_pb2.UserAppIDSet, caller: Caller, *, public_too: bool = True
    ) -> list[tuple[str, str]]:
        """Return what a listing covers, as pairs for `store.resources.list`.

        That is one app; without an app all those of a user (`(user, "")`), and all that is public
        behind them, as programs that ask for it so expect; without either all that is public.

        Raises:
            Refused: 11101 for an app that does not exist.
        """
        if user_app_id.app_id:
            return [self.app(user_app_id, caller).key]
        public = [(user_id, "") for user_id in sorted(self._read_only)]
        if not user_app_id.user_id:
            return public
        user_id = self.user(user_app_id, caller)
        behind = public if public_too and user_id not in self._read_only else []
        return [(user_id, ""), *behind]

    def find(self, db: sqlite3.Connection, user_id: str, app_id: str) -> AppScope | None:
        """Return the scope of an app by name, or None."""
        found = db.execute(
            "SELECT seq, detail FROM resources"
            " WHERE kind = 'app' AND user_id = ? AND app_id = '' AND parent = '' AND id = ?",
            (user_id, app_id),
        ).fetchone()
        if found is None:
            return self._unlisted_app(user_id, app_id)
        return AppScope(user_id, app_id, found[0], found[1], user_id not in self._read_only)

    def _unlisted_app(self, user_id: str, app_id: str) -> AppScope | None:
        if not app_id or user_id not in self._unlisted:
            return None
        return AppScope(user_id, app_id, 0, EMPTY_WORKFLOW, writable=False)

    def require(self, db: sqlite3.Connection, scope: AppScope) -> None:
        """Refuse to write to an app that went since the request was resolved.

        Asked inside the transaction that adds to an app: what is added behind the deletion would
        stay for ever, since nobody removes it any more.

        Args:
            db: The connection of a write block.
            scope: Of a request; what is in no app passes.

        Raises:
            Refused: 11101, when the app is gone.
        """
        if scope.app and self.by_number(db, scope.app) is None:
            raise missing("app", f"{scope.user_id}/{scope.app_id}")

    def by_number(self, db: sqlite3.Connection, app: int) -> AppScope | None:
        """Return the scope of an app by its number, or None when it is gone."""
        found = db.execute(
            "SELECT user_id, id, detail FROM resources WHERE seq = ? AND kind = 'app'", (app,)
        ).fetchone()
        if found is None:
            return None
        return AppScope(found[0], found[1], app, found[2], found[0] not in self._read_only)
