"""Ours beside other packages: an environment of its own for those, our sources on its path.

All of ours but the platform, its models and what tests plugins: the tests serve those, and they ask
for much.
Only what our distributions ask for is installed there, so it serves every state of the sources.
"""

from __future__ import annotations

import os
import re
import shutil
from importlib import metadata
from pathlib import Path

from tests.interop.clients import PROGRAMS

_PACKAGES = PROGRAMS.parents[2] / "packages"


def requirements() -> tuple[str, ...]:
    """Return what our distributions ask for besides each other."""
    names = _distributions()
    asked = (one for name in names for one in metadata.requires(name) or ())
    return tuple(
        sorted({one for one in asked if "extra ==" not in one and _name(one) not in names})
    )


def path(folder: Path) -> str:
    """Return the search path that brings our sources, and their entry points, into Python.

    Args:
        folder: Where copies of our distributions' metadata are put.
    """
    folder.mkdir()
    for name in _distributions():
        kept = metadata.distribution(name)
        held = next(Path(str(kept.locate_file(one))).parent for one in kept.files or ()
                    if one.name == "METADATA")  # fmt: skip
        shutil.copytree(held, folder / held.name)
    rooms = [name.removeprefix("clarifai-") for name in _distributions()]
    sources = [str(_PACKAGES / ("sdk" if room == "clarifai" else room) / "src") for room in rooms]
    return os.pathsep.join([*sources, str(folder)])


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return found[0] if found else ""


def _distributions() -> tuple[str, ...]:
    rooms = sorted(one.name for one in _PACKAGES.iterdir() if (one / "src").is_dir())
    return tuple(f"clarifai-{room}" if room != "sdk" else "clarifai" for room in rooms
                 if room not in {"local", "models", "testing"})  # fmt: skip
