"""Documented keyword arguments that all handles take, for type checkers and editors.

At run time an unknown one is a UserError; these let a type checker say so before.
"""

from __future__ import annotations

from typing import TypedDict


class ConnectionArguments(TypedDict, total=False):
    """How to reach the platform, besides `base_url`, `pat` and `token`."""

    context: str
    """Name of a context that `clarifai login` stored."""
    root_certificates_path: str
    """PEM file of the root certificates to trust."""
    timeout_seconds: float | None
    """Deadline of each call; None: the method's own."""


class ReachArguments(TypedDict, total=False):
    """With what an existing resource is asked for, where that differs from its parent's."""

    base_url: str
    pat: str | None
    token: str | None
    root_certificates_path: str


class OfUser(TypedDict, total=False):
    """Whose it is."""

    user_id: str


class InApp(OfUser, total=False):
    """Where it is."""

    app_id: str
