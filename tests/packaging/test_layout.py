"""Every package has what a published distribution needs, and only its own rooms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.version import Version

from tools.wheels import ROOT, Package, layout_faults, ownership_faults, workspace

PACKAGES = workspace()
DOORS = {"client", "constants", "errors", "urls", "utils"}

each_package = pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES.keys())


def rooms(package: Package) -> set[str]:
    """Names directly below `clarifai` that hold code."""
    found = {path.relative_to(package.source).parts[0] for path in package.source.rglob("*.py")}
    return found - {"__pycache__"}


def wheel_files(package: Package) -> list[str]:
    """What hatchling puts into the wheel, told from the source tree."""
    source = package.source.parent
    files = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    licence = "x.dist-info/licenses/LICENSE"
    return [name for name in files if "__pycache__" not in name] + [licence]


def test_the_workspace_holds_the_eight_packages():
    assert set(PACKAGES) == {
        "clarifai",
        "clarifai-cli",
        "clarifai-core",
        "clarifai-datasets",
        "clarifai-local",
        "clarifai-resources",
        "clarifai-runner",
        "clarifai-search",
    }


@each_package
def test_it_has_a_readme_a_changelog_and_the_licence(package: Package):
    assert len((package.folder / "README.md").read_text("utf-8").split()) > 5
    licence = (package.folder / "LICENSE").read_text("utf-8")
    assert licence == (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in licence


@each_package
def test_its_changelog_begins_with_its_version(package: Package):
    version = package.project["version"]
    changelog = (package.folder / "CHANGELOG.md").read_text("utf-8")
    heading = re.search(r"^## \[?([^\]\s]+)", changelog, re.MULTILINE)
    assert heading is not None
    assert heading[1] in (version, "Unreleased")
    assert str(Version(version)) == version


@each_package
def test_its_metadata_is_complete(package: Package):
    assert package.project["license"] == "Apache-2.0"
    assert package.project["license-files"] == ["LICENSE"]
    assert package.project["requires-python"] == ">=3.10"
    assert package.project["description"].endswith(".")
    assert "Typing :: Typed" in package.project["classifiers"]


@each_package
def test_its_files_keep_the_rules_of_a_wheel(package: Package):
    assert layout_faults(wheel_files(package)) == []


def test_each_second_level_package_belongs_to_one_distribution():
    assert ownership_faults({name: wheel_files(p) for name, p in PACKAGES.items()}) == [
        f"x.dist-info/licenses belongs to {' and '.join(sorted(PACKAGES))}"
    ]


def test_the_sdk_holds_doors_and_each_other_package_its_room():
    assert rooms(PACKAGES["clarifai"]) <= DOORS
    for name, package in PACKAGES.items():
        if name != "clarifai":
            assert rooms(package) == {name.removeprefix("clarifai-")}


@each_package
def test_its_plugin_is_an_entry_point(package: Package):
    plugins = package.project.get("entry-points", {}).get("clarifai.plugins", {})
    modules = {
        module_of(path, package.source.parent) for path in package.source.glob("*/plugin.py")
    }
    assert modules == set(plugins.values())


def module_of(path: Path, source: Path) -> str:
    return path.relative_to(source).with_suffix("").as_posix().replace("/", ".")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("clarifai/__init__.py", "hide every other package"),
        ("clarifai/errors.py", "must be a package"),
        ("clarifai/room/__init__.py", "clarifai/room/py.typed is missing"),
        ("clarifai/room/py.typed", "clarifai/room/__init__.py is missing"),
        ("tests/test_x.py", "lies outside of the namespace"),
    ],
)
def test_a_wheel_that_breaks_a_rule_is_found(name: str, fault: str):
    (found,) = layout_faults([name, "x.dist-info/licenses/LICENSE"])
    assert fault in found


def test_a_wheel_without_licence_is_found():
    assert layout_faults(["clarifai/room/__init__.py", "clarifai/room/py.typed"]) == [
        "the LICENSE is missing"
    ]


def test_a_room_in_two_wheels_is_found():
    files = {"a": ["clarifai/room/x.py"], "b": ["clarifai/room/y.py", "clarifai/own/x.py"]}
    assert ownership_faults(files) == ["clarifai/room belongs to a and b"]
