"""RPCs by which a runner gets work and returns the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai.local.dispatch import rpc
from clarifai.local.services.runners import require_runner
from clarifai.local.statuses import Refused, invalid, missing, status

if TYPE_CHECKING:
    from clarifai.local.auth import Caller
    from clarifai.local.platform import Platform
    from clarifai.local.runner_queue import Runner


class RunnerItems:
    """RPCs by which a runner gets work and returns the outputs."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store = platform.store
        self._queue = platform.runner_queue

    @rpc("ListRunnerItems")
    def list_runner_items(
        self, request: service_pb2.ListRunnerItemsRequest, caller: Caller
    ) -> service_pb2.MultiRunnerItemResponse:
        """Wait for work, a few seconds at most; without any the answer is 25604, "try again"."""
        runner = self._runner(request, caller)
        found = self._queue.take(runner)
        if not found:
            # It may have been deleted meanwhile: then there is nothing to try again.
            self._runner(request, caller)
            return service_pb2.MultiRunnerItemResponse(status=status(codes.RUNNER_NEEDS_RETRY))
        response = service_pb2.MultiRunnerItemResponse()
        for work in found:
            item = response.runner_items.add(id=work.id)
            item.post_model_outputs_request.CopyFrom(work.request)
        return response

    @rpc("PostRunnerItemOutputs")
    def post_runner_item_outputs(
        self, request: service_pb2.PostRunnerItemOutputsRequest, caller: Caller
    ) -> service_pb2.MultiRunnerItemOutputResponse:
        """Take the outputs of one item; the same ones again are fine."""
        runner = self._runner(request, caller)
        if not request.runner_item_outputs:
            raise invalid("runner_item_outputs is empty: send the outputs of the item")
        response = request.runner_item_outputs[0].multi_output_response
        if not self._queue.answer(runner, request.runner_item_id, response):
            raise missing("runner item", request.runner_item_id)
        return service_pb2.MultiRunnerItemOutputResponse()

    def _runner(
        self,
        request: service_pb2.ListRunnerItemsRequest | service_pb2.PostRunnerItemOutputsRequest,
        caller: Caller,
    ) -> Runner:
        user_id = self._platform.scopes.user(request.user_app_id, caller)
        if self._platform.closed:
            raise Refused(codes.RUNNER_NEEDS_RETRY, "the platform closes")
        with self._store.read() as db:
            require_runner(self._store, db, user_id, request.runner_id)
        return user_id, request.runner_id
