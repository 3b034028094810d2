"""Measures every contestant in every row, and writes RESULTS.md.

uv run python -m benchmarks: everything. With names of rows: those. With --quick: a look while
developing; nothing is written.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import official, report
from benchmarks.harness import Outcome, Race, our_python
from benchmarks.workloads import ROWS

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Run the command."""
    arguments = _parse()
    pythons = {"limit": our_python(), "ours": our_python()}
    missing = "left out with --no-official"
    if arguments.official:
        missing = ""
        try:
            pythons["official"] = official.interpreter()
        except official.Missing as error:
            missing = str(error)
    race = Race(pythons, arguments.repeats, 1 if arguments.quick else None)
    outcomes: list[Outcome] = []
    for row in ROWS:
        if not arguments.rows or row.name in arguments.rows:
            _say(f"{row.name} ...")
            outcomes.append(race.run(row))
    text = report.document(outcomes, arguments.repeats, missing)
    print(text)  # noqa: T201
    if arguments.output:
        arguments.output.write_text(text, "utf-8")
        _say(f"written to {arguments.output}")


def _parse() -> argparse.Namespace:
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser("benchmarks", description=str(__doc__).splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"all, or: {' '.join(names)}")
    parser.add_argument("--repeats", type=int, help="processes per contestant and row (5)")
    parser.add_argument("--quick", action="store_true", help="one process, one iteration each")
    parser.add_argument("--no-official", dest="official", action="store_false")
    parser.add_argument("--output", type=Path, help="where to write; RESULTS.md after a full run")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.rows) - set(names))
    if unknown:
        parser.error(f"no row {unknown[0]!r}; there are {' '.join(names)}")
    if arguments.repeats is not None and arguments.repeats < 1:
        parser.error(f"--repeats must be 1 or more, got {arguments.repeats}")
    full = not (arguments.rows or arguments.quick)
    arguments.repeats = arguments.repeats or (1 if arguments.quick else 5)
    arguments.output = arguments.output or (RESULTS if full else None)
    return arguments


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
