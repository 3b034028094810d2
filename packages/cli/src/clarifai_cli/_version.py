"""Which version of the program this is."""

from __future__ import annotations


def version_line() -> str:
    """Return what `clarifai --version` prints: the SDK's version, or this package's without it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"clarifai {version('clarifai')}"
    except PackageNotFoundError:
        return f"clarifai-cli {version('clarifai-cli')}"
