"""SIGTERM and Ctrl-C: the first one asks a runner to stop, the second one ends the program."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any

from clarifai_core.loggers import logger_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = logger_for(__name__)


@contextlib.contextmanager
def stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the first SIGINT or SIGTERM, and let the second one do what it always does.

    Signals are the main thread's: in other threads nothing changes. Afterwards whatever handled
    them before does so again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            # None: it was not set by Python, and cannot be set by it.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    asked = False

    def handle(number: int, _: Any) -> None:
        nonlocal asked
        name = signal.Signals(number).name
        if not asked:
            asked = True
            _log.info("%s: stopping; a second one ends at once", name)
            stop()
            return
        _log.warning("%s: ending at once", name)
        restore()
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    for number in SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()
