"""Door to the versions that the SDK runs with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai import __version__ as CLIENT_VERSION  # noqa: N812  why: programs call it so
from clarifai_compat.versions import OS_VER, PYTHON_VERSION

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["CLIENT_VERSION", "OS_VER", "PYTHON_VERSION"]
