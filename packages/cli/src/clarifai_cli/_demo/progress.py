"""Tells on stderr what the demo is doing: a bar on a terminal, a line per step elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from clarifai_cli._output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@attrs.define
class Narrator:
    """Times the steps of a run and shows how far they are."""

    seconds: dict[str, float] = attrs.field(factory=dict)
    """Time of each finished step."""

    @contextmanager
    def step(
        self, name: str, text: str, total: int = 0, *, bar: bool = True
    ) -> Iterator[Callable[[int], None]]:
        """Show one step while it runs.

        Args:
            name: What its time is kept under.
            text: What is being done.
            total: How many things there are to do; 0 when nobody knows.
            bar: Whether to show how far it is; False when what is called does so itself.

        Yields:
            A function to call with the number of things that were just done.
        """
        started = time.perf_counter()
        with _shown(text, total, bar) as advance:
            yield advance
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


def _shown(text: str, total: int, bar: bool) -> AbstractContextManager[Callable[[int], None]]:
    if not sys.stderr.isatty():
        return _line(text, total)
    if not bar:
        return _heading(text, total)
    return _bar(text, total) if total else _spinner(text, total)


@contextmanager
def _bar(text: str, total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(text, total=total)
        yield lambda count: progress.advance(task, count)


@contextmanager
def _spinner(text: str, total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console

    with _line(text, total) as advance, Console(stderr=True).status(text):
        yield advance


@contextmanager
def _heading(text: str, _total: int) -> Iterator[Callable[[int], None]]:
    say(text, to=sys.stderr)
    yield lambda _: None


@contextmanager
def _line(text: str, _total: int) -> Iterator[Callable[[int], None]]:
    started = time.perf_counter()
    yield lambda _: None
    say(f"{text}: {time.perf_counter() - started:.1f} s", to=sys.stderr)
