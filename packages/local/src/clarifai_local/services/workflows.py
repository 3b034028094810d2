"""RPCs on workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, listing
from clarifai_local.dispatch import rpc
from clarifai_local.patching import check_action, is_repeated, patch
from clarifai_local.statuses import Refused, invalid
from clarifai_local.store import Duplicate
from clarifai_local.workflows import rows
from clarifai_local.workflows.nodes import pinned

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.scope import Scope
    from clarifai_local.store import Row

MAX_WORKFLOWS = 128
"""Workflows in one Post or Patch request."""

_TAKEN = ("description", "notes", "metadata", "visibility", "use_cases", "check_consents", "image")
"""Fields of a workflow that come from the request."""

_VERSION_TAKEN = ("description", "license", "metadata", "visibility")
"""Fields of a workflow's version that come from the request."""


class Workflows:
    """RPCs on workflows."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostWorkflows")
    def post_workflows(
        self, request: service_pb2.PostWorkflowsRequest, caller: Caller
    ) -> service_pb2.MultiWorkflowResponse:
        """Create workflows, each with its first version: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.workflows:
            raise invalid("workflows is empty: send at least one to create")
        _check_count(request.workflows)
        with self._store.write() as db:
            made = [self._create(db, scope, caller, given) for given in request.workflows]
            shown = [self._shown(db, found) for found in made]
        return service_pb2.MultiWorkflowResponse(workflows=shown)

    @rpc("GetWorkflow")
    def get_workflow(
        self, request: service_pb2.GetWorkflowRequest, caller: Caller
    ) -> service_pb2.SingleWorkflowResponse:
        """Return a workflow of the app, or else the public one of that id."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            found = rows.find(self._store, db, scope, request.workflow_id)
            return service_pb2.SingleWorkflowResponse(workflow=self._shown(db, found))

    @rpc("ListWorkflows")
    def list_workflows(
        self, request: service_pb2.ListWorkflowsRequest, caller: Caller
    ) -> service_pb2.MultiWorkflowResponse:
        """Return workflows of an app, of all apps of a user, or all public ones, newest first."""
        keys = self._context.scopes.keys(request.user_app_id, caller)
        with self._store.read() as db:
            found = [
                row
                for key in keys
                for row in self._store.resources.list(db, rows.WORKFLOW_KIND, key)
            ]
            shown = listing.select(found, request, lambda row: self._newest(db, row))
        return service_pb2.MultiWorkflowResponse(workflows=shown)

    @rpc("PatchWorkflows")
    def patch_workflows(
        self, request: service_pb2.PatchWorkflowsRequest, caller: Caller
    ) -> service_pb2.MultiWorkflowResponse:
        """Change workflows, each with a new version: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        _check_count(request.workflows)
        with self._store.write() as db:
            made = [self._patch(db, scope, caller, one, action) for one in request.workflows]
            shown = [self._shown(db, found) for found in made]
        return service_pb2.MultiWorkflowResponse(workflows=shown)

    @rpc("DeleteWorkflow")
    def delete_workflow(
        self, request: service_pb2.DeleteWorkflowRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete a workflow with its versions."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        return self._delete(scope, [request.workflow_id])

    @rpc("DeleteWorkflows")
    def delete_workflows(
        self, request: service_pb2.DeleteWorkflowsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete workflows with their versions: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if request.delete_all and not request.ids:
            with self._store.read() as db:
                found = self._store.resources.list(db, rows.WORKFLOW_KIND, scope.key)
            return self._delete(scope, [row.id for row in found])
        if not request.ids:
            raise invalid("ids is empty: name the workflows to delete")
        return self._delete(scope, list(dict.fromkeys(request.ids)))

    def _create(
        self,
        db: sqlite3.Connection,
        scope: Scope,
        caller: Caller,
        given: resources_pb2.Workflow,
    ) -> rows.Found:
        workflow_id = ids.check(given.id or ids.new_id(), "workflow id")
        workflow = resources_pb2.Workflow(
            id=workflow_id, user_id=scope.user_id, app_id=scope.app_id
        )
        _take(workflow, given, _TAKEN)
        now_us = self._context.clock.now_us()
        try:
            row = self._store.resources.insert(
                db, rows.WORKFLOW_KIND, scope.key, workflow_id, workflow, now_us=now_us
            )
        except Duplicate:
            raise Refused(
                codes.WORKFLOW_DUPLICATE,
                f"the workflow id {workflow_id!r} already exists in app {scope.app_id!r}",
            ) from None
        return rows.Found(row, self._version(db, scope, caller, given))

    def _version(
        self,
        db: sqlite3.Connection,
        scope: Scope,
        caller: Caller,
        given: resources_pb2.Workflow,
    ) -> Row:
        version_id = ids.check(given.version.id or ids.new_id(), "workflow version id")
        version = resources_pb2.WorkflowVersion(
            id=version_id, workflow_id=given.id, user_id=scope.user_id, app_id=scope.app_id
        )
        _take(version, given.version, _VERSION_TAKEN)
        if not version.visibility.gettable:
            version.visibility.gettable = resources_pb2.Visibility.Gettable.PRIVATE
        nodes = given.nodes or given.version.nodes
        version.nodes.extend(pinned(self._context, db, scope, caller, nodes))
        try:
            return self._store.resources.insert(
                db,
                rows.VERSION_KIND,
                scope.key,
                version_id,
                version,
                now_us=self._context.clock.now_us(),
                parent=given.id,
            )
        except Duplicate:
            raise Refused(
                codes.WORKFLOW_DUPLICATE,
                f"the version id {version_id!r} already exists in workflow {given.id!r}",
            ) from None

    def _patch(
        self,
        db: sqlite3.Connection,
        scope: Scope,
        caller: Caller,
        given: resources_pb2.Workflow,
        action: str,
    ) -> rows.Found:
        row = rows.own(self._store, db, scope, given.id)
        newest = rows.version_of(self._store, db, row)
        kept = newest.message(resources_pb2.WorkflowVersion)
        workflow = row.message(resources_pb2.Workflow)
        change = resources_pb2.Workflow(nodes=given.nodes or given.version.nodes)
        _take(change, given, _TAKEN)
        workflow.nodes.extend(kept.nodes)
        patch(workflow, change, action)
        version = resources_pb2.Workflow(id=row.id, nodes=workflow.nodes, version=kept)
        version.version.id = given.version.id
        _take(version.version, given.version, _VERSION_TAKEN)
        made = self._version(db, scope, caller, version)
        workflow.ClearField("nodes")
        now_us = self._context.clock.now_us()
        return rows.Found(self._store.resources.update(db, row, workflow, now_us=now_us), made)

    def _delete(self, scope: Scope, workflow_ids: list[str]) -> status_pb2.BaseResponse:
        with self._store.write() as db:
            for workflow_id in workflow_ids:
                rows.delete(self._store, db, rows.own(self._store, db, scope, workflow_id))
        return status_pb2.BaseResponse()

    def _newest(self, db: sqlite3.Connection, row: Row) -> resources_pb2.Workflow:
        return self._shown(db, rows.Found(row, rows.version_of(self._store, db, row)))

    def _shown(self, db: sqlite3.Connection, found: rows.Found) -> resources_pb2.Workflow:
        return rows.workflow_message(self._context, db, found)


def _check_count(given: Sequence[resources_pb2.Workflow]) -> None:
    if len(given) > MAX_WORKFLOWS:
        raise invalid(f"{len(given):,} workflows in one request, more than {MAX_WORKFLOWS}")


def _take(
    target: resources_pb2.Workflow | resources_pb2.WorkflowVersion,
    given: resources_pb2.Workflow | resources_pb2.WorkflowVersion,
    names: tuple[str, ...],
) -> None:
    """Copy the fields of a request that it may set; bytes of a picture are not kept."""
    for field, value in given.ListFields():
        if field.name not in names:
            continue
        if is_repeated(field):
            getattr(target, field.name).extend(value)
        elif field.message_type is None:
            setattr(target, field.name, value)
        else:
            getattr(target, field.name).CopyFrom(value)
    if isinstance(target, resources_pb2.Workflow):
        target.image.ClearField("base64")
        if not target.image.ListFields():
            target.ClearField("image")
