"""Prepares the release of one package: bumps its version, checks it, and builds it into dist/.

    python -m tools.release core minor
    python -m tools.release clarifai-core 0.2.0   # the version that its CHANGELOG calls unreleased

Changed are the version in `pyproject.toml` (and `__version__` where there is one), the top heading
of the CHANGELOG, which gets version and date, and the bounds of those siblings that would not take
the new version. Nothing is committed, tagged or published: the commands for that are printed.
"""

from __future__ import annotations

import argparse
import datetime
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from tools import portable_lock
from tools.wheels import ROOT, Package, contents, layout_faults, workspace

PARTS = ("patch", "minor", "major")
LOCK = "uv.lock"
IN_EVERY_SDIST = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml"}

_TOP_HEADING = re.compile(r"^## (?P<version>\S+) \((?P<state>[^)]+)\)\n", re.MULTILINE)
_UNRELEASED = "unreleased"


class Refused(Exception):
    """The package cannot be released; the text is one sentence that says why."""


@attrs.frozen
class Plan:
    """What a release changes."""

    package: Package
    version: Version
    texts: Mapping[Path, str]
    """Files and what they will hold."""
    dependents: tuple[str, ...]
    """Packages whose bounds move: they have to go out, too."""


def find(name: str, packages: Mapping[str, Package]) -> Package:
    """Return a package by its distribution's or its folder's name.

    Raises:
        Refused: There is none.
    """
    for package in packages.values():
        if name in (package.name, package.folder.name):
            return package
    raise Refused(f"There is no package {name!r}: it is one of {', '.join(sorted(packages))}.")


def next_version(current: Version, wanted: str, *, is_out: bool) -> Version:
    """Return the version that a part's name or a text asks for.

    Args:
        current: The version that the package has.
        wanted: `"patch"`, `"minor"`, `"major"` or a version.
        is_out: Whether the current version was released, so that it cannot be again.

    Raises:
        Refused: It is none, or not above the current one.

    Example:
        >>> str(next_version(Version("0.2.1"), "minor", is_out=True))
        '0.3.0'
    """
    if wanted in PARTS:
        numbers = [current.major, current.minor, current.micro]
        place = len(PARTS) - 1 - PARTS.index(wanted)
        numbers[place:] = [numbers[place] + 1, *[0] * (2 - place)]
        return Version(".".join(map(str, numbers)))
    try:
        version = Version(wanted)
    except InvalidVersion:
        parts = ", ".join(PARTS)
        raise Refused(f"{wanted!r} is no version, and none of {parts}.") from None
    if version < current or (version == current and is_out):
        raise Refused(f"{version} is not above {current}, the version that is there.")
    return version


def plan(name: str, wanted: str, root: Path = ROOT, today: datetime.date | None = None) -> Plan:
    """Work out a release without changing anything.

    Raises:
        Refused: The package is unknown, the version is none, or there is nothing to release.
    """
    packages = workspace(root)
    package = find(name, packages)
    changelog = package.folder / "CHANGELOG.md"
    heading = _top_heading(changelog)
    current = Version(str(package.project["version"]))
    version = next_version(current, wanted, is_out=heading["state"] != _UNRELEASED)
    day = today or datetime.datetime.now(datetime.timezone.utc).date()
    top = f"## {version} ({day.isoformat()})\n"
    bounds = list(_bounds(package, version, packages))
    texts = {
        changelog: _TOP_HEADING.sub(top, changelog.read_text("utf-8"), count=1),
        **dict(_versions(package, str(current), str(version))),
        **{one.folder / "pyproject.toml": text for one, text in bounds},
    }
    return Plan(package, version, texts, tuple(sorted(one.name for one, _ in bounds)))


def _top_heading(changelog: Path) -> re.Match[str]:
    text = changelog.read_text("utf-8")
    found = _TOP_HEADING.search(text)
    if found is None or found["state"] != _UNRELEASED:
        raise Refused(
            f"{changelog.parent.name}/CHANGELOG.md does not begin with `## VERSION (unreleased)`: "
            "write there what is new, first."
        )
    body = text[found.end() :].partition("\n## ")[0]
    if not body.strip():
        raise Refused(f"{changelog.parent.name}/CHANGELOG.md says nothing of what is new.")
    return found


def _versions(package: Package, current: str, version: str) -> Iterator[tuple[Path, str]]:
    for path, line in (
        (package.folder / "pyproject.toml", 'version = "{}"'),
        (package.source / "__init__.py", '__version__ = "{}"'),
    ):
        text = path.read_text("utf-8")
        if line.format(current) in text:
            yield path, text.replace(line.format(current), line.format(version), 1)


