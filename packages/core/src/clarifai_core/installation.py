"""Whether the import package `clarifai` is the one of this SDK, whole and alone.

The official SDK owns the same name. Installers replace one distribution `clarifai` by the other;
copies into a folder, `--ignore-installed` and the like leave files of both.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from clarifai_core._dist_info import distributions
from clarifai_core._extras import NAME as NAME
from clarifai_core._extras import OURS
from clarifai_core._extras import extra_of_spec as extra_of_spec
from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.metadata import Distribution
    from pathlib import Path

__all__ = [
    "NAME",
    "doors_fault",
    "extra_of_spec",
    "family_faults",
    "faults_of",
    "version_of",
    "warn_of_others",
]

_REMEDY = (
    f"Run `pip uninstall -y {NAME}` until it says that none is installed, then install the one "
    f'that you want (this SDK: `pip install "{NAME}{OURS}"`, with `--find-links DIRECTORY` of its '
    "wheels where no index has them)."
)
_METADATA = rf"(?i){NAME}-(\d[^-]*)(?:-py[\d.]+)?\.(?:dist|egg)-info"


def warn_of_others(init_file: str, version: str) -> None:
    """Warn when another release of `clarifai` left its metadata beside these doors.

    One look into a folder, since every `import clarifai` pays for it; `doors_fault` looks closely.

    Args:
        init_file: The `__file__` of the package `clarifai`.
        version: Its version.
    """
    folder = os.path.dirname(os.path.dirname(init_file))  # noqa: PTH120  why: pathlib costs an import
    try:
        names = os.listdir(folder)  # noqa: PTH208  why: as above
    except OSError:  # in a zip, for one: then there is no folder that others could write into
        return
    ours = f"{NAME}-{version}.dist-info"  # why: left out, so that mostly nothing is compiled
    similar = (name for name in names if name.lower().startswith(f"{NAME}-") and name != ours)
    found = (re.fullmatch(_METADATA, name) for name in similar)
    others = sorted(match[1] for match in found if match and match[1] != version)
    if others:
        import warnings

        warnings.warn(
            f"{NAME} {', '.join(others)} is installed in the same folder as {NAME} {version}, so "
            f"files of both are mixed. {_REMEDY}",
            RuntimeWarning,
            stacklevel=3,
        )


def version_of(distribution: str, *, standing_on: str = "") -> str:
    """Return the version of what is installed under a name; `""` when it is not.

    Args:
        distribution: Its name.
        standing_on: A distribution that it has to need: another SDK may have its name.

    Example:
        >>> version_of("clarifai-core") != "", version_of("clarifai", standing_on="elsewhere")
        (True, '')
    """
    for one in distributions(distribution):
        if not standing_on or any(need.startswith(standing_on) for need in one.requires or ()):
            return str(one.version)
    return ""


def doors_fault(paths: list[str] | None = None) -> str:
    """Return what is wrong with the installed `clarifai`, with the remedy; `""` when nothing is.

    That it is not installed at all is no fault: the rooms work without it.

    Args:
        paths: Where to look for distributions; `sys.path` unless given.

    Example:
        >>> doors_fault([])
        ''
    """
    found = _first_on(sys.path if paths is None else paths)
    if len(found) > 1:
        versions = " and ".join(sorted(one.version for one in found))
        return f"{NAME} {versions} are both installed, so their files are mixed. {_REMEDY}"
    for one in found:
        if not _is_ours(one):
            return (
                f"The package {NAME} is that of another SDK ({NAME} {one.version}), which has none "
                f"of what is asked for here. The packages {NAME}_core, {NAME}_resources and so on "
                f'work beside it; `pip install --upgrade "{NAME}{OURS}"` puts ours in its place.'
            )
        damage = _damage(one, NAME)
        return f"{damage}. {_REMEDY}" if damage else ""
    return ""


def family_faults() -> list[str]:
    """Return what is wrong with the other packages of this SDK: a sentence each, with the remedy.

    They are the distributions that stand on its core, and the core: plugins of others count, too.

    Example:
        >>> family_faults()
        []
    """
    family = _family()
    return [fault for name in sorted(family) for fault in _faults(family[name], family)]


def faults_of(distribution: str) -> list[str]:
    """Return what is wrong with one distribution of this SDK, or with one that stands on its core.

    Args:
        distribution: Its name.

    Whether its files are as they were installed, and whether what it needs of this SDK is there, in
    a version that it takes.
    """
    family = _family()
    found = family.get(_normal(distribution))
    return [] if found is None else _faults(found, family)


def _family() -> dict[str, Any]:
    """Return the distributions that are looked at, by name; of several copies the first counts."""
    found: dict[str, Any] = {}
    for one in distributions():
        try:
            if NAME not in (one.read_text("METADATA") or "").lower():
                continue  # most: to read their requirements would take its time
            name = _normal(one.metadata["Name"])
            if name == f"{NAME}-core" or _is_ours(one):
                found.setdefault(name, one)
        except Exception:  # noqa: BLE001, S112  why: damaged metadata is told where plugins are listed
            continue
    return found


def _faults(one: Any, family: Mapping[str, Any]) -> list[str]:
    name = _normal(one.metadata["Name"])
    damage = "" if name == NAME else _damage(one, name.replace("-", "_"))
    again = f"install it again (`pip install --force-reinstall --no-deps {plain(name)}`)."
    damaged = [f"{damage}: {again}"] if damage else []
    return [*damaged, *_needs_faults(one, family)]


def _needs_faults(one: Any, family: Mapping[str, Any]) -> Iterator[str]:
    """Yield what it needs of this SDK and is missing, or there in another version.

    What an extra needs may be missing, and is looked at where it is of the family: an extra that
    was never asked for is none of ours.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    who = f"{plain(one.metadata['Name'])} {plain(one.version)}"
    for text in one.requires or ():
        try:
            need = Requirement(text)
        except InvalidRequirement:
            continue  # installers say so
        name = _normal(need.name)
        if not name.startswith(f"{NAME}-"):
            continue
        is_needed = not need.marker or need.marker.evaluate()
        version = family[name].version if name in family else version_of(name) if is_needed else ""
        wanted = f"{name}{need.specifier}"
        if not version and is_needed:
            yield f'{who} needs {wanted}, which is not installed: `pip install "{wanted}"`.'
        elif version and not need.specifier.contains(version, prereleases=True):
            there = f"{name} {version} is installed"
            yield f'{who} needs {wanted}, and {there}: `pip install "{wanted}"`.'


