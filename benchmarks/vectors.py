"""Measures queries of many vectors: the first one after a start, further ones, and commits beside.

uv run python -m benchmarks.vectors 1000000: fills a fresh directory below --folder (about 4.5 GB
at a million of 512 numbers), and prints rows of PLATFORM.md's table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.report import Measured
from clarifai_local._store import Store

DIM = 512
_BATCH = 4096
_ASKED = 15


def measured(count: int, folder: Path | None = None) -> list[Measured]:
    """Return the rows for so many vectors.

    Args:
        count: Vectors in one space.
        folder: Where the directory is made, and removed again; the system's one by default.
    """
    with tempfile.TemporaryDirectory(dir=folder) as directory:
        rate, commit = _filled(Path(directory), count)
        command = [sys.executable, "-m", "benchmarks.vectors", str(count), "--ask", directory]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        first, further = json.loads(done.stdout)
    what = f"{count:,} x {DIM}"
    return [
        Measured(f"vectors stored, {what}", rate, "vectors/s", 4000, True),
        Measured("longest commit while their files are written", commit, "ms", 1000),
        Measured(f"first query after the start, {what}", first, "ms", 1000),
        Measured(f"further queries, {what}", further, "ms", 100),
    ]


def _filled(directory: Path, count: int) -> tuple[float, float]:
    """Store vectors; returns how many a second, and the longest commit in ms."""
    chance, longest = np.random.default_rng(0), 0.0
    store = Store(directory)
    began = time.monotonic()
    for start in range(0, count, _BATCH):
        rows = chance.standard_normal((min(_BATCH, count - start), DIM), dtype=np.float32)
        seqs = range(start + 1, start + 1 + len(rows))
        with store.write() as db:
            db.executemany(
                "INSERT INTO inputs VALUES (?, 1, ?, 0, 30000, '', NULL, NULL, NULL, 0, 0)",
                [(seq, str(seq)) for seq in seqs],
            )
            store.vectors.put(db, 1, "space", seqs, rows)
    rate = count / (time.monotonic() - began)
    while not store.vectors.wait_idle(0.02):
        asked = time.perf_counter()
        store.set_meta("benchmark", str(asked))
        longest = max(longest, (time.perf_counter() - asked) * 1000)
    store.close()
    return rate, longest


def _asked(directory: Path, count: int) -> tuple[float, float]:
    """Start on a filled directory; returns ms of the first query, and the median of others."""
    queries = np.random.default_rng(1).standard_normal((_ASKED + 1, DIM), dtype=np.float32)
    store = Store(directory)
    took = []
    for query in queries:
        began = time.perf_counter()
        seqs, _ = store.vectors.distances(1, "space", query, "cosine")
        took.append((time.perf_counter() - began) * 1000)
        if len(seqs) != count:
            raise SystemExit(f"a query found {len(seqs):,} of {count:,} vectors")
    store.close()
    return took[0], median(took[1:])


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser("benchmarks.vectors")
    parser.add_argument("count", type=int, help="vectors in the space")
    parser.add_argument("--folder", type=Path, help="where there is room for them")
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ask is not None:
        print(json.dumps(_asked(arguments.ask, arguments.count)))  # noqa: T201
        return
    print(*measured(arguments.count, arguments.folder), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
