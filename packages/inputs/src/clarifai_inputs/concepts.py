"""Labels and concepts: the id that the concept of a label has, and the labels that share one.

The rule is that of the platform's own clients: `id-` and the label without white space. "hot dog"
and "hotdog" would be one concept by it, so one of them is refused: `ConceptNames` and `collisions`
tell. Labels that differ in case are two concepts. Two forms of the same characters (of `é`, as a
Mac writes it in names of files) are one label: it is put into the composed form, NFC.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
    return f"{PREFIX}{''.join(concept_name(label).split())}"


def concept_name(label: str) -> str:
    """Return the name of the concept of a label: the label, its characters in their composed form.

    Example:
        >>> concept_name("cafe\u0301") == "caf\u00e9"
        True
    """
    return label if label.isascii() else unicodedata.normalize("NFC", label)


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

    More white space between the same words, or around them, makes no other label.

    Example:
        >>> collisions(["hot dog", "cat", "hotdog", "hot dog", " cat"])
        {'id-hotdog': ('hot dog', 'hotdog')}
    """
    labels_of: dict[str, dict[str, str]] = {}
    for label in labels:
        labels_of.setdefault(concept_id(label), {}).setdefault(_words(label), label)
    return {own: tuple(found.values()) for own, found in labels_of.items() if len(found) > 1}


MAX_NAMES = 50_000
"""Labels that `ConceptNames` remembers: an app with more has captions, not classes."""


class ConceptNames:
    """The labels of one piece of work, to find two that would be one concept.

    Args:
        known: Returns what the app has: ids of concepts, and their names. Asked for once, when the
            first label comes.

    Example:
        >>> names = ConceptNames(lambda: {"id-hotdog": "hot dog"})
        >>> names.fault("hot dog")
        ''
        >>> print(names.fault("hotdog"))
        the labels 'hotdog' and 'hot dog' would be one concept, id-hotdog: rename one of them
    """

    def __init__(self, known: Callable[[], Mapping[str, str]] = dict) -> None:
        self._known: Callable[[], Mapping[str, str]] | None = known
        self._label_of: dict[str, str] = {}
        self._first_of: dict[str, str] = {}
        self.fine: set[str] = set()
        """Labels of which `fault` said that there is none."""
        self.alike: dict[str, str] = {}
        """Labels that differ from an earlier one in case only -> the earlier one."""

    def fault(self, label: str) -> str:
        """Return why a label cannot be sent beside those before it; `""`: it can."""
        if label in self.fine:
            return ""
        if self._known is not None:
            known, self._known = self._known(), None
            # Of those that were given another name on purpose nothing is known.
            self._label_of = {own: name for own, name in known.items() if concept_id(name) == own}
        own = concept_id(label)
        before = self._label_of.get(own, label)
        if _words(before) != _words(label):
            shown, other = plain(label, _SHOWN), plain(before, _SHOWN)
            return (
                f"the labels '{shown}' and '{other}' would be one concept, "
                f"{plain(own, _SHOWN)}: rename one of them"
            )
        if len(self.fine) < MAX_NAMES:
            self.fine.add(label)
            self._label_of[own] = before
            first = self._first_of.setdefault(own.casefold(), label)
            if concept_id(first) != own:
                self.alike[label] = first
        return ""


def _words(label: str) -> str:
    return " ".join(concept_name(label).split())
