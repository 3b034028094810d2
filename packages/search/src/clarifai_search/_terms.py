"""The words of a built query: functions that editors complete, each makes a checked clause.

What a word makes is what the documented dict makes: `concept("cat")` is the clause of
`{"concepts": [{"name": "cat", "value": 1}]}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from clarifai_core.contracts import Clause
from clarifai_core.errors import UserError
from clarifai_search._clauses import (
    Concepts,
    GeoPoint,
    InputDatasetIds,
    InputId,
    InputStatusCode,
    InputTypes,
    Metadata,
)
from clarifai_search._parsing import read_clause
from clarifai_search._schema import InputKind, Kilometers, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_KILOMETERS = 20_040
"""Half the way around the earth: nothing is farther away."""


def concept(
    name: str = "",
    *,
    id: str = "",  # noqa: A002  why: the key of the document
    language: str = "",
    present: bool = True,
) -> Clause:
    """Return the clause "is of this concept", as a user said or a trusted model predicted.

    Args:
        name: Name of the concept, such as a label; or else ...
        id: ... its id.
        language: Language of the name, such as `"en"`.
        present: False: is not of it.

    Raises:
        UserError: There is neither name nor id, or one is no text.

    Example:
        >>> concept("cat").concepts[0].name
        'cat'
    """
    given = {"name": name, "id": id, "language": language}
    term: dict[str, Any] = {key: value for key, value in given.items() if value != ""}
    if not term.keys() & {"name", "id"}:
        raise UserError("concept() needs a name or an id.")
    made: Clause = read_clause("concept()", "concepts", [{**term, "value": 1 if present else 0}])
    return made


def concepts(*names: str) -> Clause:
    """Return the clause "is of any of these concepts".

    For all of them: `where(concept("cat"), concept("brown"))`.

    Args:
        *names: Their names.

    Raises:
        UserError: There is none, or one is no text.
    """
    terms = [{"name": name, "value": 1} for name in names]
    made: Clause = read_clause("concepts()", "concepts", terms)
    return made


def metadata(contains: Mapping[str, Any]) -> Clause:
    """Return the clause "has metadata that contain any of these".

    The keys are alternatives. For all of them: a `metadata(...)` for each. Lists may hold more, and
    nested dicts too.

    Args:
        contains: What JSON can hold: `{"camera": {"lens": 35}}`.

    Raises:
        UserError: It is no dict, or holds what JSON cannot.
    """
    made: Clause = read_clause("metadata()", "metadata", contains)
    return made


def near(longitude: float, latitude: float, *, km: float) -> Clause:
    """Return the clause "is within so many kilometers of this place".

    Args:
        longitude: Degrees east, -180 to 180.
        latitude: Degrees north, -90 to 90.
        km: The radius in kilometers, 0 to 20,040.

    Raises:
        UserError: A number is none, or too large; all faults at once.
    """
    faults: list[str] = []
    if isinstance(km, bool) or not isinstance(km, (int, float)):
        faults.append(f"km: {shown(km)} is not a number")
    elif not 0 <= km <= MAX_KILOMETERS:
        faults.append(f"km: {shown(km)} is not between 0 and {MAX_KILOMETERS}")
    place = {"longitude": longitude, "latitude": latitude, "geo_limit": 0}
    try:
        made: GeoPoint = read_clause("near()", "geo_point", place)
    except UserError as error:
        faults[:0] = [fault.removeprefix("geo_point.") for fault in error.faults]
    if faults:
        raise UserError.listing("Invalid near()", faults)
    return GeoPoint(attrs.evolve(made.geo_point, geo_limit=Kilometers(km)))


def within(*, west: float, south: float, east: float, north: float) -> Clause:
    """Return the clause "is within this box"; one over the date line is two boxes.

    Args:
        west: Degrees east of its left edge, -180 to 180.
        south: Degrees north of its lower edge, -90 to 90.
        east: Degrees east of its right edge.
        north: Degrees north of its upper edge.

    Raises:
        UserError: A number is none, too large, or edges are the wrong way round.
    """
    edges = {"west": west, "south": south, "east": east, "north": north}
    made: Clause = read_clause("within()", "geo_box", edges)
    return made


def input_type(*types: InputKind) -> Clause:
    """Return the clause "the input holds any of these".

    Args:
        *types: Kinds of content.

    Raises:
        UserError: There is none, or one is unknown.
    """
    made: Clause = read_clause("input_type()", "input_types", types)
    return made


def in_dataset(*dataset_ids: str) -> Clause:
    """Return the clause "the input is in any of these datasets".

    Args:
        *dataset_ids: Their ids; one that does not exist holds nothing.

    Raises:
        UserError: There is none, or one is no text.
    """
    made: Clause = read_clause("in_dataset()", "input_dataset_ids", dataset_ids)
    return made


def status(code: int) -> Clause:
    """Return the clause "the input has this status".

    Args:
        code: Such as 30000, downloaded, or 30002, failed.

    Raises:
        UserError: It is no whole number.
    """
    made: Clause = read_clause("status()", "input_status_code", code)
    return made


def input_id(value: str, /) -> Clause:
    """Return the clause "is this input" for `where`, "is like this input" for `rank`.

    Args:
        value: Id of the input.

    Raises:
        UserError: It is empty, or no text.
    """
    made: Clause = read_clause("input_id()", "input_id", value)
    return made


def clause(key: str, value: Any) -> Clause:
    """Return the clause of any key, such as one that a plugin brings.

    Args:
        key: The key as dicts have it: `"language"`.
        value: What stands behind it.

    Raises:
        UserError: No plugin brings the key, or the value does not fit it.

    Example:
        >>> clause("text_raw", "a dog")
        TextRaw(text_raw='a dog')
    """
    made: Clause = read_clause("clause()", key, value)
    return made


@attrs.frozen
class AnyOf:
    """Alternatives of different keys, in one filter."""

    clauses: tuple[Clause, ...]

    def apply(self, target: Any) -> None:
        """Write the clauses into a `Filter`."""
        for one in self.clauses:
            one.apply(target)


def any_of(*alternatives: Clause) -> AnyOf:
    """Return the clause "any of these", as far as one filter of the platform can say that.

    Alternatives are all concepts, all metadata, or all about the input itself: its types, its
    datasets, one status, one id.

    Args:
        *alternatives: Clauses.

    Raises:
        UserError: There is none, or they cannot be alternatives of each other.

    Example:
        >>> any_of(input_type("image"), in_dataset("train")).clauses[1].input_dataset_ids
        ('train',)
    """
    if not alternatives:
        raise UserError("any_of() needs alternatives.")
    flat = [one for given in alternatives for one in _parts(given)]
    families = {_FAMILIES.get(type(one), "") for one in flat}
    if len(flat) > 1 and (len(families) > 1 or families == {""}):
        kinds = ", ".join(dict.fromkeys(type(one).__name__ for one in flat))
        raise UserError(
            f"any_of() cannot join {kinds}: alternatives of one filter are all concepts, all "
            "metadata, or all about the input (types, datasets, one status, one id)."
        )
    merged: dict[type[Any], Any] = {}
    for one in flat:
        cls = type(one)
        merged[cls] = _MERGERS[cls](merged[cls], one) if cls in merged else one
    return AnyOf(tuple(merged.values()))


def concept_term(given: object) -> Clause:
    """Return the clause of a concept that is given by name, or as a clause."""
    if isinstance(given, Concepts):
        return given
    if not isinstance(given, str):
        raise UserError(f"concept must be a name or concept(...), got {shown(given)}.")
    return concept(given)


def _parts(given: object) -> Sequence[Any]:
    if isinstance(given, AnyOf):
        return given.clauses
    if isinstance(given, type) or not callable(getattr(given, "apply", None)):
        raise UserError(f"any_of() takes clauses such as concept('cat'), got {shown(given)}.")
    return (given,)


T = TypeVar("T")


def _join(field: str) -> Callable[[Any, Any], Any]:
    def joined(one: T, other: T) -> T:
        both = (*getattr(one, field), *getattr(other, field))
        made: T = attrs.evolve(cast("Any", one), **{field: both})
        return made

    return joined


def _join_metadata(one: Metadata, other: Metadata) -> Clause:
    for key in one.metadata.keys() & other.metadata.keys():
        if one.metadata[key] != other.metadata[key]:
            raise UserError(
                f"any_of() cannot join two values of the metadata key {key!r}: "
                "a filter holds each key once."
            )
    made: Clause = read_clause("any_of()", "metadata", {**one.metadata, **other.metadata})
    return made


def _same(field: str) -> Callable[[Any, Any], Any]:
    def same(one: T, other: T) -> T:
        if one != other:
            values = f"{getattr(one, field)!r} and {getattr(other, field)!r}"
            raise UserError(f"any_of() cannot join {values}: a filter holds one {field}.")
        return one

    return same


_FAMILIES: dict[type[Any], str] = {
    Concepts: "concepts",
    Metadata: "metadata",
    InputTypes: "input",
    InputDatasetIds: "input",
    InputStatusCode: "input",
    InputId: "input",
}
"""What may be an alternative of what."""

_MERGERS: dict[type[Any], Callable[[Any, Any], Any]] = {
    Concepts: _join("concepts"),
    Metadata: _join_metadata,
    InputTypes: _join("input_types"),
    InputDatasetIds: _join("input_dataset_ids"),
    InputStatusCode: _same("input_status_code"),
    InputId: _same("input_id"),
}
"""How two clauses of one key become one."""
