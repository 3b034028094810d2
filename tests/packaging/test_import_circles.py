"""No module needs one that needs it, imports inside functions and lazy texts included."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.import_circles import circles, described, graph
from tools.wheels import workspace


def test_there_are_no_import_circles():
    arrows = graph(package.source.parent for package in workspace().values())
    found = circles(arrows)
    assert not found, "\n\n".join(described(knot, arrows) for knot in found)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    "back",
    [
        "from room import a",
        "from room.a import thing",
        "import room.a",
        "def f():\n    from room import a",
        "def f():\n    from room.a import thing",
        "a = lazy_module('room.a')",
        "def f():\n    return load_target('room.a:thing')",
        "__getattr__, __dir__ = door(__name__, Thing='room.a:thing')",
        "main = program('room', 'room.a:thing')",
        "if TYPE_CHECKING:\n    from room import a\nelse:\n    a = lazy_module('room.a')",
    ],
)
def test_each_way_of_importing_closes_a_circle(back: str, tmp_path: Path):
    files = {"room/__init__.py": "", "room/a.py": "from room import b", "room/b.py": back}
    assert circles(graph([written(tmp_path, files)])) == [("room.a", "room.b")]


@pytest.mark.parametrize(
    "back",
    [
        "if TYPE_CHECKING:\n    from room import a",
        "from room import c",
        "import room",
        "from room import __version__",
    ],
)
def test_types_neighbours_and_parents_close_none(back: str, tmp_path: Path):
    files = {"room/__init__.py": "", "room/a.py": "from room import b", "room/b.py": back}
    assert circles(graph([written(tmp_path, {**files, "room/c.py": ""})])) == []


def test_a_circle_over_two_packages_is_found(tmp_path: Path):
    one = written(tmp_path / "1", {"one/__init__.py": "import two.x"})
    two = written(tmp_path / "2", {"two/x.py": "import three", "three/__init__.py": "import one"})
    arrows = graph([one, two])
    assert circles(arrows) == [("one", "three", "two.x")]
    assert described(("one", "three", "two.x"), arrows).splitlines() == [
        "one -> two.x (__init__.py:1)",
        "three -> one (__init__.py:1)",
        "two.x -> three (x.py:1)",
    ]
