"""The columns of a table of inputs, and what a row of it says.

The first row names the columns, in any order and case: `input`, and where wanted `inputid`,
`concepts` (or `labels`), `metadata` and `geopoints`. Labels may also stand in a column called
`category`, `class`, `intent`, `tags` or the like, if there is one of these. What columns of other
names are is said by their roles: `{"text": "input", "kind": "labels", "colour": "metadata"}`.

A column that is there twice is refused, and so is one that is not known, unless the reader is
lenient: then the reader is told of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import attrs

from clarifai_core.wire.messages import nearest
from clarifai_inputs.csv_cells import metadata_of, place_of
from clarifai_inputs.csv_dialect import heading
from clarifai_inputs.label_values import LABEL_NAMES, NO_VALUES, Labels, labels_of_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

COLUMNS = ("inputid", "input", "concepts", "metadata", "geopoints")
"""Names of the columns, in the order in which they are written; only `input` is needed."""

MULTI_HOT = "multi_hot"
"""Role of a column of 0 and 1 that say whether an input has the label that the column is called."""

ROLES = (*COLUMNS, MULTI_HOT)
"""What a column can be: `concepts`, `metadata` and `multi_hot` may be several. None: left out."""

_HEADINGS = {
    "inputid": ("inputid", "input_id", "id"),
    "input": ("input",),
    "concepts": ("concepts", "labels", "label", "concept"),
    "metadata": ("metadata",),
    "geopoints": ("geopoints", "geopoint", "geo"),
}
"""Column -> the headings it may have, in small letters."""

_COLUMN_OF = {heading: column for column, headings in _HEADINGS.items() for heading in headings}
_SEVERAL = ("concepts", "metadata", MULTI_HOT)
_CONTENTS = (
    "text",
    "sentence",
    "content",
    "url",
    "image",
    "image_url",
    "file",
    "file_name",
    "path",
)
"""Headings that others give to the column of inputs."""

_YES = frozenset({"1", "1.0", "true", "yes", "x"})
_NO = frozenset({"", "0", "0.0", "false", "no"})


class WrongColumns(ValueError):
    """A header that cannot be read.

    Attributes:
        faults: Everything that is wrong with it: `"column 'imput': unknown; ..."`.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class CellFault(NamedTuple):
    """What is wrong with a cell."""

    column: str
    why: str

    def __str__(self) -> str:
        return f"{self.column} {self.why}"


class TableRow(NamedTuple):
    """What a row says; cells with faults say nothing."""

    input: str
    """As it stands there; blanks are part of a text."""
    id: str
    """`""`: none."""
    labels: list[str]
    metadata: dict[str, Any] | None
    place: list[float] | None
    """`[longitude, latitude]` in degrees."""
    faults: tuple[CellFault, ...] = ()
    missing: str = ""
    """What stands among the labels for no value, and was left out; `""`: nothing does."""


