"""Names of classes and their numbers, as data sets of YOLO and COCO list them.

    data.yaml                `names:` as a list, or as a mapping from numbers
    classes.txt, obj.names   a name in each line; the first one is 0

Labels then say the number alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

YAML_ENDINGS = (".yaml", ".yml")
LISTS = ("classes.txt", "obj.names")
"""Files of a name in each line."""


def from_yaml(content: str | bytes) -> dict[int, str] | None:
    """Return what `names` of a YAML file lists; None when it has no such key.

    Raises:
        ValueError: It is no YAML, or `names` is no list of names.

    Example:
        >>> from_yaml("names: [cat, dog]"), from_yaml("names: {7: cat}"), from_yaml("nc: 2")
        ({0: 'cat', 1: 'dog'}, {7: 'cat'}, None)
    """
    found = read_yaml(content)
    if not isinstance(found, dict) or found.get("names") is None:
        return None
    names = found["names"]
    if isinstance(names, list):
        return {number: str(one) for number, one in enumerate(names)}
    if isinstance(names, dict):
        try:
            return {int(number): str(one) for number, one in names.items()}
        except TypeError as error:
            raise ValueError(str(error)) from error
    raise ValueError(f"names must be a list or a mapping from numbers, got {names!r:.80}")


def from_lines(lines: Iterable[str]) -> dict[int, str]:
    """Return the names of a list; an empty line has a number, and names no class.

    Example:
        >>> from_lines(["cat", "", " dog"])
        {0: 'cat', 2: 'dog'}
    """
    return {number: line.strip() for number, line in enumerate(lines) if line.strip()}


class ClassNumbers:
    """Gives each class a number, in the order in which they are met.

    Example:
        >>> numbers = ClassNumbers()
        >>> numbers.of("cat"), numbers.of("dog"), numbers.of("cat"), numbers.names
        (0, 1, 0, {0: 'cat', 1: 'dog'})
    """

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self._numbers: dict[str, int] = {}

    def of(self, name: str) -> int:
        """Return the number of a class."""
        return self._numbers.setdefault(name, self._first + len(self._numbers))

    @property
    def names(self) -> dict[int, str]:
        """Names by number."""
        return {number: name for name, number in self._numbers.items()}
