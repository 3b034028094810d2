"""Runs each notebook of docs/notebooks, and keeps it with its outputs for the gallery of the site.

    python -m tools.run_notebooks [FOLDER]     # into build/notebooks unless it is said

In the repository notebooks have no outputs: these would be stale, and hide what changes. Each runs
in a folder of its own, with none of the user's settings; one that fails ends the program with its
traceback.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tools.notebook_pages import EXECUTED, NOTEBOOKS

TIMEOUT_SECONDS = 120
"""For a cell."""


def run(path: Path, target: Path) -> None:
    """Run a notebook, and write it with its outputs.

    Args:
        path: The notebook; it stays as it is.
        target: The file to write.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell fails that is not marked as one that does.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=TIMEOUT_SECONDS, resources={"metadata": {"path": folder}}
        )
        client.execute(env=_environment(Path(folder)))
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)  # type: ignore[no-untyped-call]


def _environment(folder: Path) -> dict[str, str]:
    bare = {name: text for name, text in os.environ.items() if not name.startswith("CLARIFAI_")}
    state = {"CLARIFAI_STATE_DIR": str(folder / ".state")}
    contexts = {"CLARIFAI_CONTEXTS_FILE": str(folder / ".state" / "contexts.yaml")}
    return {**bare, **state, **contexts, "CLARIFAI_BLOCK_PLUGINS": "clarifai-models"}


def main() -> None:
    """Run all of them."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else EXECUTED
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        run(path, folder / path.name)
        print(path.name)


if __name__ == "__main__":
    main()
