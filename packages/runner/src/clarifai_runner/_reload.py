"""Development: a program in a process of its own, started again when a source file changes."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

LOOK_SECONDS = 0.5
"""How often the files are looked at."""

STOP_SECONDS = 35.0
"""How long the program may take to stop; then it is killed."""

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})


def run_reloading(
    command: Sequence[str],
    folder: Path,
    say: Callable[[str], None],
    ended: threading.Event,
) -> None:
    """Run a command until `ended` is set; after each change of a Python file, run it anew.

    A program that ends by itself is started again after the next change.

    Args:
        command: What to run.
        folder: Its Python files are watched, those of sub-folders too.
        say: Called with each line for the user.
        ended: Set from outside to stop.
    """
    while not ended.is_set():
        seen = _state(folder)
        # Of its own session: Ctrl-C reaches it once, from here.
        with subprocess.Popen(command, start_new_session=True) as process:  # noqa: S603
            try:
                changed = _wait_for_change(folder, seen, ended)
            finally:
                _stop(process)
        if changed:
            say(f"{changed} changed: starting again")


def _wait_for_change(folder: Path, seen: dict[Path, int], ended: threading.Event) -> Path | None:
    while not ended.wait(LOOK_SECONDS):
        now = _state(folder)
        different = sorted(path for path in {*seen, *now} if seen.get(path) != now.get(path))
        if different:
            return different[0]
    return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        except BaseException:  # why: a second Ctrl-C: nothing of it may stay; raised again
            process.kill()
            raise


def _state(folder: Path) -> dict[Path, int]:
    """Return the Python files of a folder, and when each was changed."""
    found = {}
    for path in _sources(folder):
        try:
            found[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # an editor replaces it this very moment
    return found


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if not path.name.startswith(".") and path.name not in _SKIPPED:
                yield from _sources(path)
        elif path.suffix == ".py":
            yield path