def _normal(name: str) -> str:
    from clarifai_core._entry_points import normal  # here: every `import clarifai` pays for it

    return normal(name)


def _first_on(paths: list[str]) -> list[Distribution]:
    """Return the distributions of our name in the first folder that has any.

    Those of later folders are hidden, not mixed: a user's own folder behind an environment's.
    """
    from importlib import metadata

    for path in paths:
        # Two finders, such as that of `importlib_metadata`, may both tell of one.
        found = {one.version: one for one in metadata.distributions(name=NAME, path=[path])}
        if found:
            return list(found.values())
    return []


def _is_ours(distribution: Any) -> bool:
    """Return whether it stands on our core, as the official SDK does not."""
    return any(re.match(rf"{NAME}-core\b", need) for need in distribution.requires or ())


def _damage(distribution: Any, package: str) -> str:
    """Return what is not as the installer wrote it; nothing is known of editable ones."""
    recorded = _recorded(distribution, package)
    if not recorded:
        return ""
    places = {name: _place(distribution, name) for name in recorded}
    missing = [name for name, place in places.items() if not place.is_file()]
    changed = [name for name, place in places.items() if _is_changed(place, recorded[name])]
    foreign = sorted(_present(distribution, package) - recorded.keys())
    name = package.replace("_", "-")
    for names, what in (
        (missing, "are missing"),
        (changed, "are not those that were installed"),
        (foreign, "are of another installation"),
    ):
        if names:
            return f"{len(names)} of the files of {name} {what}, such as {plain(names[0])}"
    return ""


def _recorded(distribution: Any, package: str) -> dict[str, str]:
    """Return name -> hash of the files of an import package, as the RECORD has them.

    `Distribution.files` leaves out what is missing, from Python 3.12 on and where the package
    `importlib_metadata` is loaded: just what is looked for here.
    """
    import csv

    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    return {
        row[0]: row[1]
        for row in rows
        if len(row) > 1 and row[0].startswith(f"{package}/") and not row[0].endswith(".pyc")
    }


def _is_changed(place: Path, recorded: str) -> bool:
    mode, _, wanted = recorded.partition("=")
    if not wanted or not place.is_file():
        return False
    import base64
    import hashlib

    digest = hashlib.new(mode, place.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != wanted


def _present(distribution: Any, package: str) -> set[str]:
    """Return the modules that lie in the package's folder, named as a RECORD names them."""
    top = _place(distribution, package)
    return {path.relative_to(top.parent).as_posix() for path in _modules(top)}


def _modules(top: Path) -> Iterator[Path]:
    return (path for path in top.rglob("*.py") if path.is_file())


def _place(distribution: Any, name: str) -> Path:
    from pathlib import Path

    return Path(str(distribution.locate_file(name)))
