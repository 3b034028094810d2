"""Rows of a CSV file in bulk: which are right at a glance, and what tells them apart.

What a row says is in clarifai_inputs.csv_columns. Nearly all rows of a file of texts need not be
parsed to know that nothing is wrong with them: `plain_keys` tells them, a block at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_inputs import csv_columns
from clarifai_inputs.csv_columns import COLUMNS, Columns, WrongColumns, columns_of
from clarifai_inputs.identity import are_ids, item_id
from clarifai_inputs.label_values import NO_VALUES, are_plain

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_header(header: list[str], where: str, *, with_labels: bool, **how: Any) -> Columns:
    """Return the columns that a header names.

    Args:
        header: The cells of the first row.
        where: What to call the file.
        with_labels: Whether labels are read; then there must be some.
        **how: What else `columns_of` takes.

    Raises:
        UserError: One is missing, unknown or there twice.
    """
    shown = ", ".join(header) if header else "nothing"
    try:
        columns = columns_of(header, with_labels=with_labels, **how)
    except WrongColumns as error:
        heading = (
            f"{where} has the header: {shown}. Expected are the columns {', '.join(COLUMNS)}, of "
            "which only input is needed"
        )
        raise UserError.listing(heading, error.faults) from None
    if with_labels and not columns.has_labels:
        raise UserError(
            f"{where} has no column of labels (concepts or labels) in its header: {shown}. "
            'Say which it is, columns={"kind": "labels"}, or give labels=False to upload it '
            "without."
        )
    return columns


def own_id(columns: Columns, cells: list[str]) -> str:
    """Return the id that stands in a row; `""`: none."""
    return csv_columns.own_id(cells, columns.at_id) if len(cells) == columns.width else ""


def keys(columns: Columns, rows: list[list[str]]) -> list[str]:
    """Return what tells rows apart: their ids, or their inputs, which no id can be."""
    return [_key(columns, cells) for cells in rows]


def plain_keys(columns: Columns, rows: list[list[str]]) -> Sequence[str] | None:
    """Return the keys of rows of text that are right at a glance; None: look at each.

    In plain rows nothing has to be read to know that nothing is wrong.
    """
    if not rows:
        return ()
    if not columns.is_simple:
        return None
    try:
        found = list(zip(*rows, strict=True))
    except ValueError:  # they differ in length
        return None
    if len(found) != columns.width:
        return None
    inputs = found[columns.at_input]
    parsed = [at for at in (columns.at_metadata, columns.at_place) if at >= 0]
    is_plain = (
        all(map(str.strip, inputs))
        and not any(any(found[at]) for at in parsed)
        and (columns.at_labels < 0 or are_plain(found[columns.at_labels]))
        and (columns.at_id < 0 or are_ids(found[columns.at_id]))
    )
    if not is_plain or columns.at_id < 0:
        return inputs if is_plain else None
    ids = list(map(str.strip, found[columns.at_id]))
    if not NO_VALUES.isdisjoint(ids):
        return None
    return ids if all(ids) else keys(columns, rows)


def _key(columns: Columns, cells: list[str]) -> str:
    if len(cells) != columns.width:
        return ""
    own = own_id(columns, cells)
    if own:
        return item_id(own)
    return cells[columns.at_input] if columns.at_id < 0 else f"/{cells[columns.at_input]}"
