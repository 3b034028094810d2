"""RPCs that ask a model about inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._models import frames, methods, rows
from clarifai_local._models.asked import PredictionInput
from clarifai_local._models.inference import output, overall, settings
from clarifai_local._models.outputs import OutputSelection
from clarifai_local._models.remote import RunnerModel
from clarifai_local._moving_pictures import sampling
from clarifai_local._services.apps import sample_ms_of
from clarifai_local.dispatch import rpc
from clarifai_local.media import Rejected
from clarifai_local.statuses import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from clarifai_local._context import ServiceContext
    from clarifai_local.auth import Caller
    from clarifai_local.engine.contracts import Operator, Predictor
    from clarifai_local.engine.model_types import ModelTypeRow

MAX_INPUTS = 128
"""Inputs in one request."""


class PredictionService:
    """RPCs that ask a model about inputs."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store

    @rpc("PostModelOutputs")
    def post_model_outputs(
        self, request: service_pb2.PostModelOutputsRequest, caller: Caller
    ) -> service_pb2.MultiOutputResponse:
        """Ask a model about up to 128 inputs; outputs come in the order of the inputs."""
        scope = self._context.scopes.app_or_main(request.user_app_id, caller)
        check_count(len(request.inputs), MAX_INPUTS)
        with self._store.read() as db:
            found = rows.find(self._store, db, scope, request.model_id, _version_id(request))
        chosen = self._context.runner_models.chosen(found, request.runner_selector)
        predictor = chosen or self._context.predictors.of(found)
        model = rows.model_message(found.model, found.version, self._context.http.base_url)
        params, config = settings(model.model_version.output_info, *output_infos(request.model))
        selection = OutputSelection.of(config)
        known = {c.id: c for c in model.model_version.output_info.data.concepts}
        asked = [PredictionInput(item.data, id=item.id) for item in request.inputs]
        step_ms = sampling.step_ms(config.sample_ms, sample_ms_of(self._context, scope))
        plain = asked
        if not isinstance(predictor, RunnerModel):
            plain = [item for item in asked if not methods.method_of(item.given)]
            kind = self._context.engines.model_types().get(model.model_type_id)
            for item in asked:
                if methods.method_of(item.given):
                    self._call(predictor, item, kind, params, config, step_ms)
        frames.ask(self._context, predictor, plain, params, config, step_ms)
        for item in asked:
            if item.data is not None:
                selection.apply(item.data, known)
                if item.is_call:
                    methods.add_typed(item.data)
        model.model_version.output_info.ClearField("data")
        return service_pb2.MultiOutputResponse(
            status=overall((item.code, item.details) for item in asked),
            outputs=[
                output(self._context, item, model, given)
                for item, given in zip(asked, request.inputs, strict=True)
            ],
        )

    def _call(
        self,
        predictor: Predictor | Operator,
        item: PredictionInput,
        kind: ModelTypeRow | None,
        params: Mapping[str, Any],
        config: resources_pb2.OutputConfig,
        step_ms: int,
    ) -> None:
        """Ask a model by one of its methods, with the parameters that the call gives."""
        try:
            call = methods.called(item.given, kind)
        except Rejected as error:
            item.fail(error.code, error.reason)
            return
        item.given, item.is_call = call.data, True
        frames.ask(self._context, predictor, [item], {**params, **call.params}, config, step_ms)

    @rpc("GenerateModelOutputs")
    def generate_model_outputs(
        self, request: service_pb2.PostModelOutputsRequest, caller: Caller
    ) -> Iterator[service_pb2.MultiOutputResponse]:
        """Ask a model and receive the answer as a stream; models of this platform send one part."""
        yield self.post_model_outputs(request, caller)

    @rpc("StreamModelOutputs")
    def stream_model_outputs(
        self, requests: Iterable[service_pb2.PostModelOutputsRequest], caller: Caller
    ) -> Iterator[service_pb2.MultiOutputResponse]:
        """Answer each request of a stream in turn."""
        for request in requests:
            yield self.post_model_outputs(request, caller)


def output_infos(model: resources_pb2.Model) -> tuple[resources_pb2.OutputInfo, ...]:
    """Return the options of a request: of the model itself, then of its version, which win."""
    return model.output_info, model.model_version.output_info


def check_count(count: int, limit: int) -> None:
    """Refuse a request without inputs, or with too many.

    Raises:
        Refused: 11102 for none, 39999 "Input request is invalid" over the limit.
    """
    if not count:
        raise invalid("inputs is empty: send at least one")
    if count > limit:
        raise Refused(
            codes.INPUT_INVALID_REQUEST,
            f"{count} inputs are over the limit of {limit} per request",
        )


def _version_id(request: service_pb2.PostModelOutputsRequest) -> str:
    return request.version_id or request.model.model_version.id
