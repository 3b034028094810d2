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
LISTINGS_NEVER = (
    *NEVER,
    "attr",
    "clarifai_cli._described",
    "clarifai_cli._failures",
    "clarifai_cli._output",
    "clarifai_core._contract_records",
    "clarifai_core.command_arguments",
    "clarifai_core.settings",
    "csv",
    "difflib",
    "ipaddress",
    "json",
    "logging",
    "pathlib",
    "traceback",
    "urllib.parse",
    "yaml",
)
"""What a listing of the commands of all our plugins does without."""
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


@pytest.mark.parametrize("words", [("--help",), ("dataset", "--help"), ("--no-plugins", "--help")])
def test_a_listing_imports_no_command_and_reads_no_settings(words):
    loaded = loaded_by(*words)
    assert loaded & set(LISTINGS_NEVER) == set()
    assert {one for one in loaded if "_commands" in one} == set()


def test_a_table_of_settings_needs_no_yaml_and_no_csv(monkeypatch, tmp_path):
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "contexts.yaml"))
    for words in (("whoami",), ("config", "list")):
        assert loaded_by(*words) & {"csv", "difflib", "shutil", "yaml"} == set()


def test_the_version_needs_no_frame():
    assert loaded_by("--version") & {"attr", "click", "logging", "pluggy"} == set()


def test_the_first_help_needs_no_click():
    assert loaded_by("--help") & {"attr", "click", "logging", "uuid"} == set()


def test_the_probe_sees_what_is_heavy():
    assert "click" in loaded_by("--quiet", "--help")
