"""When to wait before a request, and when to send it again.

Full jitter and the retry budget follow the AWS Architecture Blog, "Exponential Backoff And Jitter",
and botocore's standard retry mode: a pause is uniform in [0, min(cap, base * 2**n)], and retries
spend tokens that successes earn back, so that a platform in trouble is not buried in retries.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from clarifai_core.heavy import grpc
from clarifai_core.settings import outage_seconds
from clarifai_core.status import Advice
from clarifai_core.transport.catalogue import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_core.transport.calls import Attempts, Failure, RpcCall


@attrs.frozen
class RetryRules:
    """How failed attempts are repeated."""

    max_attempts: int = 5
    """Attempts of one call that may have reached the platform; being throttled does not count."""
    base_seconds: float = 0.25
    """Upper bound of the first pause; it doubles with each attempt."""
    cap_seconds: float = 8.0
    """Upper bound of any pause."""
    outage_seconds: float = attrs.field(factory=outage_seconds)
    """How long one waits for a platform that did answer and cannot be reached any more."""

    def pause_seconds(self, attempt: int, spread: Callable[[float, float], float]) -> float:
        """Return how long to wait after attempt number `attempt`, counted from 1."""
        return spread(0.0, min(self.cap_seconds, self.base_seconds * 2 ** (attempt - 1)))


class RetryBudget:
    """Tokens that retries spend and successes earn, shared by all calls of a session."""

    def __init__(self, capacity_tokens: int = 100, cost_tokens: int = 5) -> None:
        self._capacity = capacity_tokens
        self._cost = cost_tokens
        self._tokens = capacity_tokens
        self._lock = threading.Lock()

    def spend(self) -> bool:
        """Take the tokens for one retry; False when there are not enough."""
        with self._lock:
            if self._tokens < self._cost:
                return False
            self._tokens -= self._cost
            return True

    def earn(self) -> None:
        """Give one token back for a success."""
        if self._tokens < self._capacity:
            with self._lock:
                self._tokens = min(self._capacity, self._tokens + 1)


FIRST_CONTACT_SECONDS = 5.0
"""For so long after the first failure one tries to reach a platform that never answered yet: who
mistyped its address wants to know. One that did answer is waited for until the call's deadline, or,
when no user gave that, until its outage takes longer than `RetryRules.outage_seconds`; a call that
begins later tries for so long, too: the connection may need that when the platform is back."""

_MOST_WAIT_SECONDS = 1.0
_LEAST_WAIT_SECONDS = 0.02


@attrs.define
class Contact:
    """Whether the platform was reached, ever and lately; all calls of a session share it."""

    reached: bool = False
    lost_at: float | None = None
    """Since when it cannot be reached, by the clock of the rules; None: it can, as far as known."""

    def make(self) -> None:
        """Note an answer, whatever it says."""
        if self.lost_at is not None or not self.reached:
            self.reached, self.lost_at = True, None

    def lose(self, now: float) -> bool:
        """Note that a platform which was there cannot be reached; True for the first to notice."""
        if self.lost_at is not None:
            return False
        self.lost_at = now
        return self.reached


_LIMIT_TEXT = re.compile(r"limit of (\d+(?:\.\d+)?) requests? per second")
_HEADROOM = 1.02
"""Slots are so much further apart than the rate asks for: clocks and networks are not exact."""
_JITTER_SECONDS = 0.15
"""How much later than another a request may arrive that was sent before it."""
_SETTLING_SECONDS = 1.0
"""Refusals so soon after another are of requests that were on their way: they teach nothing new."""
_GROWTH_SECONDS = 5.0
"""Time without a refusal after which a rate that was cut grows again."""
_LEAST_RATE = 0.5


class RateLimiter:
    """The platform's rate limit, unknown until it is met, then kept by all calls of a session.

    Requests get slots, one every `1 / rate` seconds. Being throttled (status 11005) teaches the
    rate: from the words "exceeded limit of N requests per second", else by halving what was sent
    in the last second. Whoever is throttled although it keeps to the rate shares the limit with
    other processes, or guessed too high: the rate is cut by a fifth each second that this goes on,
    and grows by a tenth every five seconds without, up to what the platform said.

    Args:
        clock: Tells the time in seconds; never one that can be set back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rate = 0.0
        self._told = float("inf")
        self._changed_at = 0.0
        self._next_slot = 0.0
        self._recent: list[float] = []

    @property
    def requests_per_second(self) -> float | None:
        """Return the rate that is kept, or None while none is known."""
        return self._rate or None

    def reserve(self) -> float:
        """Take the next slot and return the seconds until it comes."""
        now = self._clock()
        with self._lock:
            if not self._rate:
                self._recent.append(now)
                if len(self._recent) > 4096:
                    del self._recent[:2048]
                return 0.0
            if self._rate < self._told and now >= self._changed_at + _GROWTH_SECONDS:
                self._change(min(self._told, self._rate * 1.1), now)
            slot = max(now, self._next_slot)
            self._next_slot = slot + _HEADROOM / self._rate
            return slot - now

    def throttled(self, text: str = "") -> None:
        """Learn from an answer that says "too many requests"."""
        now = self._clock()
        with self._lock:
            told = _LIMIT_TEXT.search(text)
            if told and float(told[1]) > 0:
                self._told = float(told[1])
            if not self._rate:
                sent = sum(1 for at in self._recent if at > now - 1)
                self._recent.clear()
                self._change(self._told if told else max(1.0, sent / 2), now)
            elif now >= self._changed_at + _SETTLING_SECONDS:
                self._change(max(_LEAST_RATE, self._rate * 0.8), now)
            self._rate = min(self._told, self._rate)
            # The platform counts again from here: what is late must not meet what comes next.
            pause = _HEADROOM / self._rate + _JITTER_SECONDS
            self._next_slot = max(self._next_slot, now + pause)

    def _change(self, rate: float, now: float) -> None:
        self._rate, self._changed_at = rate, now


