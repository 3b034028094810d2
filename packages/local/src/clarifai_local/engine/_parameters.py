"""Parameters of model types: what there is, the defaults, and the check of values."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf import json_format, struct_pb2

FieldType = resources_pb2.ModelTypeField.ModelTypeFieldType

TRAIN = "train_info.params."
INFER = "output_info.params."

DATA_PARAMETERS = ("dataset_id", "dataset_version_id", "dataset", "dataset_version", "concepts")
"""Keys of `train_info.params` that choose the data; every trainable type knows them."""

WITHOUT_EFFECT = " Kept and given back; without effect in the embedded platform."
"""How the description of a parameter ends that no engine of ours looks at."""


class InvalidParameterError(ValueError):
    """A parameter that the model type does not have, or a value that it does not allow."""


@attrs.frozen
class Parameter:
    """One setting, as ListModelTypes describes it and as a training checks it."""

    path: str
    """Where it is written: `"train_info.params.batch_size"`."""
    type: int
    """A number of the proto enum `ModelTypeFieldType`."""
    default: Any
    """None when there is none to show."""
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[str] = ()
    whole: bool = False
    """Numbers must have no fraction."""
    step: float | None = None
    """What people's controls count by; None: 1 for whole numbers."""
    allowed: Sequence[float] = ()
    """The only numbers there are; empty: all within the limits."""
    internal_only: bool = False
    """Whether clients leave it out of what they show; a request may set it all the same."""
    effect: bool = True
    """Whether anything depends on it here."""
    placeholders: Sequence[str] = ()
    """What a text has to hold."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    def check(self, value: Any) -> object:
        """Return the value, converted; raise InvalidParameterError when it is not allowed."""
        if value is None or value == "":
            return self.default
        convert: Callable[[Parameter, Any], Any] = _CHECKS.get(self.type, _anything)
        checked = convert(self, value)
        return int(checked) if self.whole else checked

    def to_message(self) -> resources_pb2.ModelTypeField:
        """Return the field as ListModelTypes answers it."""
        return resources_pb2.ModelTypeField(
            path=self.path,
            field_type=self.type,  # type: ignore[arg-type]
            default_value=_as_value(self.default),
            description=self.description + ("" if self.effect else WITHOUT_EFFECT),
            placeholder=self.name,
            required=False,
            internal_only=self.internal_only,
            model_type_enum_options=[
                resources_pb2.ModelTypeEnumOption(id=choice) for choice in self.choices
            ],
            model_type_range_info=self._range(),
        )

    def _range(self) -> resources_pb2.ModelTypeRangeInfo | None:
        if self.minimum is None or self.maximum is None:
            return None
        step = (1.0 if self.whole else 0.0) if self.step is None else self.step
        return resources_pb2.ModelTypeRangeInfo(min=self.minimum, max=self.maximum, step=step)


def number(
    name: str,
    default: float | None,
    description: str,
    limits: tuple[float, float],
    *,
    whole: bool = False,
    under: str = TRAIN,
    internal_only: bool = False,
) -> Parameter:
    """Return a numeric parameter.

    Args:
        name: Its key.
        default: What is used when it is left out; None lets the engine choose.
        description: One line for people.
        limits: Smallest and largest value allowed.
        whole: Whether it counts something.
        under: The path in front of the name.
        internal_only: Whether clients leave it out of what they show.
    """
    return Parameter(
        under + name,
        FieldType.NUMBER,
        default,
        description,
        *limits,
        whole=whole,
        internal_only=internal_only,
    )


def described(name: str, fields: Mapping[str, Any], *, under: str = TRAIN) -> Parameter:
    """Return a parameter as a data file describes it.

    Args:
        name: Its key.
        fields: Those of `Parameter`, with the name of the type, and `range` for minimum, maximum
            and step of a RANGE.
        under: The path in front of the name.

    Example:
        >>> described("logreg", {"type": "RANGE", "default": 1, "range": [0, 1, 1]}).whole
        True
    """
    given = dict(fields)
    limits = given.pop("range", None)
    if limits:
        low, high, step = limits
        given |= {"minimum": low, "maximum": high, "step": step, "whole": step >= 1}
    type_id = FieldType.Value(given.pop("type"))
    text = given.pop("description", "")
    return Parameter(under + name, type_id, given.pop("default", None), text, **given)


GENERATION: tuple[Parameter, ...] = (
    number(
        "temperature",
        0,
        "0 takes the most probable word each time; more lets others have their chance.",
        (0, 10),
        under=INFER,
        internal_only=True,
    ),
    number(
        "top_k",
        50,
        "Words that have a chance, at most; counts when temperature is over 0.",
        (1, 10_000),
        whole=True,
        under=INFER,
        internal_only=True,
    ),
    number(
        "max_new_tokens",
        64,
        "Words of the answer, at most.",
        (1, 4096),
        whole=True,
        under=INFER,
        internal_only=True,
    ),
)
"""What a request to a text generator may set in `output_info.params`; clients are not shown it."""


def check_all(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every parameter's value: what was given, else the default.

    Args:
        parameters: What there is.
        given: What a request said; `DATA_PARAMETERS` and `template` pass through.

    Raises:
        InvalidParameterError: A key is unknown (the nearest known one is named) or a value is not
            allowed.

    Example:
        >>> check_all([number("num_epochs", 30, "", (1, 100), whole=True)], {"num_epochs": 5.0})
        {'num_epochs': 5}
    """
    passing = (*DATA_PARAMETERS, "template")
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known and name not in passing:
            raise InvalidParameterError(f"unknown parameter {name!r}{_nearest(name, known)}")
    values = {name: given[name] for name in passing if name in given}
    for name, parameter in known.items():
        values[name] = parameter.check(given.get(name))
    return values


