"""The site of the documentation: every page is in its menu, and pages that a tool makes are fresh.

The site itself is built by a step of CI (`tools/build_site.py`), in an environment of its own. What
that step asks of the built site is tried here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs import blocks
from tools import build_site, error_page, notebook_pages, side_by_side, site_pages
from tools.wheels import ROOT

CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))


def listed(nav: list[Any]) -> list[str]:
    found: list[str] = []
    for entry in nav:
        for below in entry.values() if isinstance(entry, dict) else [entry]:
            found += listed(below) if isinstance(below, list) else [below]
    return found


MENU = listed(CONFIG["nav"])


def test_every_page_is_in_the_menu_once():
    """Those of packages, of the API and of notebooks are put there when the site is built."""
    pages = [page for page in site_pages.pages().values() if not page.startswith("packages/")]
    assert sorted(MENU) == sorted(pages)


def test_every_page_begins_with_its_title():
    for source in site_pages.pages():
        assert (ROOT / source).read_text("utf-8").startswith("# "), source


def test_there_is_a_page_for_each_task():
    assert len([page for page in MENU if page.startswith("howto/")]) > 30


def test_pages_are_laid_out_with_links_that_lead_to_pages(tmp_path: Path):
    site_pages.assemble(tmp_path / "pages")
    for page in MENU:
        text = (tmp_path / "pages" / page).read_text("utf-8")
        bare = re.sub(r"^( *)```.*?^\1```", "", text, flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", bare):
            if not re.match(r"\w+:", target):
                assert (tmp_path / "pages" / page).parent.joinpath(target).exists(), (page, target)
    assert (tmp_path / "pages" / CONFIG["extra"]["polyfills"][0]).is_file()


def test_what_a_reader_types_is_on_a_page(tmp_path: Path):
    """As the built index is asked in CI, for the pages that are written by hand."""
    site_pages.assemble(tmp_path / "pages")
    places = [
        {
            "location": page.replace(".md", ".html"),
            "title": "",
            "text": (tmp_path / "pages" / page).read_text("utf-8"),
        }
        for page in MENU
    ]
    by_hand = {word: page for word, page in build_site.QUESTIONS.items() if "api/" not in page}
    assert list(build_site.unanswered({"docs": places}, by_hand)) == []


def test_a_word_that_is_not_found_is_told():
    index = {"docs": [{"location": "a.html#x", "title": "Upload", "text": "<p>a folder</p>"}]}
    assert list(build_site.unanswered(index, {"upload folder": "a.html"})) == []
    (told,) = build_site.unanswered(index, {"upload film": "a.html"})
    assert told == "'upload film' does not find a.html"


def test_a_page_that_loads_something_of_another_host_is_told(tmp_path: Path):
    (tmp_path / "a.html").write_text('<script src="https://example.org/x.js"></script>')
    (tmp_path / "b.html").write_text('<a href="https://example.org">x</a><img src="x.png">')
    assert list(build_site.foreign(tmp_path)) == ["a.html loads something of another host"]


def test_the_theme_loads_no_fonts():
    assert CONFIG["theme"]["font"] is False
    assert CONFIG["strict"] is True


def test_errors_and_names_are_as_the_tools_write_them():
    assert error_page.PAGE.read_text("utf-8") == error_page.page(), "python -m tools.error_page"
    assert side_by_side.PAGE.read_text("utf-8") == side_by_side.page(), (
        "python -m tools.side_by_side"
    )


def entries() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return [(message, entry) for message, _, entry in parts]


@pytest.mark.parametrize(("message", "entry"), entries(), ids=lambda text: text[:40])
def test_a_message_is_printed_by_the_block_below_it(message: str, entry: str, tmp_path: Path):
    """That the block prints what the page says is what test_blocks.py runs."""
    page = tmp_path / "entry.md"
    page.write_text(entry)
    (block,) = blocks.blocks_of(page)
    assert block.runs_here
    parts = (re.escape(part.strip()) for part in message.split("..."))
    assert re.search(".*".join(parts), block.printed, re.IGNORECASE)


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# A title\n", "text"]},
        {
            "cell_type": "code",
            "source": "show()",
            "outputs": [
                {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n"]},
                {"data": {"text/html": "<b>a</b>\n\n<i>b</i>", "text/plain": "a b"}},
                {"data": {"image/png": "iVBORw0="}},
                {"data": {notebook_pages._WIDGET: {}, "text/plain": "0%"}},
            ],
        },
        {"cell_type": "code", "source": ""},
    ]
}


def test_a_notebook_becomes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "first.ipynb").write_text(json.dumps(NOTEBOOK))
    monkeypatch.setattr(notebook_pages, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(notebook_pages, "EXECUTED", tmp_path / "nowhere")
    entries = notebook_pages.write(tmp_path / "pages")
    assert entries == [{"A title": "notebooks/first.md"}]
    assert (tmp_path / "pages" / "notebooks" / "first-1-2.png").read_bytes() == b"\x89PNG\r"
    assert (tmp_path / "pages" / "notebooks" / "first.md").read_text() == (
        "# A title\ntext\n\n```python\nshow()\n```\n\n```text\nred\n```\n\n"
        '<div class="notebook-output">\n<b>a</b>\n<i>b</i>\n</div>\n\n'
        "![output](first-1-2.png)\n\n[The notebook itself](first.ipynb)\n"
    )


CELLS = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "one",
            "metadata": {},
            "outputs": [],
            "source": "import os\nprint(os.environ.get('CLARIFAI_PAT'), 6 * 7)",
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}

RUN = """
import sys
from pathlib import Path
from tools.run_notebooks import run
run(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_notebook_is_run_with_none_of_the_users_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """In a process of its own: what runs a kernel leaves event loops and sockets behind."""
    monkeypatch.setenv("CLARIFAI_PAT", "k3y0f7h3us3r")
    source, target = tmp_path / "a.ipynb", tmp_path / "out" / "a.ipynb"
    source.write_text(json.dumps(CELLS))
    command = [sys.executable, "-c", RUN, str(source), str(target)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120, capture_output=True)
    (cell,) = json.loads(target.read_text())["cells"]
    assert "".join(cell["outputs"][0]["text"]) == "None 42\n"
    assert json.loads(source.read_text()) == CELLS
