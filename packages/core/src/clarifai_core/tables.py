"""What gives rows: as a list of dicts, and in the forms that plugins bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from clarifai_core import _viewing, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas

    from clarifai_core.records import Record

DataFrame: TypeAlias = "pandas.DataFrame"
"""What `to_pandas` returns; nothing here imports it."""


class Tabular:
    """What gives rows, one for each item; a class of ours that lists things derives from it."""

    def to_records(self) -> list[Record]:
        """Return a dict for each item: name of a column -> plain value.

        Values are text, numbers, True or False, None, times in UTC, lists of text, and for
        `metadata` a dict.
        """
        return list(self._rows())

    def to_pandas(self) -> DataFrame:
        """Return a `pandas.DataFrame` with a row for each item, and the columns of `to_records`.

        Raises:
            PluginError: pandas is not installed, or no plugin makes data frames.
        """
        return _viewing.data_frame(self)

    def _repr_html_(self) -> str | None:
        """Return what a notebook shows; None, which means the `repr`: no plugin makes pages."""
        return _viewing.html(self)

    def _rows(self) -> Iterable[Record]:
        """Return the rows; `records.rows` of the items, unless a class has rows of its own."""
        return records.rows(self)

    def _columns(self) -> Sequence[str]:
        """Return the columns that a table without rows has, too; empty: those of the rows."""
        return ()
