"""The exports of `program.py`: the documented API, and nothing else."""

from __future__ import annotations

import contextlib
import logging
import os

from benchmarks.export_sources import SPLIT, archive, exported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def export_text(target: str, count: int, workers: int) -> Callable[[], int]:
    """Export an archive of texts."""
    return _export(target, "text", count, workers)


def export_image(target: str, count: int, workers: int) -> Callable[[], int]:
    """Export an archive of pictures."""
    return _export(target, "image", count, workers)


def _export(target: str, kind: str, count: int, workers: int) -> Callable[[], int]:
    """Export an archive of inputs with one label each; count what is in the file."""
    from clarifai.client.dataset import Dataset

    source, save_path = archive(kind, count)
    dataset = Dataset(
        dataset_id="bench-dataset",
        user_id="bench-user",
        app_id="bench-app",
        base_url=f"http://{target}",
        pat="x",
    )

    def run() -> int:
        dataset.export(
            save_path=save_path, local_archive_path=source, split=SPLIT, num_workers=workers
        )
        return exported(save_path)

    return lambda: _quietly(run)


def _quietly(run: Callable[[], int]) -> int:
    logging.disable()
    with (
        open(os.devnull, "w") as nowhere,  # noqa: PTH123
        contextlib.redirect_stderr(nowhere),
        contextlib.redirect_stdout(nowhere),
    ):
        return run()
