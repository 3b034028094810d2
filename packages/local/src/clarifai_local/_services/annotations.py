"""Annotations: what users mark on inputs, as a whole or on a region, frame or span of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import _ids, _paging
from clarifai_local._clock import timestamp
from clarifai_local._methods import RawResponse, delimited
from clarifai_local._patching import check_action, patch
from clarifai_local._services.checks import check_data
from clarifai_local._store.annotations import AnnotationRow, NewAnnotation, concepts_in
from clarifai_local._store.inputs import marks
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused, invalid, missing, status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local.auth import Caller

MAX_ANNOTATIONS = 128
"""Annotations in one Post or Patch request."""

MAX_IDS = 10_000

_ANNOTATIONS_FIELD = service_pb2.MultiAnnotationResponse.DESCRIPTOR.fields_by_name[
    "annotations"
].number
_STAYING = frozenset(
    {"user_id", "model_version_id", "embed_model_version_id", "worker", "trusted", "input_level"}
)
"""Fields of an annotation that a patch leaves as they are."""

_INPUT_LEVEL_FIELDS = ("concepts", "metadata", "geo")


class AnnotationService:
    """RPCs on annotations."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostAnnotations")
    def post_annotations(
        self, request: service_pb2.PostAnnotationsRequest, caller: Caller
    ) -> service_pb2.MultiAnnotationResponse:
        """Create annotations: each answers for itself."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        _check_count(len(request.annotations))
        given = list(request.annotations)
        with self._store.write() as db:
            now_us = self._context.clock.now_us()
            inputs = self._store.inputs.numbers(db, scope.app, {a.input_id for a in given})
            seen: set[tuple[str, str]] = set()
            accepted = [a for a in given if self._prepare(db, scope, a, inputs, seen, now_us)]
            concepts = [c for a in accepted for _, c in concepts_in(a.data)]
            numbers = self._store.concepts.ensure(db, scope.app, scope.key, concepts, now_us)
            items = [NewAnnotation(inputs[a.input_id], a) for a in accepted]
            self._store.annotations.insert(db, scope.app, items, numbers, now_us)
        shown = [self._context.masks.shown(annotation, scope.app) for annotation in given]
        response = service_pb2.MultiAnnotationResponse(annotations=shown)
        response.status.CopyFrom(_overall(given, len(accepted)))
        return response

    @rpc("GetAnnotation")
    def get_annotation(
        self, request: service_pb2.GetAnnotationRequest, caller: Caller
    ) -> service_pb2.SingleAnnotationResponse:
        """Return an annotation."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = self._row(db, scope, request.input_id, request.annotation_id)
        shown = self._context.masks.shown(row.message(), scope.app)
        return service_pb2.SingleAnnotationResponse(annotation=shown)

    @rpc("ListAnnotations")
    def list_annotations(
        self, request: service_pb2.ListAnnotationsRequest, caller: Caller
    ) -> RawResponse:
        """Return annotations, newest first; by default those made by users."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        if max(len(request.ids), len(request.input_ids)) > MAX_IDS:
            raise invalid(f"the request names more than {MAX_IDS:,} ids")
        with self._store.read() as db:
            condition, params = self._condition(db, scope, request)
            rows = self._store.annotations.where(
                db,
                f"{condition} ORDER BY seq DESC LIMIT ? OFFSET ?",
                (*params, wanted.limit, wanted.offset),
            )
        shown = (self._context.masks.shown(row.message(), row.app) for row in rows)
        wires = (annotation.SerializeToString() for annotation in shown)
        return RawResponse(delimited(_ANNOTATIONS_FIELD, wires))

    @rpc("PatchAnnotations")
    def patch_annotations(
        self, request: service_pb2.PatchAnnotationsRequest, caller: Caller
    ) -> service_pb2.MultiAnnotationResponse:
        """Change annotations: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        _check_count(len(request.annotations))
        with self._store.write() as db:
            now_us = self._context.clock.now_us()
            changed = [
                self._patch(db, scope, given, action, request.delete_if_empty_data, now_us)
                for given in request.annotations
            ]
        shown = [self._context.masks.shown(annotation, scope.app) for annotation in changed]
        return service_pb2.MultiAnnotationResponse(annotations=shown)

    @rpc("DeleteAnnotation")
    def delete_annotation(
        self, request: service_pb2.DeleteAnnotationRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete an annotation."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        with self._store.write() as db:
            self._delete(db, [self._row(db, scope, request.input_id, request.annotation_id)])
        return status_pb2.BaseResponse()

    @rpc("DeleteAnnotations")
    def delete_annotations(
        self, request: service_pb2.DeleteAnnotationsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete annotations of inputs: those named, or all of these inputs when none is."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.input_ids:
            raise invalid("input_ids is empty: name the inputs whose annotations to delete")
        if len(request.ids) not in {0, len(request.input_ids)}:
            raise invalid(
                f"{len(request.ids)} ids do not pair with {len(request.input_ids)} input_ids"
            )
        with self._store.write() as db:
            if request.ids:
                pairs = zip(request.input_ids, request.ids, strict=True)
                rows = [self._row(db, scope, *pair) for pair in pairs]
            else:
                numbers = self._store.inputs.numbers(db, scope.app, request.input_ids)
                rows = self._store.annotations.of_inputs(db, list(numbers.values()))
            self._delete(db, rows)
        return status_pb2.BaseResponse()

    def _prepare(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        annotation: resources_pb2.Annotation,
        inputs: dict[str, int],
        seen: set[tuple[str, str]],
        now_us: int,
    ) -> bool:
        """Complete an annotation of a request, or write into it why it is refused."""
        try:
            self._check_new(db, annotation, inputs, seen)
        except Refused as refused:
            annotation.status.CopyFrom(refused.status)
            return False
        code = annotation.status.code or codes.ANNOTATION_SUCCESS
        annotation.status.CopyFrom(status(code))
        annotation.user_id = annotation.user_id or scope.user_id
        annotation.trusted = not annotation.model_version_id
        annotation.input_level = False
        annotation.created_at.CopyFrom(timestamp(now_us))
        annotation.modified_at.CopyFrom(timestamp(now_us))
        _name_regions(annotation.data)
        return True

    def _check_new(
        self,
        db: sqlite3.Connection,
        annotation: resources_pb2.Annotation,
        inputs: dict[str, int],
        seen: set[tuple[str, str]],
    ) -> None:
        seq = inputs.get(annotation.input_id)
        if seq is None:
            raise missing("input", annotation.input_id)
        annotation.id = _ids.check_input(annotation.id or _ids.new_id(), "annotation id")
        key = (annotation.input_id, annotation.id)
        if key in seen or self._store.annotations.get(db, seq, annotation.id) is not None:
            raise Refused(
                codes.DATABASE_DUPLICATE_KEY, f"the annotation id {annotation.id!r} already exists"
            )
        _check_regions(annotation.data)
        check_data(annotation.data)
        seen.add(key)

    def _condition(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        request: service_pb2.ListAnnotationsRequest,
    ) -> tuple[str, list[object]]:
        where, params = ["app = ?"], [scope.app]  # type: tuple[list[str], list[object]]
        if request.input_ids:
            numbers = self._store.inputs.numbers(db, scope.app, request.input_ids)
            # As many ids as input ids name annotations pair by pair, as for DeleteAnnotations.
            if len(request.ids) == len(request.input_ids):
                paired = zip(request.input_ids, request.ids, strict=True)
                pairs = [(numbers[i], a) for i, a in paired if i in numbers]
                where.append(
                    f"(input, id) IN (VALUES {', '.join(['(?, ?)'] * len(pairs))})"
                    if pairs
                    else "0"
                )
                params += [value for pair in pairs for value in pair]
            else:
                where.append(f"input IN ({marks(list(numbers))})")
                params += numbers.values()
        if request.ids and len(request.ids) != len(request.input_ids):
            where.append(f"id IN ({marks(request.ids)})")
            params += request.ids
        wanted = (
            ("status", [s.code for s in request.statuses if s.code]),
            ("user_id", list(request.user_ids)),
            ("model_version_id", list(request.model_version_ids)),
        )
        for column, values in wanted:
            if values:
                where.append(f"{column} IN ({marks(values)})")
                params += values
        shows_models = request.list_all_annotations or request.return_model_output
        if not (shows_models or request.model_version_ids):
            where.append("trusted = 1")
        return " AND ".join(where), params

    def _row(
        self, db: sqlite3.Connection, scope: AppScope, input_id: str, annotation_id: str
    ) -> AnnotationRow:
        numbers = self._store.inputs.numbers(db, scope.app, [input_id])
        if input_id not in numbers:
            raise missing("input", input_id)
        row = self._store.annotations.get(db, numbers[input_id], annotation_id)
        if row is None:
            raise missing("annotation", annotation_id)
        return row

    def _patch(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        given: resources_pb2.Annotation,
        action: str,
        delete_if_empty: bool,
        now_us: int,
    ) -> resources_pb2.Annotation:
        row = self._row(db, scope, given.input_id, given.id)
        message = row.message()
        _check_regions(given.data)
        check_data(given.data)
        _refuse_changes(message, given)
        _adopt_region(message.data, given.data, action)
        new = [c for _, c in concepts_in(given.data)]
        self._store.concepts.ensure(db, scope.app, scope.key, new, now_us)
        patch(message.data, given.data, action)
        _check_regions(message.data)
        _name_regions(message.data)
        patch(message, _said_of(given), action)
        if given.status.code:
            message.status.CopyFrom(status(given.status.code))
        message.modified_at.CopyFrom(timestamp(now_us))
        if delete_if_empty and not message.data.ByteSize():
            self._delete(db, [row])
            return message
        concepts = [c for _, c in concepts_in(message.data)]
        numbers = self._store.concepts.ensure(db, scope.app, scope.key, concepts, now_us)
        self._store.annotations.update(db, row, message, numbers, now_us)
        if row.input_level:
            self._mirror(db, row.input, message.data, now_us)
        return message

    def _delete(self, db: sqlite3.Connection, rows: Sequence[AnnotationRow]) -> None:
        self._store.annotations.delete(db, [row.seq for row in rows])
        now_us = self._context.clock.now_us()
        for row in rows:
            if row.input_level:
                self._mirror(db, row.input, resources_pb2.Data(), now_us)

    def _mirror(
        self, db: sqlite3.Connection, seq: int, data: resources_pb2.Data, now_us: int
    ) -> None:
        """Show in the input what its input-level annotation says now."""
        for row in self._store.inputs.rows(db, [seq]):
            message = resources_pb2.Input.FromString(row.wire)
            for name in _INPUT_LEVEL_FIELDS:
                message.data.ClearField(name)  # type: ignore[arg-type]
            message.data.concepts.extend(data.concepts)
            if data.HasField("metadata"):
                message.data.metadata.CopyFrom(data.metadata)
            if data.HasField("geo"):
                message.data.geo.CopyFrom(data.geo)
            message.modified_at.CopyFrom(timestamp(now_us))
            self._store.inputs.set_wire(db, seq, message.SerializeToString(), now_us)


def _overall(given: Sequence[resources_pb2.Annotation], accepted: int) -> status_pb2.Status:
    if accepted == len(given):
        return status(codes.SUCCESS)
    if accepted:
        return status(codes.MIXED_STATUS)
    reasons = {(a.status.code, a.status.details) for a in given}
    if len({code for code, _ in reasons}) == 1:
        return status(*next(iter(reasons)))
    return status(codes.FAILURE)


def _check_count(count: int) -> None:
    if not count:
        raise invalid("annotations is empty: send at least one")
    if count > MAX_ANNOTATIONS:
        raise invalid(f"{count} annotations are over the limit of {MAX_ANNOTATIONS} per request")


def _check_regions(data: resources_pb2.Data) -> None:
    if len(data.regions) > 1:
        raise Refused(
            codes.ANNOTATION_INVALID_ARGUMENT,
            f"an annotation has one region, not {len(data.regions)}: send one annotation each",
        )


def _name_regions(data: resources_pb2.Data) -> None:
    for region in _regions(data):
        region.id = region.id or _ids.new_id()


def _regions(data: resources_pb2.Data) -> Iterable[resources_pb2.Region]:
    yield from data.regions
    for frame in data.frames:
        yield from frame.data.regions


def _refuse_changes(message: resources_pb2.Annotation, given: resources_pb2.Annotation) -> None:
    """Refuse to change whose an annotation is, and what made it; said again, it is fine.

    Raises:
        Refused: 11102, naming the field.
    """
    for field, value in given.ListFields():
        if field.name in _STAYING and value != getattr(message, field.name):
            raise invalid(f"{field.name} of an annotation cannot be changed")


def _said_of(given: resources_pb2.Annotation) -> resources_pb2.Annotation:
    """Return what a patch says of an annotation besides its data and status."""
    said = resources_pb2.Annotation(task_id=given.task_id)
    for name in ("annotation_info", "consensus_info"):
        if given.HasField(name):
            getattr(said, name).CopyFrom(getattr(given, name))
    return said


def _adopt_region(data: resources_pb2.Data, given: resources_pb2.Data, action: str) -> None:
    """Let an id-less region of a merge mean the only one that there is."""
    if action == "merge" and len(data.regions) == 1 and len(given.regions) == 1:
        given.regions[0].id = given.regions[0].id or data.regions[0].id
