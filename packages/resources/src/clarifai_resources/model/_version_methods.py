"""What models do with their versions; the work is in `training` and `exports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.wire import ids, messages
from clarifai_resources import _kinds
from clarifai_resources.model import _exports, _training
from clarifai_resources.model._base import ModelBase
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typing_extensions import Self, Unpack

    from clarifai_core.paging import Pager
    from clarifai_resources.arguments import ModelVersionValues
    from clarifai_resources.inputs._builders import FilePath


class VersionMethods(ModelBase):
    """Versions of a model: made, listed, changed, deleted and taken home."""

    def create_version(self, **kwargs: Unpack[ModelVersionValues]) -> Self:
        """Create a version of a model whose type is not trained, and return the model with it.

        Args:
            **kwargs: Fields of the version: description, metadata, output_info,
                pretrained_model_config ...

        Raises:
            UserError: The model is known to be of a trainable type and no
                `pretrained_model_config` brings what training would, or there is no such field.

        Example:
            >>> from clarifai_resources.user import User
            >>> app = User("me").create_app("cuts")
            >>> model = app.create_model("crop", model_type_id="image-crop")
            >>> made = model.create_version(description="wide")
            >>> made.model_version.description
            'wide'
        """
        version = messages.fill(resources_pb2.ModelVersion(), kwargs, "model version")
        type_id = str(self.message.model_type_id)
        if type_id in TRAINABLE_MODEL_TYPES and not version.HasField("pretrained_model_config"):
            raise UserError(
                f"{type_id} is a trainable model type. Use 'model.train()' to train the model."
            )
        return type(self).of(_training.create_version(self, version), self)

    def list_versions(self, page_no: int | None = None, per_page: int | None = None) -> Pager[Self]:
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

    def create_version_by_url(
        self,
        url: str,
        input_field_maps: Mapping[str, Any],
        output_field_maps: Mapping[str, Any],
        inference_parameter_configs: Sequence[Mapping[str, Any]] | None = None,
        description: str = "",
    ) -> Self:
        """Create a version of a model that was trained elsewhere, and return the model with it.

        Args:
            url: Address of a zip file that Triton can serve; the platform fetches it.
            input_field_maps: Field of an input -> input of the model, such as
                `{"image": "input_image"}`.
            output_field_maps: Field of an output -> output of the model, such as
                `{"concepts": "softmax"}`.
            inference_parameter_configs: A dict per parameter of the model: `path`, `field_type`
                (its name or number), `default_value` and `description`.
            description: What it is, for people.

        Raises:
            UserError: An argument is wrong; nothing was sent.
            ApiError: The platform refused.

        Example:
            >>> from clarifai_resources.model import Model
            >>> Model(model_id="m", user_id="me", app_id="main").create_version_by_url(
            ...     "https://example.com/m.zip", {"image": "in"}, {"concepts": "out"}
            ... )  # doctest: +SKIP
            Model(id='m', user_id='me', app_id='main')
        """
        fields = {
            "pretrained_model_config": {
                "model_zip_url": ids.check_id("url", url),
                "input_fields_map": input_field_maps,
                "output_fields_map": output_field_maps,
            },
            "output_info": {"params_specs": list(inference_parameter_configs or ())},
            "description": description,
        }
        version = messages.fill(resources_pb2.ModelVersion(), fields, "model version")
        return type(self).of(_training.create_version(self, version), self)

    def patch_version(self, version_id: str, **kwargs: Unpack[ModelVersionValues]) -> Self:
        """Change a version and return the model in it: what is given is added to what is there.

        Args:
            version_id: The version.
            **kwargs: Fields of the version, such as `description` and `metadata`.

        Raises:
            UserError: Nothing to change, or there is no such field; nothing was sent.
            NotFound: There is no such version.

        Example:
            >>> from clarifai_resources.user import User
            >>> app = User("me").create_app("scissors")
            >>> model = app.create_model("crop", model_type_id="image-crop").create_version()
            >>> same = model.patch_version(model.model_version.id, description="wide")
            >>> same.model_version.description
            'wide'
        """
        ids.check_id("version_id", version_id)
        if not kwargs:
            raise UserError("Nothing to change: give fields of the model version.")
        model_id = ids.check_id("model_id", self.id)
        fields = {**kwargs, "id": version_id}
        changed: Any = ops.patch(self, _kinds.MODEL_VERSION, fields, model_id=model_id)
        return self._with_version(changed)

    def export(
        self, export_dir: FilePath | None = None, *, timeout_seconds: float = 3600
    ) -> Path | None:
        """Have the platform pack the version, and save that as `model.tar` in a folder.

        Args:
            export_dir: The folder, which is made if it is missing; None only starts the packing,
                or logs where the packed version is.
            timeout_seconds: When to give up waiting; the packing goes on.

        Returns:
            The path of the file, or None without a folder.

        Raises:
            UserError: The model has no version here, or the folder cannot be written.
            NotSupported: The platform packs no models; the embedded one does not.
            ApiError: The packing failed, or the model may not be exported.
            DeadlineExceeded: It was not done in time.

        Example:
            >>> model = Model("https://clarifai.com/me/a/models/m/versions/v")  # doctest: +SKIP
            >>> model.export("folder")  # doctest: +SKIP
            PosixPath('folder/model.tar')
        """
        return _exports.export(self, self._version_id(None), export_dir, timeout_seconds)
