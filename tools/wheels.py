"""Builds the wheel of every package and proves that each one stands alone.

    python tools/wheels.py                             # build, inspect, install alone, import
    python tools/wheels.py --resolution lowest-direct  # with the oldest versions that we declare

Each wheel is installed into an environment of its own that holds nothing but what the package
declares: third-party distributions at the versions of `uv.lock`, and the wheels of its siblings.
There every module of it is imported.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import tomli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
IMPORT_ALL = Path(__file__).with_name("import_all.py")
RESOLUTIONS = ("locked", "highest", "lowest-direct")
PARALLEL_JOBS = max(2, os.cpu_count() or 2)


@attrs.frozen
class Package:
    """One member of the workspace, as its pyproject.toml describes it."""

    folder: Path
    project: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the distribution."""
        return str(self.project["name"])

    @property
    def requirements(self) -> list[Requirement]:
        """What it needs, without extras."""
        return [Requirement(text) for text in self.project.get("dependencies", ())]

    @property
    def extras(self) -> dict[str, list[Requirement]]:
        """What its extras need."""
        groups = self.project.get("optional-dependencies", {})
        return {extra: [Requirement(text) for text in texts] for extra, texts in groups.items()}

    @property
    def room(self) -> str:
        """The import package that it owns: that of its name."""
        return self.name.replace("-", "_")

    @property
    def source(self) -> Path:
        """The folder of its import package."""
        return self.folder / "src" / self.room


def workspace(root: Path = ROOT) -> dict[str, Package]:
    """Return every package of the workspace by the name of its distribution."""
    found = {}
    for path in sorted(root.glob("packages/*/pyproject.toml")):
        package = Package(path.parent, tomli.loads(path.read_text("utf-8"))["project"])
        found[package.name] = package
    return found


def siblings(package: Package, packages: Mapping[str, Package]) -> set[str]:
    """Return the names of the workspace's packages that `package` brings, itself included."""
    names, waiting = {package.name}, [package]
    while waiting:
        wanted = {requirement.name for requirement in waiting.pop().requirements}
        fresh = wanted & packages.keys() - names
        names |= fresh
        waiting += [packages[name] for name in fresh]
    return names


def build(packages: Mapping[str, Package], destination: Path) -> dict[str, Path]:
    """Build all wheels into `destination`, side by side, and return them by name."""
    with ThreadPoolExecutor(PARALLEL_JOBS) as pool:
        wheels = pool.map(lambda package: _build_one(package, destination), packages.values())
        return dict(zip(packages, wheels, strict=True))


