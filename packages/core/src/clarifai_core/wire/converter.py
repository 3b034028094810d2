"""attrs classes from dicts and YAML; every fault at once, each with its path."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import cattrs
from cattrs.errors import (
    BaseValidationError,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)

from clarifai_core.errors import UserError
from clarifai_core.wire.messages import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def make_converter() -> cattrs.Converter:
    """Return a converter that makes attrs classes of mappings; unknown keys are faults."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(attrs.has, lambda cls: _of_mapping(cls, converter))
    for scalar in (str, int, float, bool):
        converter.register_structure_hook(scalar, functools.partial(_scalar, scalar))
    return converter


def _of_mapping(cls: type[T], converter: cattrs.Converter) -> Callable[[object, object], T]:
    from_dict = cattrs.gen.make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True
    )

    def structure(value: object, _: object) -> T:
        if not isinstance(value, Mapping):
            raise TypeError(f"{value!r} is not a mapping")
        return from_dict(value, cls)

    return structure


def _scalar(kind: type[object], value: object, _: object) -> object:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        raise TypeError(f"{value!r} is not {names[kind]}")
    return value


_converter = make_converter()


def structure(value: Any, cls: type[T], what: str, converter: cattrs.Converter | None = None) -> T:
    """Return `value` as a `cls`.

    Args:
        value: A dict, of YAML, say.
        cls: An attrs class.
        what: What is read, for the error: `"workflow.yml"`.
        converter: One from `make_converter` with further rules; by default one without.

    Raises:
        UserError: All faults, each with its path: `nodes[1].model.model_id: 3 is not text`.
    """
    try:
        return (converter or _converter).structure(value, cls)
    except (BaseValidationError, TypeError, ValueError, KeyError) as error:
        raise UserError.listing(f"{what} has faults", list(_faults(error, "", cls))) from error


def _faults(error: BaseException, path: str, cls: Any) -> list[str]:
    if isinstance(error, ClassValidationError):
        grouped, loose = error.group_exceptions()
        found = [
            line
            for inner, note in grouped
            for line in _faults(inner, f"{path}.{note.name}" if path else note.name, note.type)
        ]
        return found + [line for inner in loose for line in _faults(inner, path, error.cl)]
    if isinstance(error, IterableValidationError):
        inner_pairs, loose = error.group_exceptions()
        found = [
            line
            for inner, note in inner_pairs
            for line in _faults(inner, f"{path}[{note.index}]", note.type)
        ]
        return found + [line for inner in loose for line in _faults(inner, path, cls)]
    if isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        return [
            f"{path}.{key}".lstrip(".") + f": unknown{nearest(str(key), known)}"
            for key in sorted(map(str, error.extra_fields))
        ]
    if isinstance(error, KeyError):
        missing = str(error.args[0])
        named = path.rpartition(".")[2] == missing  # cattrs notes the attribute in most cases
        return [(path if named else f"{path}.{missing}".lstrip(".")) + ": missing"]
    if isinstance(error, UserError) and error.faults:
        return [f"{path}.{fault}".lstrip(".") for fault in error.faults]
    return [f"{path or 'the whole'}: {_said(error)}"]


def _said(error: BaseException) -> object:
    """Validators of attrs put what they looked at behind the sentence."""
    validated = len(error.args) > 1 and isinstance(error.args[1], attrs.Attribute)
    return error.args[0] if validated else error
