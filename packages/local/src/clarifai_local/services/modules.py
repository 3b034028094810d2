"""RPCs on modules: small user interfaces that apps can install.

Wire contracts after 12.1.1 know no modules: `module_messages` has their messages in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, listing
from clarifai_local.clock import timestamp
from clarifai_local.dispatch import rpc
from clarifai_local.patching import check_action, patch
from clarifai_local.statuses import Refused, invalid
from clarifai_local.store import Duplicate
from clarifai_local.wire_versions import module_messages

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.scope import Scope
    from clarifai_local.store import Row, Store

MODULE_KIND = "module"
VERSION_KIND = "module_version"

_OWN = (
    "created_at",
    "modified_at",
    "user_id",
    "app_id",
    "module_version",
    "is_starred",
    "star_count",
    "bookmark_origin",
)
"""Fields that the platform sets: a request's values are not taken."""


class Modules:
    """RPCs on modules."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostModules")
    def post_modules(
        self, request: module_messages.PostModulesRequest, caller: Caller
    ) -> module_messages.MultiModuleResponse:
        """Create modules: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.modules:
            raise invalid("modules is empty: send at least one to create")
        with self._store.write() as db:
            made = [self._create(db, scope, given) for given in request.modules]
        shown = [module_message(row, None) for row in made]
        return module_messages.MultiModuleResponse(modules=shown)

    @rpc("GetModule")
    def get_module(
        self, request: module_messages.GetModuleRequest, caller: Caller
    ) -> module_messages.SingleModuleResponse:
        """Return a module with its newest version."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = require_module(self._store, db, scope.key, request.module_id)
            module = module_message(row, newest(self._store, db, row))
        return module_messages.SingleModuleResponse(module=module)

    @rpc("ListModules")
    def list_modules(
        self, request: module_messages.ListModulesRequest, caller: Caller
    ) -> module_messages.MultiModuleResponse:
        """Return the modules of an app, of all apps of a user, or all public ones, newest first."""
        keys = self._context.scopes.keys(request.user_app_id, caller)
        with self._store.read() as db:
            found = [r for k in keys for r in self._store.resources.list(db, MODULE_KIND, k)]
            versions = {row.seq: newest(self._store, db, row) for row in found}
        shown = listing.select(found, request, lambda row: module_message(row, versions[row.seq]))
        return module_messages.MultiModuleResponse(modules=shown)

    @rpc("PatchModules")
    def patch_modules(
        self, request: module_messages.PatchModulesRequest, caller: Caller
    ) -> module_messages.MultiModuleResponse:
        """Change modules: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        shown = []
        with self._store.write() as db:
            for given in request.modules:
                row = require_module(self._store, db, scope.key, given.id)
                changed = self._patch(db, row, given, action)
                shown.append(module_message(changed, newest(self._store, db, changed)))
        return module_messages.MultiModuleResponse(modules=shown)

    @rpc("DeleteModules")
    def delete_modules(
        self, request: module_messages.DeleteModulesRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete modules with their versions: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.ids:
            raise invalid("ids is empty: name the modules to delete")
        with self._store.write() as db:
            for module_id in dict.fromkeys(request.ids):
                row = require_module(self._store, db, scope.key, module_id)
                for version in versions_of(self._store, db, row):
                    self._store.resources.delete(db, version)
                self._store.resources.delete(db, row)
        return status_pb2.BaseResponse()

    def _create(self, db: sqlite3.Connection, scope: Scope, given: module_messages.Module) -> Row:
        module_id = ids.check(given.id or ids.new_id(), "module id")
        _clear(given, _OWN)
        given.id = module_id
        given.user_id, given.app_id = scope.key
        given.image.ClearField("base64")
        if not given.image.ListFields():
            given.ClearField("image")
        if not given.visibility.gettable:
            given.visibility.gettable = resources_pb2.Visibility.Gettable.PRIVATE
        now_us = self._context.clock.now_us()
        try:
            return self._store.resources.insert(
                db, MODULE_KIND, scope.key, module_id, given, now_us=now_us
            )
        except Duplicate:
            raise invalid(
                f"the module id {module_id!r} already exists in app {scope.app_id!r}"
            ) from None

    def _patch(
        self, db: sqlite3.Connection, row: Row, given: module_messages.Module, action: str
    ) -> Row:
        _clear(given, (*_OWN, "id"))
        module = row.message(module_messages.Module)
        patch(module, given, action)
        module.image.ClearField("base64")
        return self._store.resources.update(db, row, module, now_us=self._context.clock.now_us())


def require_module(
    store: Store, db: sqlite3.Connection, key: tuple[str, str], module_id: str
) -> Row:
    """Return a module of an app.

    Raises:
        Refused: 25300 "Module does not exist".
    """
    row = store.resources.get(db, MODULE_KIND, key, module_id)
    if row is None:
        raise no_module(f"module {module_id!r} does not exist in app {key[1]!r}")
    return row


def require_version(store: Store, db: sqlite3.Connection, module: Row, version_id: str) -> Row:
    """Return a version of a module.

    Raises:
        Refused: 25300, when there is none of that id.
    """
    key = module.user_id, module.app_id
    row = store.resources.get(db, VERSION_KIND, key, version_id, module.id)
    if row is None:
        raise no_module(f"module {module.id!r} has no version {version_id!r}")
    return row


def no_module(details: str) -> Refused:
    """Return the refusal of a module that is not there, ready to be raised."""
    return Refused(codes.MODULE_DOES_NOT_EXIST, details)


def versions_of(store: Store, db: sqlite3.Connection, module: Row) -> list[Row]:
    """Return the versions of a module, newest first."""
    key = module.user_id, module.app_id
    return store.resources.list(db, VERSION_KIND, key, parent=module.id)


def newest(store: Store, db: sqlite3.Connection, module: Row) -> Row | None:
    """Return the newest version of a module, None when it has none yet."""
    return next(iter(versions_of(store, db, module)), None)


def module_message(row: Row, version: Row | None) -> module_messages.Module:
    """Return a module as answers show it."""
    module = row.message(module_messages.Module)
    _date(module, row)
    if version is not None:
        module.module_version.CopyFrom(version_message(version))
    return module


def version_message(row: Row) -> module_messages.ModuleVersion:
    """Return a module's version as answers show it."""
    version = row.message(module_messages.ModuleVersion)
    _date(version, row)
    return version


def _date(message: Any, row: Row) -> None:
    message.created_at.CopyFrom(timestamp(row.created_at))
    message.modified_at.CopyFrom(timestamp(row.modified_at))


def _clear(message: Any, names: tuple[str, ...]) -> None:
    for name in names:
        message.ClearField(name)
