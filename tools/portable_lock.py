"""Keeps `uv.lock` portable: versions and hashes, but no address of any package registry.

uv writes the address of every file into the lock, and with it the registry (or mirror, or proxy) of
whoever ran it last. The lock that is committed names files only; `uv sync` keeps its versions and
fills the addresses in again, in the working copy. Run this before each commit:

    python tools/portable_lock.py            # rewrite uv.lock
    python tools/portable_lock.py --check    # fail if the committed lock is not portable, or stale
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "uv.lock"
PINNED = "pinned"
"""The registry that a portable lock names; there is none, which makes uv look the files up."""

_REGISTRY = re.compile(r'registry = "[^"]*"')
_FILE = re.compile(r'\b(?:url|path) = "(?:[^"]*/)?([^"/]+)"')
_FILE_LINE = re.compile(r"^(?:sdist = \{|    \{ (?:url|path) = )")


def portable(text: str) -> str:
    """Return the text of a lock without addresses.

    Example:
        >>> portable('source = { registry = "https://example.org/index" }')
        'source = { registry = "pinned" }'
        >>> portable('sdist = { url = "https://example.org/a/b/x-1.tar.gz", hash = "sha256:0" }')
        'sdist = { path = "x-1.tar.gz", hash = "sha256:0" }'
    """
    return "".join(_portable_line(line) for line in text.splitlines(keepends=True))


def _portable_line(line: str) -> str:
    line = _REGISTRY.sub(f'registry = "{PINNED}"', line)
    return _FILE.sub(r'path = "\1"', line) if _FILE_LINE.match(line) else line


def addresses(text: str) -> list[str]:
    """Return the lines of a lock that hold an address."""
    return [line.strip() for line in text.splitlines() if "://" in line]


def committed() -> str | None:
    """Return the lock of the last commit, or None while there is none."""
    shown = subprocess.run(
        ["git", "show", "HEAD:uv.lock"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return shown.stdout if shown.returncode == 0 else None


def differences(pinned: str, resolved: str) -> list[str]:
    """Return where two locks disagree: on a version, a hash, or what our packages require.

    A file that a project published later, or withdrew, is no disagreement.
    """
    before, after = _packages(pinned), _packages(resolved)
    apart = [
        f"{name} {version}: only in the commit" for name, version in before.keys() - after.keys()
    ]
    apart += [
        f"{name} {version}: not in the commit" for name, version in after.keys() - before.keys()
    ]
    for key in before.keys() & after.keys():
        apart += _disagreements(before[key], after[key])
    return sorted(apart)


def _packages(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    import tomli  # only here: rewriting the lock works with a bare Python

    packages: list[dict[str, Any]] = tomli.loads(portable(text)).get("package", [])
    return {(package["name"], package["version"]): package for package in packages}


def _disagreements(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    hashes = _hashes(after)
    apart = [
        f"{file}: the registry's hash is not the committed one"
        for file, digest in _hashes(before).items()
        if hashes.get(file, digest) != digest
    ]
    if before.get("metadata") != after.get("metadata"):
        apart.append(f"{before['name']}: its requirements changed after the lock was committed")
    return apart


def _hashes(package: dict[str, Any]) -> dict[str, str]:
    sdist = [package["sdist"]] if "sdist" in package else []
    return {file["path"]: file["hash"] for file in [*sdist, *package.get("wheels", [])]}


def check(text: str, pinned: str | None) -> list[str]:
    """Return what is wrong with the committed lock, given the working copy's `text`."""
    if pinned is None:
        return ["uv.lock is not committed yet"]
    return addresses(pinned) or differences(pinned, text)


def main(arguments: list[str] | None = None) -> int:
    """Rewrite the lock, or check what is committed; return the exit code."""
    parser = argparse.ArgumentParser(description="Keep uv.lock free of registry addresses.")
    parser.add_argument("--check", action="store_true", help="report, and change nothing")
    options = parser.parse_args(arguments)
    text = LOCK.read_text(encoding="utf-8")
    if not options.check:
        LOCK.write_text(portable(text), encoding="utf-8")
        return 0
    faults = check(text, committed())
    for fault in faults:
        print(f"uv.lock: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
