"""What notebooks show: escaped, within bounds, and never an error."""

from __future__ import annotations

import base64
import io
import re

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from PIL import Image

import clarifai
from clarifai_core import progress, tracebacks
from clarifai_core.errors import NotFound, UserError
from clarifai_core.paging import Page, PageLimits, Pager
from clarifai_core.wire.ids import check_new_id
from clarifai_resources.app import App
from clarifai_views import thumbnails, views
from tests.core.test_records import every_message, full

EVIL = '<script>alert("x")</script>'


def png(size=(64, 48), colour="red", kind="PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def pictures(html: str) -> list[Image.Image]:
    found = re.findall(r'src="data:image/\w+;base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(one))) for one in found]


@pytest.mark.parametrize("kind", every_message(), ids=lambda kind: kind.DESCRIPTOR.name)
def test_every_message_can_be_shown(kind):
    for message in (kind(), full(kind)):
        page = views.html(message)
        assert page.startswith('<div class="clarifai">')
        assert "cannot be shown" not in page
        assert views.text(message)


def test_nothing_that_comes_from_outside_is_markup():
    made = resources_pb2.Input(id=EVIL)
    made.data.image.base64 = png()
    made.data.text.raw = EVIL
    made.data.concepts.add(name=EVIL, value=1)
    region = made.data.regions.add()
    region.data.concepts.add(name=EVIL, value=1)
    region.region_info.bounding_box.right_col = 0.5
    hit = resources_pb2.Hit(input=made)
    output = resources_pb2.Output(input=made, data=made.data)
    app = resources_pb2.App(id=EVIL, description=EVIL)
    things = [made, hit, output, app, [app, app], App(app_id=EVIL, user_id="me"), [made, made]]
    for thing in (*things, {"a": EVIL}, EVIL, OSError(EVIL)):
        assert "<script" not in views.html(thing), thing


def test_boxes_polygons_points_and_masks_are_drawn():
    made = resources_pb2.Input(id="a")
    made.data.image.base64 = png()
    shapes = [made.data.regions.add().region_info for _ in range(4)]
    box = shapes[0].bounding_box
    box.left_col, box.top_row, box.right_col, box.bottom_row = 0.25, 0.5, 0.75, 1
    for col, row in ((0, 0), (1, 0), (0, 1)):
        shapes[1].polygon.points.add(col=col, row=row)
    shapes[2].point.col = 0.5
    shapes[3].mask.image.base64 = png((8, 8), "white")
    page = views.html(made)
    assert '<rect x="25.00" y="50.00" width="50.00" height="50.00"' in page
    assert '<polygon points="0.00,0.00 100.00,0.00 0.00,100.00"' in page
    assert '<circle cx="50.00" cy="0.00"' in page
    picture, mask = pictures(page)
    assert picture.convert("RGB").getpixel((5, 5))[0] > 200
    assert mask.convert("RGBA").getpixel((4, 4))[3] == 120


def test_large_pictures_become_small_and_bombs_a_word():
    assert max(pictures(views.html(one_image(png((3000, 100)))))[0].size) == thumbnails.MAX_SIDE
    assert max(pictures(views.html(one_image(png((2000, 2000), "red", "JPEG"))))[0].size) <= 320
    assert "too large to show: 7000 x 7000" in views.html(one_image(png((7000, 7000))))


def one_image(content: bytes):
    made = resources_pb2.Input(id="a")
    made.data.image.base64 = content
    return made


@pytest.mark.parametrize("content", [b"no picture", png()[:40], b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_a_broken_picture_is_a_line(content):
    page = views.html(one_image(content))
    assert pictures(page) == []
    assert "no picture" in page


def test_without_pillow_small_pictures_are_shown_as_they_are(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)
    assert 'src="data:image/png;base64' in views.html(one_image(png()))
    large = Image.effect_noise((900, 900), 100)
    file = io.BytesIO()
    large.save(file, "PNG")
    assert "too large to show without Pillow" in views.html(one_image(file.getvalue()))


def test_pictures_of_other_hosts_are_not_fetched():
    made = resources_pb2.Input(id="a")
    made.data.image.url = "https://elsewhere.example.com/a.png"
    page = views.html(made)
    assert "elsewhere, and not fetched" in page
    assert "elsewhere.example.com" not in page


class Shelf:
    """A listing of apps that notes which pages it is asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[tuple[int, int]] = []

    def fetch(self, number: int, size: int) -> Page:
        self.asked.append((number, size))
        first = (number - 1) * size
        last = min(first + size, self.count)
        return Page([resources_pb2.App(id=f"app-{n}") for n in range(first, last)])


def test_a_listing_shows_its_first_items_for_one_small_page():
    shelf = Shelf(5000)
    pager = Pager(shelf.fetch)
    assert "app-19" in pager._repr_html_()
    assert "app-20" not in pager._repr_html_()
    assert set(shelf.asked) == {(1, 21)}
    assert "there are more" in pager._repr_html_()
    shelf.asked.clear()
    lines = str(pager).splitlines()
    assert (lines[0].split()[0], lines[1].strip(), lines[-1]) == ("id", "app-0", "... the first 20")
    assert shelf.asked == [(1, 21)]


def test_the_repr_of_a_listing_asks_for_nothing():
    shelf = Shelf(3)
    assert repr(Pager(shelf.fetch)) == "<Pager: iterate it, or call .all()>"
    assert shelf.asked == []


def test_showing_takes_no_items_from_a_loop():
    pager = Pager(Shelf(3).fetch)
    assert next(pager).id == "app-0"
    assert "app-0" in str(pager)
    assert [one.id for one in pager] == ["app-1", "app-2"]


def test_a_listing_of_one_page_shows_that_page():
    shelf = Shelf(100)
    assert "app-30" in str(Pager(shelf.fetch, PageLimits(page_no=2, per_page=30)))
    assert shelf.asked == [(2, 30)]


def test_listings_that_are_empty_or_fail_are_lines():
    assert "nothing is in it" in str(Pager(Shelf(0).fetch))
    assert "nothing is in it" in Pager(Shelf(0).fetch)._repr_html_()

    def fail(number, size):
        raise NotFound("ListApps", {"user_id": EVIL}, description="no such user")

    for shown in (str(Pager(fail)), Pager(fail)._repr_html_()):
        assert "its items could not be had" in shown
        assert "no such user" in shown
    assert "<script" not in Pager(fail)._repr_html_()


def test_what_cannot_be_shown_is_a_line():
    class Broken:
        def _view(self):
            raise OSError("no way")

        def __repr__(self):
            raise OSError("nor this")

    assert "Broken cannot be shown: OSError: no way" in views.html(Broken())
    assert "Broken cannot be shown" in views.text(Broken())


def test_show_prints_a_table_outside_of_notebooks(capsys):
    answer = service_pb2.MultiConceptResponse()
    answer.concepts.add(id="id-cat", name="cat", value=1)
    clarifai.show(answer, App(app_id="zoo", user_id="me"), 3)
    assert capsys.readouterr().out.splitlines() == [
        "id      name  value",
        "id-cat  cat   1",
        "id   user_id",
        "zoo  me",
        "3",
    ]


def test_show_takes_no_more_of_a_listing_than_print_does(capsys):
    shelf = Shelf(5000)
    clarifai.show(Pager(shelf.fetch))
    assert capsys.readouterr().out.endswith("app-19\n... the first 20\n")
    assert shelf.asked == [(1, 21)]


def test_to_records_and_to_pandas_take_responses():
    answer = service_pb2.MultiConceptResponse()
    answer.concepts.add(id="id-cat", name="cat", value=0.9)
    assert clarifai.to_records(answer)[0]["value"] == 0.9
    frame = clarifai.to_pandas([answer, answer])
    assert frame.name.tolist() == ["cat", "cat"]
    assert str(frame.value.dtype) == "float64"


@pytest.mark.parametrize("wrong", [3, None, "x", [3], object()])
def test_what_has_no_rows_is_named(wrong):
    for work in (clarifai.to_records, clarifai.to_pandas):
        with pytest.raises(UserError, match="is no row: give a handle"):
            work(wrong)


# Progress.


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bars_are_for_who_looks(monkeypatch):
    for stream, wanted, seen in (
        (Terminal(), None, True),
        (io.StringIO(), None, False),
        (io.StringIO(), True, True),
        (Terminal(), False, False),
    ):
        monkeypatch.setattr("sys.stderr", stream)
        with progress.bar(2, "Counting", "things", wanted) as shown:
            shown.update(2)
        assert ("Counting: 100%" in stream.getvalue()) is seen


def test_what_is_quick_shows_nothing(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with progress.bar(2, "Counting", "things", delay_seconds=60) as shown:
        shown.update(2)
    with progress.waiting("a test") as tell:
        tell("soon", 10)
    assert "Counting" not in stream.getvalue()
    assert "a test" not in stream.getvalue()


def test_a_wait_tells_what_is_said(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with progress.waiting("Training", True) as tell:
        tell("queued", 0)
        tell("half of it", 50)
    assert "Training: 00:00, queued" in stream.getvalue()
    assert "half of it, 50 %" in stream.getvalue()


def test_a_closed_stderr_is_nobody_who_looks(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    assert not progress.is_watched()


# Tracebacks.


def failing():
    try:
        App(app_id="zoo", user_id="me").dataset("")
    except UserError as error:
        return error
    raise AssertionError


def test_a_traceback_ends_at_the_last_line_that_is_not_ours():
    error = failing()
    lines = tracebacks.rendered(error)
    assert any("test_views.py" in line for line in lines)
    assert not any("packages" in line for line in lines)
    assert lines[-1] == tracebacks.HINT
    assert error.__traceback__.tb_next is not None, "the error itself is as it was"


def test_debugging_shows_all(monkeypatch):
    monkeypatch.setenv("CLARIFAI_DEBUG", "1")
    assert any("clarifai_resources" in line for line in tracebacks.rendered(failing()))
    monkeypatch.setenv("CLARIFAI_DEBUG", "0")
    assert not any("clarifai_resources" in line for line in tracebacks.rendered(failing()))


def test_a_program_can_ask_for_short_tracebacks(monkeypatch, capsys):
    import sys

    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    clarifai.shorten_tracebacks()
    error = failing()
    sys.excepthook(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert "test_views.py" in said
    assert "clarifai_resources" not in said
    other = ValueError("of somebody else")
    sys.excepthook(ValueError, other, None)
    assert "ValueError: of somebody else" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cat\u202egnp.exe", r"cat\u202egnp.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("a\x1b[31m", r"a\x1b[31m"),
        ("half\ud800", r"half\ud800"),
    ],
)
def test_what_turns_the_writing_around_is_shown_as_code_has_it(text, said):
    from clarifai_views import markup

    assert markup.escaped(text) == said
    assert markup.tag("td", text, title=text) == f'<td title="{said}">{said}</td>'


def test_writing_from_right_to_left_stays():
    from clarifai_views import markup

    assert markup.escaped("قطة 😀\n") == "قطة 😀\n"


def test_an_error_about_a_long_name_is_a_sentence():
    assert len(str(NotFound("GetApp", {"app_id": "x" * 10_000}))) < 400
    with pytest.raises(UserError, match="cannot be an id") as raised:
        check_new_id("app_id", "x" * 10_000)
    assert len(str(raised.value)) < 400


def test_a_class_is_shown_as_python_shows_it(capsys):
    clarifai.show(App)
    assert capsys.readouterr().out == f"{App}\n"
