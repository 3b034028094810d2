"""The tests of the examples pass, run as their readers run them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.example_wheels import EXAMPLES, clean_environment


@pytest.mark.parametrize(
    ("example", "passed"), [("loader-plugin", "20 passed"), ("search-clause-plugin", "16 passed")]
)
def test_its_tests_pass(example: str, passed: str):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider", "-pno:asyncio", "-W", "error"],
        cwd=EXAMPLES / example,
        capture_output=True,
        text=True,
        check=False,
        env={**clean_environment(), "CLARIFAI_BLOCK_PLUGINS": "clarifai-models"},
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert passed in done.stdout
