"""Inputs: accepted at once, processed in the background (`processing.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import _paging
from clarifai_local._clock import timestamp
from clarifai_local._methods import RawResponse, delimited
from clarifai_local._patching import check_action, patch
from clarifai_local._services.checks import check_data
from clarifai_local._services.families import DATASETS
from clarifai_local._services.input_changes import PATCHED, refuse_others
from clarifai_local._services.uploads import PostedInput, candidates, free_ids, prepare
from clarifai_local._store.annotations import NewAnnotation, concepts_in
from clarifai_local._store.inputs import IN_PROGRESS, PENDING, SUCCESS, InputRow, NewInput
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused, invalid, missing, status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local.auth import Caller

MAX_INPUTS = 128
"""Inputs in one Post or Patch request."""

MAX_IDS = 10_000
"""Ids in one List or Delete request."""

_INPUTS_FIELD = service_pb2.MultiInputResponse.DESCRIPTOR.fields_by_name["inputs"].number


class InputService:
    """RPCs on inputs."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostInputs")
    def post_inputs(self, request: service_pb2.PostInputsRequest, caller: Caller) -> RawResponse:
        """Accept inputs: each answers for itself."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        _check_count(len(request.inputs), "inputs")
        uploads = [prepare(item) for item in request.inputs]
        blobs = self._store.blobs
        try:
            for upload in uploads:
                if upload.refusal is None and upload.blob is not None:
                    upload.media = blobs.prepare(upload.blob)
            with self._store.write() as db:
                rows = self._accept(db, scope, request, uploads)
        finally:
            blobs.settle([u.media for u in uploads if u.media is not None])
        if rows:
            self._context.processor.wake()
        return self._answer(uploads, rows)

    @rpc("ListInputs")
    def list_inputs(self, request: service_pb2.ListInputsRequest, caller: Caller) -> RawResponse:
        """Return inputs, newest first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        if len(request.ids) > MAX_IDS:
            raise invalid(f"{len(request.ids)} ids are over the limit of {MAX_IDS:,}")
        with self._store.read() as db:
            rows = self._store.inputs.page(
                db,
                scope.app,
                limit=wanted.limit,
                offset=wanted.offset,
                ids=request.ids,
                status=request.status.code,
            )
        return self._respond(rows)

    @rpc("StreamInputs")
    def stream_inputs(
        self, request: service_pb2.StreamInputsRequest, caller: Caller
    ) -> RawResponse:
        """Return the inputs behind the one with the id `last_id`, oldest first by default."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        limit = _paging.page_range(1, request.per_page).limit
        column = "id" if request.order_by_id else "seq"
        direction, sign = ("DESC", "<") if request.descending else ("ASC", ">")
        where, params = "app = ?", [scope.app]
        with self._store.read() as db:
            if request.last_id:
                last = self._row(db, scope, request.last_id)
                where += f" AND {column} {sign} ?"
                params.append(getattr(last, column))
            found = db.execute(
                f"SELECT seq FROM inputs WHERE {where} ORDER BY {column} {direction} LIMIT ?",  # noqa: S608
                (*params, limit),
            ).fetchall()
            rows = self._store.inputs.rows(db, [seq for (seq,) in found])
        return self._respond(rows)

    @rpc("GetInput")
    def get_input(
        self, request: service_pb2.GetInputRequest, caller: Caller
    ) -> service_pb2.SingleInputResponse:
        """Return an input."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            row = self._row(db, scope, request.input_id)
        return service_pb2.SingleInputResponse(input=self._context.views.input(row))

    @rpc("GetInputCount")
    def get_input_count(
        self, request: service_pb2.GetInputCountRequest, caller: Caller
    ) -> service_pb2.SingleInputCountResponse:
        """Return how many inputs are processed, waiting and failed."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            counts = self._store.inputs.counts(db, scope.app)
        rest = sum(n for code, n in counts.items() if code not in {SUCCESS, PENDING, IN_PROGRESS})
        return service_pb2.SingleInputCountResponse(
            counts=resources_pb2.InputCount(
                processed=counts.get(SUCCESS, 0),
                to_process=counts.get(PENDING, 0),
                processing=counts.get(IN_PROGRESS, 0),
                errors=rest,
            )
        )

    @rpc("PatchInputs")
    def patch_inputs(self, request: service_pb2.PatchInputsRequest, caller: Caller) -> RawResponse:
        """Change concepts, metadata, geo, settings and datasets of inputs: all or none."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        action = check_action(request.action)
        _check_count(len(request.inputs), "inputs")
        with self._store.write() as db:
            now_us = self._context.clock.now_us()
            seqs = [self._patch(db, scope, given, action, now_us) for given in request.inputs]
            rows = self._store.inputs.rows(db, seqs)
        return self._respond(rows)

    @rpc("DeleteInputs")
    def delete_inputs(
        self, request: service_pb2.DeleteInputsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete inputs by id; ids that do not exist are fine, no ids at all are refused."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.ids:
            raise invalid("ids is empty: name the inputs to delete")
        if len(request.ids) > MAX_IDS:
            raise invalid(f"{len(request.ids)} ids are over the limit of {MAX_IDS:,}")
        with self._store.write() as db:
            numbers = self._store.inputs.numbers(db, scope.app, request.ids)
            self._store.inputs.delete(db, list(numbers.values()))
        return status_pb2.BaseResponse()

    @rpc("DeleteInput")
    def delete_input(
        self, request: service_pb2.DeleteInputRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Delete an input."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        with self._store.write() as db:
            self._store.inputs.delete(db, [self._row(db, scope, request.input_id).seq])
        return status_pb2.BaseResponse()

    def _accept(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        request: service_pb2.PostInputsRequest,
        uploads: Sequence[PostedInput],
    ) -> list[InputRow]:
        self._context.scopes.require(db, scope)
        now_us = self._context.clock.now_us()
        datasets = self._dataset_numbers(db, scope, uploads)
        resolution = request.input_id_conflict_resolution
        wanted = candidates(uploads, resolution)
        taken = self._store.inputs.numbers(db, scope.app, wanted)
        free_ids(uploads, set(taken), resolution)
        good = [u for u in uploads if u.refusal is None]
        concepts = [c for u in good for _, c in concepts_in(u.message.data)]
        numbers = self._store.concepts.ensure(db, scope.app, scope.key, concepts, now_us)
        job_id = request.inputs_add_job_id
        job = self._store.inputs.ensure_job(db, scope.app, job_id, now_us) if job_id else None
        annotations = [a for u in good for a in u.annotations(scope.user_id, now_us)]
        items = [u.stored(now_us) for u in good]
        for upload in good:
            if upload.media is not None and upload.blob is not None:
                self._store.blobs.put(db, upload.media, upload.blob, "")
        seqs = self._store.inputs.insert(db, scope.app, items, now_us=now_us, job=job)
        by_id = {item.id: seq for item, seq in zip(items, seqs, strict=True)}
        self._store.annotations.insert(
            db,
            scope.app,
            [NewAnnotation(by_id[a.input_id], a) for a in annotations],
            numbers,
            now_us,
        )
        members: dict[int, list[int]] = {}
        for upload, seq in zip(good, seqs, strict=True):
            for dataset_id in upload.dataset_ids:
                members.setdefault(datasets[dataset_id], []).append(seq)
        for dataset, inputs in members.items():
            self._store.datasets.add(db, dataset, inputs, now_us)
        return [
            _new_row(scope.app, seq, item, now_us) for seq, item in zip(seqs, items, strict=True)
        ]

    def _dataset_numbers(
        self, db: sqlite3.Connection, scope: AppScope, uploads: Iterable[PostedInput]
    ) -> dict[str, int]:
        numbers: dict[str, int] = {}
        for upload in uploads:
            for dataset_id in upload.dataset_ids:
                if dataset_id not in numbers:
                    row = self._store.resources.get(db, "dataset", scope.key, dataset_id)
                    if row is None:
                        upload.refuse(missing("dataset", dataset_id).status)
                        break
                    numbers[dataset_id] = row.seq
        return numbers

    def _answer(self, uploads: Sequence[PostedInput], rows: Sequence[InputRow]) -> RawResponse:
        accepted = iter(self._context.views.wires(rows))
        bodies = [next(accepted) if u.refusal is None else u.refused(u.refusal) for u in uploads]
        failed = sum(u.refusal is not None for u in uploads)
        return RawResponse(delimited(_INPUTS_FIELD, bodies), overall(failed, len(uploads)))

    def _respond(self, rows: Sequence[InputRow]) -> RawResponse:
        return RawResponse(delimited(_INPUTS_FIELD, self._context.views.wires(rows)))

    def _row(self, db: sqlite3.Connection, scope: AppScope, input_id: str) -> InputRow:
        row = self._store.inputs.get(db, scope.app, input_id)
        if row is None:
            raise missing("input", input_id)
        return row

    def _patch(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        given: resources_pb2.Input,
        action: str,
        now_us: int,
    ) -> int:
        row = self._row(db, scope, given.id)
        check_data(given.data)
        refuse_others(given.data, self._context.views.input(row).data, row)
        message = resources_pb2.Input.FromString(row.wire)
        kept = resources_pb2.Data()
        for name in PATCHED:
            _copy_field(given.data, kept, name)
        self._store.concepts.ensure(db, scope.app, scope.key, kept.concepts, now_us)
        patch(message.data, kept, action)
        if given.HasField("settings"):
            patch(message, resources_pb2.Input(settings=given.settings), action)
        self._change_datasets(db, scope, row.seq, given.dataset_ids, action, now_us)
        concepts = list(message.data.concepts)
        numbers = self._store.concepts.ensure(db, scope.app, scope.key, concepts, now_us)
        message.modified_at.CopyFrom(timestamp(now_us))
        self._store.inputs.set_wire(db, row.seq, message.SerializeToString(), now_us)
        for annotation in self._store.annotations.where(
            db, "input = ? AND input_level = 1", (row.seq,)
        ):
            changed = annotation.message()
            changed.ClearField("data")
            changed.data.SetInParent()
            for name in PATCHED:
                _copy_field(message.data, changed.data, name)
            changed.modified_at.CopyFrom(timestamp(now_us))
            self._store.annotations.update(db, annotation, changed, numbers, now_us)
        return row.seq

    def _change_datasets(
        self,
        db: sqlite3.Connection,
        scope: AppScope,
        seq: int,
        dataset_ids: Sequence[str],
        action: str,
        now_us: int,
    ) -> None:
        """Put an input into the datasets that a patch names; `overwrite`: and into no others."""
        named = [DATASETS.require(self._store, db, scope.key, one).seq for one in dataset_ids]
        if action == "overwrite" and named:
            for row in DATASETS.listed(self._store, db, scope.key):
                self._store.datasets.remove(db, row.seq, [seq])
        for dataset in named:
            if action == "remove":
                self._store.datasets.remove(db, dataset, [seq])
            else:
                self._store.datasets.add(db, dataset, [seq], now_us)


def overall(failed: int, total: int) -> status_pb2.Status:
    """Return the status of an answer of `total` items of which `failed` were refused."""
    if not failed:
        return status(codes.SUCCESS)
    return status(codes.FAILURE if failed == total else codes.MIXED_STATUS)


def _check_count(count: int, what: str) -> None:
    if not count:
        raise invalid(f"{what} is empty: send at least one")
    if count > MAX_INPUTS:
        raise Refused(
            codes.INPUT_INVALID_REQUEST,
            f"{count} {what} are over the limit of {MAX_INPUTS} per request",
        )


def _copy_field(source: resources_pb2.Data, target: resources_pb2.Data, name: str) -> None:
    if name == "concepts":
        target.concepts.extend(source.concepts)
    elif source.HasField(name):  # type: ignore[arg-type]
        getattr(target, name).CopyFrom(getattr(source, name))


def _new_row(app: int, seq: int, item: NewInput, now_us: int) -> InputRow:
    return InputRow(
        seq, app, item.id, item.kinds, PENDING, "", item.media, item.text_sha, now_us, now_us,
        item.wire,
    )  # fmt: skip
