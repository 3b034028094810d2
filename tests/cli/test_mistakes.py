"""A mistake gets one sentence that names the value and the remedy, in the words of the prompt."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clarifai_core.errors import ClarifaiError, UserError
from clarifai_core.transport.session import close_sessions
from clarifai_datasets.handle import Dataset
from clarifai_resources.app import App
from clarifai_resources.inputs import Inputs
from clarifai_resources.model import Model
from clarifai_resources.user import User
from clarifai_search import Query, concept, near
from clarifai_search.handle import Search
from tests.cli.mistakes import MISTAKES, WITHOUT_APP
from tests.cli.world import at_home, furnished, run


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("world")
        patch.setenv("CLARIFAI_STATE_DIR", str(folder / "state"))
        patch.setenv("CLARIFAI_CONTEXTS_FILE", str(folder / "none.yaml"))
        made = furnished(folder)
        app = App(app_id="zoo", user_id="me", base_url=made.base_url)
        app.create_model("empty", model_type_id="embedding-classifier")
        yield made
    close_sessions()


@pytest.fixture
def home(world, monkeypatch, tmp_path):
    at_home(world, monkeypatch, tmp_path)


def test_there_are_enough_of_them_and_none_twice():
    assert len(MISTAKES) >= 150
    assert len({line for line, _, _ in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize(("line", "code", "named"), MISTAKES, ids=[one[0] for one in MISTAKES])
def test_a_mistake_at_the_prompt(line, code, named, world, home):
    done = run(world.split(line, world.new()))
    assert done.code == code, done.err
    for text in named:
        assert text.format(**world.words) in done.err
    if not line.startswith("doctor"):  # that one shows how far it came
        assert not done.out
    assert done.err.startswith(("Error: ", "Usage: "))
    assert "please report it" not in done.err
    # A word of the prompt, not a keyword of a program.
    assert not re.search(r"(?<![`(\w])[a-z]+(_[a-z]+)*=(?![\"'\w{])", done.err)


@pytest.mark.parametrize("line", WITHOUT_APP)
def test_an_app_that_is_missing_is_asked_for_with_every_way_to_give_it(
    line, world, home, monkeypatch
):
    monkeypatch.delenv("CLARIFAI_APP_ID")
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", "none.yaml")
    done = run(world.split(line, "x"))
    assert done.code == 2
    for remedy in ("--app-id", "CLARIFAI_APP_ID", "`clarifai app use ID`"):
        assert remedy in done.err


def test_an_app_cannot_be_stored_where_there_is_no_context(world, home, monkeypatch):
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", "none.yaml")
    done = run(["app", "use", "zoo"])
    assert done.code == 2
    for remedy in ("clarifai login", "clarifai config create", "CLARIFAI_APP_ID"):
        assert remedy in done.err


open_search: Any = Search  # what type checkers would find, too

IN_CODE = {
    "an id that cannot be one": (lambda app: app.create_dataset("a b"), "'a b'"),
    "a field that there is not": (
        lambda app: app.create_model("m", descripton="x"), "did you mean 'description'",
    ),
    "an app that there is not": (
        lambda app: User("me", base_url=app.settings.base_url).app("zo"), "'zo'",
    ),
    "a model without a version": (lambda app: Model(model_id="m").list_evaluations(), "version"),
    "a file that there is not": (lambda app: Inputs.get_input_from_file("x", "gone.png"), "gone"),
    "a box without an area": (
        lambda app: Inputs.get_bbox_proto("x", "cat", [0.9, 0, 0.1, 1]), "smaller first",
    ),
    "a parameter of search": (lambda app: open_search(top=3), "'top_k'"),
    "a place beyond the earth": (lambda app: near(200, 0, km=1), "longitude"),
    "a score over one": (lambda app: Query().at_least(2), "from 0 to 1"),
    "a concept without a name": (lambda app: concept(), "name"),
    "a loader that there is not": (
        lambda app: Dataset(dataset_id="train").export("x.zip", format="yoolo"), "'yolo'",
    ),
    "an unknown filter": (
        lambda app: app.list_models(filter_by={"nam": "x"}), "did you mean 'name'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", IN_CODE)
def test_a_mistake_in_code(what, world, home):
    make, named = IN_CODE[what]
    app = App(app_id="zoo", user_id="me", base_url=world.base_url)
    with pytest.raises((UserError, ClarifaiError)) as caught:
        make(app)
    assert named in str(caught.value)
