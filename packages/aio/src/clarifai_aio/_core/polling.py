# Made of clarifai_core.polling by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Waiting until something on the platform is done."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from clarifai_core._deadlines import within
from clarifai_core.errors import ApiClientError, DeadlineExceeded, Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarifai_core.polling import T


async def wait_until(
    check: Callable[[], Awaitable[T | None]],
    *,
    what: str,
    timeout_seconds: float,
    first_seconds: float = 0.05,
    most_seconds: float = 5.0,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Call `check` until it returns something, with growing pauses, and return that.

    A platform that cannot be reached for a while is asked again: only the wait's own deadline ends
    it. Calls within `check` end with the wait at the latest.

    Args:
        check: Returns None while the thing is not done; what it raises ends the wait, unless it
            says that there was no answer.
        what: What is waited for, for the error message: `"training of model 'm'"`.
        timeout_seconds: When to give up.
        first_seconds: The first pause; each is half as long again as the one before, +-20%.
        most_seconds: The longest pause.
        sleep: Waits; tests pass their own.
        clock: Tells the time in seconds.

    Raises:
        DeadlineExceeded: It was not done in time; it goes on without us. Its cause is the last
            failure to ask, if that was how it ended.

    Example:
        >>> answers = iter([None, None, "done"])
        >>> async def check():
        ...     return next(answers)
        >>> await wait_until(check, what="a test", timeout_seconds=5)
        'done'
    """
    deadline = clock() + timeout_seconds
    pause = first_seconds
    while True:
        lost: ApiClientError | None = None
        try:
            with within(deadline - clock()):
                found = await check()
            if found is not None:
                return found
        except (Unreachable, DeadlineExceeded) as error:
            lost = error
        remaining = deadline - clock()
        if remaining <= 0:
            last = f" The last question had no answer: {lost}" if lost else ""
            raise DeadlineExceeded(
                f"{what} was not done within {timeout_seconds:g} seconds; it goes on without us."
                f"{last}"
            ) from lost
        await sleep(min(remaining, pause * random.uniform(0.8, 1.2)))
        pause = min(most_seconds, pause * 1.5)