def _build_one(package: Package, destination: Path) -> Path:
    folder = destination / package.name
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    _run(command, cwd=package.folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def contents(wheel: Path) -> list[str]:
    """Return the names of the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def layout_faults(room: str, files: Iterable[str]) -> list[str]:
    """Return what breaks the rules of the house in one wheel's list of files.

    Args:
        room: The import package that the wheel owns.
        files: Names of files, as a wheel has them.
    """
    names = set(files)
    wanted = (f"{room}/__init__.py", f"{room}/py.typed")
    faults = [f"{name} is missing" for name in wanted if name not in names]
    if not any(re.fullmatch(r"[^/]+\.dist-info/licenses/LICENSE", name) for name in names):
        faults.append("the LICENSE is missing")
    outside = [name for name in names if not re.match(rf"{room}/|[^/]+\.dist-info/", name)]
    return faults + [f"{name} lies outside of {room}" for name in sorted(outside)]


def ownership_faults(files: Mapping[str, Iterable[str]]) -> list[str]:
    """Return each top-level name that several distributions contain."""
    owners: dict[str, set[str]] = defaultdict(set)
    for name, members in files.items():
        for member in members:
            owners[member.split("/")[0]].add(name)
    return [
        f"{place} belongs to {' and '.join(sorted(names))}"
        for place, names in sorted(owners.items())
        if len(names) > 1
    ]


def import_alone(
    package: Package,
    packages: Mapping[str, Package],
    wheels: Mapping[str, Path],
    options: list[str],
    folder: Path,
) -> list[str]:
    """Install one wheel with what it declares into `folder` and import each of its modules."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    names = sorted(siblings(package, packages))
    ours = [str(wheels[name]) for name in names]
    _run([*uv(), "venv", "--quiet", "--python", sys.executable, str(folder)])
    install = [*uv(), "pip", "install", "--quiet", "--no-compile-bytecode"]
    _run([*install, "--python", str(python), *options, *ours, *_third_party(names, packages)])
    _run([*uv(), "pip", "check", "--quiet", "--python", str(python)])
    modules = [module_name(name) for name in contents(wheels[package.name]) if is_module(name)]
    reply = _run([str(python), "-I", str(IMPORT_ALL), *modules])
    failures: dict[str, dict[str, str]] = json.loads(reply)
    return [
        f"import {module}: {failure['text']}"
        for module, failure in failures.items()
        if not is_explained(package, failure)
    ]


def _third_party(names: Iterable[str], packages: Mapping[str, Package]) -> list[str]:
    """Spell out what the wheels require: uv lowers only requirements that it is given itself."""
    wanted = [requirement for name in names for requirement in packages[name].requirements]
    return [str(requirement) for requirement in wanted if requirement.name not in packages]


def is_module(file: str) -> bool:
    """Tell whether a file of a wheel is a module; a `__main__` is a program instead."""
    return ".dist-info/" not in file and file.endswith(".py") and "__main__" not in file


def module_name(file: str) -> str:
    """Return the dotted name of a module's file.

    Example:
        >>> module_name("clarifai_core/__init__.py"), module_name("clarifai_core/lazy.py")
        ('clarifai_core', 'clarifai_core.lazy')
    """
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_explained(package: Package, failure: Mapping[str, str]) -> bool:
    """Tell whether a module may fail without an extra: when its ImportError names a real one."""
    if "ImportError" not in failure["types"]:
        return False
    named = re.search(
        rf'pip install "{re.escape(package.name)}\[([\w-]+)\](?:>=13)?"', failure["text"]
    )
    return named is not None and named[1] in package.extras


def constraints(resolution: str, folder: Path) -> list[str]:
    """Return the options that make `uv pip install` choose versions as `resolution` says."""
    if resolution != "locked":
        return ["--resolution", resolution, "--only-binary", ":all:"]
    path = folder / "constraints.txt"
    command = [*uv(), "export", "--quiet", "--frozen", "--all-packages", "--no-emit-workspace"]
    path.write_text(_run([*command, "--no-hashes", "--no-header"], cwd=ROOT), "utf-8")
    return ["--constraints", str(path)]


def uv() -> list[str]:
    """Return the command that starts uv."""
    found = os.environ.get("UV") or shutil.which("uv")
    return [found] if found else [sys.executable, "-m", "uv"]


def same_name(left: str, right: str) -> bool:
    """Tell whether two spellings name one distribution.

    Example:
        >>> same_name("PyYAML", "pyyaml")
        True
    """
    return canonicalize_name(left) == canonicalize_name(right)


def _run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(arguments: list[str] | None = None) -> int:
    """Build and check all wheels; print one line per wheel and every fault."""
    parser = argparse.ArgumentParser(description="Build every wheel and import each alone.")
    parser.add_argument("--resolution", choices=RESOLUTIONS, default="locked")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="wheels-") as folder:
        faults = _check_all(Path(folder), options.resolution)
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    return 1 if faults else 0


def _check_all(folder: Path, resolution: str) -> list[str]:
    packages = workspace()
    wheels = build(packages, folder / "dist")
    files = {name: contents(wheel) for name, wheel in wheels.items()}
    faults = [
        f"{name}: {fault}"
        for name, package in packages.items()
        for fault in layout_faults(package.room, files[name])
    ]
    faults += ownership_faults(files)
    options = constraints(resolution, folder)

    def alone(package: Package) -> list[str]:
        return import_alone(package, packages, wheels, options, folder / "env" / package.name)

    with ThreadPoolExecutor(PARALLEL_JOBS) as pool:
        for name, failures in zip(packages, pool.map(alone, packages.values()), strict=True):
            modules = sum(map(is_module, files[name]))
            print(f"{wheels[name].name}: {modules} modules, {len(failures)} failures", flush=True)
            faults += [f"{name}: {failure}" for failure in failures]
    return faults


if __name__ == "__main__":
    raise SystemExit(main())
