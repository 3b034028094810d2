"""Running inputs through a workflow: node after node, all inputs at a time.

What a node gets is the input, joined with the answers of the nodes that it names: a field of an
answer (text, regions, embeddings ...) replaces the input's, lists of several answers follow each
other. After a node that cuts regions out, models answer for each region; their answer is regions
again. What fails fails for one input and the nodes that need the answer; everything else goes on.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _ids
from clarifai_local._clock import timestamp
from clarifai_local._models import rows as model_rows
from clarifai_local._models.asked import PredictionInput
from clarifai_local._models.inference import (
    ask,
    fetch,
    output,
    overall,
    settings,
    without_bytes,
)
from clarifai_local._models.outputs import OutputSelection
from clarifai_local._models.remote import RunnerModel
from clarifai_local._workflows.graph import run_order
from clarifai_local.engine.contracts import is_operator
from clarifai_local.statuses import Refused, status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_grpc.grpc.api.status import status_pb2

    from clarifai_local._context import ServiceContext
    from clarifai_local.engine.contracts import Operator, Predictor
    from clarifai_local.media import Rejected

Answers = dict[str, PredictionInput]
"""The answers about one input by node id."""


class WorkflowStep:
    """One node with its model, ready to run.

    Args:
        context: Where models are.
        node: The node as it is kept.
        found: Its model and version; None when they are gone.
        asked: The output config of the request: it counts more than the node's.
    """

    def __init__(
        self,
        context: ServiceContext,
        node: resources_pb2.WorkflowNode,
        found: model_rows.FoundModel | None,
        asked: resources_pb2.OutputConfig,
    ) -> None:
        self.context = context
        self.node = node
        self.found = found
        self.asked = asked

    @cached_property
    def model(self) -> resources_pb2.Model:
        """The model as outputs show it."""
        shown = resources_pb2.Model()
        shown.CopyFrom(self._full)
        shown.model_version.output_info.ClearField("data")
        return shown

    @cached_property
    def target(self) -> Predictor | Operator | RunnerModel:
        """What answers.

        Raises:
            Refused: The model is gone or not trained, or nothing can answer for it.
        """
        if self.found is None:
            raise model_rows.no_model(
                f"model {self.node.model.id!r} of node {self.node.id!r} does not exist any more"
            )
        return self.context.predictors.of(self.found)

    @property
    def is_remote(self) -> bool:
        """Whether a runner answers."""
        try:
            return isinstance(self.target, RunnerModel)
        except Refused:
            return False

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """Parameters of the model version and of the node."""
        return self._settings[0]

    @cached_property
    def config(self) -> resources_pb2.OutputConfig:
        """Output config of the model version, the node and the request."""
        return self._settings[1]

    def select(self, data: resources_pb2.Data) -> None:
        """Name, choose and sort the concepts of an answer."""
        self._selection.apply(data, self._known)

    @cached_property
    def _full(self) -> resources_pb2.Model:
        if self.found is None:
            return self.node.model
        base_url = self.context.http.base_url
        return model_rows.model_message(self.found.model, self.found.version, base_url)

    @cached_property
    def _settings(self) -> tuple[dict[str, Any], resources_pb2.OutputConfig]:
        request = resources_pb2.OutputInfo(output_config=self.asked)
        version = self._full.model_version.output_info
        return settings(version, self.node.output_info_override, request)

    @cached_property
    def _selection(self) -> OutputSelection:
        return OutputSelection.of(self._settings[1])

    @cached_property
    def _known(self) -> Mapping[str, resources_pb2.Concept]:
        return {c.id: c for c in self._full.model_version.output_info.data.concepts}


class WorkflowRun:
    """One request on its way through a workflow.

    Args:
        context: Where it runs.
        steps: The nodes, in the order of the workflow.
    """

    def __init__(self, context: ServiceContext, steps: Sequence[WorkflowStep]) -> None:
        self._context = context
        self._steps = {step.node.id: step for step in steps}
        self._order = [node.id for node in run_order([step.node for step in steps])]
        self._regional: set[str] = set()

    def results(
        self, inputs: Sequence[resources_pb2.Input], rejected: Rejected | None = None
    ) -> list[resources_pb2.WorkflowResult]:
        """Return the result of each input, with the outputs in the order of the nodes.

        Args:
            inputs: What the first nodes are asked about.
            rejected: Why none of them can be looked at, if so.
        """
        asked = [PredictionInput(item.data, id=item.id) for item in inputs]
        if rejected is not None:
            for item in asked:
                item.fail(rejected.code, rejected.reason)
        fetch(self._context, [item for item in asked if not item.failed])
        answers: list[Answers] = [{} for _ in inputs]
        for node_id in self._order:
            step = self._steps[node_id]
            items = [self._item(step, *pair) for pair in zip(asked, answers, strict=True)]
            self._run(step, items)
            for known, item in zip(answers, items, strict=True):
                # Only the answer is needed from here on: media of many nodes would pile up.
                item.given, item.loaded = resources_pb2.Data(), None
                known[node_id] = item
        return [self._result(given, known) for given, known in zip(inputs, answers, strict=True)]

    @property
    def asks_runners(self) -> bool:
        """Whether a runner answers for one of the nodes."""
        return any(step.is_remote for step in self._steps.values())

    def _item(self, step: WorkflowStep, source: PredictionInput, known: Answers) -> PredictionInput:
        """Return what a node is asked about one input."""
        item = PredictionInput(source.given, id=source.id)
        if source.failed:
            item.fail(source.code, source.details)
            return item
        needed = [(given.node_id, known[given.node_id]) for given in step.node.node_inputs]
        for node_id, answer in needed:
            if answer.failed:
                item.fail(answer.code, _traced(node_id, answer.details))
                return item
        item.given = joined(source.given, [answer.data for _, answer in needed if answer.data])
        if item.given is source.given:
            item.loaded = source.loaded
        return item

    def _run(self, step: WorkflowStep, items: Sequence[PredictionInput]) -> None:
        try:
            target = step.target
        except Refused as refused:
            for item in items:
                if not item.failed:
                    item.fail(refused.status.code, refused.status.details)
            return
        regional = any(given.node_id in self._regional for given in step.node.node_inputs)
        if not isinstance(target, RunnerModel) and is_operator(target):
            if regional:
                _answer_without_regions(items)
            ask(
                self._context,
                target,
                [i for i in items if i.data is None],
                step.params,
                step.config,
            )
            regional = regional or target.per_region
        elif regional:
            self._ask_regions(target, items, step)
        else:
            ask(self._context, target, items, step.params, step.config)
        if regional:
            self._regional.add(step.node.id)
        for item in items:
            if item.data is not None:
                step.select(item.data)

    def _ask_regions(
        self, target: Predictor | RunnerModel, items: Sequence[PredictionInput], step: WorkflowStep
    ) -> None:
        waiting = [item for item in items if not item.failed]
        parts = [
            [PredictionInput(region.data) for region in item.given.regions] for item in waiting
        ]
        every = [part for group in parts for part in group]
        ask(self._context, target, every, step.params, step.config)
        for item, group in zip(waiting, parts, strict=True):
            item.data = resources_pb2.Data()
            for region, part in zip(item.given.regions, group, strict=True):
                if part.failed:
                    item.fail(part.code, f"region {region.id!r}: {part.details}")
                item.data.regions.add(
                    id=region.id, region_info=region.region_info, value=region.value, data=part.data
                )

    def _result(self, given: resources_pb2.Input, known: Answers) -> resources_pb2.WorkflowResult:
        shown = [step for step in self._steps.values() if not step.node.suppress_output]
        return resources_pb2.WorkflowResult(
            id=_ids.new_id(),
            status=overall((item.code, item.details) for item in known.values()),
            created_at=timestamp(self._context.clock.now_us()),
            input=without_bytes(given),
            outputs=[
                output(self._context, known[step.node.id], step.model, given) for step in shown
            ],
        )


def _answer_without_regions(items: Sequence[PredictionInput]) -> None:
    """Answer with nothing where no region was found: there is nothing to ask about."""
    for item in items:
        if not item.failed and not item.given.regions:
            item.data = resources_pb2.Data()


def _traced(node_id: str, details: str) -> str:
    """Name the node where it went wrong, once."""
    return details if details.startswith(_TRACE) else f"{_TRACE}{node_id!r} failed: {details}"


_TRACE = "node "


def joined(given: resources_pb2.Data, answers: Sequence[resources_pb2.Data]) -> resources_pb2.Data:
    """Return an input's data with the answers of nodes in it.

    Example:
        >>> text = resources_pb2.Data(text={"raw": "hello"})
        >>> joined(text, [resources_pb2.Data(text={"raw": "world"})]).text.raw
        'world'
    """
    if not answers:
        return given
    data = resources_pb2.Data()
    data.CopyFrom(given)
    for answer in answers:
        for field, _ in answer.ListFields():
            data.ClearField(field.name)  # type: ignore[arg-type]
    for answer in answers:
        data.MergeFrom(answer)
    return data


def status_of(results: Sequence[resources_pb2.WorkflowResult]) -> status_pb2.Status:
    """Return the status of the whole: mixed as soon as anything succeeded and anything did not."""
    found = [(result.status.code, result.status.details) for result in results]
    if any(code == codes.MIXED_STATUS for code, _ in found):
        return status(codes.MIXED_STATUS)
    return overall(found)
