"""Which values a parameter of a training takes, by what its model type says of it.

The model type may be one of a plugin, or newer than this package: what it does not say, or says in
a way that is not known here, is left to the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import named
from clarifai_core.wire.messages import nearest

FieldType = resources_pb2.ModelTypeField.ModelTypeFieldType

_SHOWN_CHOICES = 20
_ROUNDING = 1e-6
"""Limits come as numbers of 32 bits: 0.1 as 0.10000000149."""


@attrs.frozen
class ParameterRule:
    """What one parameter takes."""

    kind: int
    """A number of the proto enum `ModelTypeFieldType`."""
    limits: tuple[float, float] | None = None
    """Smallest and largest value; None: any."""
    whole: bool = False
    """Whether numbers have no fraction."""
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, field: resources_pb2.ModelTypeField) -> ParameterRule:
        """Return what a field of a model type says."""
        limits, whole = None, False
        if field.HasField("model_type_range_info"):
            given = field.model_type_range_info
            limits = (given.min, given.max)
            whole = all(one == int(one) for one in (*limits, given.step)) and given.step >= 1
        choices = tuple(option.id for option in field.model_type_enum_options)
        return cls(field.field_type, limits, whole, choices)

    def fault(self, value: object) -> str:
        """Return what is wrong with a value and what would be right; empty when it is right.

        Args:
            value: As `update_params` was given it; None and `""` stand for the default.

        Example:
            >>> ParameterRule(FieldType.RANGE, (1, 128), whole=True).fault(500)
            'must be a whole number from 1 to 128, got 500'
            >>> ParameterRule(FieldType.ENUM, choices=("vertical", "horizontal")).fault("vertcal")
            "must be one of 'vertical', 'horizontal', got 'vertcal'; did you mean 'vertical'?"
        """
        check = _CHECKS.get(self.kind)
        if value is None or value == "" or check is None:
            return ""
        return check(self, value)

    def _number(self, value: object) -> str:
        expected = "a whole number" if self.whole else "a number"
        if self.limits is not None:
            expected += f" from {self.limits[0]:g} to {self.limits[1]:g}"
        return "" if self._fits(value) else f"must be {expected}, got {named(value)}"

    def _fits(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            return False
        if self.whole and value not in (float("inf"), float("-inf")) and value != int(value):
            return False
        if self.limits is None:
            return True
        low, high = self.limits
        return low - abs(low) * _ROUNDING <= value <= high + abs(high) * _ROUNDING

    def _numbers(self, value: object) -> str:
        values = value if isinstance(value, (list, tuple)) else [value]
        wrong = next((fault for one in values if (fault := self._number(one))), "")
        return wrong and f"must be numbers; one {wrong}"

    def _boolean(self, value: object) -> str:
        return "" if isinstance(value, bool) else f"must be True or False, got {named(value)}"

    def _text(self, value: object) -> str:
        return "" if isinstance(value, str) else f"must be text, got {named(value)}"

    def _choice(self, value: object) -> str:
        if not self.choices or value in self.choices:
            return ""
        more = ", ..." if len(self.choices) > _SHOWN_CHOICES else ""
        known = ", ".join(map(repr, self.choices[:_SHOWN_CHOICES])) + more
        return f"must be one of {known}, got {named(value)}{nearest(str(value), self.choices)}"

    def _mapping(self, value: object) -> str:
        if isinstance(value, Mapping):
            return ""
        return f"must be a mapping of names to values, got {named(value)}"

    def _list(self, value: object) -> str:
        return "" if isinstance(value, (list, tuple)) else f"must be a list, got {named(value)}"


_CHECKS: dict[int, Callable[[ParameterRule, Any], str]] = {
    FieldType.NUMBER: ParameterRule._number,
    FieldType.RANGE: ParameterRule._number,
    FieldType.BOOLEAN: ParameterRule._boolean,
    FieldType.ENUM: ParameterRule._choice,
    FieldType.ARRAY_OF_NUMBERS: ParameterRule._numbers,
    FieldType.ARRAY_OF_MODEL_CONCEPTS: ParameterRule._list,
    FieldType.STRING: ParameterRule._text,
    FieldType.PYTHON_CODE: ParameterRule._text,
    FieldType.JSON: ParameterRule._mapping,
}


def rules(
    fields: Iterable[resources_pb2.ModelTypeField], templates: Iterable[str] = ()
) -> dict[str, ParameterRule]:
    """Return parameter name -> what it takes.

    Args:
        fields: What the model type says of each.
        templates: The training templates there are, where one was chosen.
    """
    found = {field.path.rpartition(".")[2]: ParameterRule.of(field) for field in fields}
    if choices := tuple(templates):
        found["template"] = ParameterRule(FieldType.ENUM, choices=choices)
    return found