@attrs.frozen
class CallRules:
    """Everything that a flow decides by; one per session."""

    retry: RetryRules = attrs.field(factory=RetryRules)
    budget: RetryBudget = attrs.field(factory=RetryBudget)
    limiter: RateLimiter = attrs.field(factory=RateLimiter)
    clock: Callable[[], float] = time.monotonic
    spread: Callable[[float, float], float] = random.uniform
    contact: Contact = attrs.field(factory=Contact)

    def attempts(self, most: int, sleep: Callable[[float], object] = time.sleep) -> Iterator[int]:
        """Yield 1, 2, ... `most`, with the pauses of the retry rules in between.

        For work that a call may not repeat by itself: a write, after which one has to look what
        arrived before it is sent again. Whoever is done stops asking, and waits no more.

        Args:
            most: How many attempts there may be.
            sleep: Waits; one that ends early makes the next attempt come early.

        Example:
            >>> list(CallRules().attempts(3, sleep=lambda seconds: None))
            [1, 2, 3]
        """
        for number in range(1, most + 1):
            if number > 1:
                sleep(self.retry.pause_seconds(number - 1, self.spread))
            yield number

    def pause_after_status(self, advice: Advice, call: RpcCall, tries: Attempts) -> float | None:
        """Return the pause before sending again after a refusal, or None to give up."""
        if advice is Advice.REFUSED_UNREAD:
            return self.spread(0.0, self.retry.base_seconds)
        if advice is Advice.NOT_READY:
            return self.retry.pause_seconds(min(tries.sends, 5) + 1, self.spread)
        if advice is Advice.PASSING and call.rpc.effect is Effect.READ:
            return self._budgeted(call, tries)
        return None

    def pause_after_failure(self, failure: Failure, call: RpcCall, tries: Attempts) -> float | None:
        """Return the pause before sending again after no answer, or None to give up."""
        other = failure.other_protocol
        if failure.untrusted or (other is not None and other.lasts):
            return None
        if failure.never_sent:
            return self._until_connected(call, tries)
        tries.connected()
        if failure.code not in _PASSING_FAILURES or call.rpc.effect is Effect.WRITE:
            return None
        return self._budgeted(call, tries)

    def outage_left_seconds(self) -> float:
        """Return how long a platform that cannot be reached is still waited for.

        Example:
            >>> CallRules().outage_left_seconds()
            120.0
        """
        lost_at = self.contact.lost_at
        gone = 0.0 if lost_at is None else self.clock() - lost_at
        return self.retry.outage_seconds - gone

    def _until_connected(self, call: RpcCall, tries: Attempts) -> float | None:
        """Return the pause before looking for a connection again.

        What never left this machine costs the platform nothing: it spends no budget, and no
        attempts (as gRFC A6 has it). Without a connection gRPC fails such a call at once, and
        connects anew by itself; so a look is cheap, and, unlike gRPC's own wait for a connection,
        it says for sure that nothing was sent.
        """
        if call.limits.once:
            return None
        now = self.clock()
        if tries.lost_at is None:
            tries.lost_at = now
        is_over = self.outage_left_seconds() <= 0 and not call.limits.asked
        gives_up = is_over or not self.contact.reached
        if gives_up and now >= tries.lost_at + FIRST_CONTACT_SECONDS:
            return None
        tries.waits += 1
        most = min(_MOST_WAIT_SECONDS, self.retry.base_seconds * 2 ** min(tries.waits, 8))
        return self.spread(_LEAST_WAIT_SECONDS, most)

    def _budgeted(self, call: RpcCall, tries: Attempts) -> float | None:
        tries.failures += 1
        is_last = tries.failures >= self.retry.max_attempts
        if call.limits.once or is_last or not self.budget.spend():
            return None
        return self.retry.pause_seconds(tries.failures, self.spread)


_PASSING_FAILURES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.ABORTED,
    }
)
