"""Why something that a plugin of ours brings is not there, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core._entry_points import normal
from clarifai_core._extras import bringer_of
from clarifai_core.plugins import plugins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_core._extras import ExtraProvider

__all__ = ["why_not_there"]


def why_not_there(what: str, names: Iterable[str]) -> str:
    """Return, as a part of a sentence, which package brings something and why it does not.

    Args:
        what: The hook's name behind `clarifai_register_`: `"commands"`, `"resources"` ...
        names: The names that count, the most particular one first.

    Returns:
        `""` when nobody announces it, or the package is there, and does not have it.

    Example:
        >>> why_not_there("commands", ["dataset list", "dataset"])  # its package is there
        ''
    """
    for name in names:
        found = bringer_of(what, name)
        if found is not None:
            return _why(found)
    return ""


def _why(bringer: ExtraProvider) -> str:
    name = bringer.distribution
    states = {one.state for one in plugins().list() if normal(one.distribution) == normal(name)}
    if "loaded" in states:
        return ""
    if "blocked" in states:
        return f"{name}, which brings it, is blocked: leave it out of CLARIFAI_BLOCK_PLUGINS"
    if "broken" in states:
        return f"{name}, which brings it, is broken: `clarifai plugins` says why"
    return f'{name}, which brings it, is not installed: pip install "{bringer.install}"'