@attrs.frozen
class Columns:
    """Where things are in a row; -1: nowhere."""

    width: int = 0
    at_input: int = 0
    at_id: int = -1
    at_labels: int = -1
    at_metadata: int = -1
    at_place: int = -1
    more_labels: tuple[int, ...] = ()
    """Further columns of labels."""
    flags: tuple[tuple[int, str], ...] = ()
    """Columns of 0 and 1, and the label that each stands for."""
    kept: tuple[tuple[int, str], ...] = ()
    """Columns that are kept as metadata, and the key of each."""
    separator: str = ","
    """What stands between labels."""
    unused: tuple[str, ...] = ()
    """Headings of columns that nothing is read from."""

    @property
    def has_labels(self) -> bool:
        """Whether labels are read from somewhere."""
        return self.at_labels >= 0 or bool(self.flags)

    @property
    def is_simple(self) -> bool:
        """Whether each thing stands in one column."""
        return not (self.more_labels or self.flags or self.kept)

    def width_fault(self, cells: list[str]) -> str:
        """Return what is wrong with the number of cells of a row; `""`: nothing."""
        if len(cells) == self.width:
            return ""
        return f"{len(cells)} cells where the header has {self.width}"

    def row(self, cells: list[str]) -> TableRow:
        """Return what a row says, which has as many cells as the header.

        Example:
            >>> columns_of(["input", "labels"]).row(["hello", "cat,big dog"]).labels
            ['cat', 'big dog']
        """
        faults: list[CellFault] = []
        text = cells[self.at_input]
        if not text.strip():
            faults.append(CellFault("input", "is empty"))
        labels = self._labels(cells, faults)
        metadata = _read(cells, self.at_metadata, "metadata", metadata_of, faults)
        if self.kept:
            metadata = self._with_kept(cells, metadata, faults)
        place = _read(cells, self.at_place, "geopoints", place_of, faults)
        own = own_id(cells, self.at_id)
        return TableRow(text, own, labels.names, metadata, place, tuple(faults), labels.missing)

    def _labels(self, cells: list[str], faults: list[CellFault]) -> Labels:
        found, missing = [], ""
        for at in (self.at_labels, *self.more_labels):
            read = _read(cells, at, "concepts", self._labels_of, faults)
            if read is not None:
                found += read.names
                missing = missing or read.missing
        for at, label in self.flags:
            try:
                found += [label] if _flag(cells[at]) else []
            except ValueError as error:
                faults.append(CellFault(label, str(error)))
        return Labels(list(dict.fromkeys(found)) if self.more_labels else found, missing)

    def _labels_of(self, cell: str) -> Labels:
        return labels_of_cell(cell, self.separator)

    def _with_kept(
        self, cells: list[str], metadata: dict[str, Any] | None, faults: list[CellFault]
    ) -> dict[str, Any] | None:
        kept = dict(metadata or {})
        for at, name in self.kept:
            text = cells[at].strip()
            if text.startswith("{"):
                found: dict[str, Any] | None = _read(cells, at, name, metadata_of, faults)
                kept.update(found or {})
            elif text and text not in NO_VALUES:
                kept[name] = cells[at]
        return kept or metadata


def own_id(cells: Sequence[str], at: int) -> str:
    """Return the id that stands in a row; `""`: none, or what stands for no value."""
    own = cells[at].strip() if at >= 0 else ""
    return "" if own in NO_VALUES else own


def roles_in(given: object, known_roles: Sequence[str] = ROLES) -> dict[str, str]:
    """Return roles as they are given, by the name of the column; `""`: it is left out.

    Args:
        given: `{"text": "input", "colour": None}`, or the same as JSON; None: none.
        known_roles: What a column can be.

    Raises:
        ValueError: It is no such dict, or a role is unknown.

    Example:
        >>> roles_in({"Text": "input", "kind": "labels", "no": None})
        {'text': 'input', 'kind': 'concepts', 'no': ''}
    """
    if isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except ValueError:
            raise ValueError(f"columns must be a JSON object, got {given!r:.80}") from None
    if not given:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError(f'columns must be a dict such as {{"text": "input"}}, got {given!r:.80}')  # noqa: TRY004
    found = {}
    for name, role in given.items():
        known = _COLUMN_OF.get(str(role).lower(), str(role).lower()) if role else ""
        if known and known not in known_roles:
            raise ValueError(
                f"columns: {role!r} of {name!r} is no role{nearest(str(role), known_roles)}; there "
                f"are {', '.join(known_roles)}, and None for a column to leave out"
            )
        found[heading(str(name))] = known
    return found


