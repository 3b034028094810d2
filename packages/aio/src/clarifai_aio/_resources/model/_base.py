# Made of clarifai_resources.model._base by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What all that models do needs to know of one: its type, and the version that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_aio._core import ops
from clarifai_aio._core.handles import Handle
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.wire import ids
from clarifai_resources import _kinds
from clarifai_resources._absent import Absent
from clarifai_resources._fields import ModelFields

if TYPE_CHECKING:
    from typing_extensions import Self


class ModelBase(Absent, Handle, ModelFields):
    """A model, or one of its versions."""

    kind = "model"
    version_field = "model_version"
    _trained_version_id = ""

    async def load_info(self, validate: bool = False) -> None:
        """Ask the platform for the model, and keep what it answers as `message`.

        Args:
            validate: Only ask whether it exists.

        Raises:
            NotFound: There is no such model or version.

        Example:
            >>> from clarifai.aio import Model
            >>> url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
            >>> model = Model(url)
            >>> await model.load_info()
            >>> model.model_type_id
            'visual-classifier'
        """
        version_id = self.message.model_version.id
        more = {"version_id": version_id} if version_id else {}
        found: Any = await ops.get(self, _kinds.MODEL, ids.check_id("model_id", self.id), **more)
        if validate:
            return
        if not version_id:
            # Without a version asked for, the newest counts, also after a training.
            found.ClearField("model_version")
        self._message = found

    async def _type_id(self) -> str:
        """Return the model type; asked of the platform once where the handle does not know it."""
        if not self.message.model_type_id:
            await self.load_info()
        return str(self.message.model_type_id)

    def _version_id(self, given: str | None, *, prefer_trained: bool = False) -> str:
        pinned, trained = self.message.model_version.id, self._trained_version_id
        found = given or (trained or pinned if prefer_trained else pinned or trained)
        if not found:
            raise UserError(
                f"Model {self.id!r} was opened without a version: give "
                "model_version={'id': ...}, a URL with /versions/ID, or a version_id."
            )
        return str(found)

    def _with_version(self, version: resources_pb2.ModelVersion) -> Self:
        message = resources_pb2.Model()
        message.CopyFrom(self.message)
        message.model_version.CopyFrom(version)
        return type(self).of(message, self)
