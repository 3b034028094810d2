"""The loader fuzzer: `python -m tests.datasets.fuzz --seed 1 --seconds 60 [--loader yolo]`.

Each loader gets its share of the time in a process of its own, with a limit of memory.
"""

from __future__ import annotations

import argparse
import logging
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.datasets.fuzz.run import fuzz
from tests.datasets.fuzz.samples import SAMPLES

MEMORY_MIB = 3072


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.datasets.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--loader", choices=sorted(SAMPLES), default="")
    parser.add_argument("--only", type=int, help="the number of one source, to see it again")
    given = parser.parse_args()
    if not given.loader:
        return _each(given)
    logging.disable(logging.CRITICAL)  # labels that were left out
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MIB << 20,) * 2)
    with tempfile.TemporaryDirectory() as folder:
        report = fuzz(Path(folder), given.loader, given.seed, given.seconds, given.only)
    sys.stdout.write(f"seed {given.seed}, {given.loader}: {report}\n")
    sys.stdout.writelines(f"  {fault}\n" for fault in report.faults[:20])
    return 1 if report.faults or not report.sources else 0


def _each(given):
    """Run each loader in a process of its own: one that dies takes no other with it."""
    worst = 0
    share = given.seconds / len(SAMPLES)
    for loader in SAMPLES:
        command = [sys.executable, "-m", "tests.datasets.fuzz", "--loader", loader]
        command += ["--seed", str(given.seed), "--seconds", str(share)]
        code = subprocess.run(command, check=False, timeout=share + 120).returncode
        if code not in (0, 1):
            sys.stdout.write(f"seed {given.seed}, {loader}: the process died with {code}\n")
        worst = max(worst, abs(code))
    return worst


if __name__ == "__main__":
    sys.exit(main())
