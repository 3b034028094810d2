"""A few kills during mixed writes; the full run is `python -m tests.local.crash`."""

from __future__ import annotations

import sys

import pytest

from tests.local.crash.run import CrashTest

KILLS = 8


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_nothing_that_was_acknowledged_is_lost_when_the_process_is_killed(tmp_path):
    report = CrashTest(tmp_path / "state", seed=3).run(KILLS)
    assert not report.problems, str(report)
    assert report.kills == KILLS
    assert report.acknowledged > KILLS, str(report)
