"""Models that a runner answers for: the request goes into the queue, the outputs come out of it.

A model version says who answers for it: `metadata {"runner_label": "gpu"}` means whatever runner of
the model's owner has that label. A version that nothing else can answer for goes to the runners
whose `worker.model` names it, or its model. A request may name a runner itself, as
`runner_selector.runner.id`: that runner then answers; or a node pool, as
`runner_selector.nodepool.id`: then a runner of the model in that node pool does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._grpc import grpc
from clarifai_local._methods import Aborted
from clarifai_local._models import replicas
from clarifai_local._runner_queue import (
    Address,
    QueueClosed,
    RunnerGone,
    RunnerQueue,
    labelled,
    serving,
)
from clarifai_local._store import ResourceRow
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_local._models.asked import PredictionInput
    from clarifai_local._models.rows import FoundModel
    from clarifai_local._runner_queue import RunnerWork
    from clarifai_local._store import Store

LABEL_FIELD = "runner_label"
"""Key in the metadata of a model version: the label of the runners that answer for it."""

MAX_OPEN = 128
"""Items of models that wait or are in hand; each holds a call, and polls need some, too."""


@attrs.frozen
class RunnerModel:
    """A model version whose inputs go to a runner; `whom` says which, for people."""

    _queue: RunnerQueue
    _address: Address
    _whom: str
    _model: ResourceRow
    _version: ResourceRow | None

    def ask(
        self,
        asked: Sequence[PredictionInput],
        params: Mapping[str, Any],
        config: resources_pb2.OutputConfig,
    ) -> None:
        """Let the runner answer; each of `asked` is filled in.

        Raises:
            Refused: 21354 when too many wait already.
            Aborted: UNAVAILABLE when the platform stops: the caller may ask again.
        """
        if not asked:
            return
        if self._queue.open_count() >= MAX_OPEN:
            raise Refused(
                codes.MODEL_BUSY_PLEASE_RETRY, f"{MAX_OPEN} requests wait for runners already"
            )
        try:
            work = self._queue.put(self._address, self._request(asked, params, config))
            answers, problem = self._answers(work, len(asked))
        except QueueClosed as closed:
            raise Aborted(grpc.StatusCode.UNAVAILABLE, str(closed)) from closed
        except RunnerGone as gone:
            answers, problem = [], str(gone)
        if problem:
            for item in asked:
                item.fail(codes.MODEL_PREDICTION_FAILED, problem)
        for item, answer in zip(asked, answers, strict=False):
            if answer.status.code in {codes.ZERO, codes.SUCCESS}:
                item.data = answer.data
                item.tokens = answer.prompt_tokens, answer.completion_tokens
            else:
                item.fail(codes.MODEL_PREDICTION_FAILED, _reason(answer.status))

    def _answers(self, work: RunnerWork, count: int) -> tuple[Sequence[resources_pb2.Output], str]:
        """Return an output per input, or no outputs and why there are none."""
        seconds = self._queue.answer_seconds
        try:
            response = work.wait(seconds)
        except TimeoutError:
            told = self._late(work, seconds)
            self._queue.withdraw(work)
            return [], told
        if len(response.outputs) == count:
            return response.outputs, ""
        if response.status.code not in {codes.ZERO, codes.SUCCESS}:
            return [], _reason(response.status)
        return [], f"{self._whom} returned {len(response.outputs)} outputs for {count} inputs"

    def _late(self, work: RunnerWork, seconds: float) -> str:
        if work.taken_by:
            takers = ", ".join(dict.fromkeys(repr(runner_id) for _, runner_id in work.taken_by))
            return f"no answer within {seconds:g} seconds; given to runner {takers}"
        if self._queue.connected(self._address):
            return f"no answer within {seconds:g} seconds: {self._whom} is busy"
        return f"no answer within {seconds:g} seconds: {self._whom} is not connected"

    def _request(
        self,
        asked: Sequence[PredictionInput],
        params: Mapping[str, Any],
        config: resources_pb2.OutputConfig,
    ) -> service_pb2.PostModelOutputsRequest:
        model = self._model.message(resources_pb2.Model)
        version_id = "" if self._version is None else self._version.id
        info = resources_pb2.OutputInfo(output_config=config)
        info.params.update(params)
        model.model_version.CopyFrom(resources_pb2.ModelVersion(id=version_id, output_info=info))
        return service_pb2.PostModelOutputsRequest(
            user_app_id=resources_pb2.UserAppIDSet(
                user_id=self._model.user_id, app_id=self._model.app_id
            ),
            model_id=self._model.id,
            version_id=version_id,
            model=model,
            inputs=[resources_pb2.Input(id=item.id, data=item.given) for item in asked],
        )


class RunnerModels:
    """Finds out which runner answers for a model version.

    Args:
        store: Where runners are.
        queue: The way to them.
    """

    def __init__(self, store: Store, queue: RunnerQueue) -> None:
        self._store = store
        self._queue = queue

    def bound(self, model: ResourceRow, version: ResourceRow) -> RunnerModel | None:
        """Return the way to the runners whose label the version names, or None."""
        if LABEL_FIELD.encode() not in version.body:
            return None
        metadata = version.message(resources_pb2.ModelVersion).metadata
        label = metadata.fields[LABEL_FIELD].string_value if LABEL_FIELD in metadata else ""
        if not label:
            return None
        address = labelled(model.user_id, label)
        return self._to(address, f"a runner with the label {label!r}", model, version)

    def served(self, model: ResourceRow, version: ResourceRow) -> RunnerModel | None:
        """Return the way to the runners whose worker names the version or its model, or None."""
        with self._store.read() as db:
            for _, runner in replicas.serving(self._store, db, model, version.id):
                only = runner.worker.model.model_version.id
                address = serving(model.user_id, model.app_id, model.id, only)
                return self._to(address, f"a runner of model {model.id!r}", model, version)
        return None

    def chosen(
        self, found: FoundModel, selector: resources_pb2.RunnerSelector
    ) -> RunnerModel | None:
        """Return the way to the runner that a request chooses, None when it chooses none.

        Raises:
            Refused: 25600 when the model's owner has no such runner.
        """
        if selector.runner.id:
            return self._named(found, selector.runner.id)
        if selector.nodepool.id or selector.nodepool.compute_cluster.id:
            return self._within(found, selector.nodepool)
        return None

    def _named(self, found: FoundModel, runner_id: str) -> RunnerModel:
        user_id = found.model.user_id
        with self._store.read() as db:
            row = self._store.resources.get(db, replicas.RUNNER_KIND, (user_id, ""), runner_id)
        if row is None:
            raise Refused(
                codes.RUNNER_DOES_NOT_EXIST, f"the model's owner has no runner {runner_id!r}"
            )
        return self._to((user_id, runner_id), f"runner {runner_id!r}", found.model, found.version)

    def _within(self, found: FoundModel, nodepool: resources_pb2.Nodepool) -> RunnerModel:
        """Return the way to a runner of the model in a node pool, or of a compute cluster's."""
        model, version = found.model, found.version
        version_id = "" if version is None else version.id
        with self._store.read() as db:
            for row, runner in replicas.serving(self._store, db, model, version_id):
                if is_within(runner, nodepool.id, nodepool.compute_cluster.id):
                    address = (row.user_id, row.id)
                    return self._to(address, f"runner {row.id!r}", model, version)
        place = " ".join(
            f"{what} {one!r}"
            for what, one in (
                ("compute cluster", nodepool.compute_cluster.id), ("node pool", nodepool.id),
            )
            if one
        )  # fmt: skip
        raise Refused(
            codes.RUNNER_DOES_NOT_EXIST, f"no runner in {place} answers for model {model.id!r}"
        )

    def _to(
        self, address: Address, whom: str, model: ResourceRow, version: ResourceRow | None
    ) -> RunnerModel:
        return RunnerModel(self._queue, address, whom, model, version)


def is_within(runner: resources_pb2.Runner, nodepool_id: str, compute_cluster_id: str) -> bool:
    """Return whether a runner is in a node pool of a compute cluster; "" stands for any."""
    pool = runner.nodepool
    return nodepool_id in {"", pool.id} and compute_cluster_id in {"", pool.compute_cluster.id}


def _reason(status: Any) -> str:
    return status.details or status.description or "the runner gave no reason"
