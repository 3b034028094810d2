"""What a workflow's YAML file may say, and every fault of one at once, each with its path."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NewType

import attrs

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.wire import converter, ids
from clarifai_core.wire.messages import fill, nearest
from clarifai_resources.workflow import _document, _graph, _output_info

if TYPE_CHECKING:
    import cattrs

NewId = NewType("NewId", str)
"""The id of something that is created."""
NodeId = NewType("NodeId", str)
"""What a node is called: any text, as the platform takes it (`general-v1.5-concept`)."""
Reference = NewType("Reference", str)
"""The id of something that exists."""

_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")


@attrs.frozen
class ModelConfig:
    """The model of a node: one that exists, or what is needed to make it."""

    model_id: Reference
    """If it has to be made, one that something new may have."""
    model_version_id: Reference = Reference("")
    """Else the newest version that can be used."""
    user_id: Reference = Reference("")
    """Else the user of the app that the workflow is made in."""
    app_id: Reference = Reference("")
    """Else the app that the workflow is made in. If the named app has no such model, that one's is
    taken, or made there, as long as `model_type_id` is given."""
    model_type_id: Reference = Reference("")
    """Its type, if it has to be made."""
    description: str = ""
    """Its description, if it has to be made."""
    output_info: resources_pb2.OutputInfo | None = None
    """What its version must have; another version is made when it has something else."""


@attrs.frozen
class NodeInputConfig:
    """A node whose outputs are the inputs of another."""

    node_id: NodeId


@attrs.frozen
class NodeConfig:
    """A node of the graph: a model, and what it works on."""

    id: NodeId
    model: ModelConfig
    node_inputs: tuple[NodeInputConfig, ...] = ()
    """None: the node works on the inputs of the workflow."""
    suppress_output: bool = False
    """Leave its outputs out of the answer."""
    output_info_override: resources_pb2.OutputInfo | None = None
    """What the node sets differently from its model."""


@attrs.frozen
class WorkflowConfig:
    """A workflow: its id and the graph."""

    id: NewId
    nodes: tuple[NodeConfig, ...]


@attrs.frozen
class FileConfig:
    """A workflow's file."""

    workflow: WorkflowConfig


def read_config(config_filepath: Any) -> WorkflowConfig:
    """Return the workflow that a YAML file describes.

    Args:
        config_filepath: Path of the file, which ends in .yml or .yaml.

    Raises:
        UserError: It cannot be read, or says something that cannot be; all faults are in it, each
            with its path.
    """
    path = _document.check_path("config_filepath", config_filepath)
    content, faults = _document.read(path, "config_filepath")
    if content is None:
        raise UserError.listing(f"{path} has faults", ["the whole: the file is empty"])
    return _checked(content, str(path), faults)


def validate(data: Any) -> object:
    """Return what a workflow's file holds, when `App.create_workflow` can take it.

    Args:
        data: What a YAML reader made of the file: `{"workflow": {"id": ..., "nodes": [...]}}`.

    Raises:
        UserError: It says something that cannot be; all faults are in it, each with its path.

    Example:
        >>> node = {"id": "a", "model": {"model_id": "m"}}
        >>> validate({"workflow": {"id": "w", "nodes": [node]}})["workflow"]["id"]
        'w'
    """
    _checked(data, "The workflow", [])
    return data


def _checked(content: Any, where: str, faults: list[str]) -> WorkflowConfig:
    raw = _without_nulls(content)
    found: FileConfig | None = None
    try:
        found = converter.structure(raw, FileConfig, where, _converter())
    except UserError as error:
        faults.extend(error.faults)
    faults.extend(_graph.faults(raw))
    if faults or found is None:
        raise UserError.listing(f"{where} has faults", faults)
    return found.workflow


def _without_nulls(value: object) -> object:
    """Leave out keys that say nothing, such as `node_inputs:`; a parameter may well be null."""
    if isinstance(value, Mapping):
        return {
            key: part if key in _FREE else _without_nulls(part)
            for key, part in value.items()
            if part is not None
        }
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


_FREE = ("output_info", "output_info_override")


def _converter() -> cattrs.Converter:
    made = converter.make_converter()
    made.register_structure_hook(NewId, _new_id)
    made.register_structure_hook(NodeId, _node_id)
    made.register_structure_hook(Reference, _reference)
    made.register_structure_hook(resources_pb2.OutputInfo, _read_output_info)
    _listing(made, tuple[NodeInputConfig, ...], least=0)
    _listing(made, tuple[NodeConfig, ...], least=1)
    return made


def _listing(made: cattrs.Converter, kind: Any, least: int) -> None:
    ordinary: Callable[[Any, Any], Any] = made.get_structure_hook(kind)

    def structure(value: Any, _: object) -> object:
        if not isinstance(value, list):
            raise TypeError(f"{_shown(value)} is not a list")
        if len(value) < least:
            raise ValueError("the list is empty")
        return ordinary(value, kind)

    made.register_structure_hook_func(lambda asked: bool(asked == kind), structure)


def _new_id(value: Any, _: Any) -> str:
    return ids.check_new_id("the id", _text(value))


def _node_id(value: Any, _: Any) -> str:
    return ids.check_id("the id", _text(value))


def _reference(value: Any, _: Any) -> str:
    text = _text(value)
    if not _REFERENCE.fullmatch(text):
        raise ValueError(f"{text!r} cannot be an id: letters, digits, '-', '_' and '.'")
    return text


def _text(value: Any) -> str:
    if isinstance(value, (int, float)):
        raise TypeError(f"{_shown(value)} is not text; put it in quotes")
    if not isinstance(value, str):
        raise TypeError(f"{_shown(value)} is not text")
    return value


def _read_output_info(value: Any, _: Any) -> resources_pb2.OutputInfo:
    if not isinstance(value, Mapping):
        raise TypeError(f"{_shown(value)} is not a mapping")
    faults: list[str] = []
    usable: dict[str, Any] = {}
    for key, part in value.items():
        found = list(_json_faults(part, key))
        if key not in _output_info.FIELDS:
            found = [f"{key}: unknown{nearest(key, _output_info.FIELDS)}"]
        if not found:
            usable[key] = part
        faults.extend(found)
    message = resources_pb2.OutputInfo()
    try:
        fill(message, usable, "output_info")
    except UserError as error:
        faults.extend(error.faults)
    if not 0 <= message.output_config.min_value <= 1:
        found_value = f"{message.output_config.min_value:g}"
        faults.append(f"output_config.min_value: must be from 0 to 1, got {found_value}")
    if faults:
        raise UserError.listing("Wrong values", faults)
    return message


def _json_faults(value: Any, path: str) -> Iterator[str]:
    """Find what a `Struct` would lose or cannot hold."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _json_faults(key, path)
            yield from _json_faults(part, f"{path}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _json_faults(part, f"{path}[{index}]")
    elif isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):
            yield f"{path}: {value!r} holds half a character (a surrogate)"
    elif isinstance(value, int):
        if not _is_exact(value):
            yield f"{path}: {_shown(value)} has too many digits for a number; put it in quotes"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path}: {value!r} is no number that JSON can hold"


def _is_exact(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _shown(value: Any) -> str:
    return reprlib.repr(value)
