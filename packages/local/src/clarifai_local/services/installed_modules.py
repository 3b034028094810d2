"""RPCs on modules that an app has installed.

The embedded platform shows no user interfaces: an installation is a record without `deploy_url`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, paging
from clarifai_local.clock import timestamp
from clarifai_local.dispatch import rpc
from clarifai_local.services.modules import (
    newest,
    no_module,
    require_module,
    require_version,
    version_message,
)
from clarifai_local.statuses import invalid, missing
from clarifai_local.store import Duplicate
from clarifai_local.wire_versions import module_messages

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.scope import Scope
    from clarifai_local.store import Row

INSTALLED_KIND = "installed_module_version"


class InstalledModules:
    """RPCs on modules that an app has installed."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostInstalledModuleVersions")
    def post_installed_module_versions(
        self, request: module_messages.PostInstalledModuleVersionsRequest, caller: Caller
    ) -> module_messages.MultiInstalledModuleVersionResponse:
        """Install module versions into an app: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.installed_module_versions:
            raise invalid("installed_module_versions is empty: send at least one to install")
        with self._store.write() as db:
            made = [
                self._install(db, scope, caller, given)
                for given in request.installed_module_versions
            ]
        return module_messages.MultiInstalledModuleVersionResponse(
            installed_module_versions=map(_shown, made)
        )

    @rpc("GetInstalledModuleVersion")
    def get_installed_module_version(
        self, request: module_messages.GetInstalledModuleVersionRequest, caller: Caller
    ) -> module_messages.SingleInstalledModuleVersionResponse:
        """Return an installation."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = self._row(db, scope, request.installed_module_version_id)
        return module_messages.SingleInstalledModuleVersionResponse(
            installed_module_version=_shown(row)
        )

    @rpc("ListInstalledModuleVersions")
    def list_installed_module_versions(
        self, request: module_messages.ListInstalledModuleVersionsRequest, caller: Caller
    ) -> module_messages.MultiInstalledModuleVersionResponse:
        """Return what an app has installed, newest first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        window = paging.window(request.page, request.per_page)
        with self._store.read() as db:
            found = self._store.resources.list(
                db, INSTALLED_KIND, scope.key, limit=window.limit, offset=window.offset
            )
        return module_messages.MultiInstalledModuleVersionResponse(
            installed_module_versions=map(_shown, found)
        )

    @rpc("DeleteInstalledModuleVersions")
    def delete_installed_module_versions(
        self, request: module_messages.DeleteInstalledModuleVersionsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Take module versions out of an app: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.ids:
            raise invalid("ids is empty: name the installations to delete")
        with self._store.write() as db:
            for installed_id in dict.fromkeys(request.ids):
                self._store.resources.delete(db, self._row(db, scope, installed_id))
        return status_pb2.BaseResponse()

    def _install(
        self,
        db: sqlite3.Connection,
        scope: Scope,
        caller: Caller,
        given: module_messages.InstalledModuleVersion,
    ) -> Row:
        installed_id = ids.check(given.id or ids.new_id(), "installed module version id")
        wanted = given.module_version
        user_id = caller.user_id if wanted.user_id == "me" else wanted.user_id or scope.user_id
        module = require_module(
            self._store, db, (user_id, wanted.app_id or scope.app_id), wanted.module_id
        )
        version = (
            require_version(self._store, db, module, wanted.id)
            if wanted.id
            else newest(self._store, db, module)
        )
        if version is None:
            raise no_module(f"module {module.id!r} has no version to install")
        installed = module_messages.InstalledModuleVersion(
            id=installed_id,
            user_id=scope.user_id,
            app_id=scope.app_id,
            module_version=version_message(version),
            visibility=resources_pb2.Visibility(
                gettable=given.visibility.gettable or resources_pb2.Visibility.Gettable.PRIVATE
            ),
        )
        try:
            return self._store.resources.insert(
                db,
                INSTALLED_KIND,
                scope.key,
                installed_id,
                installed,
                now_us=self._context.clock.now_us(),
            )
        except Duplicate:
            raise invalid(
                f"the installed module version id {installed_id!r} already exists "
                f"in app {scope.app_id!r}"
            ) from None

    def _row(self, db: sqlite3.Connection, scope: Scope, installed_id: str) -> Row:
        row = self._store.resources.get(db, INSTALLED_KIND, scope.key, installed_id)
        if row is None:
            raise missing("installed module version", installed_id)
        return row


def _shown(row: Row) -> module_messages.InstalledModuleVersion:
    installed = row.message(module_messages.InstalledModuleVersion)
    installed.created_at.CopyFrom(timestamp(row.created_at))
    installed.modified_at.CopyFrom(timestamp(row.modified_at))
    return installed
