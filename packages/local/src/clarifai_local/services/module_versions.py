"""RPCs on the versions of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, paging
from clarifai_local.dispatch import rpc
from clarifai_local.patching import check_action, patch
from clarifai_local.services.modules import (
    VERSION_KIND,
    require_module,
    require_version,
    version_message,
)
from clarifai_local.statuses import invalid
from clarifai_local.store import Duplicate
from clarifai_local.wire_versions import module_messages

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.store import Row

_OWN = ("id", "module_id", "app_id", "user_id", "created_at", "modified_at", "approved")
"""Fields that the platform sets."""


class ModuleVersions:
    """RPCs on the versions of modules."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostModuleVersions")
    def post_module_versions(
        self, request: module_messages.PostModuleVersionsRequest, caller: Caller
    ) -> module_messages.MultiModuleVersionResponse:
        """Create versions of a module: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.module_versions:
            raise invalid("module_versions is empty: send at least one to create")
        with self._store.write() as db:
            module = require_module(self._store, db, scope.key, request.module_id)
            made = [self._create(db, module, given) for given in request.module_versions]
        return module_messages.MultiModuleVersionResponse(
            module_versions=map(version_message, made)
        )

    @rpc("GetModuleVersion")
    def get_module_version(
        self, request: module_messages.GetModuleVersionRequest, caller: Caller
    ) -> module_messages.SingleModuleVersionResponse:
        """Return a version of a module."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            module = require_module(self._store, db, scope.key, request.module_id)
            row = require_version(self._store, db, module, request.module_version_id)
        return module_messages.SingleModuleVersionResponse(module_version=version_message(row))

    @rpc("ListModuleVersions")
    def list_module_versions(
        self, request: module_messages.ListModuleVersionsRequest, caller: Caller
    ) -> module_messages.MultiModuleVersionResponse:
        """Return the versions of a module, newest first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        window = paging.window(request.page, request.per_page)
        with self._store.read() as db:
            module = require_module(self._store, db, scope.key, request.module_id)
            found = self._store.resources.list(
                db,
                VERSION_KIND,
                scope.key,
                parent=module.id,
                limit=window.limit,
                offset=window.offset,
            )
        return module_messages.MultiModuleVersionResponse(
            module_versions=map(version_message, found)
        )

    @rpc("PatchModuleVersions")
    def patch_module_versions(
        self, request: module_messages.PatchModuleVersionsRequest, caller: Caller
    ) -> module_messages.MultiModuleVersionResponse:
        """Change versions of a module: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        changed = []
        with self._store.write() as db:
            module = require_module(self._store, db, scope.key, request.module_id)
            for given in request.module_versions:
                row = require_version(self._store, db, module, given.id)
                version = row.message(module_messages.ModuleVersion)
                _clear(given)
                patch(version, given, action)
                now_us = self._context.clock.now_us()
                changed.append(self._store.resources.update(db, row, version, now_us=now_us))
        return module_messages.MultiModuleVersionResponse(
            module_versions=map(version_message, changed)
        )

    @rpc("DeleteModuleVersions")
    def delete_module_versions(
        self, request: module_messages.DeleteModuleVersionsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete versions of a module: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.ids:
            raise invalid("ids is empty: name the versions to delete")
        with self._store.write() as db:
            module = require_module(self._store, db, scope.key, request.module_id)
            for version_id in dict.fromkeys(request.ids):
                row = require_version(self._store, db, module, version_id)
                self._store.resources.delete(db, row)
        return status_pb2.BaseResponse()

    def _create(
        self, db: sqlite3.Connection, module: Row, given: module_messages.ModuleVersion
    ) -> Row:
        version_id = ids.check(given.id or ids.new_id(), "module version id")
        _clear(given)
        given.id, given.module_id = version_id, module.id
        given.user_id, given.app_id = module.user_id, module.app_id
        if not given.visibility.gettable:
            given.visibility.gettable = resources_pb2.Visibility.Gettable.PRIVATE
        try:
            return self._store.resources.insert(
                db,
                VERSION_KIND,
                (module.user_id, module.app_id),
                version_id,
                given,
                now_us=self._context.clock.now_us(),
                parent=module.id,
            )
        except Duplicate:
            raise invalid(
                f"the version id {version_id!r} already exists in module {module.id!r}"
            ) from None


def _clear(version: module_messages.ModuleVersion) -> None:
    for name in _OWN:
        version.ClearField(name)  # type: ignore[arg-type]
