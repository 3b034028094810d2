"""Addresses of downloads in the errors about them, without their query, where signatures are."""

from __future__ import annotations

from urllib.parse import urlsplit

from clarifai.core.errors import DeadlineExceeded, Unreachable


def shown(url: str) -> str:
    """Return a URL as errors and logs may hold it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def timed_out(url: str) -> DeadlineExceeded:
    """Return the error of a server that said nothing for too long."""
    return DeadlineExceeded(f"GET {shown(url)}: no answer in time.")


def broken(url: str, error: Exception) -> Unreachable:
    """Return the error of a connection that could not be made, or broke."""
    return Unreachable(f"GET {shown(url)} failed: {str(error) or type(error).__name__}.")
