"""Which version of the program this is."""

from __future__ import annotations


def version_line() -> str:
    """Return what `clarifai --version` prints: the SDK's version, or this package's without it.

    A distribution `clarifai` may also be the official SDK's; ours needs our core.
    """
    from importlib.metadata import distributions, version

    for found in distributions(name="clarifai"):
        if any(needed.startswith("clarifai-core") for needed in found.requires or ()):
            return f"clarifai {found.version}"
    return f"clarifai-cli {version('clarifai-cli')}"
