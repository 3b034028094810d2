"""Which version of the program this is."""

from __future__ import annotations

from clarifai_core.installation import version_of


def version_line() -> str:
    """Return what `clarifai --version` prints: the SDK's version, or this package's without it.

    A distribution `clarifai` may also be the official SDK's; ours needs our core.
    """
    ours = version_of("clarifai", standing_on="clarifai-core")
    return f"clarifai {ours}" if ours else f"clarifai-cli {version_of('clarifai-cli')}"
