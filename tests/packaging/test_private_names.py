"""What of a package others may import: modules without an underscore, and no other.

A module is public when somebody outside needs it: another package, a door, an entry point, or a
page of the documentation. Everything else is `_private`, so that semver has an edge.
"""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

import pytest
import tomli

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parts[-3] for path in ROOT.glob("packages/*/src/clarifai_*"))
SOURCES = {name: ROOT / f"packages/{name}/src/clarifai_{name}" for name in PACKAGES}
KEPT = {
    "local.http_messages": "the module that fault reports name",
    "local.media": "renditions, which programs compare with those of the hosted platform",
    **{
        f"datasets.upload.loaders.{name}": "a class to make and to derive from, as its siblings"
        for name in (
            *("cifar", "clarifai", "csv", "folder", "huggingface", "jsonl", "parquet"),
            *("voc_detection", "yolo"),
        )
    },
    "resources.inputs.inputs": "the documented `Inputs`, where its methods say they are",
    "resources.model.model": "the documented `Model`",
    "resources.workflow.workflow": "the documented `Workflow`",
    "runner.arguments": "types of documented keywords, for annotations of one's own",
}
"""Public modules that nothing of ours imports from outside, and why they are."""

MAPS = ("docs/methods.md",)
"""Pages that say where the code of a method is, for who changes it."""

TWIN = "aio"
"""Made of the others' sources by a tool, and released with them: it shares what they keep private,
which its exact requirements allow."""

_DOTTED = re.compile(r"\bclarifai_([a-z]+)((?:\.[a-z_]\w*)+)")
_FROM = re.compile(r"from clarifai_([a-z]+)((?:\.\w+)*) import (\([^)]*\)|[^\n]+)")


@functools.cache
def modules(package: str) -> set[str]:
    """Return all modules and folders of a package: dotted names below it."""
    found = {path.relative_to(SOURCES[package]) for path in SOURCES[package].rglob("*.py")}
    dotted = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in found}
    return {name for name in dotted if not name.startswith("__")}


def is_private(module: str) -> bool:
    return any(part.startswith("_") for part in module.split("."))


def named(text: str) -> set[tuple[str, str]]:
    """Return package and module of each mention in a file, with the folders around it."""
    found = {(one[1], one[2].removeprefix(".")) for one in _DOTTED.finditer(text)}
    for one in _FROM.finditer(text):
        inside = f"{one[2]}.".removeprefix(".")
        found |= {(one[1], f"{inside}{name}") for name in re.findall(r"\w+", one[3])}
    return {
        (package, ".".join(parts[:depth]))
        for package, name in found
        if package in SOURCES
        for parts in [name.split(".")]
        for depth in range(1, len(parts) + 1)
        if ".".join(parts[:depth]) in modules(package)
    }


def owner(path: str) -> str:
    """Return whose file it is: a package's, or nobody's for doors and pages."""
    parts = path.split("/")
    inside = parts[0] == "packages" and parts[1] in SOURCES and path.endswith(".py")
    return parts[1] if inside else ""


@functools.cache
def outside() -> dict[tuple[str, str], str]:
    """Return each module that a file of others names, and such a file."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    found: dict[tuple[str, str], str] = {}
    for path in tracked:
        is_page = path.endswith((".md", ".toml")) and "CHANGELOG" not in path and path not in MAPS
        is_ours = path.startswith(("packages/", "docs/", "README"))
        if not is_ours or not (is_page or path.endswith(".py")) or not (ROOT / path).exists():
            continue
        for package, name in named((ROOT / path).read_text("utf-8")):
            if owner(path) not in (package, TWIN):
                found.setdefault((package, name), path)
    return found


def test_nothing_private_is_named_by_another():
    wrong = {f"clarifai_{p}.{name}": path for (p, name), path in outside().items()}
    assert not {name: path for name, path in wrong.items() if is_private(name)}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_nobody_else_names_is_private(package):
    used = {name for p, name in outside() if p == package}
    kept = {one.partition(".")[2] for one in KEPT if one.split(".")[0] == package}
    public = {name for name in modules(package) if not is_private(name)}
    assert public - used - kept == set()
    assert kept <= public - used, "a reason that is no longer needed"


def test_what_shares_private_names_requires_exact_versions():
    project = tomli.loads((ROOT / f"packages/{TWIN}/pyproject.toml").read_text("utf-8"))["project"]
    of_extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    wanted = [*project["dependencies"], *of_extras]
    siblings = [one for one in wanted if one.startswith("clarifai-") and "grpc" not in one]
    assert len(siblings) == 7
    assert all(re.fullmatch(r"[a-z-]+==[0-9.]+", one) for one in siblings)
