"""What a check is: a test that fails with one sentence, and waits for those that it needs."""

from __future__ import annotations

import functools
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import pytest

from clarifai_core.errors import PluginError
from clarifai_core.safe_text import failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
Check = TypeVar("Check", bound="Callable[..., None]")

EVERY = ("*",)
"""All checks that ran before: for those that try everything at once."""

HANG_SECONDS = 20.0
"""How long what should return at once may take on a busy machine before it counts as hanging."""


class NotSaid(NotImplementedError):  # why: what a test has to say itself, no stub of ours
    """The test does not say what its contract needs; the words go on: `"say how to make it"`."""


def wrong(sentence: str) -> NoReturn:
    """Fail with a sentence, and without a traceback: it is about the plugin."""
    raise pytest.fail.Exception(sentence, pytrace=False) from None


def check(*, after: Sequence[str] = ()) -> Callable[[Check], Check]:
    """Make a check of a method of a contract.

    Args:
        after: Checks without which this one would only say again what they say: it is skipped when
            one of them failed.

    What the method raises itself is a failure, too, with the place in the plugin.
    """

    def decorate(method: Check) -> Check:
        name = method.__name__

        @functools.wraps(method)
        def checked(self: Any, *arguments: Any, **fixtures: Any) -> None:
            failed = _failed(type(self))
            try:
                method(self, *arguments, **fixtures)
            except pytest.fail.Exception:
                failed.append(name)
                raise
            except NotSaid as error:
                failed.append(name)
                told = f"{type(self).__name__} does not {error}."
            except Exception as error:  # noqa: BLE001  why: a plugin may fail in any way
                failed.append(name)
                # Core's own sentence is for users of a plugin: its author needs what is below.
                found = (isinstance(error, PluginError) and error.__cause__) or error
                told = f"{self.title}: {failure(found)}{place(found)}."
            else:
                return
            wrong(told)

        vars(checked)["after"] = tuple(after)
        return checked  # type: ignore[return-value]

    return decorate


def wait_for_others(contract: type, method: object) -> None:
    """Skip a check that waits for one which failed; called before any of its fixtures is made."""
    after = getattr(method, "after", ())
    for one in _failed(contract):
        if after == EVERY or one in after:
            pytest.skip(f"{one} says what to mend first")


def place(error: BaseException) -> str:
    """Return where an error was raised: `" (loader.py, line 7)"`."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})"


def in_time(what: str, work: Callable[[], T]) -> T:
    """Return what a function returns, or fail when it hangs."""
    done: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001  why: raised again by the caller
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(HANG_SECONDS)
    if raised:
        raise raised[0]
    if not done:
        wrong(f"{what} did not return within {HANG_SECONDS:.0f} s.")
    return done[0]


def at_once(work: Callable[[], T], threads: int = 8) -> list[T]:
    """Return what a function returns in several threads that begin at the same time."""
    ready = threading.Barrier(threads)
    found: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            ready.wait(HANG_SECONDS)
            found.append(work())
        except BaseException as error:  # noqa: BLE001  why: raised again by the caller
            raised.append(error)

    workers = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(HANG_SECONDS)
    if raised:
        raise raised[0]
    if len(found) < threads:
        wrong(f"Of {threads} threads that asked at once only {len(found)} got an answer.")
    return found


def one_sentence(said: str, subject: str) -> None:
    """Fail unless a text is a line that a person can read."""
    if not said.strip():
        wrong(f"{subject} says nothing: say which value it is, and what to give instead.")
    if "\n" in said.strip() or "Traceback" in said:
        wrong(f"{subject} says {len(said.splitlines())} lines: say it in one sentence.")


_FAILED: dict[type, list[str]] = {}


def _failed(contract: type) -> list[str]:
    return _FAILED.setdefault(contract, [])
