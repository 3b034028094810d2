"""Where a credentials plugin might keep PATs."""

# --8<-- [start:vault]
from __future__ import annotations

import json
import os
from pathlib import Path

from clarifai_core.credentials import Credentials


def read_pat(origin: str) -> Credentials | None:
    """Look into the JSON file that ACME_VAULT names: `{"https://api.clarifai.com:443": "..."}`."""
    path = os.environ.get("ACME_VAULT")
    pat = json.loads(Path(path).read_text("utf-8")).get(origin) if path else None
    return Credentials("pat", pat, bound_origin=origin) if pat else None


# --8<-- [end:vault]
