"""What somebody gets wrong in the test, not in the plugin, is told as that."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

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
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Run a file of tests for each mistake, and return what each one's failures say."""
    folder = tmp_path_factory.mktemp("written")
    notes = write("loader", "acme-notes", folder)
    (written,) = notes.glob("tests/test_*.py")
    written.unlink()
    for number, (lines, _) in enumerate(MISTAKES.values()):
        written.with_name(f"test_{number}.py").write_text(f"{BEGIN}{lines}\n")
    report = folder / "report.xml"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            *(f"-pno:{one}" for one in ("asyncio", "xdist")),
            "--import-mode=importlib",
            f"--junitxml={report}",
        ],
        cwd=notes,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert report.exists(), done.stdout
    found: dict[str, list[str]] = {name: [] for name in MISTAKES}
    for case in ElementTree.parse(report).iter("testcase"):
        (number,) = re.findall(r"test_(\d)\.TestNotes$", case.attrib["classname"])
        texts = [one.text or "" for one in case if one.tag in ("failure", "error")]
        found[list(MISTAKES)[int(number)]] += texts
    return found


@pytest.mark.parametrize("name", MISTAKES)
def test_it_is_told_in_one_sentence(failures: dict[str, list[str]], name: str):
    (told,) = failures[name]
    assert told.strip() == MISTAKES[name][1]
