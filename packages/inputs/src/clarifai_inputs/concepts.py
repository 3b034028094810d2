"""Labels and concepts: the id that the concept of a label has, and the labels that share one.

The rule is that of the platform's own clients: `id-` and the label without white space. "hot dog"
and "hotdog" are one concept by it, whose name is the label that came first; `collisions` tells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_ID_CHARACTERS = 256
"""The platform's limit for the id of an input or a concept."""

PREFIX = "id-"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHOWN = 60


def concept_id(label: str) -> str:
    """Return the id of the concept of a label.

    Example:
        >>> concept_id("big dog")
        'id-bigdog'
    """
    return f"{PREFIX}{''.join(label.split())}"


def label_fault(label: str) -> str:
    """Return what is wrong with a label; `""` when the platform takes it.

    Example:
        >>> label_fault("cat"), label_fault(" ")
        ('', 'a label is empty')
    """
    if not label.strip():
        return "a label is empty"
    own_id = concept_id(label)
    if len(own_id) > MAX_ID_CHARACTERS or has_control_characters(own_id):
        return (
            f"the label '{plain(label, _SHOWN)}' must have up to "
            f"{MAX_ID_CHARACTERS - len(PREFIX)} characters, none of them a control character"
        )
    return ""


def has_control_characters(text: str) -> bool:
    """Return whether a text has characters that the platform takes in no id."""
    # The first is quick to tell, and what `str` calls printable has none of them.
    return not text.isprintable() and _CONTROL.search(text) is not None


def collisions(labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the ids that several labels share, each with these labels in the order given.

    Example:
        >>> collisions(["hot dog", "cat", "hotdog", "hot dog"])
        {'id-hotdog': ('hot dog', 'hotdog')}
    """
    labels_of: dict[str, dict[str, None]] = {}
    for label in labels:
        labels_of.setdefault(concept_id(label), {})[label] = None
    return {own: tuple(found) for own, found in labels_of.items() if len(found) > 1}
