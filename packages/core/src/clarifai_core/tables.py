"""What gives rows: as a list of dicts, and as a data frame of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core import markup, records, views
from clarifai_core._record_columns import COUNT, TYPES, TYPES_BY_ENDING
from clarifai_core.optional import optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas

    from clarifai_core.records import Record

DataFrame: TypeAlias = "pandas.DataFrame"
"""What `to_pandas` returns."""

EXTRA = "pandas"
"""The extra that brings data frames."""


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
            PluginError: pandas is not installed.
        """
        return frame(self._rows, self._columns())

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return views.html(self)

    def _view(self) -> views.Html:
        """Return what of it is shown: its rows, unless a class has more to show."""
        rows = self.to_records()
        more = len(rows) - views.SHOWN_ITEMS
        end = markup.note(f"and {more} more") if more > 0 else ""
        return views.Html(markup.table(rows[: views.SHOWN_ITEMS]) + end)

    def _rows(self) -> Iterable[Record]:
        """Return the rows; `records.rows` of the items, unless a class has rows of its own."""
        return records.rows(self)

    def _columns(self) -> Sequence[str]:
        """Return the columns that a table without rows has, too; empty: those of the rows."""
        return ()


def to_pandas(items: Any) -> DataFrame:
    """Return things as a `pandas.DataFrame`, a row for each.

    Args:
        items: A listing, a list, hits, a response of the platform, anything with `to_records()`.

    Raises:
        PluginError: pandas is not installed.
        UserError: There is something that is no row.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> to_pandas([resources_pb2.Concept(id="id-cat", name="cat")]).name.tolist()
        ['cat']
    """
    own = getattr(items, "_columns", None)
    return frame(lambda: records.records(items), own() if callable(own) else ())


def frame(rows: Any, columns: Sequence[str] = ()) -> DataFrame:
    """Return rows as a data frame.

    Args:
        rows: The rows; or a function that returns them, called once pandas is known to be there.
        columns: The columns of a frame without rows, too.

    Raises:
        PluginError: pandas is not installed.
    """
    pandas = optional("pandas", EXTRA, what="to_pandas()")
    found = list(rows() if callable(rows) else rows)
    made = pandas.DataFrame(found, columns=list(columns) or None)
    for name in made.columns:
        _type_column(made, name)
    return made


def _type_column(table: DataFrame, name: Any) -> None:
    """Give a column the type that its name says, where its values do not tell: all are missing.

    Else a listing without rows, or without one place in it, would have other types than the next.
    Metadata that nothing has is None: a file of Parquet has no place for dicts without keys.
    """
    column = table[name]
    if name == "metadata" and all(value == {} for value in column):
        table[name] = None
    elif not isinstance(name, str) or not (kind := _type_of(name)):
        return
    elif kind == COUNT:
        if column.isna().any():  # numpy has no whole number that is missing
            table[name] = column.astype(kind)
    elif column.isna().all():
        table[name] = column.astype(kind)


def _type_of(name: str) -> str:
    ends = (kind for end, kind in TYPES_BY_ENDING.items() if name.endswith(end))
    return TYPES.get(name) or next(ends, "")
