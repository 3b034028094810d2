"""Short runs of the fuzzers; the full ones are `python -m tests.local.fuzz`."""

from __future__ import annotations

import subprocess
import sys

from tests.local.fuzz import gateway
from tests.local.fuzz.run import fuzz

REQUESTS = 3000


def test_random_requests_are_all_answered_and_harm_nothing(tmp_path):
    report = fuzz(tmp_path / "state", REQUESTS, seed_number=1)
    assert not report.failures, str(report)
    assert report.requests >= REQUESTS * 0.9, "hypothesis gave up early"
    # The run is worth something only where requests get through.
    assert len(report.succeeded) > 60, str(report)


def test_requests_that_are_too_much_are_all_answered(tmp_path):
    report = fuzz(tmp_path / "state", 120, seed_number=3, overdone_percent=60)
    assert not report.failures, str(report)


def test_bytes_over_http_are_all_answered():
    figures = gateway.fuzz(400, seed_number=1)
    assert not figures.failures, str(figures)
    assert figures.requests == 400
    # Right requests get through, wrong ones are refused, and nothing is given away.
    assert {"200", "400", "401", "404", "421"} <= figures.statuses.keys(), str(figures)


def test_damaged_files_end_in_a_status_of_their_own():
    """In a process of its own: the memory of other tests is none of the platform's."""
    command = [sys.executable, "-m", "tests.local.fuzz", "media", "--requests", "80", "--seed", "2"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "media, seed 2: 80 requests" in run.stdout
    statuses = run.stdout.partition("statuses: ")[2].partition("\n")[0]
    assert "INPUT_DOWNLOAD_SUCCESS" in statuses or "INPUT_UNSUPPORTED_FORMAT" in statuses


def test_the_command_prints_figures_and_says_whether_all_went_well():
    command = [
        sys.executable,
        "-m",
        "tests.local.fuzz",
        "gateway",
        "--requests",
        "40",
        "--seed",
        "7",
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "gateway, seed 7: 40 requests" in run.stdout
    for figure in ("statuses: ", "slowest: ", "memory: ", "0 failures"):
        assert figure in run.stdout