def _nearest(name: str, known: Mapping[str, Parameter]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f": did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known))}"


def _number(parameter: Parameter, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidParameterError(f"{parameter.name} must be a number, got {value!r}")
    if parameter.whole and value != int(value):
        raise InvalidParameterError(f"{parameter.name} must be a whole number, got {value!r}")
    if parameter.allowed and value not in parameter.allowed:
        known = ", ".join(f"{one:g}" for one in parameter.allowed)
        raise InvalidParameterError(f"{parameter.name} must be one of {known}, got {value!r}")
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise InvalidParameterError(f"{parameter.name} must be {_limits(low, high)}, got {value!r}")
    return value


def _limits(low: float | None, high: float | None) -> str:
    if high is None:
        return f"{low:g} or more"
    return f"up to {high:g}" if low is None else f"between {low:g} and {high:g}"


def _boolean(parameter: Parameter, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidParameterError(f"{parameter.name} must be true or false, got {value!r}")
    return value


def _choice(parameter: Parameter, value: Any) -> object:
    if value not in parameter.choices:
        allowed = ", ".join(map(repr, parameter.choices))
        raise InvalidParameterError(f"{parameter.name} must be one of {allowed}, got {value!r}")
    return value


def _numbers(parameter: Parameter, value: Any) -> list[float]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return [_number(parameter, item) for item in values]


def _text(parameter: Parameter, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidParameterError(f"{parameter.name} must be text, got {value!r}")
    lacking = [one for one in parameter.placeholders if one not in value]
    if lacking:
        raise InvalidParameterError(
            f"{parameter.name} must hold {' and '.join(lacking)}, got {value[:100]!r}"
        )
    return value


def _mapping(parameter: Parameter, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidParameterError(
            f"{parameter.name} must be a mapping of names to values, got {value!r}"
        )
    return value


def _anything(_parameter: Parameter, value: Any) -> object:
    return value


_CHECKS: dict[int, Callable[[Parameter, Any], Any]] = {
    FieldType.NUMBER: _number,
    FieldType.RANGE: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.ENUM: _choice,
    FieldType.ARRAY_OF_NUMBERS: _numbers,
    FieldType.STRING: _text,
    FieldType.PYTHON_CODE: _text,
    FieldType.JSON: _mapping,
}


def _as_value(default: Any) -> struct_pb2.Value:
    return json_format.ParseDict(default, struct_pb2.Value())
