"""jedi completes what comes of an await; mypy is asked in tests/sdk/test_typing.py."""

from __future__ import annotations

from pathlib import Path

import jedi
import pytest

from clarifai.aio import App, Dataset, Inputs, Model, User

EDITED = """
from clarifai.aio import App, User

async def main():
    user = User("me")
    app = await user.create_app("x")
    dataset = await app.create_dataset("d")
    model = await app.model("m")
    {}."""


@pytest.mark.parametrize(
    ("expression", "cls"),
    [
        ("user", User),
        ("app", App),
        ("app.inputs()", Inputs),
        ("dataset", Dataset),
        ("model", Model),
    ],
)
def test_an_editor_offers_what_there_is(expression: str, cls: type, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(jedi.settings, "cache_directory", str(tmp_path))
    code = EDITED.format(expression)
    offered = {one.name for one in jedi.Script(code).complete()}
    methods = {name for name in vars(cls) if not name.startswith("_")}
    assert methods <= offered
