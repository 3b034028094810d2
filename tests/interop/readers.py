"""Libraries that read what we export and write what we load, each in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import attrs

from tests.interop.clients import PROGRAMS
from tools import environments

RUN_SECONDS = 120
_INHERITED = ("PATH", "LANG", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH")


@attrs.frozen
class Reader:
    """A library, by the versions that are asked."""

    name: str
    requirements: tuple[str, ...]
    reads: tuple[str, ...]
    """Exports that it reads."""
    writes: tuple[str, ...] = ()
    """What it writes that our loaders read."""

    def run(self, given: Path, made: Path) -> Any:
        """Return what its program found in our exports.

        Args:
            given: The folder of the exports.
            made: Where it writes.

        Raises:
            AssertionError: The program failed.
            environments.Unavailable: The library cannot be installed.
        """
        python = environments.make(
            f"reader-{self.name}", self.requirements, python=environments.old_python()
        ).python
        made.mkdir()
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        done = subprocess.run(
            [python, PROGRAMS / "readers" / f"{self.name}_reader.py", given, made, made / "cache"],
            env={**inherited, "HOME": str(made), "HF_HUB_OFFLINE": "1", "MPLCONFIGDIR": str(made)},
            cwd=made,
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
        )
        if done.returncode:
            raise AssertionError(f"{self.name} ended with {done.returncode}: {done.stderr[-3000:]}")
        return json.loads(done.stdout.splitlines()[-1])


_COCO, _YOLO = ("coco", "coco-shapes"), ("yolo", "yolo-shapes")
_TABLES = ("datasets==5.2.0", "pandas==3.1.1", "pyarrow==26.0.1", "pillow==13.0.0")

READERS = {
    one.name: one
    for one in (
        Reader("pycocotools", ("pycocotools==2.0.11",), _COCO),
        Reader(
            "supervision",
            ("supervision==0.31.2",),
            (*_COCO, *_YOLO, "voc"),
            ("coco", "yolo", "voc"),
        ),
        Reader(
            "datumaro",
            ("datumaro==1.13.12",),
            (*_COCO, "yolo", "voc"),
            ("coco", "yolo", "voc"),
        ),
        Reader("globox", ("globox==2.9.0",), (*_COCO, "yolo", "voc"), ("coco", "yolo", "voc")),
        Reader("huggingface", _TABLES, ("parquet", "jsonl", "csv"), ("saved",)),
        Reader("pandas", _TABLES, ("parquet", "jsonl", "csv"), ("parquet", "jsonl", "csv")),
    )
}
