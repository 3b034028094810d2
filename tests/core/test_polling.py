"""Waits: what they survive, and that one deadline covers all the calls in them."""

from __future__ import annotations

import time

import pytest

from clarifai_core._deadlines import left_seconds, within
from clarifai_core.errors import BadReply, DeadlineExceeded, NotFound, Unreachable
from clarifai_core.polling import wait_until
from clarifai_core.settings import Settings
from clarifai_core.transport.session import Session


class Time:
    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds

    def clock(self):
        return self.now


def wait_for(*answers, timeout_seconds=60.0):
    """Wait for answers that come in turn, errors among them."""
    queue, passing = list(answers), Time()

    def check():
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return wait_until(
        check,
        what="the test",
        timeout_seconds=timeout_seconds,
        sleep=passing.sleep,
        clock=passing.clock,
    )


@pytest.mark.parametrize("error", [Unreachable("gone"), DeadlineExceeded("silent")])
def test_a_platform_that_does_not_answer_is_asked_again(error):
    assert wait_for(None, error, error, error, None, "done") == "done"


@pytest.mark.parametrize("error", [NotFound("GetModel"), BadReply("?"), ValueError("?")])
def test_what_the_platform_says_ends_the_wait(error):
    with pytest.raises(type(error)):
        wait_for(None, error, "done")


def test_the_end_says_that_nobody_answered():
    lost = Unreachable("cannot reach host")

    with pytest.raises(DeadlineExceeded, match="the test was not done within 5 seconds") as raised:
        wait_for(lost, timeout_seconds=5.0)

    assert "cannot reach host" in str(raised.value)
    assert raised.value.__cause__ is lost


def test_an_outage_that_is_over_is_not_mentioned():
    with pytest.raises(DeadlineExceeded) as raised:
        wait_for(Unreachable("cannot reach host"), None, timeout_seconds=5.0)

    assert "cannot reach" not in str(raised.value)


def test_calls_in_a_wait_get_what_is_left_of_it():
    session = Session(Settings.resolve(base_url="http://127.0.0.1:1", pat="x"))
    try:
        with within(5.0), within(60.0):
            short = session.prepare("GetApp", b"").limits
            given = session.prepare("GetApp", b"", timeout_seconds=1.0).limits
        usual = session.prepare("GetApp", b"").limits
    finally:
        session.close()

    assert 4 < short.total_seconds <= 5
    assert short.attempt_seconds <= short.total_seconds
    assert given.total_seconds == 1.0
    assert usual.total_seconds == 60


def test_the_deadline_of_a_block_ends_with_it():
    with pytest.raises(KeyError), within(5.0):
        raise KeyError

    assert left_seconds() == float("inf")


def test_a_block_whose_time_is_over_lets_a_call_fail_at_once():
    with within(0.0):
        time.sleep(0.002)
        assert left_seconds() == 0.001
