"""The files that are made of blocking sources are what `python -m tools.asynchronous` makes."""

from __future__ import annotations

import pytest

from tools import asynchronous
from tools import asynchronous_tables as tables
from tools.asynchronous_docs import example
from tools.asynchronous_rewrite import Edits
from tools.asynchronous_scan import Module, World


@pytest.fixture(scope="module")
def world() -> World:
    return World.read()


def test_nothing_is_stale():
    assert asynchronous.stale() == []


def test_every_source_of_the_table_gives_something(world):
    from tools.asynchronous_rewrite import emitted_names

    emitted = emitted_names(world)
    assert [name for name in tables.MODULES if not emitted[name]] == []


def test_nothing_generated_waits_for_a_blocking_call(world):
    """A call of a session, or of a thread that sleeps, is awaited wherever it stands."""
    for target in tables.MODULES.values():
        text = asynchronous.path_of(target).read_text("utf-8")
        lines = [one for one in text.splitlines() if "session.call(" in one]
        assert all("await " in one for one in lines), target
        assert "time.sleep" not in text


def test_a_replacement_of_a_line_that_is_gone_is_an_error(monkeypatch):
    monkeypatch.setitem(tables.REPLACED, "clarifai_core.ops", (("no such line", ""),))
    with pytest.raises(SystemExit, match="no such line"):
        Module("clarifai_core.ops", "clarifai_aio._core.ops").text  # noqa: B018


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("app.create_dataset('d').id", "(await app.create_dataset('d')).id"),
        ("x = user.app('a')", "x = await user.app('a')"),
        ("[one.id for one in app.list_inputs()]", "[one.id async for one in app.list_inputs()]"),
        ("[one async for one in app.list_models()]", "[one async for one in app.list_models()]"),
        ("app.list_inputs().all()", "await app.list_inputs().all()"),
        ("len('a')", "len('a')"),
        ("not code (", "not code ("),
    ],
)
def test_examples_are_adapted(code, made, world):
    assert example(code, world) == made


def test_edits_at_one_place_keep_their_order():
    edits = Edits("a = b\n")
    edits.put(4, "(")
    edits.put(4, "await ")
    edits.put(5, ")")
    assert edits.made() == "a = (await b)\n"
