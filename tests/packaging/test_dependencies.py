"""What a package imports and what it declares are the same, in both directions."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from clarifai_models._catalogue import MODELS
from tools.imports import When, imports_of
from tools.wheels import Package, same_name, workspace

PACKAGES = workspace()
BELOW_NAMESPACES = {
    "google.protobuf": "protobuf",
    "google.api": "googleapis-common-protos",
    "google.rpc": "googleapis-common-protos",
}
"""Import names whose top level several distributions share."""

BY_THE_DOORS = {"clarifai-cli"}
"""Packages that may use the doors when a function is called (and say how to install them)."""

HANDED_OUT = {"clarifai-resources": ("clarifai-datasets", "clarifai-runner", "clarifai-search")}
"""Packages whose handles another hands out: it names their classes, for type checkers only."""

BY_EXTRAS = {"clarifai-aio"}
"""Packages with modules that are imported only where an extra is installed: those made of it."""

each_package = pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES.keys())


@functools.cache
def installed() -> dict[str, str]:
    """Top-level import name -> distribution, by the files of everything installed.

    `importlib.metadata.packages_distributions` knows too few of them on Python 3.10.
    """
    found: dict[str, str] = {}
    for distribution in distributions():
        name = distribution.metadata["Name"]  # which reads the whole file, each time
        tops = {file.parts[0] for file in distribution.files or () if file.suffix == ".py"}
        found |= {top.removesuffix(".py"): name for top in tops if top != ".."}
    return found


def distribution_of(module: str) -> str:
    """Name the distribution that brings a module; empty for the standard library."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "__future__":
        return ""
    if top.replace("_", "-") in PACKAGES:
        return top.replace("_", "-")
    for prefix, name in BELOW_NAMESPACES.items():
        if f"{module}.".startswith(f"{prefix}."):
            return name
    return installed().get(top, top)


def used(package: Package) -> Iterator[tuple[str, When, str]]:
    """Distribution, time and place of every import that leaves the package."""
    for path in sorted(package.source.rglob("*.py")):
        for found in imports_of(path):
            name = distribution_of(found.module)
            if name and not same_name(name, package.name):
                place = f"{path.relative_to(package.folder)}:{found.line} imports {found.module}"
                yield name, found.when, place


def declares(package: Package, name: str) -> bool:
    return any(same_name(requirement.name, name) for requirement in package.requirements)


def offers(package: Package, name: str) -> bool:
    wanted = [requirement for extra in package.extras.values() for requirement in extra]
    return any(same_name(requirement.name, name) for requirement in wanted)


def is_allowed(package: Package, name: str, when: When) -> bool:
    if declares(package, name):
        return True
    if when is When.LOADING:
        return package.name in BY_EXTRAS and offers(package, name)
    if when is When.TYPING and name in HANDED_OUT.get(package.name, ()):
        return True
    through_a_door = package.name in BY_THE_DOORS and name == "clarifai"
    return offers(package, name) or through_a_door or is_for_the_type_checker(name, when)


def is_for_the_type_checker(name: str, when: When) -> bool:
    """Types of what core hands out come with core; every checker knows typing_extensions."""
    known = name == "typing_extensions" or declares(PACKAGES["clarifai-core"], name)
    return when is When.TYPING and known


@each_package
def test_what_it_imports_is_declared(package: Package):
    undeclared = [
        place for name, when, place in used(package) if not is_allowed(package, name, when)
    ]
    assert undeclared == []


WEIGHTS = {one.distribution for model in MODELS for one in model.weights}
"""Distributions whose files are read as data: clarifai-models must not import them."""


@each_package
def test_what_it_declares_is_imported(package: Package):
    names = {name for name, _, _ in used(package)}
    if package.name == "clarifai-models":
        names |= WEIGHTS
    idle = [
        requirement.name
        for requirement in package.requirements
        if not any(same_name(requirement.name, name) for name in names)
    ]
    assert idle == []


@each_package
def test_a_sibling_is_required_without_a_path(package: Package):
    for requirement in package.requirements:
        assert requirement.url is None
        assert requirement.name in PACKAGES or requirement.specifier


def test_imports_are_read_with_their_time(tmp_path: Path):
    file = tmp_path / "module.py"
    file.write_text(
        "import json\n"
        "from clarifai_core import lazy\n"
        "if TYPE_CHECKING:\n    import grpc\n"
        "else:\n    grpc = lazy_module('grpc')\n"
        "def f():\n    import yaml.nodes\n    load_target('numpy:array')\n"
    )
    assert [(found.module, found.when) for found in imports_of(file)] == [
        ("json", When.LOADING),
        ("clarifai_core", When.LOADING),
        ("grpc", When.TYPING),
        ("grpc", When.CALLED),
        ("yaml.nodes", When.CALLED),
        ("numpy", When.CALLED),
    ]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("json", ""),
        ("PIL.Image", "pillow"),
        ("sklearn.svm", "scikit-learn"),
        ("google.protobuf.struct_pb2", "protobuf"),
        ("clarifai_core.lazy", "clarifai-core"),
        ("clarifai.client.app", "clarifai"),
        ("clarifai_grpc.grpc.api", "clarifai-grpc"),
        ("unheard_of", "unheard_of"),
    ],
)
def test_an_import_belongs_to_its_distribution(module: str, name: str):
    assert distribution_of(module) == name
