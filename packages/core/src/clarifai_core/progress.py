"""Bars and waits for whoever looks: on a terminal, in a notebook, and nowhere else.

Programs, pipes and logs stay silent, unless `progress=True` asks for a bar; `progress=False` never
shows one. Bars go to stderr.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from clarifai_core.lazy import import_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHOWN_AFTER_SECONDS = 1.0
"""What is done sooner shows nothing, unless `progress=True` asks for it."""


def in_notebook() -> bool:
    """Return whether this is a notebook's kernel; IPython on a terminal is none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def is_watched() -> bool:
    """Return whether somebody looks: stderr is a terminal, or this is a notebook."""
    return in_notebook() or _is_terminal(sys.stderr)


def wanted(progress: bool | None) -> bool:
    """Return whether to show progress; None: when somebody looks."""
    return is_watched() if progress is None else bool(progress)


class Bar(Protocol):
    """Shows how far something is; for the length of a block."""

    def __enter__(self) -> Bar:
        """Return the bar."""

    def __exit__(self, *error: Any) -> object:
        """End it."""

    def update(self, count: float = 1, /) -> object:
        """Count on."""

    def close(self) -> object:
        """End it."""


def bar(
    total: int | None,
    text: str,
    unit: str,
    progress: bool | None = None,
    *,
    delay_seconds: float = 0.0,
) -> Bar:
    """Return a bar of tqdm; in a notebook one that the notebook draws, where it can.

    Args:
        total: How many things there are to do; None: nobody knows.
        text: What is being done: `"Uploading"`.
        unit: What is counted: `"inputs"`.
        progress: Whether to show it; None: when somebody looks.
        delay_seconds: What is done sooner is not shown.

    Example:
        >>> with bar(2, "Counting", "things") as shown:
        ...     shown.update(2)
    """
    if not wanted(progress):
        return _NoBar()
    delay = {} if progress else {"delay": delay_seconds}
    shown: Bar = _bar_class()(total=total, desc=text, unit=f" {unit}", **delay)
    return shown


@contextlib.contextmanager
def waiting(text: str, progress: bool | None = None) -> Iterator[Callable[[str, int], None]]:
    """Show that something is waited for, for how long by now, and what it says itself.

    Args:
        text: What: `"Training of model 'm'"`.
        progress: Whether to show it; None: when somebody looks, and it takes a moment.

    Yields:
        A function to call with what the thing says of itself and how many percent of it are done;
        0: it does not tell.

    Example:
        >>> with waiting("a test") as tell:
        ...     tell("half of it", 50)
    """
    if not wanted(progress):
        yield _silent
        return
    shown = _bar_class()(
        total=100,
        desc=text,
        leave=bool(progress),
        bar_format="{desc}: {elapsed}{postfix}",
        delay=0.0 if progress else SHOWN_AFTER_SECONDS,
    )
    begun = time.monotonic()
    with shown:

        def tell(said: str, percent: int) -> None:
            if not progress and time.monotonic() - begun < SHOWN_AFTER_SECONDS:
                return
            shown.n = max(shown.n, min(percent, 100))
            parts = (said, f"{shown.n:.0f} %" if shown.n else "")
            shown.set_postfix_str(", ".join(filter(None, parts)), refresh=False)
            shown.update(0)
            shown.refresh()

        yield tell


class _NoBar:
    """A bar that nobody sees; tqdm is not even imported for it."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *error: object) -> None:
        """Show nothing."""

    def update(self, count: float = 1) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Show nothing."""


def _silent(_said: str, _percent: int) -> None:
    """Show nothing."""


def _bar_class() -> Callable[..., Any]:
    from tqdm.std import tqdm

    if not in_notebook():
        return tqdm
    try:  # what draws it is an extra; without it a line of text does
        import_module("ipywidgets")
        from tqdm.notebook import tqdm as drawn
    except ImportError:
        return tqdm
    return drawn


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError, OSError):  # closed, or put there by somebody
        return False
