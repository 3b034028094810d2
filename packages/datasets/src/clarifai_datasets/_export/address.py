"""Addresses that come from archives: parsed with care, and shown without their secrets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from clarifai_core.safe_text import shown_url

_PLAIN = re.compile(r"https?://([A-Za-z0-9_.:-]+)(?:/|\Z)")
"""An address that needs no more of a look: there are thousands of them."""


def host_of(url: str) -> str:
    """Return host and port of an address; empty where it has none.

    Example:
        >>> host_of("https://data.example.com:8080/orig/a"), host_of("http://[broken")
        ('data.example.com:8080', '')
    """
    found = _PLAIN.match(url)
    if found is not None:
        return found[1]
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def shown(url: str) -> str:
    """Return an address for reports and logs, without query and user, where secrets are.

    Example:
        >>> shown("https://data.example.com/orig/a?signature=secret")
        'https://data.example.com/orig/a'
    """
    return shown_url(url)
