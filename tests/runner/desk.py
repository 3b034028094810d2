"""The runner RPCs of a platform, as a test scripts them, and a runner that echoes."""

from __future__ import annotations

import queue
import threading
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused
from clarifai_runner.handle import Runner

POLL_SECONDS = 0.2
"""How long the platform of these tests lets a poll wait."""


class Desk:
    """The runner `run-1` of the user alice: work in, outputs out, and failures as scripted."""

    def __init__(self) -> None:
        self.known = {"run-1"}
        self.work: queue.Queue[service_pb2.RunnerItem] = queue.Queue()
        self.outputs: dict[str, service_pb2.MultiOutputResponse] = {}
        self.polls: list[service_pb2.ListRunnerItemsRequest] = []
        self.posts: list[service_pb2.PostRunnerItemOutputsRequest] = []
        self.poll_failures: list[Exception] = []
        self.post_failures: list[Exception] = []
        self.none_is_success = False
        self._changed = threading.Condition()

    @rpc("GetRunner")
    def get(self, request, caller) -> service_pb2.SingleRunnerResponse:
        if request.runner_id not in self.known:
            raise Refused(codes.RUNNER_DOES_NOT_EXIST)
        runner = resources_pb2.Runner(id=request.runner_id, labels=["gpu", "lab"])
        return service_pb2.SingleRunnerResponse(runner=runner)

    @rpc("ListRunnerItems")
    def poll(self, request, caller) -> service_pb2.MultiRunnerItemResponse:
        self.polls.append(request)
        if self.poll_failures:
            raise self.poll_failures.pop(0)
        try:
            item = self.work.get(timeout=POLL_SECONDS)
        except queue.Empty:
            if self.none_is_success:
                return service_pb2.MultiRunnerItemResponse()
            raise Refused(codes.RUNNER_NEEDS_RETRY) from None
        return service_pb2.MultiRunnerItemResponse(runner_items=[item])

    @rpc("PostRunnerItemOutputs")
    def post(self, request, caller) -> service_pb2.MultiRunnerItemOutputResponse:
        self.posts.append(request)
        if self.post_failures:
            raise self.post_failures.pop(0)
        with self._changed:
            answer = request.runner_item_outputs[0].multi_output_response
            self.outputs[request.runner_item_id] = answer
            self._changed.notify_all()
        return service_pb2.MultiRunnerItemOutputResponse()

    def put(self, item_id: str, *texts: str, params: dict[str, Any] | None = None) -> None:
        """Queue an item with an input per text."""
        item = service_pb2.RunnerItem(id=item_id)
        request = item.post_model_outputs_request
        request.SetInParent()
        for text in texts:
            request.inputs.add().data.text.raw = text
        request.model.model_version.output_info.params.update(params or {})
        self.work.put(item)

    def answers(self, *item_ids: str) -> list[service_pb2.MultiOutputResponse]:
        """Wait until these items have outputs, and return those."""
        with self._changed:
            there = self._changed.wait_for(lambda: set(item_ids) <= set(self.outputs), 60)
        assert there, f"no outputs for {set(item_ids) - set(self.outputs)}"
        return [self.outputs[item_id] for item_id in item_ids]


class Echo(Runner):
    """Says what it saw; the text "bad" is too much for it, "odd" makes it answer nonsense."""

    def run_input(self, input, output_info):  # noqa: A002
        text = input.data.text.raw
        if text == "bad":
            raise ValueError("cannot read 'bad'")
        if text == "odd":
            return {"text": text}
        seen = resources_pb2.Text(raw=f"seen {text}")
        return resources_pb2.Output(data=resources_pb2.Data(text=seen))
