"""A command line starts with what it needs: what is imported is counted, not how long it takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

NEVER = (
    "asyncio",
    "clarifai_grpc",
    "email",
    "google.protobuf",
    "grpc",
    "httpcore",
    "httpx",
    "importlib.metadata",
    "numpy",
    "socket",
    "urllib.request",
)
RUN = """
import sys
from clarifai_cli.main import main
main({words!r})
print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
"""


def loaded_by(*words):
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(words=list(words))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("config", "list"), ("dataset", "--help")], ids=" ".join
)
def test_nothing_heavy_is_imported(words):
    assert loaded_by(*words) & set(NEVER) == set()


def test_the_listing_imports_no_command_and_reads_no_settings():
    loaded = loaded_by("--help")
    assert "yaml" not in loaded
    assert {one for one in loaded if "_commands" in one} == set()


def test_the_version_needs_no_frame():
    assert loaded_by("--version") & {"attr", "click", "logging", "pluggy"} == set()


def test_the_probe_sees_what_is_heavy():
    assert "click" in loaded_by("--help")
