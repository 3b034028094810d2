"""Documented import paths lead to the one class that they name."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap

import pytest

PATHS = {
    "clarifai.client.app": "App",
    "clarifai.client.dataset": "Dataset",
    "clarifai.client.input": "Inputs",
    "clarifai.client.lister": "Lister",
    "clarifai.client.model": "Model",
    "clarifai.client.module": "Module",
    "clarifai.client.runner": "Runner",
    "clarifai.client.search": "Search",
    "clarifai.client.user": "User",
    "clarifai.client.workflow": "Workflow",
}


@pytest.mark.parametrize(("path", "name"), PATHS.items())
def test_a_class_has_one_identity_by_every_path(path: str, name: str):
    direct = getattr(importlib.import_module(path), name)
    client = importlib.import_module("clarifai.client")
    assert direct is getattr(client, name)
    assert direct.__name__ == name


def test_the_package_lists_its_names():
    client = importlib.import_module("clarifai.client")
    assert set(client.__all__) == set(PATHS.values())
    assert set(client.__all__) <= set(dir(client))


@pytest.mark.parametrize("path", PATHS)
def test_a_door_lists_its_name(path: str):
    assert PATHS[path] in dir(importlib.import_module(path))


def test_input_is_another_name_of_inputs():
    door = importlib.import_module("clarifai.client.input")
    assert door.Input is door.Inputs


def test_an_unknown_name_is_an_ordinary_import_error():
    client = importlib.import_module("clarifai.client")
    with pytest.raises(AttributeError, match=r"'clarifai\.client' has no attribute 'Usr'"):
        _ = client.Usr


def test_every_error_is_at_its_door():
    errors, core = map(importlib.import_module, ("clarifai.errors", "clarifai_core.errors"))
    classes = {name for name, value in vars(core).items() if isinstance(value, type)}
    assert set(errors.__all__) == classes | {"AuthError", "TokenError"}
    assert errors.AuthError is errors.TokenError is errors.PermissionDenied  # the official names
    assert all(getattr(errors, name) is getattr(core, name) for name in classes)


MISSING = """
    import sys
    from importlib.abc import MetaPathFinder

    class Absent(MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name == "clarifai_{room}" or name.startswith("clarifai_{room}."):
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

    sys.meta_path.insert(0, Absent())
    try:
        {statement}
    except ImportError as error:
        print(error)
"""


def failure(room: str, statement: str) -> str:
    """What `statement` raises where the package of `room` is not installed."""
    code = textwrap.dedent(MISSING).format(room=room, statement=statement)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


@pytest.mark.parametrize(
    ("room", "module", "name"),
    [
        ("datasets", "dataset", "Dataset"),
        ("search", "search", "Search"),
        ("runner", "runner", "Runner"),
    ],
)
def test_a_door_without_its_room_names_the_extra(room: str, module: str, name: str):
    for statement in (
        f"from clarifai.client.{module} import {name}",
        f"from clarifai.client import {name}",
        f"import clarifai.client; clarifai.client.{name}",
    ):
        assert f'pip install "clarifai[{room}]>=13"' in failure(room, statement)


def test_other_doors_stay_open_when_a_room_is_missing():
    assert failure("search", "from clarifai.client import User; print(User.__name__)") == "User\n"


def test_a_room_that_is_broken_inside_says_so_itself():
    """Only the room's own absence is explained by the extra."""
    statement = "import clarifai_search; sys.modules['clarifai_search.handle'] = None; "
    said = failure("none", statement + "from clarifai.client.search import Search")
    assert "clarifai_search.handle" in said
    assert "pip install" not in said
