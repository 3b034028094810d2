"""Environments for other programs: made once, kept in a cache folder outside the repository.

    environment = environments.make("official", ("clarifai==10.1.1", "packaging"), python="3.11")
    subprocess.run([environment.python, "program.py"])

Each is keyed by what it holds, so another list of requirements is another folder. Packages come
from wherever uv is set up to take them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

OFFICIAL_10 = ("official-10.1.1", ("clarifai==10.1.1", "packaging"))
"""Name and requirements of the official SDK that the reference document describes.

Its command line imports the second one, which its distribution does not ask for.
"""

OFFICIAL_12 = ("official-12.5.0", ("clarifai==12.5.0", "rich"))
"""Name and requirements of the last official SDK that ours was held against.

Its command line imports the second one, too.
"""

SUPPORTED_BY_OLD_PROGRAMS = ("3.10", "3.11")
"""Versions of Python that programs of two years ago are known to run on."""

_READY = "ready.txt"
_LOCK_POLL_SECONDS = 0.2


class Unavailable(Exception):
    """The environment cannot be made; the text says why."""


@attrs.frozen
class Environment:
    """A virtual environment that is there."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        if sys.platform == "win32":
            return self.folder / "Scripts" / "python.exe"
        return self.folder / "bin" / "python"


def make(
    name: str,
    requirements: Sequence[str],
    *,
    python: str,
    without: Sequence[str] = (),
    alone: Sequence[str] = (),
) -> Environment:
    """Return the environment that holds the requirements, made if it is not there yet.

    Args:
        name: What its folder is called, for people who look into the cache.
        requirements: As pip takes them, exact versions: what is there is never looked up again.
        python: Version of Python, such as "3.11".
        without: Distributions to take out again: what the requirements need and a caller does not.
        alone: More requirements, installed without what they ask for in turn.

    Raises:
        Unavailable: uv is not there, or cannot install them.
    """
    wanted = "\n".join(
        (
            python,
            platform.machine(),
            *requirements,
            *(f"not {one}" for one in without),
            *(f"alone {one}" for one in alone),
        )
    )
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    environment = Environment(cache() / f"{name}-{digest}")
    ready = environment.folder / _READY
    if not ready.is_file():
        with _lock(environment.folder.with_name(f"{environment.folder.name}.lock")):
            if not ready.is_file():
                _install(environment, requirements, python, without, alone)
                ready.write_text(wanted, "utf-8")
    return environment


def cache() -> Path:
    """Return the folder of all environments."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "clarifai-environments"


def old_python() -> str:
    """Return this Python's version if old programs run on it, else the newest they run on."""
    version = ".".join(map(str, sys.version_info[:2]))
    return version if version in SUPPORTED_BY_OLD_PROGRAMS else SUPPORTED_BY_OLD_PROGRAMS[-1]


def _install(
    environment: Environment,
    requirements: Sequence[str],
    python: str,
    without: Sequence[str],
    alone: Sequence[str],
) -> None:
    # `uv run` tells its children where it is; it need not be on the path.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise Unavailable("uv is not on the path")
    _run(uv, "venv", "--clear", "--python", python, str(environment.folder))
    # All is compiled in the end: not after each step, too, as our own pyproject.toml wants.
    install = (uv, "pip", "install", "--no-compile-bytecode", "--python", str(environment.python))
    _run(*install, *requirements)
    if alone:
        _run(*install, "--no-deps", *alone)
    for one in without:
        _run(uv, "pip", "uninstall", "--python", str(environment.python), one)
    # Else every program that runs before the first one ends compiles all of it again.
    _run(str(environment.python), "-m", "compileall", "-q", "-j", "0", str(environment.folder))


def _run(*command: str) -> None:
    # The environment that this program runs in is none of uv's business here.
    inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, env=inherited, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no word why"]
        raise Unavailable(f"`{' '.join(command[1:3])}` failed: {' '.join(lines[-8:])}")


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock file; the operating system lets go of it when the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        _acquire(file.fileno())
        yield


if sys.platform == "win32":
    import msvcrt

    def _acquire(descriptor: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                return msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            time.sleep(_LOCK_POLL_SECONDS)

else:
    import fcntl

    def _acquire(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
