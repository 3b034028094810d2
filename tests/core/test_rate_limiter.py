"""The learned rate, against a platform that counts with a bucket of one second's requests.

Clock and platform are simulated: a request arrives after a delay, its answer after another.
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai_core.transport.policies import RateLimiter

TOLD = "Making too many requests exceeded limit of {:g} requests per second"


class Bucket:
    """What the platform does: `rate` requests a second, and as many at once."""

    def __init__(self, rate):
        self.rate, self.tokens, self.filled_at = rate, rate, 0.0

    def takes(self, now):
        self.tokens = min(self.rate, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        taken = self.tokens >= 1
        self.tokens -= taken
        return taken


class Simulation:
    """Several processes that each keep some requests in flight, and one platform."""

    def __init__(self, rate=15, processes=1, in_flight=16, delay=0.05, told=True, seed=0):
        self.now, self.dice, self.delay = 0.0, random.Random(seed), delay
        self.bucket = Bucket(rate)
        self.text = TOLD.format(rate) if told else ""
        self.limiters = [RateLimiter(lambda: self.now) for _ in range(processes)]
        self.done, self.refused = [], []
        self.events, self.numbers = [], itertools.count()
        for limiter in self.limiters:
            for _ in range(in_flight):
                self.at(0.0, self.send, limiter)

    def at(self, when, action, limiter):
        heapq.heappush(self.events, (when, next(self.numbers), action, limiter))

    def send(self, limiter):
        leaves = self.now + limiter.reserve()
        self.at(leaves + self.dice.uniform(0, self.delay), self.arrive, limiter)

    def arrive(self, limiter):
        taken = self.bucket.takes(self.now)
        (self.done if taken else self.refused).append(self.now)
        answer = self.send if taken else self.learn
        self.at(self.now + self.dice.uniform(0, self.delay), answer, limiter)

    def learn(self, limiter):
        limiter.throttled(self.text)
        self.at(self.now + self.dice.uniform(0, 0.25), self.send, limiter)

    def run(self, seconds):
        while self.events[0][0] < seconds:
            self.now, _, action, limiter = heapq.heappop(self.events)
            action(limiter)
        return self


@settings(max_examples=100, deadline=None)
@given(
    rate=st.sampled_from([2, 5, 15, 50]),
    in_flight=st.integers(1, 64),
    delay=st.floats(0.0, 0.15),
    seed=st.integers(0, 999),
)
def test_nothing_is_refused_a_second_after_the_first_refusal(rate, in_flight, delay, seed):
    world = Simulation(rate, 1, in_flight, delay, seed=seed).run(30)
    assert [at for at in world.refused if at > world.refused[0] + 1] == []


def test_nearly_all_of_the_rate_is_used():
    world = Simulation().run(60)
    assert len(world.done) >= 0.97 * 15 * 60


@pytest.mark.parametrize("processes", [2, 4])
def test_processes_that_share_a_key_come_to_share_its_rate(processes):
    world = Simulation(processes=processes).run(120)
    late = [at for at in world.refused if at > 30]
    done = [at for at in world.done if at > 30]
    assert len(done) >= 0.75 * 15 * 90
    assert len(late) <= 0.15 * len(done)


def test_a_rate_that_is_not_told_is_found():
    world = Simulation(told=False).run(180)
    late = [at for at in world.done if at > 60]
    assert 0.75 * 15 * 120 <= len(late) <= 15 * 121
    assert len([at for at in world.refused if at > 60]) <= 0.1 * len(late)


def test_a_burst_of_refusals_cuts_the_rate_once():
    limiter = RateLimiter(lambda: 0.5)
    for _ in range(40):
        limiter.reserve()
    for _ in range(16):
        limiter.throttled()
    assert limiter.requests_per_second == 20


def test_a_told_rate_is_never_exceeded_and_comes_back():
    now = 0.0
    limiter = RateLimiter(lambda: now)
    rates = []
    for second in range(60):
        now = float(second)
        if second < 5:
            limiter.throttled(TOLD.format(10))
        limiter.reserve()
        rates.append(limiter.requests_per_second)
    assert rates[0] == 10
    assert min(rates) == pytest.approx(10 * 0.8**4)
    assert max(rates) == rates[-1] == 10


def test_slots_of_many_threads_are_apart():
    limiter = RateLimiter(lambda: 0.0)
    limiter.throttled(TOLD.format(10))
    slots = []
    threads = [
        threading.Thread(target=lambda: slots.extend(limiter.reserve() for _ in range(25)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    slots.sort()
    assert len(slots) == 200
    assert min(b - a for a, b in itertools.pairwise(slots)) >= 0.1


def test_nobody_waits_while_no_limit_is_known():
    limiter = RateLimiter(lambda: 0.0)
    assert sum(limiter.reserve() for _ in range(10_000)) == 0
    assert limiter.requests_per_second is None
