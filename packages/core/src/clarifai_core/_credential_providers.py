"""Asking somebody else's code for credentials: whatever it does, no word of it gets out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_core.credentials import Credentials
    from clarifai_core.settings import Settings


def asked_for_credentials(
    provider: Callable[..., object], settings: Settings, who: str, remedy: str
) -> Credentials | None:
    """Return what a provider has for these settings, or None.

    Args:
        provider: Called with `settings=`.
        settings: What is resolved so far.
        who: Whose it is, for the error: `"The plugin vault of acme-vault"`.
        remedy: How to do without it: `"block it: CLARIFAI_BLOCK_PLUGINS=acme-vault:vault"`.

    Raises:
        PluginError: It fails, or returns something else; its words are left out, as they may hold a
            key.
    """
    from clarifai_core.credentials import Credentials  # here: listings of plugins ask nobody

    found, failed = None, ""
    try:
        found = provider(settings=settings)
    except Exception as error:  # noqa: BLE001  why: the code of others may fail in any way
        failed = f"fails with {type(error).__name__}"
    if found is None and not failed:
        return None
    if isinstance(found, Credentials):
        return found
    failed = failed or f"returns a {type(found).__name__} instead of Credentials"
    # Raised here, so that what the provider said, which may hold a key, is no context.
    raise PluginError(
        f"{who} {failed} when it is asked for credentials for {settings.endpoint.where}; nothing "
        f"was sent. Give pat= (or CLARIFAI_PAT), or {remedy}."
    )
