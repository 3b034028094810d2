"""What is in a folder, before and after."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def contents(folder: Path) -> dict[str, str]:
    """Return the files of a folder with a digest of each.

    What the SDK itself keeps for the test (`.clarifai`) is left out.
    """
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != ".clarifai"
    }


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the names of files that came, went or changed."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
