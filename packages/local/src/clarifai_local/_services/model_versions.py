"""Model versions: making one is training it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format

from clarifai_local import _ids, _paging
from clarifai_local._clock import timestamp
from clarifai_local._models import methods, replicas, rows
from clarifai_local._models.training import Trainings, parameters, source
from clarifai_local._services.family import NewResource, add, clear, default_to_private, new_id
from clarifai_local.engine._parameters import InvalidParameterError
from clarifai_local.statuses import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from clarifai_local._services.family import FamilyCall
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller
    from clarifai_local.engine.model_types import ModelTypeRow

OWN = (
    "created_at",
    "modified_at",
    "completed_at",
    "status",
    "app_id",
    "user_id",
    "active_concept_count",
    "total_input_count",
    "metrics",
    "train_log",
)
"""Fields that the platform sets: what a request says of them is not taken, all others are kept."""

PATCHED = (
    "description",
    "metadata",
    "visibility",
    "license",
    "output_info",
    "inference_compute_info",
    "import_info",
    "build_info",
    "method_signatures",
    "num_threads",
)
"""Fields that can change."""

_EMBEDDER_TYPES = ("visual-embedder", "text-embedder", "multimodal-embedder")


def post(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Make versions, all or none, and start their training; the answer has the first."""
    given = list(request.model_versions) or [resources_pb2.ModelVersion()]
    with rpc.call(request, caller, write=True) as call:
        model = _model(call)
        for version in given:
            version.description = version.description or request.description
            _learn_concepts(call, model, version)
            _check(call, model, version)
        made = [add(call, version) for version in given]
    answer: Message = rpc.answer(
        model=rows.model_message(model, made[0], rpc.context.http.base_url)
    )
    return answer


def get(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return a version, with the methods by which clients of 12.x ask it.

    Those of the platform's own models follow from their type; a runner's own come with the version.
    """
    with rpc.call(request, caller) as call:
        row = find(call, request.version_id)
        version = show(call, row)
        model = _model(call)
        bound = rpc.context.runner_models.bound(model, row) is not None
    if not (version.method_signatures or bound) and row.status == codes.MODEL_TRAINED:
        kind = model.message(resources_pb2.Model).model_type_id
        known = rpc.context.engines.model_types().get(kind)
        version.method_signatures.extend(methods.signatures(known))
    return rpc.one(version)


def list_wanted(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return the versions of a model, newest first unless a sort field says otherwise."""
    with rpc.call(request, caller) as call:
        wanted = _paging.page_range(request.page, request.per_page)
        model = _model(call)
        versions = rows.versions(call.store, call.db, model)
        if request.min_replicas:
            versions = [
                row
                for row in versions
                if replicas.count(call.store, call.db, model, row.id) >= request.min_replicas
            ]
    shown = [show(call, row) for row in _sorted(versions, request)]
    chosen = [version for version in shown if _wanted(version, request)]
    return rpc.several(wanted.of(chosen))


def find(call: FamilyCall, version_id: str) -> ResourceRow:
    """Return a version of a model, the one in use when none is named.

    Raises:
        Refused: 21200, when there is none.
    """
    model_id = call.request.model_id
    version = rows.find(call.store, call.db, call.scope, model_id, version_id).version
    if version is None:
        raise rows.no_model(f"model {model_id!r} has no version yet")
    return version


def draft(call: FamilyCall, given: resources_pb2.ModelVersion) -> NewResource:
    """Return a version that is to be trained, to be read in, or done."""
    version = resources_pb2.ModelVersion()
    version.CopyFrom(given)
    clear(version, OWN)
    version.id = new_id(call, given)
    version.user_id, version.app_id = call.key
    default_to_private(version)
    if given.HasField("train_info"):
        return NewResource(version, codes.MODEL_QUEUED_FOR_TRAINING, _ids.new_id())
    if given.HasField("pretrained_model_config"):
        return NewResource(version, codes.MODEL_UPLOADING)
    version.completed_at.CopyFrom(timestamp(call.context.clock.now_us()))
    return NewResource(version, codes.MODEL_TRAINED)


def start(call: FamilyCall, version: ResourceRow, _: resources_pb2.ModelVersion) -> None:
    """Train a version once it is kept, unless it is done."""
    if version.status != codes.MODEL_TRAINED:
        call.store.after_commit(lambda: Trainings(call.context).submit(version))


def show(call: FamilyCall, version: ResourceRow) -> resources_pb2.ModelVersion:
    """Return a version as answers show it; its status tells how far the training is."""
    return rows.version_message(version, call.context.http.base_url)


def remove(call: FamilyCall, version: ResourceRow) -> None:
    """Remove a version, whatever its status; a training stops."""
    rows.delete_version(call.store, call.db, version)
    call.store.after_commit(lambda: Trainings(call.context).cancel(version))


def _model(call: FamilyCall) -> ResourceRow:
    if call.parent is None:
        raise LookupError("a model version belongs to a model")
    return call.parent


def _learn_concepts(
    call: FamilyCall, model: ResourceRow, given: resources_pb2.ModelVersion
) -> None:
    """Let a version that says no more than which concepts it knows be trained for them.

    On all inputs of the app, as before there were datasets and `train_info`.
    """
    if given.HasField("train_info") or given.HasField("pretrained_model_config"):
        return
    kind = call.context.engines.model_types()[model.message(resources_pb2.Model).model_type_id]
    if kind.trainable and kind.needs_labels and given.output_info.data.concepts:
        given.train_info.SetInParent()


def _check(call: FamilyCall, model: ResourceRow, given: resources_pb2.ModelVersion) -> None:
    type_id = model.message(resources_pb2.Model).model_type_id
    kind = call.context.engines.model_types()[type_id]
    if kind.strict:
        _check_answering(kind, given)
    if not given.HasField("train_info"):
        return
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
    source(given).check(call.store, call.db, call.scope)
    if given.input_info.base_embed_model.id:
        _check_embedder(call, given.input_info.base_embed_model.id)


def _check_answering(kind: ModelTypeRow, given: resources_pb2.ModelVersion) -> None:
    try:
        kind.answering(json_format.MessageToDict(given.output_info.params))
    except InvalidParameterError as error:
        raise Refused(codes.MODEL_INVALID_ARGUMENT, str(error)) from error


def _check_embedder(call: FamilyCall, model_id: str) -> None:
    found = rows.find(call.store, call.db, call.scope, model_id)
    type_id = found.model.message(resources_pb2.Model).model_type_id
    if type_id not in _EMBEDDER_TYPES:
        raise invalid(f"base_embed_model {model_id!r} is a {type_id}, not an embedder")
    if rows.key(found.model) == call.key:
        raise Refused(
            codes.NOT_IMPLEMENTED,
            f"base_embed_model {model_id!r}: the embedded platform builds on its own embedder only",
        )


def _sorted(
    versions: list[ResourceRow], request: service_pb2.ListModelVersionsRequest
) -> list[ResourceRow]:
    keys: tuple[tuple[bool, Callable[[ResourceRow], object]], ...] = (
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


def _body(row: ResourceRow) -> resources_pb2.ModelVersion:
    return row.message(resources_pb2.ModelVersion)
