"""Pages that Pillow renders are read as they were written."""

from __future__ import annotations

import difflib
import functools
import socket

import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from clarifai.client import Model
from clarifai_models._ocr import TextReader
from tests.models.conftest import encoded

LINES = (
    "The train to Berlin leaves at 10:45 from platform 7.",
    "Please keep your ticket until the end of the journey.",
    "Coffee and sandwiches are sold in the dining car.",
    "Call 030 297-1055 if you have left something behind.",
)
LEFT, TOP, STEP, SIZE = 40, 30, 60, 24
FONT = ImageFont.load_default(SIZE)


def page():
    """Return a page with the lines in Pillow's own font, 24 pixels high."""
    picture = Image.new("RGB", (760, 300), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(LINES):
        draw.text((LEFT, TOP + number * STEP), line, "black", FONT)
    return picture


def read(picture):
    return read_once(encoded(picture))


@functools.cache
def read_once(content):
    """Several tests look at what is found in one page: reading it takes seconds."""
    (data,) = TextReader().predict([content], {})
    return data


def wrong_characters(found, written):
    same = sum(m.size for m in difflib.SequenceMatcher(None, found, written).get_matching_blocks())
    return max(len(found), len(written)) - same


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("something is fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_lines_are_read_as_they_were_written():
    found = read(page())

    lines = [region.data.text.raw for region in found.regions]
    assert len(lines) == len(LINES)
    assert wrong_characters("\n".join(lines), "\n".join(LINES)) <= len("\n".join(LINES)) // 50
    assert found.text.raw == "\n".join(lines)


def test_boxes_are_around_the_lines():
    """Pillow tells where the ink of a text is; eight pixels are a third of a letter's height."""
    for number, region in enumerate(read(page()).regions):
        box = region.region_info.bounding_box
        found = [box.left_col * 760, box.top_row * 300, box.right_col * 760, box.bottom_row * 300]
        ink = FONT.getbbox(LINES[number])
        top = TOP + number * STEP
        drawn = [LEFT + ink[0], top + ink[1], LEFT + ink[2], top + ink[3]]
        assert found == pytest.approx(drawn, abs=8)


@pytest.mark.parametrize("seen", [ImageOps.invert, lambda page: page.rotate(180)])
def test_white_on_black_and_upside_down_are_read_too(seen):
    found = read(seen(page()))

    assert wrong_characters(found.text.raw, "\n".join(LINES)) <= len("\n".join(LINES)) // 50


@pytest.mark.parametrize("size", [(400, 300), (1, 1), (1, 2000), (7, 7), (9, 9)])
def test_a_blank_picture_has_no_text(size):
    found = read(Image.new("RGB", size, "white"))

    assert not found.regions
    assert found.text.raw == ""


def test_photographs_without_text(photographs):
    for name in ("brick", "grass", "chelsea"):
        (data,) = TextReader().predict([photographs[name]], {})
        assert len(data.text.raw) < 5


def test_a_page_upside_down_has_its_boxes_where_its_lines_are():
    first = read(page().rotate(180)).regions[0]

    box = first.region_info.bounding_box
    assert first.data.text.raw == LINES[0]
    assert 1 - box.bottom_row == pytest.approx((TOP + FONT.getbbox(LINES[0])[1]) / 300, abs=0.03)
    assert 1 - box.right_col == pytest.approx(LEFT / 760, abs=0.03)


def test_a_screenshot_is_read(photographs):
    """page.png of scikit-image; its lines as they can be read there."""
    (data,) = TextReader().predict([photographs["page"]], {})

    lines = data.text.raw.splitlines()
    assert lines[0] == "Region-based segmentation"
    assert lines[4] == "the markers are found at the two extreme parts of the"
    assert len(lines) == 7


def test_the_reader_answers_on_the_platform(platform):
    url = "https://clarifai.com/clarifai/main/models/ocr-scene-english-paddleocr"
    model = Model(url, base_url=platform.url)

    (output,) = model.predict_by_bytes(encoded(page()), "image").outputs

    assert LINES[2] in output.data.text.raw
    assert len(output.data.regions) == len(LINES)
