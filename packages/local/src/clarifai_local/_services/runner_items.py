"""RPCs by which a runner gets work and returns the outputs: call by call, or by one stream.

A stream of ProcessRunnerItems, as the embedded platform speaks it:

    runner     status RUNNER_STREAM_START                  I have room for one item (more)
    platform   runner_items[0] with a request              here it is
    runner     runner_item_id, runner_item_outputs         these are its outputs
    platform   runner_items[0] with processing_info only   its status says whether they were taken

A runner has room for as many items as it said so. The request that opens the stream names the
runner; later ones need not. What the runner has not answered when the stream ends goes to others.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.loggers import logger_for
from clarifai_local._calls import on_leaving
from clarifai_local._models.remote import is_within
from clarifai_local._runner_queue import RunnerConnection, labelled, serving
from clarifai_local._services.families import RUNNERS
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused, invalid, missing, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarifai_local._context import ServiceContext
    from clarifai_local._runner_queue import Address, Runner, RunnerQueue, RunnerWork
    from clarifai_local.auth import Caller

_log = logger_for(__name__)


class RunnerItemService:
    """RPCs by which a runner gets work and returns the outputs."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store
        self._queue = context.runner_queue

    @rpc("ListRunnerItems")
    def list_runner_items(
        self, request: service_pb2.ListRunnerItemsRequest, caller: Caller
    ) -> service_pb2.MultiRunnerItemResponse:
        """Wait for work, a few seconds at most; without any the answer is 25604, "try again"."""
        runner, also = self._runner(request, caller)
        found = self._queue.take(runner, also=also, on_leaving=on_leaving.get())
        if not found:
            # It may have been deleted meanwhile: then there is nothing to try again.
            self._runner(request, caller)
            return service_pb2.MultiRunnerItemResponse(status=status(codes.RUNNER_NEEDS_RETRY))
        return service_pb2.MultiRunnerItemResponse(runner_items=map(_item, found))

    @rpc("PostRunnerItemOutputs")
    def post_runner_item_outputs(
        self, request: service_pb2.PostRunnerItemOutputsRequest, caller: Caller
    ) -> service_pb2.MultiRunnerItemOutputResponse:
        """Take the outputs of one item; the same ones again are fine."""
        runner, _ = self._runner(request, caller)
        if not request.runner_item_outputs:
            raise invalid("runner_item_outputs is empty: send the outputs of the item")
        _keep(self._queue, runner, request)
        return service_pb2.MultiRunnerItemOutputResponse()

    @rpc("ProcessRunnerItems")
    def process_runner_items(
        self, requests: Iterable[service_pb2.PostRunnerItemOutputsRequest], caller: Caller
    ) -> Iterator[service_pb2.MultiRunnerItemResponse]:
        """Give a runner work as long as it stays, and take the outputs."""
        arriving = iter(requests)
        first = next(arriving, None)
        if first is None:
            raise invalid("the stream has no request: the first one names the runner")
        runner, also = self._runner(first, caller)
        line = RunnerConnection(self._queue, runner, also, leases=False)
        self._queue.open(line)
        threading.Thread(
            target=_listen,
            args=(self._queue, line, first, arriving),
            name="clarifai-local-runner-line",
            daemon=True,
        ).start()
        try:
            while (one := line.next()) is not None:
                yield _shown(one)
        finally:
            line.end()
        # The line ended: the runner hung up, or was deleted, or the platform closes.
        self._runner(first, caller)
        yield service_pb2.MultiRunnerItemResponse(status=status(codes.RUNNER_STREAM_END))

    def _runner(
        self,
        request: service_pb2.ListRunnerItemsRequest | service_pb2.PostRunnerItemOutputsRequest,
        caller: Caller,
    ) -> tuple[Runner, list[Address]]:
        user_id = self._context.scopes.user(request.user_app_id, caller)
        if self._queue.closed:
            raise Refused(codes.RUNNER_NEEDS_RETRY, "the platform closes")
        with self._store.read() as db:
            row = RUNNERS.require(self._store, db, (user_id, ""), request.runner_id)
        runner = row.message(resources_pb2.Runner)
        if not is_within(runner, request.nodepool_id, request.compute_cluster_id):
            place = f"{request.compute_cluster_id}/{request.nodepool_id}"
            raise Refused(
                codes.RUNNER_DOES_NOT_EXIST, f"no runner {row.id!r} in node pool {place!r}"
            )
        return (user_id, row.id), addresses(user_id, runner)


def addresses(user_id: str, runner: resources_pb2.Runner) -> list[Address]:
    """Return the addresses of work that a runner can do, besides its own.

    Args:
        user_id: Whom it belongs to.
        runner: Its labels are addresses, and the model that its worker names is one: of one
            version, or of all when it names none.
    """
    found = [labelled(user_id, label) for label in runner.labels]
    if "worker" in runner.DESCRIPTOR.fields_by_name and runner.worker.model.id:
        model = runner.worker.model
        owner = model.user_id or user_id
        found.append(serving(owner, model.app_id, model.id, model.model_version.id))
    return found


def _listen(
    queue: RunnerQueue,
    line: RunnerConnection,
    first: service_pb2.PostRunnerItemOutputsRequest,
    arriving: Iterator[service_pb2.PostRunnerItemOutputsRequest],
) -> None:
    try:
        _hear(queue, line, first)
        for request in arriving:
            _hear(queue, line, request)
    except Exception as error:  # noqa: BLE001  why: however the connection broke, the line ends
        _log.debug("the stream of runner %s broke: %r", line.runner, error)
    finally:
        line.end()


def _hear(
    queue: RunnerQueue, line: RunnerConnection, request: service_pb2.PostRunnerItemOutputsRequest
) -> None:
    if request.runner_item_outputs:
        info = resources_pb2.ProcessingInfo(status=status(codes.SUCCESS))
        try:
            _keep(queue, line.runner, request)
        except Refused as refused:
            info.status.CopyFrom(refused.status)
        line.tell(service_pb2.RunnerItem(id=request.runner_item_id, processing_info=info))
    elif request.status.code == codes.RUNNER_STREAM_START:
        line.want()


def _keep(
    queue: RunnerQueue, runner: Runner, request: service_pb2.PostRunnerItemOutputsRequest
) -> None:
    response = request.runner_item_outputs[0].multi_output_response
    if not queue.answer(runner, request.runner_item_id, response):
        raise missing("runner item", request.runner_item_id)


def _item(work: RunnerWork) -> service_pb2.RunnerItem:
    info = resources_pb2.ProcessingInfo(
        runner_method_type=resources_pb2.RunnerMethodType.UNARY_UNARY
    )
    return service_pb2.RunnerItem(
        id=work.id, processing_info=info, post_model_outputs_request=work.request
    )


def _shown(one: RunnerWork | service_pb2.RunnerItem) -> service_pb2.MultiRunnerItemResponse:
    item = one if isinstance(one, service_pb2.RunnerItem) else _item(one)
    return service_pb2.MultiRunnerItemResponse(runner_items=[item])
