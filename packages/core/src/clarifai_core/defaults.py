"""Defaults that handles show in their signatures; importing this costs nothing."""

from __future__ import annotations


class _DefaultText(str):
    """A text that can be told from an equal one that a caller wrote."""

    __slots__ = ()


DEFAULT_BASE_URL: str = _DefaultText("https://api.clarifai.com")
"""The hosted platform. Passing this very object means "not given"; an equal text means itself."""

VERSION = "0.1.0"
"""Version of clarifai-core, sent as part of the user agent."""
