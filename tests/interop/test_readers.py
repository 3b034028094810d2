"""What other libraries read of our exports, and our loaders of their files.

Every library runs once, in an environment of its own, on one set of exports; names, labels and
edges are compared. Where one cannot be installed, that is a failure: `CLARIFAI_INTEROP=off` skips
all of it, for machines without a package index.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.interop import comparing, reading
from tests.interop.conftest import SWITCH
from tests.interop.readers import READERS
from tools.environments import Unavailable

AT_A_TIME = 2

READ = [(name, export) for name, reader in READERS.items() for export in reader.reads]
WRITTEN: list[Any] = [
    (name, written) for name, reader in READERS.items() for written in reader.writes
]
NOT_YET: dict[tuple[str, str], str] = {}
"""What our loaders do not read, and why: issue 13, item 5."""


@pytest.fixture(autouse=True)
def _no_error_is_logged():
    """No platform is asked here."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if os.environ.get(SWITCH) == "off":
        pytest.skip(f"{SWITCH}=off: asked for, where no index has the libraries")
    made = tmp_path_factory.mktemp("readers")
    reading.lay_out(made / "given")
    return made


@pytest.fixture(scope="module")
def runs(folder):
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        yield {
            name: threads.submit(reader.run, folder / "given", folder / name)
            for name, reader in READERS.items()
        }


def facts(runs: dict[str, Future[Any]], reader: str) -> Any:
    try:
        return runs[reader].result()
    except Unavailable as error:
        pytest.fail(f"{reader} cannot be installed ({error}); {SWITCH}=off skips this")


def read_by(runs, reader: str, export: str) -> comparing.Compared:
    found = comparing.of_exports(READERS[reader], facts(runs, reader))
    return next(one for one in found if one.format == export)


def written_by(runs, folder, reader: str, name: str) -> comparing.Compared:
    facts(runs, reader)
    return comparing.of_files(READERS[reader], folder / "given", folder / reader)[name]()


@pytest.mark.parametrize(("reader", "export"), READ)
def test_a_library_reads_what_we_export(runs, reader, export):
    read_by(runs, reader, export).check()


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        pytest.param(*one, marks=pytest.mark.xfail(strict=True, reason=NOT_YET[one]))
        if one in NOT_YET
        else one
        for one in WRITTEN
    ],
)
def test_our_loaders_read_what_a_library_writes(runs, folder, reader, name):
    written_by(runs, folder, reader, name).check()


def test_pycocotools_draws_a_polygon_as_large_as_we_say(runs):
    """`area` is exact; the mask is of whole pixels, off by at most half of those on its border."""
    drawn, said = facts(runs, "pycocotools")["areas"]["bird"]
    assert said == reading.WIDTH * reading.HEIGHT / 2
    assert abs(drawn - said) <= (reading.WIDTH + reading.HEIGHT) / 2


def test_pictures_in_parquet_are_pictures(runs):
    sizes = facts(runs, "huggingface")["sizes"]
    assert set(sizes) == set(reading.expected("parquet"))
    assert {tuple(one) for one in sizes.values()} == {(reading.WIDTH, reading.HEIGHT)}


def test_the_table_in_the_document_is_what_was_found(runs, folder):
    compared = [read_by(runs, *one) for one in READ]
    compared += [written_by(runs, folder, *one) for one in WRITTEN if one not in NOT_YET]
    assert comparing.table(compared) == comparing.documented()
