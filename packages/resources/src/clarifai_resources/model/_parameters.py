"""Parameters of trainings: which there are, to and from YAML, and into a model version.

Everything is read off `ListModelTypes`: a field's path says where its value goes in a version.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core import ops
from clarifai_core.documents import MAX_YAML_BYTES, DocumentError
from clarifai_core.errors import FileError, UserError
from clarifai_core.files import replacing
from clarifai_core.heavy import json_format, resources_pb2, service_pb2
from clarifai_core.safe_text import named
from clarifai_core.wire.messages import nearest, struct
from clarifai_core.yaml_text import dump, read_yaml
from clarifai_inputs import texts
from clarifai_inputs.file_names import is_safe
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES

if TYPE_CHECKING:
    from clarifai_core.handles import Handle
    from clarifai_core.paging import Pager
    from clarifai_resources.inputs._builders import FilePath
    from clarifai_resources.model._parameter_values import ParameterRule

FieldType = resources_pb2.ModelTypeField.ModelTypeFieldType

WITHOUT_TEMPLATES = frozenset({"clusterer", "embedding-classifier"})
"""Documented types that are trained in one way only, whatever templates are listed for them."""

WITH_TEMPLATES = frozenset(TRAINABLE_MODEL_TYPES) - WITHOUT_TEMPLATES
"""Documented types that need one of their templates named, which is told without a question."""

WITHOUT_DATASET = frozenset({"clusterer"})
WITHOUT_CONCEPTS = frozenset({"clusterer", "text-to-text"})
"""Documented types that learn from all inputs of the app, or without concepts."""

SECTIONS = ("train_params", "inference_params")
"""Keys of the parameters that hold parameters themselves."""

_EXCLUSIVE = "output_info.output_config.concepts_mutually_exclusive"
"""A parameter with a key of its own beside the sections, as in files of the official SDK 12.x."""

ALIASES = {"dataset": "dataset_id", "dataset_version": "dataset_version_id"}
"""Names that `update_params` takes too."""

_FORMS: tuple[tuple[str, type, str], ...] = (
    ("train_params", Mapping, "a mapping"),
    ("inference_params", Mapping, "a mapping"),
    ("dataset_id", str, "text"),
    ("dataset_version_id", str, "text"),
    ("concepts_mutually_exclusive", bool, "true or false"),
)

_DATA = ("dataset_id", "dataset_version_id", "concepts")
"""Parameters that say what to train on; few platforms say more about them."""


@attrs.frozen
class TypeFields:
    """The parameters of one model type."""

    type_id: str
    fields: tuple[resources_pb2.ModelTypeField, ...]

    @classmethod
    def fetch(cls, handle: Handle, type_id: str) -> TypeFields:
        """Return what the platform says about a model type that can be trained.

        Raises:
            UserError: The platform does not train it.
        """
        found = cls.find(handle, type_id)
        if found is None:
            raise UserError(f"Model type {type_id} is not trainable.")
        return found

    @classmethod
    def find(cls, handle: Handle, type_id: str) -> TypeFields | None:
        """Return what the platform says about a model type; None when it does not train it."""
        request = service_pb2.ListModelTypesRequest(user_app_id=handle.user_app_id)
        listed: Pager[resources_pb2.ModelType] = ops.list_pages(
            handle, "ListModelTypes", request, "model_types", None
        )
        for kind in listed:
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


def save(params: Mapping[str, Any], sources: Mapping[Path, str], path: Path) -> None:
    """Write parameters to a YAML file, and the source files that they name; each all at once.

    The YAML file is the one that the caller named; a source file is not, so what is there already,
    unless it is the same, is left.

    Raises:
        UserError: A file cannot be written, or a source file would take another one's place.
    """
    for target, content in sources.items():
        if os.path.lexists(target) and not _holds(target, content):
            raise UserError(
                f"{str(target)!r} exists and is not what the template brings, so it was left: move "
                "it away, or name another folder in save_to."
            )
    for target, content in {**sources, path: dump(dict(params))}.items():
        try:
            with replacing(target) as file:
                file.write(content.encode())
        except OSError as error:
            text = f"{str(target)!r} cannot be written: {error.strerror}."
            raise FileError.of(text, error) from error


def _holds(path: Path, content: str) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content.encode()
    except OSError:
        return False


def load(yaml_file: FilePath) -> dict[str, Any]:
    """Return the parameters in a YAML file.

    Raises:
        UserError: It cannot be read, is no YAML, or holds something else.
    """
    name = f"yaml_file {str(yaml_file)!r}"
    try:
        with Path(yaml_file).open("rb") as file:
            document = read_yaml(texts.decode(file.read(MAX_YAML_BYTES + 1)))
    except OSError as error:
        raise FileError.of(f"{name} cannot be read: {error.strerror}.", error) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{name} must be UTF-8 text; position {error.start} is not.") from None
    except DocumentError as error:
        raise UserError(f"{name} is no valid YAML: {error}.") from None
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise UserError(f"{name} must hold parameters such as get_params writes, got a {kind}.")
    return document


def updated(
    params: Mapping[str, Any], changes: Mapping[str, Any], rules: Mapping[str, ParameterRule]
) -> dict[str, Any]:
    """Return parameters with changes; what is given stays as it is.

    Args:
        params: What there is.
        changes: Parameter -> value.
        rules: Which values parameters take, as far as that is known.

    Raises:
        UserError: A name is unknown, with the nearest known one, or a value is not taken; all of
            them at once.
    """
    made = copy.deepcopy(dict(params))
    places = _places(made)
    faults = []
    for given, value in changes.items():
        name = given if given in places else ALIASES.get(given, given)
        if name in SECTIONS and isinstance(made.get(name), dict) and isinstance(value, Mapping):
            faults += _update_section(made[name], name, value, rules)
        elif name in places:
            places[name][name] = value
            faults += _fault(given, rules.get(name), value)
        else:
            faults.append(f"{given}: unknown{nearest(given, places)}")
    faults += _faults_of_form({name: made[name] for name in changes if name in made})
    if faults:
        raise UserError.listing("Invalid params", faults)
    return made


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


def _shown(field: resources_pb2.ModelTypeField, hidden: tuple[str, ...]) -> dict[str, Any]:
    shown = json_format.MessageToDict(field)
    return {name: value for name, value in shown.items() if name not in hidden}


def version_of(
    params: Mapping[str, Any], concepts: list[resources_pb2.Concept]
) -> resources_pb2.ModelVersion:
    """Return the model version whose creation starts the training.

    Args:
        params: As `check` let them through; they are not changed.
        concepts: What to learn.
    """
    train = dict(params.get("train_params") or {})
    base = train.pop("base_embed_model", None)
    if "custom_config" in train:
        train["custom_config"] = _source(train["custom_config"])
    for name in ("dataset_id", "dataset_version_id"):
        if name in params:
            train[name] = params[name] or ""
    version = resources_pb2.ModelVersion()
    version.train_info.params.CopyFrom(struct(train, "train_params"))
    if "concepts" in params:
        version.output_info.data.SetInParent()
        version.output_info.data.concepts.extend(concepts)
    if params.get("concepts_mutually_exclusive") is not None:
        exclusive = params["concepts_mutually_exclusive"]
        version.output_info.output_config.concepts_mutually_exclusive = exclusive
    if params.get("inference_params"):
        inference = struct(params["inference_params"], "inference_params")
        version.output_info.params.CopyFrom(inference)
    if base:
        version.input_info.base_embed_model.CopyFrom(_model(base))
    return version


def check(params: Mapping[str, Any], what: str) -> None:
    """Refuse parameters of the wrong form.

    Raises:
        UserError: All faults at once.
    """
    known = (
        *("dataset_id", "dataset_version_id", "concepts", "concepts_mutually_exclusive"),
        *SECTIONS,
    )
    faults = [f"{name}: unknown{nearest(str(name), known)}" for name in params if name not in known]
    faults += _faults_of_form(params)
    if faults:
        raise UserError.listing(f"{what} has faults", faults)


def _faults_of_form(params: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the parameters that every model type has."""
    faults = [
        f"{name}: must be {form}, got {named(params[name])}"
        for name, kind, form in _FORMS
        if params.get(name) is not None and not isinstance(params[name], kind)
    ]
    concepts = params.get("concepts") or []
    if not isinstance(concepts, list) or not all(isinstance(one, str) for one in concepts):
        faults.append(f"concepts: must be a list of concept ids, got {named(concepts)}")
    return faults


