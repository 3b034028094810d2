"""The uploads of `program.py`: the documented API, and nothing else."""

from __future__ import annotations

import contextlib
import logging
import os

from benchmarks.upload_sources import BOXES, csv_file, folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def upload_csv(target: str, rows: int, job_ms: int = 0) -> Callable[[], int]:
    """Upload the rows of a CSV file."""
    dataset, path = _dataset(target, job_ms), csv_file(rows)
    return lambda: _quietly(
        rows,
        lambda: dataset.upload_from_csv(
            csv_path=path, input_type="text", csv_type="raw", labels=True, batch_size=128
        ),
    )


def upload_folder(target: str, files: int, size: int) -> Callable[[], int]:
    """Upload the pictures of a folder."""
    dataset, path = _dataset(target), folder(files, size)
    return lambda: _quietly(
        files, lambda: dataset.upload_from_folder(path, "image", labels=True, batch_size=128)
    )


def upload_boxes(target: str, files: int, size: int, job_ms: int = 0) -> Callable[[], int]:
    """Upload pictures with five boxes each, by a loader."""
    from clarifai.datasets.upload.base import ClarifaiDataLoader
    from clarifai.datasets.upload.features import VisualDetectionFeatures

    path = folder(files, size)

    class Pictures(ClarifaiDataLoader):  # type: ignore[misc, unused-ignore]
        @property
        def task(self) -> str:
            return "visual_detection"

        def load_data(self) -> None:
            pass

        def __len__(self) -> int:
            return files

        def __getitem__(self, index: int) -> Any:
            file = os.path.join(path, f"{index:06d}.jpg")  # noqa: PTH118
            labels: list[Any] = ["a", "b", "c", "d", "e"]
            return VisualDetectionFeatures(file, labels, BOXES, id=str(index))

    dataset = _dataset(target, job_ms)
    return lambda: _quietly(
        files, lambda: dataset.upload_dataset(dataloader=Pictures(), batch_size=128)
    )


def _dataset(target: str, job_ms: int = 0) -> Any:
    from clarifai.client.dataset import Dataset
    from clarifai.client.input import Inputs

    where: dict[str, Any] = {
        "user_id": "bench-user",
        "app_id": f"jobs-{job_ms}",
        "base_url": f"http://{target}",
        "pat": "x",
    }
    dataset: Any = Dataset(dataset_id="bench-dataset", **where)
    for name, value in list(vars(dataset).items()):
        if isinstance(value, Inputs):  # the official one forgets base_url there
            setattr(dataset, name, Inputs(**where))
    return dataset


def _quietly(count: int, upload: Callable[[], Any]) -> int:
    """Return how many inputs arrived, as far as the upload says."""
    logging.disable()
    with (
        open(os.devnull, "w") as nowhere,  # noqa: PTH123
        contextlib.redirect_stderr(nowhere),
        contextlib.redirect_stdout(nowhere),
    ):
        report = upload()
    return int(getattr(report, "uploaded", count))
