"""Where a credentials plugin might keep PATs."""

from __future__ import annotations

# --8<-- [start:vault]
from clarifai.core.credentials import Credentials

VAULT = {"api.clarifai.com": "a-pat-out-of-a-vault"}


def read_pat(host: str) -> Credentials | None:
    pat = VAULT.get(host)
    return Credentials("pat", pat, bound_host=host) if pat else None


# --8<-- [end:vault]
