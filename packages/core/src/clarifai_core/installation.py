"""Whether the import package `clarifai` is the one of this SDK, whole and alone.

The official SDK owns the same name. Installers replace one distribution `clarifai` by the other;
copies into a folder, `--ignore-installed` and the like leave files of both.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import Distribution

__all__ = ["NAME", "doors_fault", "warn_of_others"]

NAME = "clarifai"
"""The distribution that owns the doors, and their import package."""

_REMEDY = (
    f"Remove what is there (`pip uninstall -y {NAME}`, until it says that none is installed), "
    f'then `pip install "{NAME}>=13"`.'
)
_METADATA = re.compile(rf"{NAME}-([^-]+)\.(?:dist|egg)-info", re.IGNORECASE)


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
    found = (_METADATA.fullmatch(name) for name in names)
    others = sorted(match[1] for match in found if match and match[1] != version)
    if others:
        import warnings

        warnings.warn(
            f"{NAME} {', '.join(others)} is installed in the same folder as {NAME} {version}, so "
            f"files of both are mixed. {_REMEDY}",
            RuntimeWarning,
            stacklevel=3,
        )


def doors_fault(paths: list[str] | None = None) -> str:
    """Return what is wrong with the installed `clarifai`, with the remedy; `""` when nothing is.

    That it is not installed at all is no fault: the rooms work without it.

    Args:
        paths: Where to look for distributions; `sys.path` unless given.
    """
    from importlib import metadata

    found = list(metadata.distributions(name=NAME, path=sys.path if paths is None else paths))
    others = [one for one in found if not _is_ours(one)]
    ours = [one for one in found if _is_ours(one)]
    if others and ours:
        versions = " and ".join(sorted(one.version for one in found))
        return f"{NAME} {versions} are both installed, so their files are mixed. {_REMEDY}"
    if others:
        return (
            f"The package {NAME} is another SDK's ({others[0].version}). Programs that import "
            f"{NAME} run that one; ours are {_rooms()} and others. To have both doors and rooms: "
            f'`pip install --upgrade "{NAME}>=13"`.'
        )
    missing = [str(file) for one in ours for file in one.files or () if not _is_there(one, file)]
    if missing:
        return (
            f"{len(missing)} of the files of {NAME} are missing, such as {missing[0]}: "
            f"`pip install --force-reinstall --no-deps {NAME}`."
        )
    return ""


def _rooms() -> str:
    return f"{NAME}_core"


def _is_ours(distribution: Distribution) -> bool:
    """Return whether it stands on our core, as the official SDK does not."""
    return any(re.match(r"clarifai-core\b", need) for need in distribution.requires or ())


def _is_there(distribution: Distribution, file: object) -> bool:
    return os.path.exists(str(distribution.locate_file(str(file))))  # noqa: PTH110
