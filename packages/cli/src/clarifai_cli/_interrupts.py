"""Ctrl-C ends any command: the first one within two seconds, the second one at once.

The first one raises KeyboardInterrupt, as in any program, and commands end by it: what is done
stays, and they say how to go on. Those that wait for what is under way are told a second time. But
code that waits outside Python (for a name server, a disk, a
thread of somebody else) would not hear of it; so a thread listens too, and ends the process when
its time is over. What was written until then is as whole as after a kill, which journals and drafts
are made for.

Only the program does so. A library leaves signals alone.
"""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 + SIGINT."""

NUDGE_SECONDS = 1.4
"""When a command that still runs after Ctrl-C is told again."""

LIMIT_SECONDS = 1.8
"""How long a command may take to end after Ctrl-C."""

FLUSH_SECONDS = 0.2
"""How long to wait for what was printed to be written."""

LINGER_SECONDS = 10.0
"""How long to look whether a process ends in which `main` was called as a function."""

_MARK = b"\xff"
"""Written into the pipe when the command is over; no signal has this number."""


class Watch:
    """Listens for Ctrl-C while a command runs; does nothing where signals are somebody else's.

    Args:
        is_program: Whether the process ends with the command; else somebody calls `main`.
    """

    def __init__(self, *, is_program: bool) -> None:
        self._is_program = is_program
        self._pipe: tuple[int, int] | None = None
        self._previous = -1
        self._heard_all = threading.Event()
        self._second = threading.Event()
        self._is_over = False
        self._nudges = 0
        self.count = 0
        """How often Ctrl-C was pressed."""

    def __enter__(self) -> Watch:
        if threading.current_thread() is not threading.main_thread():
            return self
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return self  # ignored, as in the background of a script, or a program's own
        self._pipe = os.pipe()
        reader, writer = self._pipe
        if hasattr(os, "set_blocking") and os.name != "nt":
            os.set_blocking(writer, False)
        self._previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=self._listen, args=(reader,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        if self._pipe is None:
            return
        if self.count and self._is_program:
            # The next one ends the process at once, in `_listen`. While Python finalizes there is
            # nobody to listen, and the process would be killed: that is another exit code.
            signal.signal(signal.SIGINT, lambda *_: None)
            atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
            return
        signal.set_wakeup_fd(self._previous)
        os.close(self._pipe[1])

    def exit_code(self, code: int) -> int:
        """Return the exit code of a command that ended with `code`."""
        if self._pipe is None:
            return code
        os.write(self._pipe[1], _MARK)
        self._heard_all.wait(1)  # why: what the handler wrote before the mark counts
        if self.count and code != INTERRUPTED:
            print("Interrupted.", file=sys.stderr)
        return INTERRUPTED if self.count else code

    def _listen(self, reader: int) -> None:
        """Count what the signal handler writes, a byte for each signal, until the end."""
        while heard := os.read(reader, 64):
            for number in heard:
                if number == signal.SIGINT:
                    self._count()
                elif number == _MARK[0]:
                    self._heard_all.set()
        os.close(reader)

    def _count(self) -> None:
        if self._nudges:
            self._nudges -= 1  # why: it was not the user
            return
        self.count += 1
        if self.count == 1:
            threading.Thread(target=self._end_in_time, daemon=True).start()
        else:
            self._second.set()

    def _end_in_time(self) -> None:
        if not self._second.wait(NUDGE_SECONDS):
            if not self._is_over:
                self._nudges += 1
                _thread.interrupt_main()
            self._second.wait(LIMIT_SECONDS - NUDGE_SECONDS)
        if self._is_program or not self._is_over or _main_thread_ended():
            _end(say=not self._is_over)


def _main_thread_ended() -> bool:
    """Wait whether whoever called `main` as a function ends: then other threads are waited for."""
    deadline = time.monotonic() + LINGER_SECONDS
    while threading.main_thread().is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _end(*, say: bool) -> NoReturn:
    """End the process, with what was printed until now."""
    flushing = threading.Thread(target=_flush, daemon=True)
    flushing.start()
    flushing.join(FLUSH_SECONDS)
    if say:
        with suppress(OSError):
            os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
