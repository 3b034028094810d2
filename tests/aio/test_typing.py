"""mypy and jedi know what is awaited: mistakes are found, and what comes is completed."""

from __future__ import annotations

from pathlib import Path

import jedi
import pytest

from clarifai.aio import App, Dataset, Inputs, Model, User
from tests.sdk.test_typing import mypy

PROGRAM = Path(__file__).with_name("typed_program.py")
WRONG = {
    'model = await app.model("m")': 'model = app.model("m")',
    "async for one in inputs.list_inputs():": "for one in inputs.list_inputs():",
    "batch_size=64)": 'batch_size="all")',
    "await user.list_apps().all()": "user.list_apps().all()",
    "app.search(top_k=3)": "app.serach(top_k=3)",
}
"""What is right in the program -> the type error that takes its place."""


def test_the_program_is_right(tmp_path: Path):
    right = tmp_path / "right.py"
    right.write_text(PROGRAM.read_text("utf-8"))
    assert mypy(right)[0] == []


def test_each_mistake_is_found(tmp_path: Path):
    text = PROGRAM.read_text("utf-8")
    for good, bad in WRONG.items():
        assert good in text
        text = text.replace(good, bad)
    wrong = tmp_path / "wrong.py"
    wrong.write_text(text)

    assert len(mypy(wrong)[0]) >= len(WRONG)


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
