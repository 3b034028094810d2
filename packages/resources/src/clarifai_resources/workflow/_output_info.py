"""What a model version puts out, as files say it: the parts that make it what it is."""

from __future__ import annotations

from clarifai_core.heavy import resources_pb2
from clarifai_core.wire.messages import plain

FIELDS = ("params", "output_config", "fields_map", "message", "data")
"""Fields of an `OutputInfo` message that a file gives; the platform sets the others."""

_EXACT_WHOLE_NUMBERS = 1 << 53


def of_model(model: resources_pb2.Model) -> resources_pb2.OutputInfo:
    """Return what the version of a model puts out."""
    version = model.model_version
    return version.output_info if version.HasField("output_info") else model.output_info


def differs(wanted: resources_pb2.OutputInfo, model: resources_pb2.Model) -> bool:
    """Tell whether a model has another value in a wanted part; parts are compared whole."""
    ours, theirs = _essence(wanted), _essence(of_model(model))
    return any(value != getattr(theirs, field.name) for field, value in ours.ListFields())


def content(model: resources_pb2.Model) -> dict[str, object]:
    """Return what the version of a model puts out, as a file says it."""
    return _said(of_model(model))


def override_content(info: resources_pb2.OutputInfo) -> dict[str, object]:
    """Return what a node overrides, as a file says it."""
    return _said(info)


def _essence(info: resources_pb2.OutputInfo) -> resources_pb2.OutputInfo:
    """Leave out what the platform sets itself; of the data, concepts matter."""
    made = resources_pb2.OutputInfo()
    made.CopyFrom(info)
    made.ClearField("params_specs")
    made.ClearField("data")
    for concept in info.data.concepts:
        made.data.concepts.add(id=concept.id, name=concept.name, value=concept.value)
    return made


def _said(info: resources_pb2.OutputInfo) -> dict[str, object]:
    kept = resources_pb2.OutputInfo()
    kept.CopyFrom(info)
    for concept in kept.data.concepts:
        concept.ClearField("created_at")
    content = plain(kept)
    return {key: _written(content[key]) for key in sorted(content) if key in FIELDS}


def _written(value: object) -> object:
    """Put keys in order, for a `Struct` has none; write 16, not 16.0: it has one type of number."""
    if isinstance(value, dict):
        return {key: _written(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_written(part) for part in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_WHOLE_NUMBERS:
        return value if str(value) == "-0.0" else int(value)
    return value