def _places(params: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return parameter name -> the dict that holds it; sections are looked into."""
    places: dict[str, dict[str, Any]] = {}
    for holder in (params, *(params.get(name) or {} for name in SECTIONS)):
        for name in holder:
            if name not in SECTIONS:
                places.setdefault(name, holder)
    return places


def _fault(shown: str, rule: ParameterRule | None, value: Any) -> list[str]:
    fault = "" if rule is None else rule.fault(value)
    return [f"{shown}: {fault}"] if fault else []


def _update_section(
    section: dict[str, Any],
    name: str,
    changes: Mapping[str, Any],
    rules: Mapping[str, ParameterRule],
) -> list[str]:
    unknown = [str(key) for key in changes if key not in section]
    faults = [f"{name}.{key}: unknown{nearest(key, section)}" for key in unknown]
    for key, value in changes.items():
        faults += _fault(f"{name}.{key}", rules.get(key), value)
    if not faults:
        section.update(changes)
    return faults


def _source(value: Any) -> Any:
    """Return the text of a source file that a parameter names, or the text itself."""
    if not isinstance(value, str) or "\n" in value or not value.endswith(".py"):
        return value
    try:
        return Path(value).read_text("utf-8")
    except OSError as error:
        why = error.strerror or error
        raise FileError.of(f"custom_config {value!r} cannot be read: {why}.", error) from error
    except UnicodeDecodeError as error:
        raise UserError(f"custom_config {value!r} cannot be read: {error}.") from error


def _model(base: Any) -> resources_pb2.Model:
    """Return the model that `base_embed_model` names: an id, or fields of a model."""
    if isinstance(base, str):
        return resources_pb2.Model(id=base)
    if not isinstance(base, Mapping):
        raise UserError(f"base_embed_model must be a model id or a mapping, got {named(base)}.")
    fields = {("id" if name == "model_id" else name): value for name, value in base.items()}
    version = fields.pop("model_version_id", None)
    try:
        made = resources_pb2.Model(**fields)
    except (TypeError, ValueError) as error:
        raise UserError(f"base_embed_model {named(base)} has faults: {error}.") from error
    if version:
        made.model_version.id = version
    return made


def _default(field: resources_pb2.ModelTypeField) -> object:
    if not field.HasField("default_value"):
        return None
    return json_format.MessageToDict(field.default_value)


def _name(field: resources_pb2.ModelTypeField) -> str:
    return field.path.rpartition(".")[2]


def _is_template(field: resources_pb2.ModelTypeField) -> bool:
    return _name(field) == "template" and bool(field.model_type_enum_options)


def _is_parameter(field: resources_pb2.ModelTypeField) -> bool:
    steps = field.path.split(".")
    if field.internal_only or len(steps) < 2 or steps[0] == "eval_info":
        return False
    return steps[-1] not in ("data", "concepts") and not steps[-1].startswith("dataset")
