"""The official SDK, in an environment of its own that is made when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools import environments

if TYPE_CHECKING:
    from pathlib import Path

Missing = environments.Unavailable


def interpreter() -> Path:
    """Return the Python that has it.

    Raises:
        Missing: uv is not there, or cannot install it.
    """
    name, requirements = environments.OFFICIAL_10
    return environments.make(name, requirements, python=environments.old_python()).python
