"""Runs one workload of one contestant and prints what it took, as JSON.

    python -m benchmarks.contestants.driver CONTESTANT WORKLOAD JSON

It also runs in the environment of the official SDK, so it needs nothing but the standard library.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def main() -> None:
    """Set up, say so, wait for the word, work, and report."""
    contestant, workload, text = sys.argv[1:]
    options = json.loads(text)
    module = importlib.import_module(f"benchmarks.contestants.{contestant}")
    set_up: Callable[..., Callable[[], int | dict[str, Any]]] = getattr(module, workload)
    work = set_up(options["target"], **options["parameters"])
    gc.collect()
    _say("ready")
    sys.stdin.readline()
    runs = [_run(work) for _ in range(options["iterations"])]
    _say(json.dumps({"runs": runs, "peak_kib": peak_kib()}))
    os._exit(0)  # why: the official SDK's runner has threads that never end


def _run(work: Callable[[], int | dict[str, Any]]) -> dict[str, Any]:
    faults, wall, cpu = _page_faults(), time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures = {"wall_ms": wall * 1000, "cpu_ms": cpu * 1000, "faults": _page_faults() - faults}
    return {**figures, **(result if isinstance(result, dict) else {"results": result})}


def _page_faults() -> int:
    """Return how often the system had to give this process a page of memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def peak_kib() -> int:
    """Return the most memory this process ever held.

    Linux hands `ru_maxrss` of the process that started this one down to it, so the high-water mark
    of this process alone is taken where there is one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def resident_kib() -> int:
    """Return the memory this process holds now, or its peak where that cannot be told."""
    statm = Path("/proc/self/statm")
    if not statm.is_file():
        return peak_kib()
    return int(statm.read_text("ascii").split()[1]) * resource.getpagesize() // 1024


if __name__ == "__main__":
    main()
