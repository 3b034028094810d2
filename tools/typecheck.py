"""Runs mypy over the whole repository and proves that it saw every file.

    python tools/typecheck.py

A checker that silently leaves a folder out is worse than none. mypy reports which files it checked;
that list is compared with the Python files that git knows. What `exclude` of `[tool.mypy]` names is
left out on purpose; a comment that switches checks off for a whole file is a fault.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tomli

ROOT = Path(__file__).resolve().parent.parent
SWITCH = re.compile(r"^#\s*(?:mypy:|type:\s*ignore)", re.MULTILINE)
"""A comment of its own line that speaks to mypy about the whole file."""


def repository_files() -> set[str]:
    """Return the Python files that git tracks or would track, without those excluded on purpose."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.pyi"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    present = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    rules = _excluded()
    return {name for name in present if not any(re.search(rule, name) for rule in rules)}


def _excluded() -> list[str]:
    settings = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    rules = settings.get("exclude", [])
    return [rules] if isinstance(rules, str) else rules


def run_mypy(report: Path) -> int:
    """Run mypy as pyproject.toml configures it, with its report of checked files in `report`."""
    command = [sys.executable, "-m", "mypy", "--linecoverage-report", str(report)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def checked_files(report: Path) -> set[str]:
    """Return the files that mypy says it checked, relative to the root."""
    lines = json.loads((report / "coverage.json").read_text("utf-8"))["lines"]
    paths = ((ROOT / name).resolve() for name in lines)
    return {path.relative_to(ROOT).as_posix() for path in paths if path.is_relative_to(ROOT)}


def switched_off(files: set[str]) -> list[str]:
    """Return the files with a comment that changes what mypy checks in all of it."""
    return [name for name in sorted(files) if SWITCH.search((ROOT / name).read_text("utf-8"))]


def main() -> int:
    """Type-check; print each file that was not seen; return the exit code."""
    wanted = repository_files()
    with tempfile.TemporaryDirectory(prefix="mypy-") as folder:
        code = run_mypy(Path(folder))
        if code not in (0, 1):
            return code
        seen = checked_files(Path(folder))
    faults = [f"{name}: mypy did not see it" for name in sorted(wanted - seen)]
    faults += [f"{name}: a comment changes the checks" for name in switched_off(wanted)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"mypy saw {len(wanted & seen)} of the repository's {len(wanted)} Python files")
    return 1 if code or faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
