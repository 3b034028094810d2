"""Notebooks executed in kernels of their own, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))

TIMEOUT_SECONDS = 300
"""For one cell, on a machine that has much to do."""


def run(notebook, folder: Path, *, allow_errors: bool = False):
    """Return a notebook with its outputs; its kernel has ended."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jupyter_client, of its own future
        from nbclient import NotebookClient

        client = NotebookClient(
            notebook,
            timeout=TIMEOUT_SECONDS,
            kernel_name="python3",
            allow_errors=allow_errors,
            resources={"metadata": {"path": str(folder)}},
        )
        return client.execute()


@pytest.fixture(scope="session", autouse=True)
def _kernels(tmp_path_factory) -> Iterator[None]:
    """Give kernels this interpreter, and keep what Jupyter and IPython write out of the home."""
    home = tmp_path_factory.mktemp("jupyter")
    names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: str(home / name.lower()) for name in names})
    yield
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def cells(tmp_path) -> Callable[..., list]:
    """Run cells, one after another, and return the outputs of each."""

    def ran(*sources: str) -> list:
        made = new_notebook(cells=[new_code_cell(source) for source in sources])
        done = run(made, tmp_path, allow_errors=True)
        return [cell.outputs for cell in done.cells]

    return ran


def read(path: Path):
    return nbformat.read(path, as_version=4)
