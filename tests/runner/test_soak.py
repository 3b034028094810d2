"""The soak in small: runners die, the server restarts, and every caller has its answer."""

from __future__ import annotations

from tests.runner.soak import soak


def test_every_caller_gets_its_answer_whatever_dies():
    figures = soak(600, kill_seconds=1.0, restarts=1, callers=16, pollers=("long_poll", "stream"))
    assert figures.wrong == []
    assert figures.answered == 600
    assert figures.restarts == 1
    assert figures.kills >= 1
