"""Tracebacks that end at the user's line: what the SDK did below it is of no help to its users.

A notebook asks an error for its own traceback (`_render_traceback_`), and gets one without our
frames and without the causes within them. `CLARIFAI_DEBUG=1` shows all. Elsewhere Python shows all,
unless a program asks for the same with `shorten_tracebacks()`.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
import types
from typing import TYPE_CHECKING, Any

from clarifai_core import debug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OURS = ("clarifai", "clarifai_")
"""What the names of our modules begin with: the first alone, or before a dot."""

HINT = "(the lines within the SDK are left out; CLARIFAI_DEBUG=1 shows them)"


def shortened(found: types.TracebackType | None) -> types.TracebackType | None:
    """Return a traceback up to the last line that is not ours; all of it where that is none."""
    frames = list(_frames(found))
    theirs = [place for place, one in enumerate(frames) if not _is_ours(one.tb_frame)]
    if not theirs:
        return found
    made = None
    for one in reversed(frames[: theirs[-1] + 1]):
        made = types.TracebackType(made, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return made


def rendered(error: BaseException) -> list[str]:
    """Return the lines of an error's traceback for a notebook, or for IPython on a terminal."""
    draw = _drawer()
    if debug.is_on():
        return draw(error, error.__traceback__)
    short = shortened(error.__traceback__)
    with _without_causes(error):
        lines = draw(error, short)
    return [*lines, HINT] if short is not error.__traceback__ else lines


def shorten_tracebacks() -> None:
    """Have Python's own tracebacks of this SDK's errors end at the program's line.

    For a program to say once, at its beginning: it sets `sys.excepthook`, and other errors go on to
    what was there. Notebooks need it not.
    """
    before = sys.excepthook

    def show(kind: Any, error: BaseException, found: types.TracebackType | None) -> None:
        if not hasattr(error, "_render_traceback_") or debug.is_on():
            before(kind, error, found)
            return
        with _without_causes(error):
            lines = traceback.format_exception(kind, error, shortened(found))
        sys.stderr.write(f"{''.join(lines)}{HINT}\n")

    sys.excepthook = show


def _frames(found: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while found is not None:
        yield found
        found = found.tb_next


def _is_ours(frame: types.FrameType) -> bool:
    top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return top == OURS[0] or top.startswith(OURS[1])


@contextlib.contextmanager
def _without_causes(error: BaseException) -> Iterator[None]:
    """What an error was made of is ours as well, and stands in its words."""
    cause, context, suppress = error.__cause__, error.__context__, error.__suppress_context__
    error.__cause__, error.__suppress_context__ = None, True
    try:
        yield
    finally:
        error.__cause__, error.__context__ = cause, context
        error.__suppress_context__ = suppress


def _drawer() -> Callable[[BaseException, types.TracebackType | None], list[str]]:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    draws = getattr(getattr(shell, "InteractiveTB", None), "structured_traceback", None)

    def draw(error: BaseException, found: types.TracebackType | None) -> list[str]:
        if draws is None:
            return "".join(traceback.format_exception(type(error), error, found)).splitlines()
        lines: list[str] = draws(type(error), error, found, tb_offset=1)
        return lines

    return draw
