"""RPCs on the versions of workflows: each change of a workflow made one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import paging
from clarifai_local.dispatch import rpc
from clarifai_local.patching import check_action, patch
from clarifai_local.statuses import invalid
from clarifai_local.workflows import rows

if TYPE_CHECKING:
    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext

_PATCHED = ("description", "license", "metadata", "visibility")


class WorkflowVersions:
    """RPCs on the versions of workflows."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("GetWorkflowVersion")
    def get_workflow_version(
        self, request: service_pb2.GetWorkflowVersionRequest, caller: Caller
    ) -> service_pb2.SingleWorkflowVersionResponse:
        """Return a version with its nodes."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        if not request.workflow_version_id:
            raise invalid("workflow_version_id is empty: name the version")
        with self._store.read() as db:
            found = rows.find(
                self._store, db, scope, request.workflow_id, request.workflow_version_id
            )
            version = rows.version_message(self._context, db, found.version)
        return service_pb2.SingleWorkflowVersionResponse(workflow_version=version)

    @rpc("ListWorkflowVersions")
    def list_workflow_versions(
        self, request: service_pb2.ListWorkflowVersionsRequest, caller: Caller
    ) -> service_pb2.MultiWorkflowVersionResponse:
        """Return the versions of a workflow, newest first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        window = paging.window(request.page, request.per_page)
        with self._store.read() as db:
            workflow = rows.find(self._store, db, scope, request.workflow_id).workflow
            found = self._store.resources.list(
                db,
                rows.VERSION_KIND,
                (workflow.user_id, workflow.app_id),
                parent=workflow.id,
                limit=window.limit,
                offset=window.offset,
            )
            versions = [rows.version_message(self._context, db, row) for row in found]
        return service_pb2.MultiWorkflowVersionResponse(workflow_versions=versions)

    @rpc("PatchWorkflowVersions")
    def patch_workflow_versions(
        self, request: service_pb2.PatchWorkflowVersionsRequest, caller: Caller
    ) -> service_pb2.MultiWorkflowVersionResponse:
        """Change description, license, metadata or visibility of versions: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        versions = []
        with self._store.write() as db:
            workflow = rows.own(self._store, db, scope, request.workflow_id)
            for given in request.workflow_versions:
                row = rows.version_of(self._store, db, workflow, given.id)
                for field, _ in given.ListFields():
                    if field.name not in _PATCHED:
                        given.ClearField(field.name)
                version = row.message(resources_pb2.WorkflowVersion)
                patch(version, given, action)
                now_us = self._context.clock.now_us()
                changed = self._store.resources.update(db, row, version, now_us=now_us)
                versions.append(rows.version_message(self._context, db, changed))
        return service_pb2.MultiWorkflowVersionResponse(workflow_versions=versions)

    @rpc("DeleteWorkflowVersions")
    def delete_workflow_versions(
        self, request: service_pb2.DeleteWorkflowVersionsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete versions, but not the last one of a workflow: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        unwanted = list(dict.fromkeys(request.workflow_version_ids))
        if not all(unwanted) or not unwanted:
            raise invalid("workflow_version_ids is empty: name the versions to delete")
        with self._store.write() as db:
            workflow = rows.own(self._store, db, scope, request.workflow_id)
            for version_id in unwanted:
                row = rows.version_of(self._store, db, workflow, version_id)
                self._store.resources.delete(db, row)
            if not self._store.resources.list(
                db, rows.VERSION_KIND, scope.key, parent=workflow.id, limit=1
            ):
                raise invalid(
                    f"workflow {workflow.id!r} would have no version left: delete the workflow"
                )
        return status_pb2.BaseResponse()
