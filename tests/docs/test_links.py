"""The links between the documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.wheels import ROOT

FOLDERS = ("*.md", "docs/**/*.md", "packages/*/*.md", "examples/**/*.md", "benchmarks/*.md")
DOCUMENTS = sorted({path for pattern in FOLDERS for path in ROOT.glob(pattern)})


def dead_links(document: Path) -> list[str]:
    """Relative links of a document that name no file of this repository."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    inside = [target for target in targets if not re.match(r"\w+:", target)]
    return [target for target in inside if not (document.parent / target).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_to_a_file(document: Path):
    assert dead_links(document) == []


def test_a_dead_link_is_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("[a](page.md#top) [b](gone.md) [c](https://example.org/x) [d](#here)")
    assert dead_links(page) == ["gone.md"]


def missing_places(row: str) -> list[str]:
    """The places that a row of "Where a thing lives" names and no package has.

    A name without a folder belongs to the one named before it; "of its room" is any package's.
    """
    sources = {path.as_posix() for path in (ROOT / "packages").rglob("*") if "src" in path.parts}
    folder, missing = "", []
    for name in re.findall(r"`((?:[\w/]*\w)?/|[\w/]*\w\.py)`", row):
        for inside in ("/", folder):
            place = f"{inside}{name}".rstrip("/")
            if any(path.endswith(place if place[0] == "/" else f"/{place}") for path in sources):
                break
        else:
            missing.append(name)
        folder = name if name.endswith("/") and name.startswith("clarifai_") else folder
    return missing


def test_where_a_thing_lives_is_where_it_is():
    """A newcomer's first page: each file and folder that it names is there."""
    text = (ROOT / "docs/index.md").read_text("utf-8")
    rows = text.partition("## Where a thing lives")[2].splitlines()
    named = [row for row in rows if row.startswith("| ") and "/X.py`" not in row]
    assert len(named) > 10
    assert {row: found for row in named if (found := missing_places(row))} == {}
    assert missing_places("| x | `clarifai_core/flow.py`, `session.py` |") == [
        "clarifai_core/flow.py"
    ]
