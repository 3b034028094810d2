"""The 1000 classes of ImageNet by name, and what they are kinds of: a tabby is a cat and an animal.

Source: `imagenet.tsv`, which says where its names are from.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CLASSES = 1000

MODERATION_NAMES = ("safe", "explicit")
NSFW_NAMES = ("sfw", "nsfw")
"""What `moderation` tells, under the names of the two public models."""


@attrs.frozen
class ClassNames:
    """Names by number: the classes first, in the order of the answers, then what they are."""

    names: Sequence[str]
    of_class: Sequence[Sequence[int]]
    """Per class: its own number, and those of the kinds that it is of, nearest first."""

    @functools.cached_property
    def numbers(self) -> Mapping[str, int]:
        """Numbers by name."""
        return {name: number for number, name in enumerate(self.names)}

    @functools.cached_property
    def membership(self) -> npt.NDArray[np.float32]:
        """(1000, names): 1 where a class is of a kind, or is the class itself."""
        import numpy as np

        members = np.zeros((CLASSES, len(self.names)), np.float32)
        for row, numbers in zip(members, self.of_class, strict=True):
            row[list(numbers)] = 1
        return members

    def below(self, name: str) -> Sequence[int]:
        """Return the classes that are of a kind.

        Example:
            >>> [kinds().names[number] for number in kinds().below("big cat")][:2]
            ['leopard', 'snow leopard']
        """
        wanted = self.numbers[name]
        return [number for number in range(CLASSES) if wanted in self.of_class[number]]


@functools.cache
def kinds() -> ClassNames:
    """Return the classes and kinds."""
    classes: list[tuple[str, list[str]]] = []
    names: list[str] = []
    text = (resources.files(__package__) / "imagenet.tsv").read_text("utf-8")
    for line in text.splitlines():
        what, *fields = line.split("\t")
        if what == "k":
            names.append(fields[0])
        elif what == "c":
            classes.append((fields[1], [kind for kind in fields[3].split("; ") if kind]))
    every = [name for name, _ in classes] + names
    numbers = {name: number for number, name in enumerate(every)}
    return ClassNames(
        every,
        [[number, *(numbers[kind] for kind in of)] for number, (_, of) in enumerate(classes)],
    )


def concept_names() -> Sequence[str]:
    """Return the names of all that recognition tells."""
    return kinds().names


_FOODS = ("food", "solid food", "edible fruit", "beverage")
_NOT_EATEN = {"cup", "hay", "menu", "plate"}
"""Kinds of food to WordNet, which means what is in them or on them, or what cattle eat."""


def food_names() -> Sequence[str]:
    """Return the names of the classes that are foods.

    Example:
        >>> food_names()[:3]
        ['guacamole', 'consomme', 'hot pot']
    """
    found = kinds()
    foods = {number for kind in _FOODS for number in found.below(kind)}
    return [n for n in map(found.names.__getitem__, sorted(foods)) if n not in _NOT_EATEN]


def plain(name: str) -> str:
    """Return a name without what tells it from another of the same spelling.

    Example:
        >>> plain("crane (wading bird)")
        'crane'
    """
    return re.sub(r" \(.*\)$", "", name)
