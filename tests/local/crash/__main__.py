"""The full run: `python -m tests.local.crash --kills 200`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.local.crash.run import CrashTest


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.local.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        report = CrashTest(Path(directory) / "state", arguments.seed).run(arguments.kills)
    sys.stdout.write(f"seed {arguments.seed}: {report}\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
