"""The columns of a CSV file of inputs, and what a row of it says.

The first row names the columns, in any order and case: `input`, and where wanted `inputid`,
`concepts` (or `labels`), `metadata` and `geopoints`. A column that is not known, or is there twice,
is refused: what it holds would be passed over in silence.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import attrs

from clarifai_core.wire.messages import nearest
from clarifai_inputs.csv_cells import labels_of, metadata_of, place_of

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

COLUMNS = ("inputid", "input", "concepts", "metadata", "geopoints")
"""Names of the columns, in the order in which they are written; only `input` is needed."""

_HEADINGS = {
    "inputid": ("inputid", "input_id", "id"),
    "input": ("input",),
    "concepts": ("concepts", "labels", "label", "concept"),
    "metadata": ("metadata",),
    "geopoints": ("geopoints", "geopoint", "geo"),
}
"""Column -> the headings it may have, in small letters."""

_COLUMN_OF = {heading: column for column, headings in _HEADINGS.items() for heading in headings}


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


class Row(NamedTuple):
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


@attrs.frozen
class Columns:
    """Where things are in a row; -1: nowhere."""

    width: int = 0
    at_input: int = 0
    at_id: int = -1
    at_labels: int = -1
    at_metadata: int = -1
    at_place: int = -1

    def width_fault(self, cells: list[str]) -> str:
        """Return what is wrong with the number of cells of a row; `""`: nothing."""
        if len(cells) == self.width:
            return ""
        return f"{len(cells)} cells where the header has {self.width}"

    def row(self, cells: list[str]) -> Row:
        """Return what a row says, which has as many cells as the header.

        Example:
            >>> columns_of(["input", "labels"]).row(["hello", "cat,big dog"]).labels
            ['cat', 'big dog']
        """
        faults: list[CellFault] = []
        text = cells[self.at_input]
        if not text.strip():
            faults.append(CellFault("input", "is empty"))
        own = cells[self.at_id].strip() if self.at_id >= 0 else ""
        labels = _read(cells, self.at_labels, "concepts", labels_of, faults) or []
        metadata = _read(cells, self.at_metadata, "metadata", metadata_of, faults)
        place = _read(cells, self.at_place, "geopoints", place_of, faults)
        return Row(text, own, labels, metadata, place, tuple(faults))


def columns_of(header: list[str], *, with_labels: bool = True) -> Columns:
    """Return the columns that a header names.

    Args:
        header: The cells of the first row.
        with_labels: Whether the column of labels is read.

    Raises:
        WrongColumns: One is unknown or there twice, or `input` is missing.

    Example:
        >>> columns_of(["Input", " labels"]).at_labels
        1
    """
    named = [cell.strip().lower() for cell in header]
    columns = [_COLUMN_OF.get(name, name) for name in named]
    faults = [
        f"column {name!r}: unknown{nearest(name, COLUMNS)}"
        for name in named
        if name and name not in _COLUMN_OF
    ]
    faults += [f"column {n}: it has no name" for n, name in enumerate(named, 1) if not name]
    counts = Counter(filter(None, columns))
    faults += [f"column {column!r}: twice" for column, count in counts.items() if count > 1]
    if "input" not in columns:
        faults.append("column 'input': missing")
    if faults:
        raise WrongColumns(faults)
    at = {column: number for number, column in enumerate(columns)}
    return Columns(
        len(header),
        at["input"],
        at.get("inputid", -1),
        at.get("concepts", -1) if with_labels else -1,
        at.get("metadata", -1),
        at.get("geopoints", -1),
    )


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
