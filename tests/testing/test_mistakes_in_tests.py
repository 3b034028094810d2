"""What somebody gets wrong in the test, not in the plugin, is told as that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clarifai_testing._new import write

BEGIN = """
from clarifai_testing import LoaderContract

class TestNotes(LoaderContract):
    plugin = "acme_notes.plugin"
    name = "acme_notes"
"""

MISTAKES = {
    "no source": ("", "TestNotes does not say how to make a source: def source(self, folder)."),
    "no path": (
        "    def source(self, folder): return None",
        "TestNotes.source() returns None: return the path, or the text, that names it.",
    ),
    "nothing made": (
        "    def source(self, folder): return folder / 'a.acme_notes'",
        "TestNotes.source() returns 'a.acme_notes', which is not there: make it first.",
    ),
    "another module": (
        "    plugin = 'acme_nots.plugin'",
        "The plugin 'acme_nots.plugin' is broken: ModuleNotFoundError: No module named "
        "'acme_nots'.",
    ),
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write("loader", "acme-notes", tmp_path_factory.mktemp("written"))


@pytest.mark.parametrize(("lines", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_it_is_told_in_one_sentence(notes: Path, lines: str, said: str):
    (test,) = notes.glob("tests/test_*.py")
    test.write_text(f"{BEGIN}{lines}\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *(f"-pno:{one}" for one in ("asyncio", "xdist"))],
        cwd=notes,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said in done.stdout.splitlines(), done.stdout
    assert "\n1 failed" in done.stdout
