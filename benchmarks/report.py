"""The figures as Markdown: what was to be reached, what was, and on which machine."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from benchmarks.workloads import FIGURES, Start, Target, Workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.harness import Figures, Outcome

NONE = "-"
_SHORT = {"wall_ms": "wall", "cpu_ms": "CPU"}


@attrs.frozen
class Measured:
    """One row of the table about the platform."""

    what: str
    value: float
    unit: str
    target: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Return whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        met = "yes" if self.met else "**no**"
        shown = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:.2g}"
        return f"| {self.what} | {shown} {self.unit} | {sign} {self.target:,g} | {met} |"


@attrs.frozen
class Verdict:
    """Whether one target is met."""

    target: Target
    ours: float | None
    official: float | None

    @property
    def met(self) -> bool:
        """Return whether ours was measured and is on the right side of the target."""
        if self.ours is None:
            return False
        bound = self.target.bound
        return self.ours >= bound if self.target.at_least else self.ours <= bound

    @property
    def wanted(self) -> str:
        """Return the target in words."""
        return f"{'>=' if self.target.at_least else '<='} {self.text(self.target.bound)}"

    def text(self, value: float | None) -> str:
        """Return a value as the target counts it."""
        if value is None:
            return NONE
        if self.target.relative:
            return f"{value:.2f} x"
        return _number(value)

    @property
    def title(self) -> str:
        """Return what the target is about."""
        name = self.target.figure
        return f"{_SHORT.get(name, name)}, x limit" if self.target.relative else FIGURES[name]


def verdicts(outcome: Outcome) -> list[Verdict]:
    """Return one verdict for each target of a row."""
    return [
        Verdict(
            target,
            _value(outcome, "ours", target),
            _value(outcome, "official", target),
        )
        for target in outcome.row.targets
    ]


def _value(outcome: Outcome, who: str, target: Target) -> float | None:
    figures = outcome.figures.get(who, {})
    value = figures.get(target.figure)
    if value is None or not target.relative:
        return value
    limit = outcome.figures.get("limit", {}).get(target.figure)
    return value / limit if limit else None


def document(outcomes: Sequence[Outcome], repeats: int, official: str) -> str:
    """Return the whole report.

    Args:
        outcomes: The rows.
        repeats: Processes of each contestant in each row.
        official: Why the official SDK is missing, or `""`.
    """
    return "\n".join(
        [
            "# Results",
            "",
            "Written by `uv run python -m benchmarks`; what is measured, and how: "
            "[README](README.md). Times are",
            f"medians of {repeats} processes each, one contestant after the other. Only ratios "
            "within one run mean anything.",
            "",
            *machine(),
            *([f"- The official SDK is missing: {official}."] if official else []),
            "",
            "## Targets",
            "",
            *_targets(outcomes),
            "",
            "## Figures",
            "",
            *_figures(outcomes),
            *_notes(outcomes),
            "",
        ]
    )


def machine() -> list[str]:
    """Return what the figures were measured on."""
    now = datetime.now(tz=timezone.utc)
    return [
        f"- {now:%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, {_memory()}, {_model()}",
        f"- {platform.python_implementation()} {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in _DISTRIBUTIONS),
    ]


_DISTRIBUTIONS = ("grpcio", "protobuf", "clarifai-grpc")


def _memory() -> str:
    found = _field("/proc/meminfo", "MemTotal")
    return f"{int(found.split()[0]) / 2**20:.0f} GiB" if found else "memory unknown"


def _model() -> str:
    return _field("/proc/cpuinfo", "model name") or platform.processor() or "processor unknown"


def _field(path: str, name: str) -> str:
    file = Path(path)
    for line in file.read_text("utf-8").splitlines() if file.is_file() else ():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _targets(outcomes: Iterable[Outcome]) -> list[str]:
    head = ("workload", "latency", "figure", "official", "ours", "target", "met")
    rows = [
        (
            _title(outcome),
            _latency(outcome),
            verdict.title,
            verdict.text(verdict.official),
            verdict.text(verdict.ours),
            verdict.wanted,
            "yes" if verdict.met else "**no**",
        )
        for outcome in outcomes
        for verdict in verdicts(outcome)
    ]
    return _table(head, rows)


def _figures(outcomes: Iterable[Outcome]) -> list[str]:
    names = list(FIGURES)
    head = ("workload", "latency", "contestant", "x limit, wall / CPU", *FIGURES.values())
    rows = [
        (
            _title(outcome),
            _latency(outcome),
            who,
            _ratios(figures, outcome.figures.get("limit")),
            *(_number(figures[name]) if name in figures else NONE for name in names),
        )
        for outcome in outcomes
        for who, figures in outcome.figures.items()
    ]
    return _table(head, rows)


def _ratios(figures: Figures, limit: Figures | None) -> str:
    if limit is None:
        return NONE
    return " / ".join(
        f"{figures[name] / limit[name]:.2f}" if limit[name] > 0 else NONE
        for name in ("wall_ms", "cpu_ms")
    )


def _notes(outcomes: Iterable[Outcome]) -> list[str]:
    lines = [
        f"- {_title(outcome)}, {who}: {note}."
        for outcome in outcomes
        for who, note in outcome.notes.items()
    ]
    return ["", "## Notes", "", *lines] if lines else []


def _title(outcome: Outcome) -> str:
    return outcome.row.title


def _latency(outcome: Outcome) -> str:
    row: Workload | Start = outcome.row
    return f"{row.latency_ms:g} ms" if isinstance(row, Workload) else NONE


def _number(value: float) -> str:
    """Return a figure with three digits that mean something."""
    return f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
