"""RPCs on models."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, listing
from clarifai_local.dispatch import rpc
from clarifai_local.models import rows
from clarifai_local.models.training import Trainings
from clarifai_local.patching import check_action, patch
from clarifai_local.statuses import invalid
from clarifai_local.store import Duplicate

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.scope import Scope
    from clarifai_local.store import Row

DEFAULT_MODEL_TYPE = "embedding-classifier"
"""The type of a model that is created without one."""

_OWN = (
    "created_at",
    "modified_at",
    "app_id",
    "user_id",
    "model_version",
    "bookmark_origin",
    "featured_order",
    "star_count",
    "version_count",
)
"""Fields that the platform sets: a request's values are not taken."""


class Models:
    """RPCs on models."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store
        self._trainings = Trainings(context)

    @rpc("PostModels")
    def post_models(
        self, request: service_pb2.PostModelsRequest, caller: Caller
    ) -> service_pb2.SingleModelResponse:
        """Create models: all or none; the answer has the first."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        given = list(request.models) or ([request.model] if request.HasField("model") else [])
        if not given:
            raise invalid("models is empty: name the model to create")
        with self._store.write() as db:
            created = [self._create(db, scope, model) for model in given]
        return service_pb2.SingleModelResponse(model=self._shown(created[0], None))

    @rpc("GetModel")
    def get_model(
        self, request: service_pb2.GetModelRequest, caller: Caller
    ) -> service_pb2.SingleModelResponse:
        """Return a model with the version that is asked for, or the one in use."""
        return service_pb2.SingleModelResponse(model=self._get(request, caller))

    @rpc("GetModelOutputInfo")
    def get_model_output_info(
        self, request: service_pb2.GetModelRequest, caller: Caller
    ) -> service_pb2.SingleModelResponse:
        """Return a model with the output info of its version, concepts included."""
        model = self._get(request, caller)
        if model.model_version.HasField("output_info"):
            model.output_info.CopyFrom(model.model_version.output_info)
        return service_pb2.SingleModelResponse(model=model)

    @rpc("ListModels")
    def list_models(
        self, request: service_pb2.ListModelsRequest, caller: Caller
    ) -> service_pb2.MultiModelResponse:
        """Return the models of an app, of all apps of a user, or all public ones, newest first."""
        found = self._pairs(request.user_app_id, caller)
        pairs = {row.seq: version for row, version in found}
        chosen = [row for row, version in found if self._wanted(row, version, request)]
        models = listing.select(chosen, request, lambda row: self._shown(row, pairs[row.seq]))
        return service_pb2.MultiModelResponse(models=models)

    @rpc("PostModelsSearches")
    def post_models_searches(
        self, request: service_pb2.PostModelsSearchesRequest, caller: Caller
    ) -> service_pb2.MultiModelResponse:
        """Return models by type and name (`*` stands for anything)."""
        query = request.model_query
        asked = service_pb2.ListModelsRequest(
            page=request.pagination.page,
            per_page=request.pagination.per_page,
            model_type_id=query.model_type_id,
            name=query.name,
        )
        asked.user_app_id.CopyFrom(request.user_app_id)
        return self.list_models(asked, caller)

    @rpc("PatchModels")
    def patch_models(
        self, request: service_pb2.PatchModelsRequest, caller: Caller
    ) -> service_pb2.MultiModelResponse:
        """Change models: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        with self._store.write() as db:
            changed = [self._patch(db, scope, given, action) for given in request.models]
            shown = [
                self._shown(row, rows.in_use(rows.versions(self._store, db, row)))
                for row in changed
            ]
        return service_pb2.MultiModelResponse(models=shown)

    @rpc("DeleteModel")
    def delete_model(
        self, request: service_pb2.DeleteModelRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete a model with its versions; their trainings stop."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        return self._delete(scope, [request.model_id])

    @rpc("DeleteModels")
    def delete_models(
        self, request: service_pb2.DeleteModelsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete models with their versions: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.ids:
            raise invalid("ids is empty: name the models to delete")
        return self._delete(scope, list(dict.fromkeys(request.ids)))

    def _get(self, request: service_pb2.GetModelRequest, caller: Caller) -> resources_pb2.Model:
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            found = rows.find(self._store, db, scope, request.model_id, request.version_id)
        return self._shown(found.model, found.version)

    def _pairs(
        self, user_app_id: resources_pb2.UserAppIDSet, caller: Caller
    ) -> list[tuple[Row, Row | None]]:
        """Return the models in scope, newest first, with the version in use of each."""
        scopes = self._context.scopes.keys(user_app_id, caller)
        with self._store.read() as db:
            models = [
                row
                for key in scopes
                for row in self._store.resources.list(db, rows.MODEL_KIND, key)
            ]
            versions: dict[tuple[str, str, str], list[Row]] = {}
            for key in scopes:
                listed = self._store.resources.list(db, rows.VERSION_KIND, key, parent=None)
                for version in listed:
                    versions.setdefault((*rows.key(version), version.parent), []).append(version)
        return [(row, rows.in_use(versions.get((*rows.key(row), row.id), []))) for row in models]

    def _wanted(self, row: Row, version: Row | None, request: Any) -> bool:
        model = row.message(resources_pb2.Model)
        kind = self._context.engines.model_types().get(model.model_type_id)
        body = version.message(resources_pb2.ModelVersion) if version else None
        checks = (
            (request.model_type_id, lambda wanted: model.model_type_id == wanted),
            (request.trained_only, lambda _: bool(version and version.status == _TRAINED)),
            (request.input_fields, lambda wanted: kind and set(wanted) <= set(kind.input_fields)),
            (request.output_fields, lambda wanted: kind and set(wanted) <= set(kind.output_fields)),
            (request.license, lambda wanted: body is not None and body.license == wanted),
            (request.toolkits, lambda wanted: set(wanted) <= set(model.toolkits)),
            (request.use_cases, lambda wanted: set(wanted) <= set(model.use_cases)),
            (request.languages, lambda wanted: set(wanted) <= set(model.languages)),
            (request.model_version_ids, lambda wanted: version and version.id in wanted),
        )
        return all(bool(check(wanted)) for wanted, check in checks if wanted)

    def _create(self, db: sqlite3.Connection, scope: Scope, given: resources_pb2.Model) -> Row:
        model_id = ids.check(given.id or ids.new_id(), "model id")
        for name in _OWN:
            _clear(given, name)
        given.id = model_id
        given.user_id, given.app_id = scope.key
        given.name = given.name or model_id
        given.model_type_id = given.model_type_id or DEFAULT_MODEL_TYPE
        given.image.ClearField("base64")
        self._check_type(given.model_type_id)
        if not given.visibility.gettable:
            given.visibility.gettable = resources_pb2.Visibility.Gettable.PRIVATE
        try:
            return self._store.resources.insert(
                db,
                rows.MODEL_KIND,
                scope.key,
                model_id,
                given,
                now_us=self._context.clock.now_us(),
            )
        except Duplicate:
            raise invalid(
                f"the model id {model_id!r} already exists in app {scope.app_id!r}"
            ) from None

    def _check_type(self, model_type_id: str) -> None:
        known = self._context.engines.model_types()
        if model_type_id not in known:
            near = difflib.get_close_matches(model_type_id, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "ListModelTypes has those there are"
            raise invalid(f"model type {model_type_id!r} does not exist: {hint}")

    def _patch(
        self, db: sqlite3.Connection, scope: Scope, given: resources_pb2.Model, action: str
    ) -> Row:
        row = rows.own(self._store, db, scope, given.id)
        for name in (*_OWN, "id", "model_type_id"):
            _clear(given, name)
        model = row.message(resources_pb2.Model)
        patch(model, given, action)
        model.image.ClearField("base64")
        return self._store.resources.update(db, row, model, now_us=self._context.clock.now_us())

    def _delete(self, scope: Scope, model_ids: list[str]) -> status_pb2.BaseResponse:
        gone: list[Row] = []
        with self._store.write() as db:
            for model_id in model_ids:
                model = rows.own(self._store, db, scope, model_id)
                gone += rows.delete_model(self._store, db, model)
        for version in gone:
            self._trainings.cancel(version)
        return status_pb2.BaseResponse()

    def _shown(self, model: Row, version: Row | None) -> resources_pb2.Model:
        return rows.model_message(model, version, self._context.http.base_url)


_TRAINED = codes.MODEL_TRAINED


def _clear(message: Any, name: str) -> None:
    # Releases of the wire contract differ in these fields.
    if name in message.DESCRIPTOR.fields_by_name:
        message.ClearField(name)
