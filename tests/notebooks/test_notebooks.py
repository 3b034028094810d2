"""The notebooks of the documentation run as they stand, and show what they promise."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from tests.notebooks.conftest import NOTEBOOKS, read, run


class Seen(HTMLParser):
    """What a page holds: tags with their classes, text, and pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.classes: set[str] = set()
        self.words = ""
        self.pictures: list[Image.Image] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.classes |= set((given.get("class") or "").split())
        if tag == "img":
            content = base64.b64decode(given["src"].partition("base64,")[2])
            picture = Image.open(io.BytesIO(content))
            picture.load()
            self.pictures.append(picture)

    def handle_data(self, data):
        self.words += f"{data} " if self.tags[-1:] != ["style"] else ""


def outputs(notebook, kind: str) -> list[str]:
    return [
        output.data[kind]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if kind in output.get("data", {})
    ]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    done = {}

    def of(name: str):
        if name not in done:
            (path,) = (one for one in NOTEBOOKS if one.stem == name)
            done[name] = run(read(path), tmp_path_factory.mktemp(name))
        return done[name]

    return of


def test_there_are_at_least_four():
    assert len(NOTEBOOKS) >= 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_are_kept_without_outputs(path):
    notebook = read(path)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert all(cell.get("execution_count") is None for cell in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path, executed):
    notebook = executed(path.stem)
    shown = [Seen(html) for html in outputs(notebook, "text/html")]
    assert any("clarifai" in one.classes for one in shown)
    for cell in notebook.cells:
        expected = "raises-exception" in cell.metadata.get("tags", ())
        failed = [one for one in cell.get("outputs", ()) if one.output_type == "error"]
        assert bool(failed) is expected, cell.source
        streams = [one.text for one in cell.get("outputs", ()) if one.output_type == "stream"]
        assert streams == [], "a cell writes what nobody asked for"


def test_a_start_ends_with_bars_and_with_tracebacks_of_one_line(executed):
    notebook = executed("quickstart")
    pages = [Seen(html) for html in outputs(notebook, "text/html")]
    (answers,) = (one for one in pages if "cards" in one.classes and "fill" in one.classes)
    assert answers.words.count("good") == answers.words.count("bad") == 3
    errors = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    assert [one.ename for one in errors] == ["UserError", "UnknownLabel"]
    for one in errors:
        trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(one.traceback))
        assert "site-packages" not in trace
        assert "clarifai_" not in trace
        assert "CLARIFAI_DEBUG=1" in trace
    assert "did you mean 'good'?" in errors[1].evalue


def test_pictures_are_shown_with_what_is_marked_on_them(executed):
    pages = [Seen(html) for html in outputs(executed("labelled_pictures"), "text/html")]
    (listing,) = (one for one in pages if len(one.pictures) == 6)
    assert listing.tags.count("rect") == 12
    assert listing.tags.count("polygon") == 1
    assert {"disc", "square", "corner"} <= set(re.findall(r"\w+", listing.words))
    # What came is the picture that was drawn: its ground is in the corner that nothing covers.
    red, green, blue = (
        listing.pictures[0].convert("RGB").getpixel((2, listing.pictures[0].height - 3))
    )
    assert abs(red - 0xF4) + abs(green - 0xF1) + abs(blue - 0xDE) < 20


def test_an_evaluation_is_shown_as_matrix_curves_and_pictures(executed):
    notebook = executed("evaluation")
    pages = [Seen(html) for html in outputs(notebook, "text/html")]
    (shown,) = (one for one in pages if "matrix" in one.classes)
    assert shown.tags.count("svg") == 2
    assert shown.tags.count("polyline") == 20
    pictures = outputs(notebook, "image/png")
    assert len(pictures) == 2
    for content in pictures:
        picture = Image.open(io.BytesIO(base64.b64decode(content)))
        assert min(picture.size) > 300
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50
    (classified,) = (one for one in pages if len(one.pictures) == 6)
    assert {size for one in classified.pictures for size in one.size} <= {32, 64, 80, 96}


def test_hits_are_a_grid_with_scores_best_first(executed):
    pages = [Seen(html) for html in outputs(executed("search"), "text/html")]
    hits = next(one for one in pages if len(one.pictures) == 8)
    scores = [float(one) for one in re.findall(r"\b[01]\.\d{3}\b", hits.words)]
    assert len(scores) == 8
    assert scores == sorted(scores, reverse=True)
