"""The columns of a CSV file, and what its rows say.

Rows that are right at a glance, as nearly all are, need not be parsed to know that: `plain_keys`
tells them from the others, a block at a time.
"""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.limits import MAX_LITERAL_CHARACTERS
from clarifai_datasets.upload.loaders.checked import are_ids, item_id
from clarifai_datasets.upload.loaders.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = {
    "inputid": ("inputid", "input_id", "id"),
    "input": ("input",),
    "concepts": ("concepts", "labels", "label", "concept"),
    "metadata": ("metadata",),
    "geopoints": ("geopoints", "geopoint", "geo"),
}
"""Column -> the headings it may have, in small letters."""

_EXPECTED = "input, and optionally inputid, concepts (or labels), metadata, geopoints"


class Row(NamedTuple):
    """One row, read and checked."""

    input: str
    given_id: str
    """The id as it stands there; `""`: none."""
    id: str
    """The id that the platform takes."""
    labels: list[str | int]
    metadata: dict[str, Any] | None
    geo_info: list[float] | None


@attrs.frozen
class Columns:
    """Where things are in a row; -1: nowhere."""

    width: int = 0
    at_input: int = 0
    at_id: int = -1
    at_labels: int = -1
    at_metadata: int = -1
    at_geo: int = -1

    @property
    def parsed(self) -> list[int]:
        """Return the columns whose cells have to be parsed unless they are empty."""
        return [at for at in (self.at_metadata, self.at_geo) if at >= 0]

    def parse(self, cells: list[str]) -> Row:
        """Return what a row says.

        Raises:
            ValueError: Something in it is wrong.
        """
        if len(cells) != self.width:
            raise ValueError(f"{len(cells)} cells where the header has {self.width}")
        text = cells[self.at_input]
        if not text.strip():
            raise ValueError("input is empty")
        labels = labels_of(cells[self.at_labels]) if self.at_labels >= 0 else []
        metadata = cells[self.at_metadata].strip() if self.at_metadata >= 0 else ""
        place = cells[self.at_geo].strip() if self.at_geo >= 0 else ""
        own = self.own_id(cells)
        return Row(
            text,
            own,
            own and item_id(own),
            labels,
            _literal(metadata, "metadata", dict) if metadata else None,
            _geo_info(place) if place else None,
        )

    def own_id(self, cells: list[str]) -> str:
        """Return the id that stands in a row; `""`: none."""
        if self.at_id < 0 or len(cells) != self.width:
            return ""
        return cells[self.at_id].strip()

    def plain_keys(self, rows: list[list[str]]) -> Sequence[str] | None:
        """Return the keys of rows of text that are right at a glance; None: look at each.

        In plain rows nothing has to be read to know that nothing is wrong.
        """
        if not rows:
            return ()
        try:
            columns = list(zip(*rows, strict=True))
        except ValueError:  # they differ in length
            return None
        if len(columns) != self.width:
            return None
        inputs = columns[self.at_input]
        is_plain = (
            all(map(str.strip, inputs))
            and not any(any(columns[at]) for at in self.parsed)
            and (self.at_labels < 0 or "[" not in "".join(columns[self.at_labels]))
            and (self.at_id < 0 or are_ids(columns[self.at_id]))
        )
        if not is_plain or self.at_id < 0:
            return inputs if is_plain else None
        ids = list(map(str.strip, columns[self.at_id]))
        return ids if all(ids) else self.keys(rows)

    def keys(self, rows: list[list[str]]) -> list[str]:
        """Return what tells rows apart: their ids, or their inputs, which no id can be."""
        return [self._key(cells) for cells in rows]

    def _key(self, cells: list[str]) -> str:
        if len(cells) != self.width:
            return ""
        own = self.own_id(cells)
        if own:
            return item_id(own)
        return cells[self.at_input] if self.at_id < 0 else f"/{cells[self.at_input]}"


def read_header(header: list[str], where: str, *, with_labels: bool) -> Columns:
    """Return the columns that a header names.

    Raises:
        UserError: One is missing.
    """
    found = {name.strip().lower(): at for at, name in reversed(list(enumerate(header)))}
    columns = {
        column: next((found[name] for name in names if name in found), -1)
        for column, names in _NAMES.items()
    }
    shown = ", ".join(header) if header else "nothing"
    if columns["input"] < 0:
        raise UserError(f"{where} has the header: {shown}. Expected are the columns {_EXPECTED}.")
    if with_labels and columns["concepts"] < 0:
        raise UserError(
            f"{where} has no column of labels (concepts or labels) in its header: {shown}. "
            "Give labels=False to upload it without."
        )
    return Columns(
        len(header),
        columns["input"],
        columns["inputid"],
        columns["concepts"] if with_labels else -1,
        columns["metadata"],
        columns["geopoints"],
    )


def labels_of(cell: str) -> list[str | int]:
    """Return the labels in a cell: with commas between them, or a JSON list.

    Raises:
        ValueError: It begins like a list and is none.

    Example:
        >>> labels_of("cat, big dog"), labels_of('["a,b"]'), labels_of("")
        (['cat', 'big dog'], ['a,b'], [])
    """
    text = cell.strip()
    if text.startswith("["):
        found = [str(one) for one in _literal(text, "concepts", list)]
    elif "," not in text:
        return [text] if text else []
    else:
        found = text.split(",")
    return [label for label in map(str.strip, found) if label]


def _literal(text: str, column: str, kind: type[Any]) -> Any:
    """Return the list or dict that a cell holds as JSON, or as Python prints it."""
    try:
        value = loads(text)
    except ValueError:
        value = _python(text)
    if not isinstance(value, kind):
        name = "object" if kind is dict else "list"
        raise ValueError(f"{column} {text[:80]!r} is no JSON {name}")  # noqa: TRY004 - of a cell
    if "\\" in text:
        _check_characters(value, f"{column} {text[:80]!r}")
    return value


def _python(text: str) -> Any:
    """Return what a cell holds as Python prints it; None: nothing that we read."""
    if len(text) > MAX_LITERAL_CHARACTERS:  # what a parser makes of it takes a hundred times that
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _check_characters(value: Any, where: str) -> None:
    """Refuse half characters, which JSON can spell and UTF-8 cannot hold."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except RecursionError:
        raise ValueError(f"{where} is nested too deeply") from None
    except (UnicodeEncodeError, TypeError) as error:
        raise ValueError(f"{where} has half a character") from error


def _geo_info(cell: str) -> list[float]:
    try:
        longitude, latitude = (float(part) for part in cell.strip("[]()").split(","))
    except ValueError:
        raise ValueError(f"geopoints {cell!r} is not 'longitude,latitude'") from None
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"geopoints {cell!r} is outside -180..180, -90..90")
    return [longitude, latitude]
