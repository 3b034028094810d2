"""Uploads that die at random moments lose nothing, double nothing and mislabel nothing."""

from __future__ import annotations

from tests.datasets import kills


def test_uploads_that_are_killed_and_started_again_are_complete():
    tally = kills.run(runs=4, count=600, seed=11)
    assert tally.kills >= 4
    assert tally.midway
    assert (tally.lost, tally.doubled, tally.mislabelled, tally.wrong) == (0, 0, 0, [])
