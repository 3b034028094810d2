# Made of clarifai_resources.model.parameters by `python -m tools.asynchronous`: change that, and run it again.

"""Parameters of trainings: which there are, to and from YAML, and into a model version.

Everything is read off `ListModelTypes`: a field's path says where its value goes in a version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from clarifai_aio._core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_resources.model.parameters import WITH_TEMPLATES as WITH_TEMPLATES
from clarifai_resources.model.parameters import WITHOUT_TEMPLATES, _is_parameter, _is_template
from clarifai_resources.model.parameters import WITHOUT_TEMPLATES as WITHOUT_TEMPLATES
from clarifai_resources.model.parameters import check as check
from clarifai_resources.model.parameters import defaults as defaults
from clarifai_resources.model.parameters import info as info
from clarifai_resources.model.parameters import load as load
from clarifai_resources.model.parameters import save as save
from clarifai_resources.model.parameters import updated as updated
from clarifai_resources.model.parameters import version_of as version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_aio._core.handles import Handle
    from clarifai_aio._core.paging import Pager


@attrs.frozen
class TypeFields:
    """The parameters of one model type."""

    type_id: str
    fields: tuple[resources_pb2.ModelTypeField, ...]

    @classmethod
    async def fetch(cls, handle: Handle, type_id: str) -> TypeFields:
        """Return what the platform says about a model type that can be trained.

        Raises:
            UserError: The platform does not train it.
        """
        found = await cls.find(handle, type_id)
        if found is None:
            raise UserError(f"Model type {type_id} is not trainable.")
        return found

    @classmethod
    async def find(cls, handle: Handle, type_id: str) -> TypeFields | None:
        """Return what the platform says about a model type; None when it does not train it."""
        request = service_pb2.ListModelTypesRequest(user_app_id=handle.user_app_id)
        listed: Pager[resources_pb2.ModelType] = ops.list_pages(
            handle, "ListModelTypes", request, "model_types", None
        )
        async for kind in listed:
            if kind.id == type_id:
                return cls(type_id, tuple(kind.model_type_fields)) if kind.trainable else None
        return None

    @property
    def needs_template(self) -> bool:
        """Return whether a training must choose one of several ways."""
        return bool(self.templates) and self.type_id not in WITHOUT_TEMPLATES

    @property
    def templates(self) -> list[str]:
        """Return the ids of the training templates, in the platform's order."""
        return [option.id for option in self._options()]

    def parameters(self, template: str | None) -> Iterator[resources_pb2.ModelTypeField]:
        """Yield the fields that a training takes.

        Raises:
            UserError: There is no such template.
        """
        for field in self.fields:
            if _is_template(field):
                if template:
                    yield from filter(_is_parameter, self._option(template).model_type_fields)
            elif _is_parameter(field):
                yield field

    def template_field(self) -> resources_pb2.ModelTypeField | None:
        """Return the field that chooses the template."""
        return next((field for field in self.fields if _is_template(field)), None)

    def _options(self) -> list[resources_pb2.ModelTypeEnumOption]:
        field = self.template_field()
        return list(field.model_type_enum_options) if field is not None else []

    def _option(self, template: str) -> resources_pb2.ModelTypeEnumOption:
        for option in self._options():
            if option.id == template:
                return option
        raise UserError(
            f"template {template!r} does not exist for {self.type_id}; there are "
            f"{', '.join(self.templates) or 'none'}."
        )
