# Made of clarifai_resources.model.model by a tool:
# change that, and run `python -m tools.asynchronous`.

"""`Model`: what programs call; the work is in the modules beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_aio._resources.model import _parameters, _runner_selectors, _training
from clarifai_aio._resources.model._evaluation_methods import EvaluationMethods
from clarifai_aio._resources.model._prediction_methods import PredictionMethods
from clarifai_aio._resources.model._version_methods import VersionMethods
from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL
from clarifai_resources import _older_names, _versions
from clarifai_resources.model import _parameter_values
from clarifai_resources.model.model import _RUNNER, _yaml_path
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self, Unpack

    from clarifai_resources.arguments import ModelArguments
    from clarifai_resources.inputs._builders import FilePath
    from clarifai_resources.model._parameter_values import ParameterRule


class Model(PredictionMethods, VersionMethods, EvaluationMethods):
    """A model, or one of its versions.

    Every field of its message is an attribute: `model.description`, `model.model_version.id`.
    """

    _params: dict[str, Any] | None = None
    _rules: Mapping[str, ParameterRule] = {}

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
                of the model; output_config, what predictions hold where a call does not say it;
                which machines predict: deployment_id, or compute_cluster_id with nodepool_id, and
                in both cases deployment_user_id, where it is not whoever the credentials belong to.

        Raises:
            UserError: Not exactly one of url and model_id is given, or an argument is wrong.
        """
        fields: dict[str, Any] = dict(kwargs)
        url = _older_names.with_url(url, fields)
        if not url and not model_id:
            raise UserError("You must specify one of url or model_id.")
        if fields.get("output_config") is not None:
            self.output_config = fields["output_config"]
        fields.pop("output_config", None)
        runner = [fields.pop(name, None) for name in _RUNNER]
        if any(runner):  # else its module is not needed
            self._chosen_runner = _runner_selectors.RunnerChoice.of(*runner)
        if _versions.id_in(model_version):
            is_id = isinstance(model_version, str)
            fields["model_version"] = {"id": model_version} if is_id else model_version
        super().__init__(model_id, url=url, base_url=base_url, pat=pat, token=token, **fields)

    @property
    def training_params(self) -> dict[str, Any]:
        """Return the parameters that `train()` uses: those of the last `get_params`.

        It can be set, and changed in place.
        """
        if self._params is None:
            self._params = {}
        return self._params

    @training_params.setter
    def training_params(self, value: dict[str, Any]) -> None:
        self._params, self._rules = value, {}

    async def list_training_templates(self) -> list[str]:
        """Return the ids of the ways to train this type of model.

        Raises:
            UserError: The type cannot be trained.
        """
        return (await _parameters.TypeFields.fetch(self, await self._type_id())).templates

    async def get_params(
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
            UserError: The type cannot be trained, there is no such template, or the type has none.
        """
        path = _yaml_path(yaml_file or save_to)
        type_id = await self._type_id()
        if template and type_id in _parameters.WITHOUT_TEMPLATES:
            raise UserError(f"Template should not be provided for {type_id} model type.")
        known = not template and type_id in _parameters.WITH_TEMPLATES
        types = None if known else await _parameters.TypeFields.fetch(self, type_id)
        if types is None or (not template and types.needs_template):
            raise UserError(f"Template should be provided for {type_id} model type.")
        if template and not types.templates:
            raise UserError(f"Template should not be provided for {type_id} model type.")
        params, sources = _parameters.defaults(types, template, path and path.parent)
        if path is not None:
            _parameters.save(params, sources, path)
        self._params, self._rules = (
            params,
            _parameter_values.rules(
                types.parameters(template), types.templates if template else ()
            ),
        )
        return params

    def update_params(self, **kwargs: Any) -> None:
        """Change parameters of the coming training.

        Args:
            **kwargs: Parameter -> value; `dataset` and `dataset_version` mean the ids.

        Raises:
            UserError: A name is unknown, the model type does not take a value, or `get_params` was
                not called; nothing was changed.

        Example:
            >>> from clarifai.aio import App
            >>> app = App(app_id="main", user_id="me")
            >>> made = await app.create_model("tuned", model_type_id="embedding-classifier")
            >>> _ = await made.get_params(save_to=None)
            >>> made.update_params(dataset_id="pets", min_value=5)
            Traceback (most recent call last):
            clarifai_core.errors.UserError: Invalid params:
              min_value: must be a number from 0 to 1, got 5
        """
        if not self._params:
            raise UserError("There are no parameters to update: call model.get_params() first.")
        changed = _parameters.updated(self._params, kwargs, self._rules)
        self._params.update(changed)

    async def get_param_info(self, param: str) -> dict[str, Any]:
        """Return what the platform says about a parameter.

        Returns:
            param, description, fieldType, and defaultValue and limits where there are any; nothing
            for `dataset_id`, `dataset_version_id` and `concepts` where the platform says nothing.

        Raises:
            UserError: There is no such parameter.
        """
        types = await _parameters.TypeFields.fetch(self, await self._type_id())
        template = (self.training_params.get("train_params") or {}).get("template")
        return _parameters.info(types, template, param)

    async def train(self, yaml_file: FilePath = "") -> str:
        """Start a training and return the id of the new version.

        Args:
            yaml_file: A file as `get_params` writes it; else the parameters of the last
                `get_params` count.

        Raises:
            UserError: There are no parameters, or some are wrong; no training was started.
            ApiError: The platform refused.
        """
        params = _parameters.load(yaml_file) if yaml_file else self._params
        if not params:
            raise UserError(
                "There are no parameters to train with: call model.get_params(), or give yaml_file."
            )
        if not (await self._is_trainable()):
            raise UserError(f"Model type {await self._type_id()} is not trainable.")
        what = f"yaml_file {str(yaml_file)!r}" if yaml_file else "training_params"
        self._trained_version_id = await _training.train(self, params, what)
        return self._trained_version_id

    async def training_status(
        self, version_id: str | None = None, training_logs: bool = False
    ) -> _training.TrainingStatus:
        """Return how far the training of a version is.

        Args:
            version_id: The version; else the one that this object trained or was opened with.
            training_logs: Whether to save the log in the file `<version id>.log`.

        Returns:
            A dict: code (21103 queued, 21101 training, 21100 trained), description, details; the
            keys are attributes too.
        """
        chosen = self._version_id(version_id, prefer_trained=True)
        version = await _training.get_version(self, chosen)
        if training_logs and version.train_log:
            await _training.save_log(self, version.train_log, chosen)
        return _training.TrainingStatus.of(version.status)

    async def wait_until_trained(
        self,
        version_id: str | None = None,
        timeout_seconds: float = 600,
        *,
        progress: bool | None = None,
    ) -> Self:
        """Wait until a version is trained and return the model with it.

        Args:
            version_id: The version; else the one that this object trained or was opened with.
            timeout_seconds: When to give up; the training goes on.
            progress: Whether to show how far it is; None: on a terminal or in a notebook.

        Raises:
            ApiError: The training failed; `code` and `details` say why.
            DeadlineExceeded: It was not done in time.
        """
        chosen = self._version_id(version_id, prefer_trained=True)
        trained = await _training.wait_until_trained(self, chosen, timeout_seconds, progress)
        return self._with_version(trained)

    async def _is_trainable(self) -> bool:
        """Return whether the platform trains the model; it is not asked about documented types."""
        type_id = await self._type_id()
        if type_id in TRAINABLE_MODEL_TYPES:
            return True
        return await _parameters.TypeFields.find(self, type_id) is not None
