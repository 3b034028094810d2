"""Runs programs one after the other, each in a folder and under a name of its own.

python turns.py MATERIALS PROGRAM...     prints a line of JSON for each: what it ended with

One process for many: the clients of the official SDK take seconds to be imported. A program that
takes the process down with it, or never ends, is the last one whose start was said.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import shutil
import sys
import traceback
from pathlib import Path

_LINES = 30


def main() -> None:
    """Run the programs that the command line names."""
    materials, programs = Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]]
    said, home = sys.stdout, Path.cwd()
    environment = dict(os.environ)
    for program in programs:
        print(json.dumps({"program": program.stem}), file=said, flush=True)
        folder = home / program.stem
        shutil.copytree(materials, folder / "materials")
        os.chdir(folder)
        os.environ["HOME"] = str(folder)
        with (folder / "output.txt").open("w", encoding="utf-8") as output:
            fault = _fault(program, output)
        os.chdir(home)
        os.environ.clear()
        os.environ.update(environment)
        print(json.dumps({"program": program.stem, "fault": fault}), file=said, flush=True)


def _fault(program: Path, output) -> str | None:
    """Run one; return the end of what it raised, or nothing."""
    sys.argv = [str(program)]
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            runpy.run_path(str(program), run_name="__main__")
        except SystemExit as end:
            return f"SystemExit: {end.code}" if end.code else None
        except BaseException:  # noqa: BLE001  why: a program's fault is what is asked for
            lines = traceback.format_exc().splitlines()
            return "\n".join(lines[-_LINES:])
    return None


if __name__ == "__main__":
    main()
    # Some clients keep threads that never end.
    sys.stdout.flush()
    os._exit(0)
