"""Who shows things: a plugin's view, another's in its place, and the `repr` where there is none."""

from __future__ import annotations

import logging

import pytest
from clarifai_grpc.grpc.api import resources_pb2

import clarifai
from clarifai_core import plugins as plugins_
from clarifai_core.contracts import ViewSpec
from clarifai_core.errors import PluginError, Unreachable, UserError
from clarifai_core.paging import Page, PageLimits, Pager
from clarifai_core.plugins import Plugins, PluginSwitches
from clarifai_core.trials import on_trial
from clarifai_resources.app import App
from tests.testing.cases import giving

FORMS = ("html", "text", "pandas")


def mine(thing: object) -> str:
    return f"mine: {type(thing).__name__}"


def failing(thing: object) -> str:
    raise ZeroDivisionError("Boom")


def none(thing: object) -> None:
    return None


def number(thing: object) -> int:
    return 7


def views(target, *, is_default: bool = False):
    where = f"{__name__}:{target.__name__}"
    return giving("views", *(ViewSpec(one, where, "Mine.", is_default) for one in FORMS))


def app() -> App:
    return App(app_id="zoo", user_id="me", pat="k")


def listing() -> Pager[resources_pb2.App]:
    return Pager.of_pages([[resources_pb2.App(id=one) for one in page] for page in ("ab", "c")])


@pytest.fixture
def no_views():
    """This process with our views blocked, as CLARIFAI_BLOCK_PLUGINS=views has it."""
    found = Plugins(PluginSwitches.parse(None, "views"))
    found.load()
    before = plugins_.put_in_place(found)
    yield
    plugins_.put_in_place(before)


def test_ours_are_asked_by_handles_listings_and_print():
    assert app()._repr_html_().startswith('<div class="clarifai">')
    assert "<td>b</td>" in listing()._repr_html_()
    assert str(listing()) == "id\na\nb"
    pytest.importorskip("pandas")
    assert listing().to_pandas().id.tolist() == ["a", "b", "c"]


def test_another_plugins_come_first():
    with on_trial(views(mine)):
        assert app()._repr_html_() == "mine: App"
        assert listing()._repr_html_() == str(listing()) == listing().to_pandas() == "mine: Pager"
    assert "mine" not in app()._repr_html_()


def test_two_that_are_defaults_are_one_too_many():
    with pytest.raises(PluginError, match="Both views and trial register views 'html'"):
        on_trial(views(mine, is_default=True)).__enter__()


def test_show_asks_them_too(capsys):
    with on_trial(views(mine)):
        from clarifai_views.views import Shown

        assert Shown(app())._repr_html_() == "mine: App"
        assert 'class="clarifai"' in Shown([app(), app()])._repr_html_()
        clarifai.show(listing())
    assert capsys.readouterr().out == "mine: Pager\n"


@pytest.mark.usefixtures("no_views")
def test_without_one_the_repr_stands_and_nothing_is_asked():
    def away(_number: int, _size: int) -> Page[object]:
        raise Unreachable("nobody is to be asked")

    assert app()._repr_html_() is None
    assert Pager(away)._repr_html_() is None
    assert str(Pager(away)) == repr(Pager(away)) == "<Pager: iterate it, or call .all()>"


@pytest.mark.usefixtures("no_views")
def test_without_one_there_are_rows_and_a_sentence_in_place_of_a_frame():
    assert [row["id"] for row in listing().to_records()] == ["a", "b", "c"]
    with pytest.raises(PluginError) as raised:
        listing().to_pandas()
    assert str(raised.value) == (
        "to_pandas() needs the view 'pandas': clarifai-views, which brings it, is blocked: leave "
        "it out of CLARIFAI_BLOCK_PLUGINS."
    )


@pytest.mark.usefixtures("no_views")
def test_without_one_show_still_does(capsys):
    from clarifai_views.views import Shown

    clarifai.show(app())
    assert "zoo" in capsys.readouterr().out
    assert "zoo" in Shown(app())._repr_html_()


def test_one_that_fails_is_logged_and_the_repr_stands(caplog: pytest.LogCaptureFixture):
    with on_trial(views(failing)), caplog.at_level(logging.WARNING, "clarifai"):
        assert app()._repr_html_() is None
        assert str(listing()) == repr(listing())
        with pytest.raises(ZeroDivisionError):
            listing().to_pandas()
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"The view '{one}' fails: ZeroDivisionError: Boom" for one in ("html", "text")]


def test_one_that_cannot_be_imported_is_as_one_that_fails(caplog: pytest.LogCaptureFixture):
    lost = giving("views", ViewSpec("html", "no_such_module:page", "Lost."))
    with on_trial(lost), caplog.at_level(logging.WARNING, "clarifai"):
        assert app()._repr_html_() is None
    assert "no_such_module" in caplog.records[0].getMessage()


@pytest.mark.parametrize("target", [none, number])
def test_what_is_no_text_is_left_to_the_repr(target):
    with on_trial(views(target)):
        assert app()._repr_html_() is None
        assert str(listing()) == repr(listing())


def test_the_first_items_take_one_small_page_and_leave_the_rest():
    asked = []

    def fetch(no: int, size: int) -> Page[int]:
        asked.append((no, size))
        return Page(list(range(1, size + 1)), is_last=True)

    pager = Pager(fetch)
    assert pager.peek(3) == [1, 2, 3]
    assert asked == [(1, 3)]
    assert next(pager) == 1
    assert pager.peek(2) == [1, 2]
    assert next(pager) == 2
    assert Pager(fetch, PageLimits(page_no=2, per_page=4)).peek(3) == [1, 2, 3]
    assert Pager(fetch, PageLimits(max_items=1)).peek(3) == [1]
    assert asked[-2:] == [(2, 4), (1, 3)]


@pytest.mark.parametrize("most", [0, -1, 1001, True, 2.5, "3"])
def test_how_many_are_the_first_is_a_number(most):
    with pytest.raises(UserError, match="most must be a whole number from 1 to 1000, got "):
        listing().peek(most)
