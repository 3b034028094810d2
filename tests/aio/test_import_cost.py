"""Importing `clarifai.aio` costs nothing: what is heavy comes in with the first request."""

from __future__ import annotations

import pytest

from tests.sdk.test_import_cost import HEAVY, loaded_by

STATEMENTS = [
    "import clarifai.aio",
    "from clarifai.aio import App, Inputs, Lister, Model, Module, Runner, User, Workflow",
    "from clarifai.aio import Dataset, Search",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_nothing_heavy_is_imported(statement: str):
    heavy = {name for name in loaded_by(statement) if name in HEAVY or name == "asyncio"}
    assert heavy == set()


def test_the_door_alone_loads_no_handle():
    assert not {one for one in loaded_by("import clarifai.aio") if one.startswith("clarifai_aio")}
