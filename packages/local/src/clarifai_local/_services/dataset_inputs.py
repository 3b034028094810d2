"""Which inputs are in a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import _paging
from clarifai_local._clock import timestamp
from clarifai_local._methods import RawResponse, delimited
from clarifai_local._services.families import DATASETS
from clarifai_local._services.inputs import overall
from clarifai_local._services.searches import SearchService
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import invalid, missing, status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local.auth import Caller

_ITEMS_FIELD = service_pb2.MultiDatasetInputResponse.DESCRIPTOR.fields_by_name[
    "dataset_inputs"
].number
_CREATED_FIELD = resources_pb2.DatasetInput.DESCRIPTOR.fields_by_name["created_at"].number
_INPUT_FIELD = resources_pb2.DatasetInput.DESCRIPTOR.fields_by_name["input"].number


class DatasetInputService:
    """RPCs on the inputs of a dataset."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostDatasetInputs")
    def post_dataset_inputs(
        self, request: service_pb2.PostDatasetInputsRequest, caller: Caller
    ) -> service_pb2.MultiDatasetInputResponse:
        """Put inputs into a dataset: those named, or those that a search finds.

        Each answers for itself.
        """
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        wanted = self._wanted(scope, request)
        with self._store.write() as db:
            dataset = DATASETS.require(self._store, db, scope.key, request.dataset_id)
            numbers = self._store.inputs.numbers(db, scope.app, wanted)
            now_us = self._context.clock.now_us()
            seqs = [numbers[input_id] for input_id in wanted if input_id in numbers]
            present = self._store.datasets.add(db, dataset.seq, seqs, now_us)
        items: list[resources_pb2.DatasetInput] = []
        failed = 0
        for input_id in wanted:
            state = _state(input_id, numbers, present)
            failed += state.code != codes.DATASET_INPUT_SUCCESS
            if input_id in numbers:
                present.add(numbers[input_id])
            items.append(
                resources_pb2.DatasetInput(
                    created_at=timestamp(now_us),
                    input=resources_pb2.Input(id=input_id, status=state),
                )
            )
        response = service_pb2.MultiDatasetInputResponse(dataset_inputs=items)
        response.status.CopyFrom(overall(failed, len(items)))
        return response

    def _wanted(self, scope: AppScope, request: service_pb2.PostDatasetInputsRequest) -> list[str]:
        """Return the ids of the inputs that a request is about."""
        if request.HasField("search"):
            if request.dataset_inputs:
                raise invalid("send dataset_inputs or a search, not both at a time")
            found = SearchService(self._context).inputs_of(scope, request.search)
            with self._store.read() as db:
                return [row.id for row in self._store.inputs.rows(db, found)]
        if not request.dataset_inputs:
            raise invalid("dataset_inputs is empty: name the inputs to add")
        return [item.input.id for item in request.dataset_inputs]

    @rpc("ListDatasetInputs")
    def list_dataset_inputs(
        self, request: service_pb2.ListDatasetInputsRequest, caller: Caller
    ) -> RawResponse:
        """Return the inputs of a dataset, the last added first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        with self._store.read() as db:
            dataset = DATASETS.require(self._store, db, scope.key, request.dataset_id)
            page = self._store.datasets.page(
                db, dataset.seq, limit=wanted.limit, offset=wanted.offset
            )
            return RawResponse(delimited(_ITEMS_FIELD, self._items(db, page)))

    @rpc("GetDatasetInput")
    def get_dataset_input(
        self, request: service_pb2.GetDatasetInputRequest, caller: Caller
    ) -> service_pb2.SingleDatasetInputResponse:
        """Return one input of a dataset."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._store.read() as db:
            dataset = DATASETS.require(self._store, db, scope.key, request.dataset_id)
            seq = self._store.inputs.numbers(db, scope.app, [request.input_id]).get(
                request.input_id, 0
            )
            found = db.execute(
                "SELECT input, created_at FROM dataset_inputs WHERE dataset = ? AND input = ?",
                (dataset.seq, seq),
            ).fetchall()
            if not found:
                raise missing("dataset input", request.input_id)
            item = self._items(db, found)[0]
        return service_pb2.SingleDatasetInputResponse(
            dataset_input=resources_pb2.DatasetInput.FromString(item)
        )

    @rpc("DeleteDatasetInputs")
    def delete_dataset_inputs(
        self, request: service_pb2.DeleteDatasetInputsRequest, caller: Caller
    ) -> status_pb2.BaseResponse:
        """Take inputs out of a dataset; they stay in the app."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        if not request.input_ids:
            raise invalid("input_ids is empty: name the inputs to take out of the dataset")
        with self._store.write() as db:
            dataset = DATASETS.require(self._store, db, scope.key, request.dataset_id)
            numbers = self._store.inputs.numbers(db, scope.app, request.input_ids)
            self._store.datasets.remove(db, dataset.seq, list(numbers.values()))
        return status_pb2.BaseResponse()

    def _items(self, db: sqlite3.Connection, page: Sequence[tuple[int, int]]) -> list[bytes]:
        rows = self._store.inputs.rows(db, [seq for seq, _ in page])
        added = dict(page)
        return [
            delimited(_CREATED_FIELD, [timestamp(added[row.seq]).SerializeToString()])
            + delimited(_INPUT_FIELD, [wire])
            for row, wire in zip(rows, self._context.views.wires(rows), strict=True)
        ]


def _state(input_id: str, numbers: dict[str, int], present: set[int]) -> status_pb2.Status:
    if input_id not in numbers:
        return missing("input", input_id).status
    if numbers[input_id] in present:
        return status(
            codes.DATASET_INPUT_DUPLICATE, f"input {input_id!r} is in the dataset already"
        )
    return status(codes.DATASET_INPUT_SUCCESS)
