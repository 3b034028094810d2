"""The soak in small: nothing is lost, doubled, wrong or late over a network that breaks."""

from __future__ import annotations

from tests.network.soak import soak


def test_nothing_is_lost_doubled_or_late_over_a_network_that_breaks(monkeypatch):
    figures = soak(12.0, rtt_seconds=0.15, seed=1)

    assert figures.wrong == []
    assert (figures.lost, figures.doubled) == (0, 0)
    assert figures.troubles.total() >= 2
    assert set(figures.done) >= {"upload", "list", "search", "predict", "create", "download"}
