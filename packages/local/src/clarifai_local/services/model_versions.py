"""RPCs on model versions: making one is training it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import ids, paging
from clarifai_local.clock import timestamp
from clarifai_local.dispatch import rpc
from clarifai_local.engine.parameters import InvalidParameterError
from clarifai_local.http_messages import HttpReply, HttpRequest
from clarifai_local.models import rows
from clarifai_local.models.training import Trainings, parameters, source
from clarifai_local.patching import check_action, patch
from clarifai_local.statuses import Refused, invalid
from clarifai_local.store import Duplicate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from clarifai_local.auth import Caller
    from clarifai_local.context import ServiceContext
    from clarifai_local.scope import Scope
    from clarifai_local.store import Row

_TAKEN = (
    "description",
    "metadata",
    "visibility",
    "license",
    "output_info",
    "input_info",
    "train_info",
    "pretrained_model_config",
    "inference_compute_info",
)
"""Fields of a new version that come from the request."""

_PATCHED = ("description", "metadata", "visibility", "license", "output_info")

_EMBEDDER_TYPES = ("visual-embedder", "text-embedder", "multimodal-embedder")


class ModelVersions:
    """RPCs on model versions."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store
        self._trainings = Trainings(context)
        context.http.add(rows.LOGS_PATH, self._serve_log, needs_key=False)

    @rpc("PostModelVersions")
    def post_model_versions(
        self, request: service_pb2.PostModelVersionsRequest, caller: Caller
    ) -> service_pb2.SingleModelResponse:
        """Make versions, all or none, and start their training; the answer has the first."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        given = list(request.model_versions) or [resources_pb2.ModelVersion()]
        with self._store.write() as db:
            model = rows.own(self._store, db, scope, request.model_id)
            for version in given:
                version.description = version.description or request.description
                self._check(db, scope, model, version)
            created = [self._create(db, scope, model, version) for version in given]
        for row in created:
            if row.status != codes.MODEL_TRAINED:
                self._trainings.submit(row)
        shown = rows.model_message(model, created[0], self._context.http.base_url)
        return service_pb2.SingleModelResponse(model=shown)

    @rpc("GetModelVersion")
    def get_model_version(
        self, request: service_pb2.GetModelVersionRequest, caller: Caller
    ) -> service_pb2.SingleModelVersionResponse:
        """Return a version; its status tells how far the training is."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            found = rows.find(self._store, db, scope, request.model_id, request.version_id)
        if found.version is None:
            raise rows.no_model(f"model {request.model_id!r} has no version yet")
        return service_pb2.SingleModelVersionResponse(model_version=self._shown(found.version))

    @rpc("ListModelVersions")
    def list_model_versions(
        self, request: service_pb2.ListModelVersionsRequest, caller: Caller
    ) -> service_pb2.MultiModelVersionResponse:
        """Return the versions of a model, newest first unless a sort field says otherwise."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        window = paging.window(request.page, request.per_page)
        with self._store.read() as db:
            model = rows.find(self._store, db, scope, request.model_id).model
            versions = rows.versions(self._store, db, model)
        shown = [self._shown(row) for row in _sorted(versions, request)]
        chosen = [version for version in shown if _wanted(version, request)]
        page = chosen[window.offset : window.offset + window.limit]
        return service_pb2.MultiModelVersionResponse(model_versions=page)

    @rpc("PatchModelVersions")
    def patch_model_versions(
        self, request: service_pb2.PatchModelVersionsRequest, caller: Caller
    ) -> service_pb2.MultiModelVersionResponse:
        """Change description, metadata, visibility, license or output info: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        with self._store.write() as db:
            model = rows.own(self._store, db, scope, request.model_id)
            changed = [self._patch(db, model, given, action) for given in request.model_versions]
        shown = [self._shown(row) for row in changed]
        return service_pb2.MultiModelVersionResponse(model_versions=shown)

    @rpc("DeleteModelVersion")
    def delete_model_version(
        self, request: service_pb2.DeleteModelVersionRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete a version, whatever its status; a training stops."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        with self._store.write() as db:
            model = rows.own(self._store, db, scope, request.model_id)
            version = self._row(db, model, request.version_id)
            rows.delete_version(self._store, db, version)
        self._trainings.cancel(version)
        return status_pb2.BaseResponse()

    def resume(self) -> None:
        """Take up trainings that were not finished when the platform ended."""
        self._trainings.resume()

    def _check(
        self, db: sqlite3.Connection, scope: Scope, model: Row, given: resources_pb2.ModelVersion
    ) -> None:
        if not given.HasField("train_info"):
            return
        type_id = model.message(resources_pb2.Model).model_type_id
        kind = self._context.engines.model_types()[type_id]
        if not kind.trainable:
            raise Refused(
                codes.NOT_IMPLEMENTED, f"the embedded platform does not train {type_id!r} models"
            )
        if given.train_info.resume_from_model.id:
            raise Refused(
                codes.NOT_IMPLEMENTED,
                "the embedded platform does not honour train_info.resume_from_model",
            )
        try:
            kind.checked(parameters(given))
        except InvalidParameterError as error:
            raise Refused(codes.MODEL_TRAINING_INVALID_PARAMS, str(error)) from error
        source(given).check(self._store, db, scope)
        base = given.input_info.base_embed_model.id
        if base:
            self._check_embedder(db, scope, base)

    def _check_embedder(self, db: sqlite3.Connection, scope: Scope, model_id: str) -> None:
        found = rows.find(self._store, db, scope, model_id)
        type_id = found.model.message(resources_pb2.Model).model_type_id
        if type_id not in _EMBEDDER_TYPES:
            raise invalid(f"base_embed_model {model_id!r} is a {type_id}, not an embedder")
        if rows.key(found.model) == scope.key:
            raise Refused(
                codes.NOT_IMPLEMENTED,
                f"base_embed_model {model_id!r}: the embedded platform builds on its own "
                "embedder only",
            )

    def _create(
        self, db: sqlite3.Connection, scope: Scope, model: Row, given: resources_pb2.ModelVersion
    ) -> Row:
        version = resources_pb2.ModelVersion(id=ids.check(given.id or ids.new_id(), "version id"))
        for field, value in given.ListFields():
            if field.name in _TAKEN:
                if isinstance(value, str):
                    setattr(version, field.name, value)
                else:
                    getattr(version, field.name).CopyFrom(value)
        version.user_id, version.app_id = scope.key
        if not version.visibility.gettable:
            version.visibility.gettable = resources_pb2.Visibility.Gettable.PRIVATE
        status, log = codes.MODEL_TRAINED, ""
        now_us = self._context.clock.now_us()
        if given.HasField("train_info"):
            status, log = codes.MODEL_QUEUED_FOR_TRAINING, ids.new_id()
        elif given.HasField("pretrained_model_config"):
            status = codes.MODEL_UPLOADING
        else:
            version.completed_at.CopyFrom(timestamp(now_us))
        try:
            return self._store.resources.insert(
                db,
                rows.VERSION_KIND,
                scope.key,
                version.id,
                version,
                now_us=now_us,
                parent=model.id,
                status=status,
                detail=log,
            )
        except Duplicate:
            raise invalid(
                f"the version id {version.id!r} already exists in model {model.id!r}"
            ) from None

    def _patch(
        self, db: sqlite3.Connection, model: Row, given: resources_pb2.ModelVersion, action: str
    ) -> Row:
        row = self._row(db, model, given.id)
        for field, _ in given.ListFields():
            if field.name not in _PATCHED:
                given.ClearField(field.name)  # type: ignore[arg-type]
        version = row.message(resources_pb2.ModelVersion)
        patch(version, given, action)
        return self._store.resources.update(db, row, version, now_us=self._context.clock.now_us())

    def _row(self, db: sqlite3.Connection, model: Row, version_id: str) -> Row:
        row = self._store.resources.get(
            db, rows.VERSION_KIND, rows.key(model), version_id, model.id
        )
        if row is None:
            raise rows.no_model(f"model {model.id!r} has no version {version_id!r}")
        return row

    def _serve_log(self, request: HttpRequest) -> HttpReply:
        with self._store.read() as db:
            found = self._store.resources.list(
                db, rows.VERSION_KIND, parent=None, where="detail = ?", params=(request.path,)
            )
            if not (request.path and found):
                return HttpReply(404, b"not found")
            log = self._store.attachment(db, found[0], rows.LOG)
        return HttpReply(200, log or b"waiting for the training to start\n")

    def _shown(self, version: Row) -> resources_pb2.ModelVersion:
        return rows.version_message(version, self._context.http.base_url)


def _sorted(versions: list[Row], request: service_pb2.ListModelVersionsRequest) -> list[Row]:
    keys: tuple[tuple[bool, Callable[[Row], object]], ...] = (
        (request.sort_by_status_code, lambda row: row.status),
        (request.sort_by_num_inputs, lambda row: _body(row).total_input_count),
        (request.sort_by_description, lambda row: _body(row).description),
    )
    for asked, key in keys:
        if asked:
            return sorted(versions, key=key, reverse=not request.sort_ascending)  # type: ignore[arg-type]
    return versions[::-1] if request.sort_ascending else versions


def _wanted(
    version: resources_pb2.ModelVersion, request: service_pb2.ListModelVersionsRequest
) -> bool:
    if request.trained_only and version.status.code != codes.MODEL_TRAINED:
        return False
    known = {concept.id for concept in version.output_info.data.concepts}
    return set(request.concept_ids) <= known


def _body(row: Row) -> resources_pb2.ModelVersion:
    return row.message(resources_pb2.ModelVersion)
