"""RPCs on what the caller's key may do, and on who else works on an app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_local import _paging
from clarifai_local._permissions import APP_KEY, PAT, depending, endpoints
from clarifai_local._services.apps import shown_app
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext
    from clarifai_local.auth import Caller


class KeyScopeService:
    """RPCs on the scopes of keys, and on collaborators: this platform has one person's keys."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    @rpc("MyScopes")
    def my_scopes(
        self, request: service_pb2.MyScopesRequest, caller: Caller
    ) -> service_pb2.MultiScopeResponse:
        """Return what the caller's key may do in an app."""
        answer = service_pb2.MultiScopeResponse(
            scopes=sorted(caller.scopes), endpoints=sorted(caller.endpoints)
        )
        if request.user_app_id.app_id:
            scope = self._context.scopes.app(request.user_app_id, caller)
            answer.app.CopyFrom(shown_app(self._context, scope))
        return answer

    @rpc("MyScopesUser")
    def my_scopes_user(
        self, request: service_pb2.MyScopesUserRequest, caller: Caller
    ) -> service_pb2.MultiScopeUserResponse:
        """Return what the caller's key may do with what is a user's."""
        self._context.scopes.user(request.user_app_id, caller)
        return service_pb2.MultiScopeUserResponse(
            scopes=sorted(caller.scopes), endpoints=sorted(caller.endpoints)
        )

    @rpc("MyScopesRoot")
    def my_scopes_root(
        self, _: service_pb2.MyScopesRootRequest, caller: Caller
    ) -> service_pb2.MultiScopeRootResponse:
        """Return what the caller's key may do."""
        return service_pb2.MultiScopeRootResponse(
            scopes=sorted(caller.scopes), endpoints=sorted(caller.endpoints)
        )

    @rpc("ListScopes")
    def list_scopes(
        self, request: service_pb2.ListScopesRequest, caller: Caller
    ) -> service_pb2.MultiScopeDepsResponse:
        """Return the scopes and endpoints that keys of a type can have, with what goes along."""
        self._context.scopes.user(request.user_app_id, caller)
        key_type = request.key_type or APP_KEY
        if key_type not in {APP_KEY, PAT}:
            raise invalid(f"key_type {key_type!r} is none of: {APP_KEY}, {PAT}")
        return service_pb2.MultiScopeDepsResponse(
            scope_deps=[
                resources_pb2.ScopeDeps(scope=scope, depending_scopes=along)
                for scope, along in depending().items()
            ],
            endpoint_deps=[
                resources_pb2.EndpointDeps(endpoint=endpoint, depending_scopes=along)
                for endpoint, along in endpoints(key_type).items()
            ],
        )

    @rpc("ListCollaborators")
    def list_collaborators(
        self, request: service_pb2.ListCollaboratorsRequest, caller: Caller
    ) -> service_pb2.MultiCollaboratorsResponse:
        """Return nobody: every key of this platform may use every app, or the one that it is for.

        Raises:
            Refused: 11101, when there is no such app.
        """
        self._context.scopes.app(request.user_app_id, caller)
        _paging.page_range(request.page, request.per_page)
        return service_pb2.MultiCollaboratorsResponse()

    @rpc("ListCollaborations")
    def list_collaborations(
        self, request: service_pb2.ListCollaborationsRequest, caller: Caller
    ) -> service_pb2.MultiCollaborationsResponse:
        """Return no app: whoever has a key of this platform owns what it may use."""
        self._context.scopes.user(request.user_app_id, caller)
        _paging.page_range(request.page, request.per_page)
        return service_pb2.MultiCollaborationsResponse()