def columns_of(
    header: Sequence[str],
    *,
    with_labels: bool = True,
    roles: Mapping[str, str] | None = None,
    separator: str = ",",
    lenient: bool = False,
) -> Columns:
    """Return the columns that a header names.

    Args:
        header: The cells of the first row.
        with_labels: Whether labels are read.
        roles: What columns are whose names do not say it; see `roles_in`.
        separator: What stands between labels.
        lenient: Whether columns that are not known are only told of, in `unused`.

    Raises:
        WrongColumns: One is unknown or there twice, or `input` is missing.

    Example:
        >>> columns_of(["Input", " labels"]).at_labels
        1
        >>> columns_of(["text", "kind"], roles={"text": "input", "kind": "concepts"}).at_labels
        1
    """
    if any("\0" in cell for cell in header):
        raise WrongColumns(["there are NUL bytes in it: is it UTF-16 without a byte order mark?"])
    names = [heading(cell) for cell in header]
    roles = roles or {}
    faults = [
        f"column {name!r}, of columns=: there is none{nearest(name, [n for n in names if n])}"
        for name in roles
        if name not in names
    ]
    found = _assigned(names, roles, faults)
    unused = tuple(
        cell.strip() or f"column {number}"
        for number, (cell, role) in enumerate(zip(header, found, strict=True), 1)
        if role is None
    )
    if not lenient:
        faults += _unknown(names, found)
    faults += _doubled(names, found, roles)
    if "input" not in found:
        hint = next((name for name in names if name in _CONTENTS), "")
        said = f'; say columns={{"{hint}": "input"}}' if hint else ""
        faults.append(f"column 'input': missing{said}")
    if faults:
        raise WrongColumns(faults)
    at = {role: [n for n, one in enumerate(found) if one == role] for role in ROLES}
    own = [n for n in at["metadata"] if names[n] in _HEADINGS["metadata"]]
    labels = at["concepts"] if with_labels else []
    return Columns(
        len(header),
        at["input"][0],
        _first(at["inputid"]),
        _first(labels),
        _first(own),
        _first(at["geopoints"]),
        tuple(labels[1:]),
        tuple((n, header[n].strip()) for n in at[MULTI_HOT]) if with_labels else (),
        tuple((n, header[n].strip()) for n in at["metadata"] if n not in own),
        separator,
        unused,
    )


def _assigned(names: list[str], roles: Mapping[str, str], faults: list[str]) -> list[str | None]:
    """Return the role of each column; `""`: it is left out, None: nobody knows."""
    said = set(roles.values())
    found = [
        roles[name] if name in roles else None if (role := _COLUMN_OF.get(name)) in said else role
        for name in names
    ]
    if not {"concepts", MULTI_HOT} & set(found):
        others = [n for n, name in enumerate(names) if found[n] is None and name in LABEL_NAMES]
        if len(others) == 1:
            found[others[0]] = "concepts"
        elif others:
            shown = ", ".join(repr(names[n]) for n in others)
            faults.append(
                f"columns {shown}: which are the labels? Say "
                f'columns={{"{names[others[0]]}": "labels"}}'
            )
    return found


def _unknown(names: list[str], found: list[str | None]) -> list[str]:
    faults = []
    for number, (name, role) in enumerate(zip(names, found, strict=True), 1):
        if role is None and not name:
            faults.append(f"column {number}: it has no name")
        elif role is None:
            faults.append(
                f"column {name!r}: unknown{nearest(name, COLUMNS)}; columns={{{name!r}: "
                '"metadata"} keeps it, None instead of "metadata" leaves it out'
            )
    return faults


def _doubled(names: list[str], found: list[str | None], roles: Mapping[str, str]) -> list[str]:
    counts = Counter(
        role
        for name, role in zip(names, found, strict=True)
        if role and not (role in _SEVERAL and name in roles)
    )
    twice = [role for role, count in counts.items() if count > 1]
    named = Counter(name for name, role in zip(names, found, strict=True) if name and role != "")
    twice += [n for n, count in named.items() if count > 1 and _COLUMN_OF.get(n, n) not in twice]
    return [f"column {name!r}: twice" for name in twice]


def _first(found: Sequence[int]) -> int:
    return found[0] if found else -1


def _flag(cell: str) -> bool:
    """Return whether a cell of 0 and 1 says so.

    Raises:
        ValueError: It says neither.
    """
    text = cell.strip()
    if text.lower() in _YES:
        return True
    if text.lower() in _NO or text in NO_VALUES:
        return False
    raise ValueError(f"must be 0 or 1, got {text[:80]!r}")


def _read(
    cells: list[str],
    at: int,
    column: str,
    read: Callable[[str], T],
    faults: list[CellFault],
) -> T | None:
    try:
        return read(cells[at]) if at >= 0 else None
    except ValueError as error:
        faults.append(CellFault(column, str(error)))
        return None
