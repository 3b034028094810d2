"""What the keys of records, and the columns of tables with types, are called and hold.

JSON Lines, Parquet, data sets of Hugging Face and rows of a program's own all end up as records
(records.py): this is how what they call things becomes the keys of those.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import UserError
from clarifai_core.wire.messages import nearest
from clarifai_inputs import csv_columns
from clarifai_inputs.csv_columns import MULTI_HOT, roles_in
from clarifai_inputs.csv_dialect import heading
from clarifai_inputs.label_values import LABEL_NAMES, is_missing, labels_in, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterable

MEDIA = "media"
"""Key of the bytes themselves."""

INPUT = "input"
"""Key of a content of any kind: its type tells what it is."""

_NAMES = {
    "id": ("id", "inputid", "input_id"),
    "input_type": ("input_type",),
    "text": ("text",),
    "file": ("file", "file_name", "path", "image_path"),
    "url": ("url", "image_url"),
    MEDIA: (MEDIA, "image", "img", "audio", "video"),
    INPUT: (INPUT,),
    "regions": ("regions",),
    "metadata": ("metadata",),
    "geo": ("geo", "geopoints", "geopoint", "geo_info"),
    "split": ("split",),
}
"""Key -> what it may be called, in small letters, the first first; labels: `LABEL_NAMES`."""

OBJECTS = "objects"
"""Key of boxes with their labels, in pixels, as data sets of Hugging Face have them."""

ROLES = (*csv_columns.ROLES, *(key for key in _NAMES if key not in csv_columns.ROLES), OBJECTS)
"""What a key or a column can be."""

_ROLES = {"concepts": "labels", "inputid": "id", "geopoints": "geo"}
_KEPT = "kept"


@attrs.frozen
class RecordKeys:
    """What each name stands for; names that are not in it are left out."""

    of: Mapping[str, str]
    unused: tuple[str, ...] = ()
    """Names that nobody knows."""

    def names(self, key: str) -> list[str]:
        """Return what a key is called here."""
        return [name for name, one in self.of.items() if one == key]

    def record(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Return a row as a record, and what stands among its labels for no value.

        Raises:
            ValueError: Its labels can be read in several ways.
        """
        made: dict[str, Any] = {}
        labels: list[str] = []
        kept: dict[str, Any] = {}
        missing = ""
        for name, key in self.of.items():
            value = row.get(name)
            if is_missing(value):
                continue
            if key == "labels":
                try:
                    found = labels_in(value)
                except ValueError as error:
                    raise ValueError(f"{name}: {error}") from None
                labels += found.names
                missing = missing or found.missing
            elif key == MULTI_HOT:
                labels += [name] if _is_set(plain_value(value), name) else []
            elif key == _KEPT:
                kept[name] = plain_value(value)
            else:
                made.setdefault(key, value)
        if labels:
            made["labels"] = labels
        if kept and isinstance(made.get("metadata", {}), dict):
            made["metadata"] = {**made.get("metadata", {}), **kept}
        return made, missing


def roles_of(columns: Any) -> dict[str, str]:
    """Return roles that a caller gave.

    Raises:
        UserError: They are none.
    """
    try:
        return roles_in(columns, ROLES)
    except ValueError as error:
        raise UserError(f"{error}.") from None


def check_roles(names: Iterable[str], roles: Mapping[str, str], where: str) -> None:
    """Refuse roles of columns that are not there.

    Raises:
        UserError: There is such a role.
    """
    known = [heading(name) for name in names]
    for name in roles:
        if name not in known:
            shown = ", ".join(known)
            raise UserError(
                f"{where!r} has no column {name!r}{nearest(name, known)}; there are {shown}."
            )


_NUMBERS_OF_ROWS = re.compile(r"__index_level_\d+__$")
"""The column that pandas adds for an index without a name: the numbers of the rows."""


@functools.lru_cache(1024)
def keys_of(names: tuple[str, ...], roles: tuple[tuple[str, str], ...] = ()) -> RecordKeys:
    """Return what names stand for.

    Args:
        names: Of the columns of a table, or the keys of a record.
        roles: Pairs of a name in small letters and its role, for names that do not say it.

    Example:
        >>> keys_of(("text", "Label", "colour"))
        RecordKeys(of={'text': 'text', 'Label': 'labels'}, unused=('colour',))
    """
    given = {name: _ROLES.get(role, role) for name, role in roles}
    by_heading = {heading(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for small, role in given.items():
        if small in by_heading:
            own = by_heading[small]
            is_kept = role == "metadata" and small not in _NAMES["metadata"]
            found[own] = _KEPT if is_kept else role
    for key, others in _NAMES.items():
        if key not in found.values():
            name = next((by_heading[one] for one in others if one in by_heading), "")
            if name and name not in found:
                found[name] = key
    if "labels" not in found.values() and MULTI_HOT not in found.values():
        free = [one for one in LABEL_NAMES if one in by_heading and by_heading[one] not in found]
        found |= {by_heading[one]: "labels" for one in free[:1]}
    unused = tuple(one for one in names if one not in found and not _NUMBERS_OF_ROWS.match(one))
    return RecordKeys({name: found[name] for name in names if found.get(name)}, unused)


def _is_set(value: Any, name: str) -> bool:
    if isinstance(value, (bool, int, float)) and value in (0, 1):
        return bool(value)
    raise ValueError(f"{name} must be 0 or 1, got {value!r:.80}")
