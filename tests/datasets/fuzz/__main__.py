"""The loader fuzzer: `python -m tests.datasets.fuzz --seed 1 --seconds 60 [--loader yolo]`.

Each loader gets its share of the time in a process of its own, with a limit of memory; with
`--sources 40` it gets so many sources instead, however long they take.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import math
import multiprocessing
import resource
import sys
import tempfile
from pathlib import Path

from tests.datasets.fuzz.run import fuzz
from tests.datasets.fuzz.samples import SAMPLES

MEMORY_MIB = 3072

_FORKS = multiprocessing.get_context("fork")


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.datasets.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--sources", type=int, help="how many of each loader, and no time")
    parser.add_argument("--loader", choices=sorted(SAMPLES), default="")
    parser.add_argument("--only", type=int, help="the number of one source, to see it again")
    given = parser.parse_args()
    return _one(given.loader, given, given.seconds) if given.loader else _each(given)


def _one(loader, given, seconds):
    logging.disable(logging.CRITICAL)  # labels that were left out
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MIB << 20,) * 2)
    numbers = itertools.count() if given.only is None else [given.only]
    if given.sources is not None:
        numbers, seconds = range(given.sources), math.inf
    with tempfile.TemporaryDirectory() as folder:
        report = fuzz(Path(folder), loader, given.seed, seconds, numbers)
    sys.stdout.write(f"seed {given.seed}, {loader}: {report}\n")
    sys.stdout.writelines(f"  {fault}\n" for fault in report.faults[:20])
    return 1 if report.faults or not report.sources else 0


def _each(given):
    """Run each loader in a process of its own: one that dies takes no other with it.

    They are forks of this one, which has loaded everything that they share.
    """
    worst = 0
    share = given.seconds / len(SAMPLES)
    for loader in SAMPLES:
        process = _FORKS.Process(target=_child, args=(loader, given, share))
        process.start()
        process.join(share + 120)
        if process.is_alive():
            process.kill()
            process.join()
        code = process.exitcode
        if code not in (0, 1):
            sys.stdout.write(f"seed {given.seed}, {loader}: the process died with {code}\n")
            sys.stdout.flush()
        worst = max(worst, abs(code))
    return worst


def _child(loader, given, seconds):
    sys.exit(_one(loader, given, seconds))


if __name__ == "__main__":
    sys.exit(main())
