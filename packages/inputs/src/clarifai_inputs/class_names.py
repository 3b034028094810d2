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


def sorted_numbers(names: Iterable[str], first: int = 0) -> dict[str, int]:
    """Return a number for each class, by the order of their names, whatever order they come in.

    Example:
        >>> sorted_numbers(["dog", "cat", "dog"]), sorted_numbers(["cat"], first=1)
        ({'cat': 0, 'dog': 1}, {'cat': 1})
    """
    return {name: number for number, name in enumerate(sorted(set(names)), first)}
