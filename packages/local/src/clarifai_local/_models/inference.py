"""Asking a model about inputs: what a prediction does, and each node of a workflow.

An input goes from its content (bytes, text, an address) to the answer of a predictor or operator;
what fails on the way fails for that input alone, with a status code and a reason.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import json_format

from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason
from clarifai_local import _ids
from clarifai_local._clock import timestamp
from clarifai_local._models.engine_answers import answers_of, checked
from clarifai_local._models.remote import RunnerModel
from clarifai_local.engine.contracts import ModelInputs, is_operator
from clarifai_local.media import Rejected
from clarifai_local.statuses import Refused, status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from clarifai_grpc.grpc.api.status import status_pb2

    from clarifai_local._context import ServiceContext
    from clarifai_local._models.asked import PredictionInput
    from clarifai_local.engine.contracts import Operator, Predictor

DOWNLOAD_THREADS = 8

_MEDIA: tuple[Literal["image", "video", "audio"], ...] = ("image", "video", "audio")
_log = logger_for(__name__)


def ask(
    context: ServiceContext,
    model: Predictor | Operator | RunnerModel,
    asked: Sequence[PredictionInput],
    params: Mapping[str, Any],
    config: resources_pb2.OutputConfig,
) -> None:
    """Let a model answer about inputs; each of `asked` is filled in.

    Args:
        context: Its url_fetcher downloads, its embedder makes vectors.
        model: What answers.
        asked: The inputs; those that failed already are left alone.
        params: `output_info.params`.
        config: `output_info.output_config`, for models that answer elsewhere.
    """
    waiting = [item for item in asked if not item.failed]
    if isinstance(model, RunnerModel):
        model.ask(waiting, params, config)
        return
    if is_operator(model):
        fetch(context, waiting)
        _operate(model, [item for item in waiting if not item.failed], params)
        return
    _in_parallel(waiting, lambda item: _load(context, item, model.modalities))
    _predict(context, model, [item for item in waiting if not item.failed], params)


def fetch(context: ServiceContext, asked: Sequence[PredictionInput]) -> None:
    """Load inputs once for all, and put the bytes that addresses lead to into their data."""
    _in_parallel(asked, lambda item: _fetch(context, item))


def settings(
    version: resources_pb2.OutputInfo, *overriding: resources_pb2.OutputInfo
) -> tuple[dict[str, Any], resources_pb2.OutputConfig]:
    """Return the parameters and the output config that count for one call.

    Args:
        version: The output info of the model version: its defaults.
        overriding: Those of a workflow's node and of the request; the last one wins.
    """
    params: dict[str, Any] = {}
    config = resources_pb2.OutputConfig()
    for info in (version, *overriding):
        if info.HasField("params"):
            params.update(json_format.MessageToDict(info.params))
        # MergeFrom would add to the list: a choice of concepts replaces the one before it.
        if info.output_config.select_concepts:
            config.ClearField("select_concepts")
        config.MergeFrom(info.output_config)
    _choose(config, params)
    return params, config


def _choose(config: resources_pb2.OutputConfig, params: Mapping[str, Any]) -> None:
    """Put into the config what parameters say, where it says nothing: clients write either.

    A version that was trained with `inference_params` has them among its parameters.
    """
    for name, kind in (("min_value", float), ("max_concepts", int)):
        value = params.get(name)
        if value and not getattr(config, name) and _is_number(value):
            setattr(config, name, kind(value))
    chosen = params.get("select_concepts")
    if isinstance(chosen, list) and not config.select_concepts:
        for one in chosen:
            named = one if isinstance(one, dict) else {"id": one}
            config.select_concepts.add(
                **{key: str(named[key]) for key in ("id", "name") if named.get(key)}
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def output(
    context: ServiceContext,
    item: PredictionInput,
    model: resources_pb2.Model,
    about: resources_pb2.Input,
) -> resources_pb2.Output:
    """Return the answer about one input as responses hold it.

    Args:
        context: Its clock tells when.
        item: The input and its answer.
        model: What answered.
        about: The input as the caller sent it.
    """
    answer = resources_pb2.Output(
        id=_ids.new_id(),
        status=status(item.code, item.details),
        created_at=timestamp(context.clock.now_us()),
        model=model,
        input=without_bytes(about),
    )
    answer.data.SetInParent()
    if item.data is not None and not item.failed:
        answer.data.CopyFrom(item.data)
        answer.prompt_tokens, answer.completion_tokens = item.tokens
    return answer


def without_bytes(given: resources_pb2.Input) -> resources_pb2.Input:
    """Return an input without its media.

    Bytes in an answer break clients that turn it into JSON, and are known to the caller.
    """
    if not any(given.data.HasField(name) for name in _MEDIA):
        return given
    shown = resources_pb2.Input()
    shown.CopyFrom(given)
    for name in _MEDIA:
        if shown.data.HasField(name):
            getattr(shown.data, name).ClearField("base64")
    return shown


def overall(statuses: Iterable[tuple[int, str]]) -> status_pb2.Status:
    """Return the status of a response from the codes and reasons of its parts."""
    parts = list(statuses)
    failed = [(code, details) for code, details in parts if code != codes.SUCCESS]
    if not failed:
        return status(codes.SUCCESS)
    if len(failed) < len(parts):
        return status(codes.MIXED_STATUS)
    if len({code for code, _ in failed}) == 1:
        return status(*failed[0])
    return status(codes.FAILURE)


def _in_parallel(asked: Sequence[PredictionInput], work: Any) -> None:
    # Threads are for waiting for other servers; what came with the request needs none.
    remote = [item for item in asked if _is_remote(item.given)]
    for item in asked:
        if not _is_remote(item.given):
            work(item)
    if len(remote) == 1:
        work(remote[0])
    elif remote:
        with ThreadPoolExecutor(DOWNLOAD_THREADS) as threads:
            list(threads.map(work, remote))


def _load(context: ServiceContext, item: PredictionInput, modalities: Collection[str]) -> None:
    if item.loaded is not None and item.loaded.modality in modalities:
        return
    try:
        item.loaded = context.content.load(item.given, modalities)
    except Rejected as error:
        item.fail(error.code, error.reason)


def _fetch(context: ServiceContext, item: PredictionInput) -> None:
    if not (item.given.HasField("image") or item.given.HasField("text")):
        return
    try:
        found = context.content.load(item.given)
    except Rejected as error:
        item.fail(error.code, error.reason)
        return
    fetched = resources_pb2.Data()
    fetched.CopyFrom(item.given)
    item.loaded = found
    if isinstance(found.content, bytes):
        fetched.image.base64 = found.content
    else:
        fetched.text.raw = found.content
    item.given = fetched


def _predict(
    context: ServiceContext,
    predictor: Predictor,
    asked: Sequence[PredictionInput],
    params: Mapping[str, Any],
) -> None:
    groups: dict[str, list[PredictionInput]] = {}
    for item in asked:
        if item.loaded is not None:
            groups.setdefault(item.loaded.modality, []).append(item)
    for group in groups.values():
        _predict_group(context, predictor, group, params)


def _predict_group(
    context: ServiceContext,
    predictor: Predictor,
    group: Sequence[PredictionInput],
    params: Mapping[str, Any],
) -> None:
    """Predict on inputs of one modality; each for itself when that fails for all."""
    loaded = [item.loaded for item in group if item.loaded is not None]
    batch = ModelInputs(loaded[0].modality, [item.content for item in loaded], context.embedder)
    try:
        for item, data in zip(group, answers_of(predictor, batch, params), strict=True):
            item.data = data
    except KeyboardInterrupt:
        raise
    except Refused as refused:
        for item in group:
            item.fail(refused.status.code, refused.status.details)
    except BaseException as error:  # noqa: BLE001 - an engine may fail in any way; outputs say so
        if len(group) > 1:
            for item in group:
                _predict_group(context, predictor, [item], params)
        else:
            _fail(group[0], error, "a model failed to predict")


def _operate(
    operator: Operator, asked: Sequence[PredictionInput], params: Mapping[str, Any]
) -> None:
    for item in asked:
        try:
            item.data = checked(operator.apply(item.given, params))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - as above
            _fail(item, error, "an operator failed")


def _fail(item: PredictionInput, error: BaseException, what: str) -> None:
    if isinstance(error, Rejected):
        item.fail(error.code, error.reason)
        return
    if isinstance(error, Refused):
        item.fail(error.status.code, error.status.details)
        return
    _log.error("%s: %s", what, reason(error), exc_info=error)
    item.fail(codes.MODEL_PREDICTION_FAILED, reason(error))


def _is_remote(data: resources_pb2.Data) -> bool:
    return bool(data.image.url and not data.image.base64) or bool(
        data.text.url and not data.text.raw
    )
