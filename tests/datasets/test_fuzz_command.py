"""The loader fuzzer as its command, with a few sources; long runs are for people."""

from __future__ import annotations

import os
import subprocess
import sys

from clarifai_datasets.plugin import clarifai_register_loaders
from tests.datasets.fuzz.samples import SAMPLES
from tools import snippets


def test_a_short_run_finds_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "tests.datasets.fuzz", "--seed", "1", "--sources", "40"],
        cwd=snippets.ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count(" 0 faults") == len(SAMPLES)


def test_every_built_in_loader_is_fuzzed():
    assert set(SAMPLES) == {
        one.name for one in clarifai_register_loaders() if ":" not in one.name
    } - {"rows"}
