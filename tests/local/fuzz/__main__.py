"""The full run: `python -m tests.local.fuzz --requests 50000 --seed 1`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.local.fuzz.run import fuzz
from tests.local.fuzz.strategies import OVERDONE_PERCENT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.local.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="stop after that long")
    parser.add_argument(
        "--overdone", type=int, default=OVERDONE_PERCENT, help="percent of oversized requests"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory) / "state"
        report = fuzz(
            state, arguments.requests, arguments.seed, arguments.seconds, arguments.overdone
        )
    sys.stdout.write(f"seed {arguments.seed}: {report}\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
