# Made of clarifai_resources.model._parameters by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Parameters of trainings: which there are, to and from YAML, and into a model version.

Everything is read off `ListModelTypes`: a field's path says where its value goes in a version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from clarifai_aio._core import ops
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.messages import nearest
from clarifai_inputs.file_names import is_safe
from clarifai_resources.model._parameters import (
    _DATA,
    _EXCLUSIVE,
    WITHOUT_CONCEPTS,
    WITHOUT_DATASET,
    _default,
    _is_parameter,
    _is_template,
    _name,
    _shown,
)
from clarifai_resources.model._parameters import WITH_TEMPLATES as WITH_TEMPLATES
from clarifai_resources.model._parameters import WITHOUT_TEMPLATES as WITHOUT_TEMPLATES
from clarifai_resources.model._parameters import check as check
from clarifai_resources.model._parameters import load as load
from clarifai_resources.model._parameters import save as save
from clarifai_resources.model._parameters import updated as updated
from clarifai_resources.model._parameters import version_of as version_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


def defaults(
    types: TypeFields, template: str | None, folder: Path | None
) -> tuple[dict[str, Any], dict[Path, str]]:
    """Return the parameters with their defaults, and the source files that go with them.

    Args:
        types: The model type.
        template: The training template, where the type has templates.
        folder: Where source files go; None keeps their text in the parameters.
    """
    params: dict[str, Any] = {}
    if types.type_id not in WITHOUT_DATASET:
        params.update(dataset_id="", dataset_version_id="")
    if types.type_id not in WITHOUT_CONCEPTS:
        params["concepts"] = []
    train = params["train_params"] = {"template": template} if template else {}
    inference: dict[str, Any] = {}
    sources: dict[Path, str] = {}
    for field in types.parameters(template):
        name = _name(field)
        value = _default(field)
        if name == "custom_config" and folder is not None:
            if template is None or not is_safe(template):
                raise UserError(
                    f"template {template!r} cannot be the name of a file: give save_to=None."
                )
            path = folder / f"{template}.py"
            sources[path] = str(value or "")
            value = str(path)
        if field.path == _EXCLUSIVE:
            params[name] = value
        else:
            (inference if field.path.startswith("output_info.") else train)[name] = value
    if inference:
        params["inference_params"] = inference
    return params, sources


def info(types: TypeFields, template: str | None, param: str) -> dict[str, Any]:
    """Return what the platform says about one parameter; see `Model.get_param_info`."""
    chosen = types.template_field()
    if param == "template" and chosen is not None:
        return _shown(chosen, ("placeholder", "modelTypeEnumOptions"))
    templates = [template] if template or not types.templates else types.templates
    known: dict[str, resources_pb2.ModelTypeField] = {}
    for field in (*(one for name in templates for one in types.parameters(name)), *types.fields):
        known.setdefault(_name(field), field)
    if param in known:
        return {**_shown(known[param], ("placeholder", "path")), "param": param}
    if param in _DATA:
        return {}
    raise UserError(f"param {param!r} does not exist{nearest(str(param), [*known, *_DATA])}.")
