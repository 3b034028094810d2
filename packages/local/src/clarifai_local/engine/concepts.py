"""The ids of public concepts, which models of everybody answer with."""

from __future__ import annotations

import functools
import hashlib

KNOWN_CONCEPT_IDS = {"dog": "ai_8S2Vq3cR"}
"""Ids that clients of the hosted service know; the others are derived from the name."""


@functools.lru_cache(4096)
def concept_id(name: str) -> str:
    """Return the id of a public concept.

    Example:
        >>> concept_id("dog")
        'ai_8S2Vq3cR'
    """
    known = KNOWN_CONCEPT_IDS.get(name)
    return known or f"ai_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
