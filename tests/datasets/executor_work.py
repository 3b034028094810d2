"""What the tests of executors run in other processes; it has to be importable there."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Executor
from pathlib import Path

from clarifai_datasets.upload._parallel import run_unit


def run_or_die(unit, marker):
    """Upload a unit; the process that finds the marker dies after half of it was sent.

    The marker is gone then, and whoever gets the unit next lives.
    """
    if Path(marker).exists():
        Path(marker).unlink()
        half = dict(list(unit.features.items())[: len(unit.features) // 2])
        run_unit(type(unit)(unit.settings, unit.scope, unit.rules, unit.limits, half))
        os.kill(os.getpid(), signal.SIGKILL)
    return run_unit(unit)


class Deadly(Executor):
    """Hands work on to an executor; the worker that gets unit number `at` dies half-way."""

    def __init__(self, inner, marker, at):
        self._inner, self._marker, self._at, self._given = inner, marker, at, 0

    def submit(self, work, unit):
        self._given += 1
        if self._given != self._at:
            return self._inner.submit(work, unit)
        self._marker.touch()
        return self._inner.submit(run_or_die, unit, str(self._marker))
