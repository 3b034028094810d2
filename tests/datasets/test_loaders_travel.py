"""Every loader of ours goes into a pickle, before it is loaded and after: workers get one."""

from __future__ import annotations

import pickle

import pytest

from clarifai_datasets.upload.loader import open_loader
from clarifai_datasets.upload.loaders.rows import RowsLoader
from tests.datasets import sources


def same(loader, twin):
    assert len(twin) == len(loader) > 0
    assert repr([twin[n] for n in range(len(twin))]) == repr(
        [loader[n] for n in range(len(loader))]
    )


@pytest.mark.parametrize("name", sorted(sources.ITEMS))
def test_a_loader_of_files(name, tmp_path):
    made = sources.make(name, tmp_path / "data")
    loader = (
        open_loader(made, name, split=sources.SPLITS[name][0])
        if name in sources.SPLITS
        else (open_loader(made, name))
    )
    early = pickle.loads(pickle.dumps(loader))
    loader.load_data()
    late = pickle.loads(pickle.dumps(loader))
    early.load_data()
    same(loader, early)
    same(loader, late)


@pytest.mark.parametrize("rows", [[("a", "x"), ("b", "y")], [{"text": "a", "label": "x"}]])
@pytest.mark.parametrize("form", [list, iter])
def test_rows(rows, form):
    loader = RowsLoader(form(rows))
    loader.load_data()
    twin = pickle.loads(pickle.dumps(loader))
    same(loader, twin)
    same(loader, pickle.loads(pickle.dumps(twin)))
