"""The full run: `python -m tests.local.fuzz --requests 50000 --seed 1`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.local.fuzz.run import fuzz


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.local.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        report = fuzz(Path(directory) / "state", arguments.requests, arguments.seed)
    sys.stdout.write(f"seed {arguments.seed}: {report}\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