def _bounds(
    package: Package, version: Version, packages: Mapping[str, Package]
) -> Iterator[tuple[Package, str]]:
    """Yield each sibling whose bounds leave the version out, with its new pyproject.toml.

    One that requires an exact version, as it shares private names, still does.
    """
    minor = f">={version.major}.{version.minor},<{version.major}.{version.minor + 1}"
    named = re.compile(rf'"{re.escape(package.name)}(\[[^\]]*\])?(==)?[<>=~!\d][^"]*"')

    def moved(one: re.Match[str]) -> str:
        return f'"{package.name}{one[1] or ""}{f"=={version}" if one[2] else minor}"'

    for sibling in packages.values():
        mine = [need for need in _needs(sibling) if need.name == package.name]
        if any(need.specifier and not need.specifier.contains(version) for need in mine):
            text = (sibling.folder / "pyproject.toml").read_text("utf-8")
            yield sibling, named.sub(moved, text)


def _needs(package: Package) -> list[Requirement]:
    return [*package.requirements, *(need for more in package.extras.values() for need in more)]


def check_clean(root: Path) -> None:
    """Check that git has everything; the lock may hold addresses (CONTRIBUTING.md, The lock).

    Raises:
        Refused: Something is not committed.
    """
    command = ["git", "status", "--porcelain"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    changed = [line[3:] for line in listed.stdout.splitlines()]
    others = [name for name in changed if name != LOCK or not _is_same_lock(root)]
    if others:
        raise Refused(f"{len(others)} files are not committed, such as {others[0]}.")


def _is_same_lock(root: Path) -> bool:
    command = ["git", "show", f"HEAD:{LOCK}"]
    committed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return portable_lock.portable((root / LOCK).read_text("utf-8")) == committed.stdout


def build(package: Package, version: Version, dist: Path) -> list[Path]:
    """Build the wheel and the source of a package, and look into both.

    Raises:
        Refused: They cannot be built, or break a rule of the house.
    """
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(dist)]
    done = subprocess.run(command, cwd=package.folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{package.name} cannot be built: {(done.stderr or done.stdout).strip()}")
    stem = f"{package.room}-{version}"
    wheel, source = dist / f"{stem}-py3-none-any.whl", dist / f"{stem}.tar.gz"
    faults = layout_faults(package.room, contents(wheel))
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    faults += [f"{name} is missing in {source.name}" for name in sorted(IN_EVERY_SDIST - names)]
    if faults:
        raise Refused(f"{package.name} breaks rules: {'; '.join(faults)}.")
    return [wheel, source]


def tests_of(package: Package, root: Path) -> str:
    """Return the command that runs the tests that concern a package."""
    own = root / "tests" / package.folder.name
    if not own.is_dir():
        return "uv run pytest"
    return f"uv run pytest tests/{package.folder.name} tests/packaging tests/docs"


def release(name: str, wanted: str, root: Path = ROOT, today: datetime.date | None = None) -> Plan:
    """Bump, check and build; everything is as before when something is refused.

    Raises:
        Refused: The package cannot be released.
    """
    check_clean(root)
    made = plan(name, wanted, root, today)
    before = {path: path.read_text("utf-8") for path in made.texts}
    for path, text in made.texts.items():
        path.write_text(text, "utf-8")
    try:
        built = build(made.package, made.version, root / "dist")
    except Refused:
        for path, text in before.items():
            path.write_text(text, "utf-8")
        raise
    for path in (*made.texts, *built):
        print(path.relative_to(root).as_posix())
    _say_what_is_next(made, root)
    return made


def _say_what_is_next(made: Plan, root: Path) -> None:
    name, version = made.package.name, made.version
    tag = f"{name}-v{version}"
    for dependent in made.dependents:
        print(f"{dependent} now needs {name} {version}: give its CHANGELOG a line; release it next")
    print(
        "\nNext:\n"
        f"  uv lock && python tools/portable_lock.py && {tests_of(made.package, root)}\n"
        f"  bash .ci/run && git commit -am 'Release {name} {version}' && git tag {tag}\n"
        f"  uv publish dist/{made.package.room}-{version}*"
    )


def main(arguments: list[str] | None = None) -> int:
    """Release one package; 1 with one sentence when it cannot be."""
    parser = argparse.ArgumentParser(description="Bump, check and build one package.")
    parser.add_argument("package", help="name of the distribution, or of its folder")
    parser.add_argument("version", help=f"{', '.join(PARTS)}, or a version")
    asked = parser.parse_args(arguments)
    try:
        release(asked.package, asked.version)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
