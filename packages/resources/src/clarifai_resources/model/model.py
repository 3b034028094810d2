"""`Model`: what programs call; the work is in the modules beside this one."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL, Handle
from clarifai_core.heavy import resources_pb2
from clarifai_core.wire import ids, messages
from clarifai_resources import _kinds
from clarifai_resources._fields import ModelFields
from clarifai_resources.model import evaluations, parameters, predictions, training
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_grpc.grpc.api.service_pb2 import MultiOutputResponse
    from typing_extensions import Unpack

    from clarifai_core.paging import Pager
    from clarifai_inputs.closed_sets import MediaKind
    from clarifai_resources.arguments import ModelArguments, ModelVersionValues
    from clarifai_resources.inputs.builders import FilePath


class Model(Handle, ModelFields):
    """A model, or one of its versions.

    Every field of its message is an attribute: `model.description`, `model.model_version.id`.
    """

    kind = "model"
    version_field = "model_version"
    _params: dict[str, Any] | None = None
    _trained_version_id = ""

    def __init__(
        self,
        url: str = "",
        model_id: str = "",
        model_version: Mapping[str, Any] | str | None = None,
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[ModelArguments],
    ) -> None:
        """Open a model by its URL or id; nothing is sent.

        Args:
            url: Such as `https://clarifai.com/clarifai/main/models/general-image-recognition`,
                with `/versions/ID` for one version.
            model_id: Its id, instead of a URL.
            model_version: `{"id": ...}` of one version; else the newest usable one counts.
            base_url: Address of the platform.
            pat: Personal access token.
            token: Session token.
            **kwargs: user_id, app_id, context, root_certificates_path, timeout_seconds, and fields
                of the model.

        Raises:
            UserError: Not exactly one of url and model_id is given, or an argument is wrong.
        """
        if not url and not model_id:
            raise UserError("You must specify one of url or model_id.")
        fields = dict(kwargs)
        version = {"id": model_version} if isinstance(model_version, str) else model_version
        version_id = version.get("id") if isinstance(version, dict) else getattr(version, "id", "")
        if version_id:
            fields["model_version"] = version
        super().__init__(model_id, url=url, base_url=base_url, pat=pat, token=token, **fields)

    @property
    def training_params(self) -> dict[str, Any]:
        """Return the parameters that `train()` uses: those of the last `get_params`."""
        return self._params if self._params is not None else {}

    def predict(
        self,
        inputs: Sequence[resources_pb2.Input],
        inference_params: Mapping[str, Any] | None = None,
        output_config: Mapping[str, Any] | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about inputs.

        Args:
            inputs: Up to 128 `Input` messages.
            inference_params: Parameters of the model, for this call.
            output_config: min_value (smallest confidence), max_concepts, select_concepts (list of
                Concept) and the other fields of `OutputConfig`, for this call.

        Returns:
            The answer: its `outputs` in the order of the inputs.

        Raises:
            UserError: An argument is wrong; nothing was sent.
            MixedStatus: Some inputs failed; `response.outputs` has all of them, with statuses.
            ApiError: The platform refused.
        """
        return predictions.predict(self, inputs, inference_params, output_config)

    def predict_by_bytes(
        self,
        input_bytes: bytes,
        input_type: MediaKind,
        inference_params: Mapping[str, Any] | None = None,
        output_config: Mapping[str, Any] | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about one content; see `predict`.

        Args:
            input_bytes: The content; texts in UTF-8.
            input_type: image, text, video or audio.
            inference_params: See `predict`.
            output_config: See `predict`.
        """
        one = predictions.input_of_bytes(input_bytes, input_type)
        return self.predict([one], inference_params, output_config)

    def predict_by_filepath(
        self,
        filepath: FilePath,
        input_type: MediaKind,
        inference_params: Mapping[str, Any] | None = None,
        output_config: Mapping[str, Any] | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about the content of a file; see `predict_by_bytes`."""
        one = predictions.input_of_file(filepath, input_type)
        return self.predict([one], inference_params, output_config)

    def predict_by_url(
        self,
        url: str,
        input_type: MediaKind,
        inference_params: Mapping[str, Any] | None = None,
        output_config: Mapping[str, Any] | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about what the platform finds at a URL; see `predict_by_bytes`."""
        one = predictions.input_of_url(url, input_type)
        return self.predict([one], inference_params, output_config)

    def create_version(self, **kwargs: Unpack[ModelVersionValues]) -> Model:
        """Create a version of a model whose type is not trained, and return the model with it.

        Args:
            **kwargs: Fields of the version: description, metadata, pretrained_model_config ...

        Raises:
            UserError: The type is a trainable one, or there is no such field.
        """
        version = messages.fill(resources_pb2.ModelVersion(), kwargs, "model version")
        if self._is_trainable():
            raise UserError(
                f"{self._type_id()} is a trainable model type. Use 'model.train()' to train "
                "the model."
            )
        return Model.of(training.create_version(self, version), self)

    def list_versions(
        self, page_no: int | None = None, per_page: int | None = None
    ) -> Pager[Model]:
        """Return the versions, newest first, each as a Model with its `model_version`.

        Args:
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page; 16 when only `page_no` is given.
        """
        return ops.pager(
            self,
            _kinds.MODEL_VERSION,
            self._with_version,
            model_id=ids.check_id("model_id", self.id),
            page_no=page_no,
            per_page=per_page,
        )

    def delete_version(self, version_id: str) -> None:
        """Delete a version; a training of it stops.

        Raises:
            UserError: The id is empty.
            NotFound: There is no such version.
        """
        ops.delete(self, _kinds.MODEL_VERSION, [version_id], model_id=self.id)

    def list_training_templates(self) -> list[str]:
        """Return the ids of the ways to train this type of model.

        Raises:
            UserError: The type cannot be trained.
        """
        return parameters.TypeFields.fetch(self, self._type_id()).templates

    def get_params(
        self,
        template: str | None = None,
        save_to: FilePath | None = "params.yaml",
        *,
        yaml_file: FilePath | None = None,
    ) -> dict[str, Any]:
        """Return the parameters of a training with their defaults, and write them to a file.

        Args:
            template: One of `list_training_templates()`, where the type has some.
            save_to: The YAML file to write; None writes none. A template's source file goes beside.
            yaml_file: The same as `save_to`.

        Returns:
            dataset_id, dataset_version_id, concepts, train_params and inference_params, as far as
            the type has them. `train()` uses this very dict.

        Raises:
            UserError: The type cannot be trained, or there is no such template.
        """
        path = _yaml_path(yaml_file or save_to)
        type_id = self._type_id()
        known = not template and type_id in parameters.WITH_TEMPLATES
        types = None if known else parameters.TypeFields.fetch(self, type_id)
        if types is None or (not template and types.needs_template):
            raise UserError(f"Template should be provided for {type_id} model type.")
        params, sources = parameters.defaults(types, template, path and path.parent)
        if path is not None:
            parameters.save(params, sources, path)
        self._params = params
        return params

    def update_params(self, **kwargs: Any) -> None:
        """Change parameters of the coming training.

        Args:
            **kwargs: Parameter -> value; `dataset` and `dataset_version` mean the ids.

        Raises:
            UserError: A name is unknown, or `get_params` was not called; nothing was changed.
        """
        if self._params is None:
            raise UserError("There are no parameters to update: call model.get_params() first.")
        changed = parameters.updated(self._params, kwargs)
        self._params.update(changed)

    def get_param_info(self, param: str) -> dict[str, Any]:
        """Return what the platform says about a parameter.

        Returns:
            param, description, fieldType, and defaultValue and limits where there are any.

        Raises:
            UserError: There is no such parameter.
        """
        types = parameters.TypeFields.fetch(self, self._type_id())
        template = (self.training_params.get("train_params") or {}).get("template")
        return parameters.info(types, template, param)

    def train(self, yaml_file: FilePath = "") -> str:
        """Start a training and return the id of the new version.

        Args:
            yaml_file: A file as `get_params` writes it; else the parameters of the last
                `get_params` count.

        Raises:
            UserError: There are no parameters, or some are wrong; no training was started.
            ApiError: The platform refused.
        """
        params = parameters.load(yaml_file) if yaml_file else self._params
        if params is None:
            raise UserError(
                "There are no parameters to train with: call model.get_params(), or give yaml_file."
            )
        if not self._is_trainable():
            raise UserError(f"Model type {self._type_id()} is not trainable.")
        what = f"yaml_file {str(yaml_file)!r}" if yaml_file else "training_params"
        self._trained_version_id = training.train(self, params, what)
        return self._trained_version_id

    def training_status(
        self, version_id: str | None = None, training_logs: bool = False
    ) -> training.TrainingStatus:
        """Return how far the training of a version is.

        Args:
            version_id: The version; else the one that this object trained or was opened with.
            training_logs: Whether to save the log in the file `<version id>.log`.

        Returns:
            A dict: code (21103 queued, 21101 training, 21100 trained), description, details; the
            keys are attributes too.
        """
        chosen = self._version_id(version_id, prefer_trained=True)
        version = training.get_version(self, chosen)
        if training_logs and version.train_log:
            training.save_log(self, version.train_log, chosen)
        return training.TrainingStatus.of(version.status)

    def wait_until_trained(
        self, version_id: str | None = None, timeout_seconds: float = 600
    ) -> Model:
        """Wait until a version is trained and return the model with it.

        Args:
            version_id: The version; else the one that this object trained or was opened with.
            timeout_seconds: When to give up; the training goes on.

        Raises:
            ApiError: The training failed; `code` and `details` say why.
            DeadlineExceeded: It was not done in time.
        """
        chosen = self._version_id(version_id, prefer_trained=True)
        return self._with_version(training.wait_until_trained(self, chosen, timeout_seconds))

    def evaluate(
        self,
        dataset_id: str,
        dataset_app_id: str | None = None,
        dataset_user_id: str | None = None,
        eval_id: str | None = None,
        extended_metrics: Mapping[str, Any] | None = None,
        eval_info: Mapping[str, Any] | None = None,
    ) -> list[resources_pb2.EvalMetrics]:
        """Start an evaluation of the version on a dataset.

        Args:
            dataset_id: The dataset with the right answers.
            dataset_app_id: Its app; else the model's.
            dataset_user_id: Its user; else the model's.
            eval_id: Id of the evaluation; else the platform chooses one.
            extended_metrics: Figures of your own to keep with it.
            eval_info: Parameters of the evaluation.

        Returns:
            A list with the new evaluation, which goes on; see `wait_until_evaluated`.

        Raises:
            UserError: The model has no version here, or an argument is wrong.
        """
        dataset = resources_pb2.Dataset(
            id=ids.check_id("dataset_id", dataset_id),
            app_id=dataset_app_id or self.app_id,
            user_id=dataset_user_id or self.user_id,
        )
        version_id = self._version_id(None)
        return evaluations.evaluate(self, version_id, dataset, eval_id, extended_metrics, eval_info)

    def get_eval_by_id(
        self,
        eval_id: str,
        label_counts: bool = False,
        test_set: bool = False,
        binary_metrics: bool = False,
        confusion_matrix: bool = False,
        metrics_by_class: bool = False,
        metrics_by_area: bool = False,
    ) -> resources_pb2.EvalMetrics:
        """Return an evaluation: the summary always, further figures where True.

        Args:
            eval_id: The evaluation.
            label_counts: How many inputs have each concept.
            test_set: Each input with what was predicted.
            binary_metrics: Figures of each concept.
            confusion_matrix: What was taken for what.
            metrics_by_class: Figures of each class (detection).
            metrics_by_area: Figures by size of the region (detection).
        """
        fields = _fields(
            label_counts,
            test_set,
            binary_metrics,
            confusion_matrix,
            metrics_by_class,
            metrics_by_area,
        )
        return evaluations.get(self, eval_id, fields)

    def get_latest_eval(
        self,
        label_counts: bool = False,
        test_set: bool = False,
        binary_metrics: bool = False,
        confusion_matrix: bool = False,
        metrics_by_class: bool = False,
        metrics_by_area: bool = False,
    ) -> resources_pb2.EvalMetrics | None:
        """Return the newest evaluation of the version, or None when there is none that is done.

        Args: as in `get_eval_by_id`.
        """
        fields = _fields(
            label_counts,
            test_set,
            binary_metrics,
            confusion_matrix,
            metrics_by_class,
            metrics_by_area,
        )
        return evaluations.get_latest(self, self._version_id(None), fields)

    def wait_until_evaluated(
        self, eval_id: str, timeout_seconds: float = 600, **fields: bool
    ) -> resources_pb2.EvalMetrics:
        """Wait until an evaluation is done and return it.

        Args:
            eval_id: The evaluation.
            timeout_seconds: When to give up; the evaluation goes on.
            **fields: As in `get_eval_by_id`: `confusion_matrix=True` ...

        Raises:
            ApiError: The evaluation failed; `code` and `details` say why.
            DeadlineExceeded: It was not done in time.
        """
        unknown = [name for name in fields if name not in _FIELDS]
        if unknown:
            raise UserError(f"Unknown figures {', '.join(unknown)}; known: {', '.join(_FIELDS)}.")
        return evaluations.wait_until_evaluated(self, eval_id, timeout_seconds, fields)

    def _type_id(self) -> str:
        """Return the model type; asked of the platform once where the handle does not know it."""
        message = self.message
        if not message.model_type_id:
            version_id = message.model_version.id
            more = {"version_id": version_id} if version_id else {}
            found = ops.get(self, _kinds.MODEL, self.id, **more)
            if not version_id:
                # Without a version asked for, the newest counts, also after a training.
                found.ClearField("model_version")
            self._message = message = found
        return str(message.model_type_id)

    def _is_trainable(self) -> bool:
        """Return whether the platform trains the model; it is not asked about documented types."""
        type_id = self._type_id()
        if type_id in TRAINABLE_MODEL_TYPES:
            return True
        return parameters.TypeFields.find(self, type_id) is not None

    def _version_id(self, given: str | None, *, prefer_trained: bool = False) -> str:
        pinned, trained = self.message.model_version.id, self._trained_version_id
        found = given or (trained or pinned if prefer_trained else pinned or trained)
        if not found:
            raise UserError(
                f"Model {self.id!r} was opened without a version: give "
                "model_version={'id': ...}, a URL with /versions/ID, or a version_id."
            )
        return str(found)

    def _with_version(self, version: resources_pb2.ModelVersion) -> Model:
        message = resources_pb2.Model()
        message.CopyFrom(self.message)
        message.model_version.CopyFrom(version)
        return Model.of(message, self)


_FIELDS = (
    "label_counts",
    "test_set",
    "binary_metrics",
    "confusion_matrix",
    "metrics_by_class",
    "metrics_by_area",
)


def _fields(*wanted: bool) -> dict[str, bool]:
    return dict(zip(_FIELDS, wanted, strict=True))


def _yaml_path(save_to: FilePath | None) -> pathlib.Path | None:
    if not save_to:
        return None
    path = pathlib.Path(save_to)
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise UserError(f"save_to must end in .yaml, got {str(save_to)!r}.")
    if not path.parent.is_dir():
        raise UserError(f"save_to {str(save_to)!r}: the folder {str(path.parent)!r} is missing.")
    return path
