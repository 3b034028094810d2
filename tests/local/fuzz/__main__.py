"""The full runs: `python -m tests.local.fuzz [rpc | gateway | media] --seconds 60 --seed 1`.

rpc sends messages to all RPCs in process, gateway bytes to a served platform over HTTP, media
damaged files. Each prints its figures, and ends with 1 when something happened that must not.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.local.fuzz import gateway, media
from tests.local.fuzz.run import fuzz
from tests.local.fuzz.strategies import OVERDONE_PERCENT


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.local.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("rpc", "gateway", "media"), default="rpc")
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="stop after that long")
    parser.add_argument(
        "--overdone", type=int, default=OVERDONE_PERCENT, help="percent of oversized requests (rpc)"
    )
    arguments = parser.parse_args()
    # Refusals are what is asked for: only errors are news.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    report = _report(arguments)
    sys.stdout.write(f"{arguments.what}, seed {arguments.seed}: {report}\n")
    return 1 if report.failures else 0


def _report(arguments: argparse.Namespace) -> Any:
    if arguments.what == "gateway":
        return gateway.fuzz(arguments.requests, arguments.seed, arguments.seconds)
    if arguments.what == "media":
        return media.fuzz(arguments.requests, arguments.seed, arguments.seconds)
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory) / "state"
        return fuzz(
            state, arguments.requests, arguments.seed, arguments.seconds, arguments.overdone
        )


if __name__ == "__main__":
    sys.exit(main())
