"""Data frames have the same types whatever rows there are, and can be written to files."""

from __future__ import annotations

import io

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core import _record_columns as columns
from clarifai_core.records import columns_of_type
from clarifai_views.frames import frame, to_pandas

pandas = pytest.importorskip("pandas")

KINDS = [
    name
    for name in (*columns.COLUMNS, "Input")
    if columns_of_type(name) and hasattr(resources_pb2, name)
]


def test_columns_without_a_value_have_the_type_of_those_with_one():
    bare = resources_pb2.Input(id="a")
    placed = resources_pb2.Input(id="b")
    placed.data.geo.geo_point.longitude = 4.5
    placed.created_at.FromSeconds(1)
    for items in ([bare], [placed], [bare, placed]):
        table = to_pandas(items)
        assert table.longitude.dtype == "float64"
        assert str(table.created_at.dt.tz) == "UTC"
    version = resources_pb2.ModelVersion(id="v")
    assert str(to_pandas([version]).completed_at.dt.tz) == "UTC"


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_rows_has_the_types_too(kind):
    names = [name for name, _ in columns_of_type(kind)]
    table = frame([], names)
    assert list(table.columns) == names
    for name in names:
        if name.endswith("_at"):
            assert str(table[name].dt.tz) == "UTC"
        if name in ("longitude", "latitude", "score", "value"):
            assert table[name].sum() == 0.0


def test_counts_stay_whole_numbers_where_some_are_missing():
    table = frame([{"input_count": 3}, {"input_count": None}])
    assert table.input_count.tolist() == [3, pandas.NA]
    assert frame([{"input_count": 3}]).input_count.dtype == "int64"
    assert to_pandas([resources_pb2.Input()]).status_code.tolist() == [pandas.NA]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_nothing_goes_through_parquet(kind):
    pytest.importorskip("pyarrow")
    table = to_pandas([getattr(resources_pb2, kind)()])
    file = io.BytesIO()
    table.to_parquet(file)
    again = pandas.read_parquet(file)
    assert list(again.columns) == list(table.columns)
    assert again.dtypes.astype(str).tolist() == table.dtypes.astype(str).tolist()


def test_metadata_is_dicts_as_soon_as_there_is_one():
    filled, bare = resources_pb2.Input(id="a"), resources_pb2.Input(id="b")
    filled.data.metadata.update({"farm": "north"})
    assert to_pandas([filled, bare]).metadata.tolist() == [{"farm": "north"}, {}]
    assert to_pandas([bare]).metadata.tolist() == [None]


def test_rows_of_ones_own_keep_their_values():
    rows = [{"made_at": "yesterday", 5: None, "value": "high"}]
    assert frame(rows).to_dict("records") == rows
