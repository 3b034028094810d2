"""Where a credentials plugin might keep PATs."""

from __future__ import annotations

# --8<-- [start:vault]
from clarifai_core.credentials import Credentials

VAULT = {"https://api.clarifai.com:443": "a-pat-out-of-a-vault"}


def read_pat(origin: str) -> Credentials | None:
    pat = VAULT.get(origin)
    return Credentials("pat", pat, bound_origin=origin) if pat else None


# --8<-- [end:vault]
