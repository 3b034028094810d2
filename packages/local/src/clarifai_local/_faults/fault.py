"""One fault that is switched on: when it strikes, what it does, how often it has."""

from __future__ import annotations

import random
import threading
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

MISSED = object()
"""What a fault returns that found nothing to do: the call does not count."""


@attrs.frozen
class Schedule:
    """Which of the calls that reach a fault it strikes.

    Args:
        times: At most so many; None has no end.
        after: The first so many are left alone.
        every: Of the rest, every n-th.
        probability: Of those, this share, 0..1, drawn from `seed`.
        seed: The same seed strikes the same calls.

    Raises:
        ValueError: A number is out of its range.
    """

    times: int | None = None
    after: int = 0
    every: int = 1
    probability: float = 1.0
    seed: int = 0

    def __attrs_post_init__(self) -> None:
        for name, least in (("times", 1), ("after", 0), ("every", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability must be within 0..1, got {self.probability}")


class Fault:
    """A fault that is switched on; `Faults.on` and its siblings make them.

    As a context manager it is removed at the end of the block.
    """

    def __init__(
        self,
        name: str,
        pattern: str,
        schedule: Schedule,
        act: Callable[..., Any],
        remove: Callable[[Fault], None],
    ) -> None:
        self.name = name
        """What it is, such as `"PostInputs: unavailable"`."""
        self.removed = threading.Event()
        """Set once it is removed; a fault that makes calls wait, waits on it."""
        self._pattern = pattern
        self._schedule = schedule
        self._act = act
        self._remove = remove
        self._random = random.Random(schedule.seed)
        self._lock = threading.Lock()
        self._reached = 0
        self._struck = 0

    @property
    def reached(self) -> int:
        """How many calls came as far as this fault."""
        return self._reached

    @property
    def struck(self) -> int:
        """How many of them it struck."""
        return self._struck

    def remove(self) -> None:
        """Switch it off, and let go what it holds up; removing twice is fine."""
        self.removed.set()
        self._remove(self)

    def matches(self, name: str) -> bool:
        """Return whether an RPC, or the path of an HTTP address, is concerned."""
        return self._pattern in ("*", name) or fnmatchcase(name, self._pattern)

    def strike(self, *args: Any) -> Any:
        """Count a call and, when it is its turn, do what the fault does.

        Returns:
            What to answer in place of the call's own answer; None to let it go on.
        """
        if not self._is_due():
            return None
        found = self._act(self, *args)
        if found is MISSED:
            with self._lock:
                self._reached -= 1
                self._struck -= 1
            return None
        return found

    def _is_due(self) -> bool:
        plan = self._schedule
        with self._lock:
            self._reached += 1
            if plan.times is not None and self._struck >= plan.times:
                return False
            number = self._reached - plan.after
            if number <= 0 or number % plan.every:
                return False
            # `random()` is below 1: a probability of 1 always strikes, one of 0 never does.
            if self._random.random() >= plan.probability:
                return False
            self._struck += 1
            return True

    def __repr__(self) -> str:
        return f"<Fault {self.name}, struck {self._struck} of {self._reached}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()


def waiting(seconds: float) -> Callable[[Fault], None]:
    """Return what lets a call wait, in real time; removing the fault ends it.

    Raises:
        ValueError: `seconds` is negative.
    """
    if seconds < 0:
        raise ValueError(f"seconds must not be negative, got {seconds}")

    def wait(fault: Fault) -> None:
        fault.removed.wait(seconds)

    return wait
