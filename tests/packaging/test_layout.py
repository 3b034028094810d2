"""Every package has what a published distribution needs, and only its own rooms."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from packaging.version import Version

import clarifai
from tools.wheels import ROOT, Package, layout_faults, ownership_faults, workspace

PACKAGES = workspace()

AT_THE_TOP = {
    *(".ci", ".editorconfig", ".github", ".gitignore", ".pre-commit-config.yaml"),
    *("CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "mkdocs.yml"),
    *("benchmarks", "docs", "examples", "packages", "pyproject.toml", "tests", "tools", "uv.lock"),
}
"""What a newcomer sees first; a file that a test or a tool leaves there is none of it."""

each_package = pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES.keys())


def top_level(package: Package) -> set[str]:
    """Names of the import packages of a distribution's source folder."""
    source = package.source.parent
    return {path.relative_to(source).parts[0] for path in source.rglob("*.py")}


def wheel_files(package: Package) -> list[str]:
    """What hatchling puts into the wheel, told from the source tree."""
    source = package.source.parent
    files = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    licence = "x.dist-info/licenses/LICENSE"
    return [name for name in files if "__pycache__" not in name] + [licence]


def test_nothing_lies_at_the_top_that_does_not_belong_there():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert {name.partition("/")[0] for name in tracked} == AT_THE_TOP


def test_the_workspace_holds_the_packages_of_the_house():
    assert set(PACKAGES) == {
        "clarifai",
        "clarifai-aio",
        "clarifai-cli",
        "clarifai-compat",
        "clarifai-core",
        "clarifai-datasets",
        "clarifai-inputs",
        "clarifai-local",
        "clarifai-models",
        "clarifai-resources",
        "clarifai-runner",
        "clarifai-search",
        "clarifai-testing",
        "clarifai-views",
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
    notices = ["NOTICE.md"] if (package.folder / "NOTICE.md").exists() else []
    assert package.project["license-files"] == ["LICENSE", *notices]
    assert package.project["requires-python"] == ">=3.10"
    assert package.project["description"].endswith(".")
    classifiers = package.project["classifiers"]
    assert {"Typing :: Typed", "Intended Audience :: Developers"} <= set(classifiers)
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in (10, 11, 12, 13)} <= set(
        classifiers
    )
    assert set(package.project["urls"]) >= {"Homepage", "Documentation"}
    assert all(url.startswith("https://") for url in package.project["urls"].values())


@each_package
def test_its_files_keep_the_rules_of_a_wheel(package: Package):
    assert layout_faults(package.room, wheel_files(package)) == []


def test_each_import_package_belongs_to_one_distribution():
    assert ownership_faults({name: wheel_files(p) for name, p in PACKAGES.items()}) == [
        f"x.dist-info belongs to {' and '.join(sorted(PACKAGES))}"
    ]


@each_package
def test_it_holds_the_import_package_of_its_name(package: Package):
    assert top_level(package) == {package.name.replace("-", "_")}


def test_the_doors_know_their_version():
    assert clarifai.__version__ == PACKAGES["clarifai"].project["version"]


@each_package
def test_what_it_needs_of_its_siblings_is_bounded(package: Package):
    """A sibling's next minor version may change what is private between them."""
    needs = [*package.requirements, *(need for more in package.extras.values() for need in more)]
    for need in needs:
        if need.name in PACKAGES and need.name != package.name:
            version = Version(PACKAGES[need.name].project["version"])
            assert need.specifier.contains(version)
            assert not need.specifier.contains(f"{version.major}.{version.minor + 1}")


@each_package
def test_its_plugin_is_an_entry_point(package: Package):
    plugins = package.project.get("entry-points", {}).get("clarifai.plugins", {})
    modules = {module_of(path, package.source.parent) for path in package.source.glob("plugin.py")}
    assert modules == set(plugins.values())


def module_of(path: Path, source: Path) -> str:
    return path.relative_to(source).with_suffix("").as_posix().replace("/", ".")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("room/__init__.py", "room/py.typed is missing"),
        ("room/py.typed", "room/__init__.py is missing"),
        ("tests/test_x.py", "lies outside of room"),
    ],
)
def test_a_wheel_that_breaks_a_rule_is_found(name: str, fault: str):
    found = layout_faults("room", [name, "x.dist-info/licenses/LICENSE"])
    assert any(fault in one for one in found)


def test_a_wheel_without_licence_is_found():
    assert layout_faults("room", ["room/__init__.py", "room/py.typed"]) == [
        "the LICENSE is missing"
    ]


def test_a_room_in_two_wheels_is_found():
    files = {"a": ["room/x.py"], "b": ["room/y.py", "own/x.py"]}
    assert ownership_faults(files) == ["room belongs to a and b"]
