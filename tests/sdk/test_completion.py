"""An editor offers what there is: jedi completes handles, and what handles hand out."""

from __future__ import annotations

import jedi
import pytest

from clarifai.client import (
    App,
    Dataset,
    Inputs,
    Lister,
    Model,
    Module,
    Runner,
    Search,
    User,
    Workflow,
)
from clarifai_core.paging import Pager
from tools.wheels import ROOT

PROGRAM = """
from clarifai.client import App, Dataset, Inputs, Lister, Model, Module, Runner, Search, User
from clarifai.client import Workflow
from clarifai.client.app import App as AppByItsOwnDoor
from clarifai.client.dataset import Dataset as DatasetByItsOwnDoor
from clarifai.client.user import User as UserByItsOwnDoor

user = User("me")
app = user.create_app("x")
model = app.create_model("m")
"""

EXPRESSIONS = [
    ("user", User),
    ("app", App),
    ("model", Model),
    ('User("me")', User),
    ('UserByItsOwnDoor("me")', User),
    ('AppByItsOwnDoor(app_id="a")', App),
    ("DatasetByItsOwnDoor()", Dataset),
    ("Lister()", Lister),
    ('user.app("a")', App),
    ("user.list_apps()", Pager),
    ('user.create_runner("r", ["l"])', Runner),
    ("app.inputs()", Inputs),
    ('app.create_dataset("y")', Dataset),
    ('app.dataset("y")', Dataset),
    ("app.list_models()", Pager),
    ('app.workflow("w")', Workflow),
    ('app.module("m")', Module),
    ("app.search(top_k=3)", Search),
]


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory):
    """What jedi has parsed is pickled: two programs that write one cache break each other's."""
    before = jedi.settings.cache_directory
    jedi.settings.cache_directory = str(tmp_path_factory.mktemp("jedi"))
    yield
    jedi.settings.cache_directory = before


def completions(line: str) -> set[str]:
    """Names that jedi offers, without running anything, at the end of a line of a program."""
    script = jedi.Script(PROGRAM + line, project=jedi.Project(ROOT, smart_sys_path=False))
    found = script.complete(PROGRAM.count("\n") + 1, len(line))
    return {completion.name for completion in found}


@pytest.mark.parametrize(("expression", "kind"), EXPRESSIONS, ids=[e for e, _ in EXPRESSIONS])
def test_every_public_name_is_offered(expression: str, kind: type):
    public = {name for name in dir(kind) if not name.startswith("_")}
    assert public - completions(f"{expression}.") == set()


@pytest.mark.parametrize(
    ("expression", "field"),
    [
        ("user", "first_name"),
        ("app", "default_workflow"),
        ("model", "model_version"),
        ('app.create_dataset("y")', "metadata"),
        ("model.model_version", "train_info"),
        ('model.predict_by_url("https://example.com/a.png", "image")', "outputs"),
        ('app.workflow("w").predict_by_bytes(b"")', "results"),
    ],
)
def test_fields_of_a_message_are_offered(expression: str, field: str):
    assert field in completions(f"{expression}.")
