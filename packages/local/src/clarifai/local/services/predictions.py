"""RPCs that ask a model about inputs."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format

from clarifai.local import ids
from clarifai.local.clock import timestamp
from clarifai.local.dispatch import rpc
from clarifai.local.engine.contracts import Batch
from clarifai.local.loading import Loaded, load
from clarifai.local.media import Rejected
from clarifai.local.models import rows
from clarifai.local.models.outputs import Selection
from clarifai.local.statuses import Refused, invalid, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarifai.local.auth import Caller
    from clarifai.local.engine.contracts import Predictor
    from clarifai.local.platform import Platform

MAX_INPUTS = 128
"""Inputs in one request."""

DOWNLOAD_THREADS = 8

_log = logging.getLogger(__name__)


@attrs.define
class _Asked:
    """One input of a request, on its way to an output."""

    input: resources_pb2.Input
    loaded: Loaded | None = None
    data: resources_pb2.Data | None = None
    code: int = codes.SUCCESS
    details: str = ""

    def fail(self, code: int, details: str) -> None:
        self.code, self.details = code, details


class Predictions:
    """RPCs that ask a model about inputs."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store = platform.store

    @rpc("PostModelOutputs")
    def post_model_outputs(
        self, request: service_pb2.PostModelOutputsRequest, caller: Caller
    ) -> service_pb2.MultiOutputResponse:
        """Ask a model about up to 128 inputs; outputs come in the order of the inputs."""
        scope = self._platform.scopes.app(request.user_app_id, caller)
        _check_count(len(request.inputs))
        with self._store.read() as db:
            found = rows.find(self._store, db, scope, request.model_id, _version_id(request))
        predictor = self._platform.predictors.of(found)
        given = output_info(request.model)
        selection = Selection.of(given.output_config)
        params = json_format.MessageToDict(given.params)
        asked = [_Asked(item) for item in request.inputs]
        self._load(asked)
        model = rows.model_message(found.model, found.version, self._platform.http.base_url)
        known = {c.id: c for c in model.model_version.output_info.data.concepts}
        for item in predict(self._platform, predictor, asked, params):
            if item.data is not None:
                selection.apply(item.data, known)
        model.model_version.output_info.ClearField("data")
        return self._response(asked, model)

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

    def _load(self, asked: Sequence[_Asked]) -> None:
        remote = [item for item in asked if _is_remote(item.input.data)]
        for item in asked:
            if not _is_remote(item.input.data):
                self._load_one(item)
        if len(remote) == 1:
            self._load_one(remote[0])
        elif remote:
            with ThreadPoolExecutor(DOWNLOAD_THREADS) as threads:
                list(threads.map(self._load_one, remote))

    def _load_one(self, item: _Asked) -> None:
        try:
            item.loaded = load(self._platform, item.input.data)
        except Rejected as error:
            item.fail(error.code, error.reason)

    def _response(
        self, asked: Sequence[_Asked], model: resources_pb2.Model
    ) -> service_pb2.MultiOutputResponse:
        now = timestamp(self._platform.clock.now_us())
        response = service_pb2.MultiOutputResponse()
        for item in asked:
            output = response.outputs.add(
                id=ids.new_id(), status=status(item.code, item.details), created_at=now
            )
            output.model.CopyFrom(model)
            output.input.CopyFrom(item.input)
            # Bytes in an answer break clients that turn it into JSON, and are known to the caller.
            for name in ("image", "video", "audio"):
                if output.input.data.HasField(name):
                    getattr(output.input.data, name).ClearField("base64")
            output.data.SetInParent()
            if item.data is not None:
                output.data.CopyFrom(item.data)
        response.status.CopyFrom(_overall(asked))
        return response


def predict(
    platform: Platform,
    predictor: Predictor,
    asked: Sequence[_Asked],
    params: dict[str, Any],
) -> Sequence[_Asked]:
    """Let a predictor answer for the inputs that were loaded; returns `asked`, filled in."""
    groups: dict[str, list[_Asked]] = {}
    for item in asked:
        if item.loaded is None:
            continue
        if item.loaded.modality in predictor.modalities:
            groups.setdefault(item.loaded.modality, []).append(item)
        else:
            taken = " or ".join(sorted(predictor.modalities))
            item.fail(
                codes.INPUT_INVALID_ARGUMENT,
                f"the model answers for {taken} inputs, not for {item.loaded.modality}",
            )
    for group in groups.values():
        loaded = [item.loaded for item in group if item.loaded is not None]
        batch = Batch(loaded[0].modality, [item.content for item in loaded], platform.embedder)
        try:
            for item, data in zip(group, predictor.predict(batch, params), strict=True):
                item.data = data
        except Exception as error:  # noqa: BLE001 - an engine may fail in any way; outputs say so
            _log.exception("a model failed to predict")
            for item in group:
                item.fail(codes.MODEL_PREDICTION_FAILED, f"{type(error).__name__}: {error}")
    return asked


def output_info(model: resources_pb2.Model) -> resources_pb2.OutputInfo:
    """Return the options of a request: of the model's version, else of the model itself."""
    if model.model_version.HasField("output_info"):
        return model.model_version.output_info
    return model.output_info


def _version_id(request: service_pb2.PostModelOutputsRequest) -> str:
    return request.version_id or request.model.model_version.id


def _is_remote(data: resources_pb2.Data) -> bool:
    return bool(data.image.url and not data.image.base64) or bool(data.text.url)


def _check_count(count: int) -> None:
    if not count:
        raise invalid("inputs is empty: send at least one")
    if count > MAX_INPUTS:
        raise Refused(
            codes.INPUT_INVALID_REQUEST,
            f"{count} inputs are over the limit of {MAX_INPUTS} per request",
        )


def _overall(asked: Sequence[_Asked]) -> Any:
    failed = [item for item in asked if item.code != codes.SUCCESS]
    if not failed:
        return status(codes.SUCCESS)
    if len(failed) < len(asked):
        return status(codes.MIXED_STATUS)
    if len({item.code for item in failed}) == 1:
        return status(failed[0].code, failed[0].details)
    return status(codes.FAILURE)
