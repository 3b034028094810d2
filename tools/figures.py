"""Figures of the house: its size, what its functions say they return, and the ways of two calls.

    python -m tools.figures

A row for each package: files, lines, functions, and how many of these say that they return `Any`.
Then the import circles, and the ways of `App.create_dataset` and `Model.predict_by_bytes`: which
files one call passes through, and how often it moves from one into another. That is what a person
who follows the call through the sources has to open. A move is a call of a function in another
file; coming back is none. Counted are files of ours on the caller's side and thread, in the second
call of its kind; the embedded platform, libraries and what attrs generates do not count.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import attrs

from clarifai.client.model import Model
from clarifai.client.user import User
from clarifai_local import Platform
from tools.import_circles import circles, graph
from tools.wheels import Package, workspace

PLATFORM = "clarifai_local"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6360"
    "f8cf00000301010018dd8db00000000049454e44ae426082"
)
"""A PNG of one pixel."""


@attrs.frozen
class Size:
    """How large a package is, and what its functions say they return."""

    files: int
    lines: int
    functions: int
    returning_any: int
    """Functions whose result is annotated as `Any` and nothing else."""

    def __add__(self, other: Size) -> Size:
        mine, its = attrs.astuple(self), attrs.astuple(other)
        return Size(*(one + two for one, two in zip(mine, its, strict=True)))

    @property
    def any_percent(self) -> float:
        """Share of functions that say they return `Any`."""
        return 100 * self.returning_any / max(self.functions, 1)


def size(package: Package) -> Size:
    """Return the size of a package."""
    texts = [path.read_text("utf-8") for path in sorted(package.source.rglob("*.py"))]
    results = [one for text in texts for one in _results(ast.parse(text))]
    return Size(
        len(texts),
        sum(len(text.splitlines()) for text in texts),
        len(results),
        results.count("Any"),
    )


def _results(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield "" if node.returns is None else ast.unparse(node.returns)


@attrs.frozen
class Way:
    """What one call passes through."""

    files: tuple[str, ...]
    """In the order in which they are entered first, such as `"clarifai_core/ops.py"`."""
    moves: int
    functions: int
    """Calls of functions of ours."""


def way(call: Callable[[], object]) -> Way:
    """Run a call, and return the way that it took on this thread."""
    entered: Counter[str] = Counter()
    moves = 0

    def note(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal moves
        if event == "call" and (name := _file(frame)):
            callers = list(_callers(frame))
            if PLATFORM not in "".join(callers):
                entered[name] += 1
                moves += bool(callers) and callers[0] != name

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return Way(tuple(entered), moves, entered.total())


def _file(frame: FrameType) -> str:
    """Return the file of a function of ours; `""`: it is not ours, or is the platform's."""
    name = "/".join(Path(frame.f_code.co_filename).parts)
    _, inside, path = name.partition("/src/clarifai")
    return f"clarifai{path}" if inside and not path.startswith("_local/") else ""


def _callers(frame: FrameType | None) -> Iterator[str]:
    """Yield whose functions wait for this one, the nearest first: our files, or the platform."""
    while frame is not None and (frame := frame.f_back) is not None:
        name = _file(frame)
        if name or f"/{PLATFORM}/" in frame.f_code.co_filename:
            yield name or PLATFORM


def ways() -> dict[str, Way]:
    """Return the ways of two calls of a program, by what it calls."""
    with Platform() as platform:
        app = User("me", base_url=platform.url).create_app("moves", base_workflow="Empty")
        model = Model(
            user_id="clarifai",
            app_id="main",
            model_id="general-image-recognition",
            base_url=platform.url,
        )
        app.create_dataset("first")
        model.predict_by_bytes(PICTURE, "image")
        return {
            'app.create_dataset("second")': way(lambda: app.create_dataset("second")),
            'model.predict_by_bytes(..., "image")': way(
                lambda: model.predict_by_bytes(PICTURE, "image")
            ),
        }


def _row(name: str, found: Size) -> str:
    share = f"{found.returning_any} ({found.any_percent:.1f} %)"
    return f"{name:<20}{found.files:>7,}{found.lines:>10,}{found.functions:>11,}{share:>14}"


def main() -> int:
    """Print the figures."""
    packages = workspace()
    sizes = {name: size(package) for name, package in packages.items()}
    print(f"{'package':<20}{'files':>7}{'lines':>10}{'functions':>11}{'Any':>14}")
    for name, found in sizes.items():
        print(_row(name, found))
    print(_row("all", sum(sizes.values(), Size(0, 0, 0, 0))))
    knots = circles(graph(package.source.parent for package in packages.values()))
    print(f"\nimport circles, imports inside functions included: {len(knots)}")
    for name, one in ways().items():
        print(f"\n{name}: {len(one.files)} files, {one.moves} moves, {one.functions} functions")
        print(*(f"  {file}" for file in one.files), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
