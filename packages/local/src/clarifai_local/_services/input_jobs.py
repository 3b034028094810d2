"""Upload jobs: how far the inputs that were posted under one job id are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _paging
from clarifai_local._clock import timestamp
from clarifai_local._store.inputs import IN_PROGRESS, PENDING, SUCCESS, JobRow
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import missing, status

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._context import ServiceContext
    from clarifai_local._scope import AppScope
    from clarifai_local.auth import Caller


class InputJobService:
    """RPCs on upload jobs."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._inputs = context.store.inputs

    @rpc("GetInputsAddJob")
    def get_inputs_add_job(
        self, request: service_pb2.GetInputsAddJobRequest, caller: Caller
    ) -> service_pb2.SingleInputsAddJobResponse:
        """Return a job with its progress."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        with self._context.store.read() as db:
            return self._respond(db, self._job(db, scope, request.id))

    @rpc("ListInputsAddJobs")
    def list_inputs_add_jobs(
        self, request: service_pb2.ListInputsAddJobsRequest, caller: Caller
    ) -> service_pb2.MultiInputsAddJobResponse:
        """Return jobs, newest first."""
        scope = self._context.scopes.app(request.user_app_id, caller)
        wanted = _paging.page_range(request.page, request.per_page)
        with self._context.store.read() as db:
            rows = self._inputs.jobs(db, scope.app, limit=wanted.limit, offset=wanted.offset)
            jobs = [self._message(db, row) for row in rows]
        return service_pb2.MultiInputsAddJobResponse(inputs_add_jobs=jobs)

    @rpc("CancelInputsAddJob")
    def cancel_inputs_add_job(
        self, request: service_pb2.CancelInputsAddJobRequest, caller: Caller
    ) -> service_pb2.SingleInputsAddJobResponse:
        """Fail what a job has not begun to process."""
        scope = self._context.scopes.app(request.user_app_id, caller, write=True)
        with self._context.store.write() as db:
            row = self._job(db, scope, request.id)
            now_us = self._context.clock.now_us()
            self._inputs.cancel_job(db, row.seq, now_us, "the upload job was cancelled")
            return self._respond(db, self._job(db, scope, row.id))

    def _job(self, db: sqlite3.Connection, scope: AppScope, job_id: str) -> JobRow:
        row = self._inputs.job(db, scope.app, job_id)
        if row is None:
            raise missing("upload job", job_id)
        return row

    def _respond(
        self, db: sqlite3.Connection, row: JobRow
    ) -> service_pb2.SingleInputsAddJobResponse:
        return service_pb2.SingleInputsAddJobResponse(inputs_add_job=self._message(db, row))

    def _message(self, db: sqlite3.Connection, row: JobRow) -> resources_pb2.InputsAddJob:
        counts = self._inputs.job_counts(db, row.seq)
        progress = resources_pb2.InputsAddJobProgress(
            pending_count=counts.pop(PENDING, 0),
            in_progress_count=counts.pop(IN_PROGRESS, 0),
            success_count=counts.pop(SUCCESS, 0),
            failed_count=sum(counts.values()),
        )
        return resources_pb2.InputsAddJob(
            id=row.id,
            progress=progress,
            created_at=timestamp(row.created_at),
            modified_at=timestamp(row.modified_at),
            status=status(_state(row, progress)),
        )


def _state(row: JobRow, progress: resources_pb2.InputsAddJobProgress) -> int:
    if row.cancelled:
        return codes.JOB_CANCELLED
    if progress.pending_count or progress.in_progress_count:
        return codes.JOB_RUNNING
    return codes.JOB_COMPLETED
