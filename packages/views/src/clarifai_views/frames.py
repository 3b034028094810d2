"""Things as data frames of pandas: the columns of their rows, each with the type of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from clarifai_core import records
from clarifai_core.optional import optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas

DataFrame: TypeAlias = "pandas.DataFrame"
"""What `to_pandas` returns."""

EXTRA = "pandas"
"""The extra that brings data frames."""

_NUMBER, _COUNT, _TIME = "float64", "Int64", "datetime64[us, UTC]"

_NUMBERS = (
    *("longitude", "latitude", "score", "value"),
    *("accuracy", "precision", "recall", "f1", "roc_auc", "mean_avg_precision_iou_50"),
)
_TYPES: dict[str, str] = {**dict.fromkeys(_NUMBERS, _NUMBER), "status_code": _COUNT}
"""Column -> the type that a data frame gives it, also where no row has a value for it."""

_TYPES_BY_ENDING = {"_at": _TIME, "_count": _COUNT}
"""End of a column's name -> its type, as in `_TYPES`."""


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


def square(
    names: Sequence[str], values: Sequence[Sequence[float]], axes: tuple[str, str], what: str
) -> DataFrame:
    """Return a square of values as a data frame.

    Args:
        names: Those of the rows, and of the columns.
        values: A line for each row.
        axes: What rows and columns are.
        what: What needs it, for who lacks pandas: `"confusion_matrix()"`.

    Raises:
        PluginError: pandas is not installed.
    """
    pandas = optional("pandas", EXTRA, what=what)
    index, columns = (pandas.Index(names, name=name) for name in axes)
    return pandas.DataFrame(values, index=index, columns=columns)


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
    elif kind == _COUNT:
        if column.isna().any():  # numpy has no whole number that is missing
            table[name] = column.astype(kind)
    elif column.isna().all():
        table[name] = column.astype(kind)


def _type_of(name: str) -> str:
    ends = (kind for end, kind in _TYPES_BY_ENDING.items() if name.endswith(end))
    return _TYPES.get(name) or next(ends, "")
