"""Runs the contestants in turn, each in a process of its own, and takes medians."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import attrs

from benchmarks import plugins
from benchmarks.stub_server import ROOT, Stub
from benchmarks.workloads import PLUGINS, Start, Workload

Figures: TypeAlias = Mapping[str, float]
"""Name of a figure (see `workloads.FIGURES`) -> its value."""

MODULES = {"limit": "limit", "ours": "program", "official": "program"}
"""Contestant -> its module; ours and the official SDK run the same program."""

_DROPPED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
_STARTS_PER_REPEAT = 4
_BARE = ("-c", "pass")


class WrongResult(Exception):
    """A contestant did not do the work: a time of it would mean nothing."""


@attrs.define
class Outcome:
    """What came of one row."""

    row: Workload | Start
    figures: dict[str, Figures] = attrs.field(factory=dict)
    """Contestant -> medians."""
    notes: dict[str, str] = attrs.field(factory=dict)
    """Contestant -> what else there is to say, or why it has no figures."""


@attrs.frozen
class Race:
    """Who takes part, and how often."""

    interpreters: Mapping[str, Path]
    """Contestant -> its Python; those who are not here are left out."""
    repeats: int
    iterations: int | None = None
    """In place of each workload's own."""

    def run(self, row: Workload | Start) -> Outcome:
        """Run one row: each contestant in turn, as often as there are repeats."""
        return self._workload(row) if isinstance(row, Workload) else self._start(row)

    def _workload(self, row: Workload) -> Outcome:
        with Stub(latency_ms=row.latency_ms, throttle_rate=row.throttle_rate) as stub:
            return self._alternate(row, row.contestants, lambda who: self._measure(row, who, stub))

    def _alternate(
        self, row: Workload | Start, names: Sequence[str], measure: Callable[[str], Figures]
    ) -> Outcome:
        names = [name for name in names if name in self.interpreters]
        runs: dict[str, list[Figures]] = {name: [] for name in names}
        outcome = Outcome(row)
        for _ in range(self.repeats):
            for name in names:
                if name in outcome.notes:
                    continue
                try:
                    runs[name].append(measure(name))
                except WrongResult as error:
                    outcome.notes[name] = str(error)
        right = [name for name in names if name not in outcome.notes]
        outcome.figures = {name: _medians(runs[name]) for name in right}
        return outcome

    def _measure(self, row: Workload, who: str, stub: Stub) -> Figures:
        row = row.for_official() if who == "official" else row
        figures = self._work(row, who, stub)
        if not row.smaller:
            return figures
        parameters = {**row.parameters, **row.smaller}
        small = self._work(attrs.evolve(row, parameters=parameters, results=None), who, stub)
        return {**figures, "growth_mib": figures["peak_mib"] - small["peak_mib"]}

    def _work(self, row: Workload, who: str, stub: Stub) -> Figures:
        iterations = min(self.iterations or row.iterations, row.iterations)
        options = {
            "target": stub.target,
            "parameters": dict(row.parameters),
            "iterations": iterations,
        }
        python = self.interpreters[who]
        command = [
            str(python), "-m", "benchmarks.contestants.driver",
            MODULES[who], row.function, json.dumps(options),
        ]  # fmt: skip
        with subprocess.Popen(  # noqa: S603  why: our own module
            command,
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None  # noqa: S101  why: it is a pipe
            ready = process.stdout.readline() == "ready\n"
            stub.take_counts()
            stub.take_refusals()
            out, err = process.communicate("go\n" if ready else "")
        if not ready or process.returncode:
            raise WrongResult((err.strip().splitlines() or ["it ended without a word"])[-1])
        report = json.loads(out.splitlines()[-1])
        rpcs = sum(stub.take_counts().values()) / iterations
        runs = report["runs"]
        wrong = [r["results"] for r in runs if "results" in r and r["results"] != row.results]
        if wrong and row.results is not None:
            raise WrongResult(f"{wrong[0]} results instead of {row.results}")
        extra = {"peak_mib": (report["peak_kib"] - _bare_kib(python)) / 1024, "rpcs": rpcs}
        if row.throttle_rate:
            extra |= _throttling(runs, stub.take_refusals())
        return {**_medians(runs), **extra}

    def _start(self, row: Start) -> Outcome:
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            if not row.served:
                plugins.install(Path(folder), PLUGINS)
            environment = _environment(PYTHONPATH=folder)
            target = stack.enter_context(Stub()).target if row.served else ""

            def measure(who: str) -> Figures:
                python = self.interpreters[who]
                program = [part.replace("{target}", target) for part in row.programs[who]]
                figures = _launch(_command(python, program), environment)
                if not row.over_bare:
                    return figures
                bare = _launch(_command(python, _BARE), environment)
                return {name: value - bare[name] for name, value in figures.items()}

            names = tuple(row.programs)
            self._alternate(row, names, measure)  # bytecode is written, files are in memory
            starts = attrs.evolve(self, repeats=self.repeats * _STARTS_PER_REPEAT)
            outcome = starts._alternate(row, names, measure)
            if row.also:
                outcome.figures = {
                    name: {**figures, **self._also(row, name, environment)}
                    for name, figures in outcome.figures.items()
                }
        return outcome

    def _also(self, row: Start, who: str, environment: Mapping[str, str]) -> Figures:
        flag, code = row.programs[who]
        command = _command(self.interpreters[who], (flag, f"{code}; {row.also}"))
        done = subprocess.run(  # noqa: S603
            command, env=dict(environment), capture_output=True, text=True, check=True
        )
        printed: dict[str, float] = json.loads(done.stdout)
        return printed


def _command(python: Path, program: Sequence[str]) -> list[str]:
    if program[0].startswith("{bin}"):
        return [program[0].replace("{bin}", str(python.parent)), *program[1:]]
    return [str(python), *program]


def _launch(command: Sequence[str], environment: Mapping[str, str]) -> Figures:
    """Return the wall and CPU time of a process from its start to its end."""
    faults, before, started = _children_faults(), _children_seconds(), time.perf_counter()
    done = subprocess.run(  # noqa: S603
        command, env=dict(environment), capture_output=True, text=True, check=False
    )
    wall, cpu = time.perf_counter() - started, _children_seconds() - before
    if done.returncode:
        raise WrongResult((done.stderr.strip().splitlines() or ["it failed"])[-1])
    taken = _children_faults() - faults
    return {"wall_ms": wall * 1000, "cpu_ms": cpu * 1000, "faults": taken}


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _children_faults() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt


def _environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would change the measured."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _DROPPED and not name.startswith("CLARIFAI_")
    }
    return {**kept, **more}


def _throttling(runs: Sequence[Mapping[str, Any]], refused_after: Sequence[float]) -> Figures:
    """Return what a row with a rate limit is about."""
    return {
        "rate": median(run["results"] * 1000 / run["wall_ms"] for run in runs),
        "refusals": len(refused_after),
        "late_refusals": sum(seconds > 1 for seconds in refused_after),
    }


_bare: dict[Path, int] = {}


def _bare_kib(python: Path) -> int:
    """Return the peak memory of an interpreter that does nothing."""
    if python not in _bare:
        code = "from benchmarks.contestants import driver; print(driver.peak_kib())"
        done = subprocess.run(  # noqa: S603
            [str(python), "-c", code],
            cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        _bare[python] = int(done.stdout)
    return _bare[python]


def _medians(runs: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {name: median(run[name] for run in runs) for name in runs[0] if name != "results"}


def our_python() -> Path:
    """Return the Python that runs this; not what a link of it points at."""
    return Path(sys.executable)
