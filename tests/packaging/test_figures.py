"""What the house promises of itself in figures: typed results, and short ways of calls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clarifai_core import safe_text
from clarifai_core.errors import UserError
from tools.figures import Size, Way, size, way
from tools.wheels import ROOT, Package, workspace

MOST_ANY_PERCENT = 1.5


@pytest.fixture(scope="module")
def found():
    """The ways in a process of their own: what others left in this one, as logs, adds moves."""
    code = "from tools.figures import ways; print(repr(list(ways().items())))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(eval(done.stdout, {"Way": Way}))  # why eval: it is our own repr


def test_functions_say_what_they_return():
    """Editors and type checkers lose the thread at each `Any`."""
    whole = sum((size(package) for package in workspace().values()), Size(0, 0, 0, 0))
    assert whole.functions > 5000
    assert whole.any_percent < MOST_ANY_PERCENT


def test_a_result_that_is_any_is_counted(tmp_path: Path):
    (tmp_path / "src/room").mkdir(parents=True)
    (tmp_path / "src/room/a.py").write_text(
        "def f() -> Any: ...\nasync def g() -> list[Any]: ...\n"
    )
    counted = size(Package(tmp_path, {"name": "room"}))
    assert counted == Size(files=1, lines=2, functions=2, returning_any=1)
    assert (counted + counted).any_percent == 50


@pytest.mark.parametrize("call", [0, 1], ids=["create_dataset", "predict_by_bytes"])
def test_a_call_goes_down_one_ladder(found, call: int):
    """Door, room, ops, session, flow: who follows a call has few files to open, and each once.

    The bounds are a little above what it is today: 16 files and 31 moves at most.
    """
    taken = list(found.values())[call]
    assert len(taken.files) <= 18
    assert taken.moves <= 36
    ladder = ["ops.py", "transport/session.py", "transport/_flow.py", "transport/policies.py"]
    order = [taken.files.index(f"clarifai_core/{name}") for name in ladder]
    assert order == sorted(order)
    rooms = {name.partition("/")[0] for name in taken.files}
    assert rooms == {"clarifai_resources", "clarifai_core"}


def test_a_way_counts_files_and_moves():
    show = safe_text.shown
    show("a")
    alone = way(lambda: show("a"))
    assert alone == Way(("clarifai_core/safe_text.py",), moves=0, functions=alone.functions)
    twice = way(lambda: (show("a"), show("a")))
    assert (twice.moves, twice.functions) == (0, 2 * alone.functions)
    make = UserError.listing
    assert way(lambda: make("Wrong", ["a"])).files[0] == "clarifai_core/errors.py"
