"""What is uploaded: files that are made once, below the folder for temporary files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.payloads import picture

LABELS = 10
BOXES = [[0.1, 0.1, 0.2 + n / 10, 0.9] for n in range(5)]


def csv_file(rows: int) -> str:
    """Return the path of a CSV file of short texts with one label each."""
    path = _root() / f"{rows}.csv"
    if not path.is_file():
        lines = (
            f"row-{n:07d},this is text number {n} of the data set,label{n % LABELS}\n"
            for n in range(rows)
        )
        _write(path, ("inputid,input,concepts\n" + "".join(lines)).encode())
    return str(path)


def folder(files: int, size: int) -> str:
    """Return the path of a folder of different pictures."""
    path = _root() / f"jpegs-{size}-{files}"
    path.mkdir(exist_ok=True)
    for number in range(files):
        file = path / f"{number:06d}.jpg"
        if not file.is_file():
            _write(file, picture(size, number))
    return str(path)


def _root() -> Path:
    path = Path(tempfile.gettempdir()) / "clarifai-benchmarks"
    path.mkdir(exist_ok=True)
    return path


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
