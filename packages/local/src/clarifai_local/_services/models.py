"""Models, each shown with the version that is in use or asked for."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _listing
from clarifai_local._concept_names import ENGLISH, check_language, translated
from clarifai_local._models import replicas, rows
from clarifai_local._models.training import Trainings
from clarifai_local._services.family import drafted, patched, refuse_changes
from clarifai_local._services.family_rpcs import created
from clarifai_local.engine.concepts import concept_id
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

    from clarifai_local._context import ServiceContext
    from clarifai_local._services.family import FamilyCall, NewResource
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller

DEFAULT_MODEL_TYPE = "embedding-classifier"
"""The type of a model that is created without one."""


_ALL_BUT_TYPE = frozenset(resources_pb2.Model.DESCRIPTOR.fields_by_name) - {"model_type_id"}


def post(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Create models: all or none; the answer has the first."""
    if request.HasField("model"):
        if request.models:
            raise invalid("model: send it or models, not both at a time")
        request.models.append(request.model)
    return rpc.one(created(rpc, request, caller)[0])


def get(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return a model with the version that is asked for, or the one in use."""
    return rpc.one(_asked(rpc, request, caller))


def get_output_info(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return a model with the output info of its version, concepts included."""
    model = _asked(rpc, request, caller)
    if model.model_version.HasField("output_info"):
        model.output_info.CopyFrom(model.model_version.output_info)
    return rpc.one(model)


def list_wanted(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return the models of an app, of all apps of a user, or all public ones, newest first."""
    context = rpc.context
    found = _pairs(context, request, caller)
    versions = {row.seq: version for row, version in found}
    chosen = [row for row, version in found if _wanted(context, row, version, request)]
    counts = dict.fromkeys(versions, 0)
    if request.show_replicas or request.min_replicas:
        counts = _replicas(context, [(row, versions[row.seq]) for row in chosen])
        chosen = [row for row in chosen if counts[row.seq] >= request.min_replicas]

    def render(row: ResourceRow) -> resources_pb2.Model:
        model = _shown(context, row, versions[row.seq])
        model.replica_count = counts[row.seq]
        return model

    return rpc.several(_listing.select(chosen, request, render))


def search(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return models by type and name (`*` stands for anything)."""
    query = request.model_query
    asked = service_pb2.ListModelsRequest(
        page=request.pagination.page,
        per_page=request.pagination.per_page,
        model_type_id=query.model_type_id,
        name=query.name,
    )
    asked.user_app_id.CopyFrom(request.user_app_id)
    return list_wanted(rpc, asked, caller)


def find(call: FamilyCall, model_id: str) -> ResourceRow:
    """Return a model of the app, or else the public one of that name."""
    return rows.find(call.store, call.db, call.scope, model_id).model


def draft(call: FamilyCall, given: resources_pb2.Model) -> NewResource:
    """Return a new model, named like its id and of the default type unless the request says so.

    Raises:
        Refused: 11102, for a type that does not exist.
    """
    made = drafted(call, given)
    given.name = given.name or given.id
    given.model_type_id = given.model_type_id or DEFAULT_MODEL_TYPE
    known = call.context.engines.model_types()
    if given.model_type_id not in known:
        near = difflib.get_close_matches(given.model_type_id, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "ListModelTypes has those there are"
        raise invalid(f"model type {given.model_type_id!r} does not exist: {hint}")
    return made


def change(
    call: FamilyCall, row: ResourceRow, given: resources_pb2.Model, action: str
) -> ResourceRow:
    """Change a model; it stays of its type."""
    refuse_changes(call, row, given, _ALL_BUT_TYPE)
    return patched(call, row, given, action)


def show(call: FamilyCall, row: ResourceRow) -> resources_pb2.Model:
    """Return a model as answers show it: with the version in use."""
    return _shown(call.context, row, rows.in_use(rows.versions(call.store, call.db, row)))


def remove(call: FamilyCall, row: ResourceRow) -> None:
    """Remove a model with its versions; their trainings stop."""
    gone = rows.delete_model(call.store, call.db, row)
    call.store.after_commit(lambda: _stop(call.context, gone))


def _stop(context: ServiceContext, versions: list[ResourceRow]) -> None:
    trainings = Trainings(context)
    for version in versions:
        trainings.cancel(version)


def _asked(rpc: FamilyRpc, request: Any, caller: Caller) -> resources_pb2.Model:
    with rpc.call(request, caller) as call:
        found = rows.find(call.store, call.db, call.scope, request.model_id, request.version_id)
    return translate(_shown(rpc.context, found.model, found.version), request.language)


def translate(model: resources_pb2.Model, language: str) -> resources_pb2.Model:
    """Write the names of public concepts in a language into a model.

    Raises:
        Refused: 11102, for a language that they have no names in.
    """
    if check_language(language, "language") != ENGLISH:
        for concept in model.model_version.output_info.data.concepts:
            if concept.id == concept_id(concept.name):
                concept.name, concept.language = translated(concept.name, language), language
    return model


def _shown(
    context: ServiceContext, model: ResourceRow, version: ResourceRow | None
) -> resources_pb2.Model:
    return rows.model_message(model, version, context.http.base_url)


def _replicas(
    context: ServiceContext, models: Sequence[tuple[ResourceRow, ResourceRow | None]]
) -> dict[int, int]:
    """Return how many replicas of runners answer for models, by the models' numbers."""
    with context.store.read() as db:
        return {
            row.seq: replicas.count(context.store, db, row, "" if version is None else version.id)
            for row, version in models
        }


def _pairs(
    context: ServiceContext, request: service_pb2.ListModelsRequest, caller: Caller
) -> list[tuple[ResourceRow, ResourceRow | None]]:
    """Return the models in scope, newest first, with the version in use of each."""
    keys = context.scopes.keys(
        request.user_app_id, caller, public_too=not request.dont_fetch_from_main
    )
    resources = context.store.resources
    with context.store.read() as db:
        models = [row for key in keys for row in resources.list(db, rows.MODEL_KIND, key)]
        versions: dict[tuple[str, str, str], list[ResourceRow]] = {}
        for key in keys:
            for version in resources.list(db, rows.VERSION_KIND, key, parent=None):
                versions.setdefault((*rows.key(version), version.parent), []).append(version)
    return [(row, rows.in_use(versions.get((*rows.key(row), row.id), []))) for row in models]


def _wanted(
    context: ServiceContext, row: ResourceRow, version: ResourceRow | None, request: Any
) -> bool:
    model = row.message(resources_pb2.Model)
    kind = context.engines.model_types().get(model.model_type_id)
    body = version.message(resources_pb2.ModelVersion) if version else None
    checks = (
        (request.model_type_id, lambda wanted: model.model_type_id == wanted),
        (request.trained_only, lambda _: bool(version and version.status == codes.MODEL_TRAINED)),
        (request.input_fields, lambda wanted: kind and set(wanted) <= set(kind.input_fields)),
        (request.output_fields, lambda wanted: kind and set(wanted) <= set(kind.output_fields)),
        (request.license, lambda wanted: body is not None and body.license == wanted),
        (request.toolkits, lambda wanted: set(wanted) <= set(model.toolkits)),
        (request.use_cases, lambda wanted: set(wanted) <= set(model.use_cases)),
        (request.languages, lambda wanted: set(wanted) <= set(model.languages)),
        (request.model_version_ids, lambda wanted: version and version.id in wanted),
        (request.license_type, lambda wanted: model.license_type == wanted),
        (request.source, lambda wanted: model.source == wanted),
        (request.creator, lambda wanted: model.creator == wanted),
    )
    return all(bool(check(wanted)) for wanted, check in checks if wanted)
