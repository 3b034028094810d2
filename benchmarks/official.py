"""The official SDK, in an environment of its own that is made here when it is first needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENT = "clarifai==10.1.1"
_WANTED = (REQUIREMENT, "packaging")
"""The second is what its command line imports and its distribution does not ask for."""

_SUPPORTED = ((3, 10), (3, 11))


class Missing(Exception):
    """The environment cannot be made; the text says why."""


def environment() -> Path:
    """Return the folder of the environment, made and filled if it is not there yet.

    Raises:
        Missing: uv is not there, or cannot install it.
    """
    folder = _cache() / REQUIREMENT.replace("==", "-")
    installed = folder / "installed.txt"
    if not installed.is_file() or installed.read_text("utf-8") != " ".join(_WANTED):
        uv = shutil.which("uv")
        if uv is None:
            raise Missing("uv is not on the path")
        _run(uv, "venv", "--clear", "--python", _python(), str(folder))
        _run(uv, "pip", "install", "--python", str(interpreter(folder)), *_WANTED)
        installed.write_text(" ".join(_WANTED), "utf-8")
    return folder


def interpreter(folder: Path) -> Path:
    """Return the Python of an environment."""
    return folder / "bin" / "python"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "clarifai-benchmarks"


def _python() -> str:
    """Return this Python's version, or the newest that the official SDK is known to run on."""
    version = sys.version_info[:2]
    return ".".join(map(str, version if version in _SUPPORTED else _SUPPORTED[-1]))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no word why"]
        raise Missing(f"`{' '.join(command[1:3])}` failed: {lines[-1]}")
