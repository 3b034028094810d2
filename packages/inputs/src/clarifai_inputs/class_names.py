"""Names of classes and their numbers, as data sets of YOLO and COCO list them.

    data.yaml                `names:` as a list, or as a mapping from numbers
    classes.txt, obj.names   a name in each line; the first one is 0

Labels then say the number alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.yaml_text import BoundedLoader, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

YAML_ENDINGS = (".yaml", ".yml")
LISTS = ("classes.txt", "obj.names", "_darknet.labels")
"""Files of a name in each line; labelImg writes the first, CVAT the second, Roboflow the third."""

LIST_ENDING = ".names"
"""Of Darknet's lists, whatever they are called: `coco.names`."""


def is_list(file_name: str) -> bool:
    """Return whether a file of this name, without its folder, has a class in each line.

    Example:
        >>> is_list("Classes.TXT"), is_list("coco.names"), is_list("train.txt")
        (True, True, False)
    """
    small = file_name.lower()
    return small in LISTS or small.endswith(LIST_ENDING)


@attrs.frozen
class DataYaml:
    """What the YAML file of a data set says, as Ultralytics reads it."""

    names: dict[int, str]
    """Of the classes, by number."""
    count: int | None = None
    """`nc`: how many there should be."""
    key_points: tuple[int, int] | None = None
    """`kpt_shape`: how many key points a row has, and how many numbers each of them."""
    path: str = ""
    """Where the others begin."""
    splits: dict[str, list[str]] = attrs.field(factory=dict)
    """`train`, `val` and `test`: folders of images, or lists of them."""

    def fault(self) -> str:
        """Return what of it does not agree with itself; `""`: nothing.

        Example:
            >>> DataYaml({0: "cat"}, count=2).fault()
            'nc is 2, and names has 1'
        """
        if self.count is None or self.count == len(self.names):
            return ""
        return f"nc is {self.count}, and names has {len(self.names)}"


def data_yaml(content: str | bytes) -> DataYaml | None:
    """Return what a YAML file says of a data set; None when it has no `names`.

    Names are what is written there: `no` and `1.0` are no other values.

    Raises:
        ValueError: It is no YAML, or `names` is no list of names.

    Example:
        >>> data_yaml("{names: [yes, no], val: [a, b], nc: 2}").splits
        {'val': ['a', 'b']}
    """
    found = read_yaml(content, _Texts)
    if not isinstance(found, dict) or found.get("names") in _NOTHING:
        return None
    paths = {key: _paths(found.get(key)) for key in ("train", "val", "test")}
    return DataYaml(
        _names(found["names"]),
        _number_or_none(found.get("nc")),
        _key_points(found.get("kpt_shape")),
        found["path"] if isinstance(found.get("path"), str) else "",
        {key: value for key, value in paths.items() if value},
    )


def from_yaml(content: str | bytes) -> dict[int, str] | None:
    """Return what `names` of a YAML file lists; None when it has no such key.

    Raises:
        ValueError: It is no YAML, or `names` is no list of names.

    Example:
        >>> from_yaml("names: [cat, dog]"), from_yaml("names: {7: cat}"), from_yaml("nc: 2")
        ({0: 'cat', 1: 'dog'}, {7: 'cat'}, None)
    """
    found = data_yaml(content)
    return None if found is None else found.names


def number_of(text: str) -> int:
    """Return the number of a class; `1.0e+00` is 1, as `numpy.savetxt` writes it.

    Raises:
        ValueError: It is no whole number.

    Example:
        >>> number_of("7"), number_of("1.000e+00")
        (7, 1)
    """
    if text.isdecimal():
        return int(text)
    value = float(text)
    if not value.is_integer():
        raise ValueError(f"{text!r} is no whole number")
    return int(value)


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


_NOTHING = (None, "", "~", "null")


class _Texts(BoundedLoader):
    """Reads every value as the text that stands there."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as its base has it


def _names(found: Any) -> dict[int, str]:
    if isinstance(found, list):
        pairs = list(enumerate(found))
    elif isinstance(found, dict):
        pairs = [(number_of(str(number)), one) for number, one in found.items()]
    else:
        why = f"names must be a list or a mapping from numbers, got {found!r:.80}"
        raise ValueError(why)  # noqa: TRY004 - as what is no YAML is told
    wrong = next((one for _, one in pairs if not isinstance(one, str)), None)
    if wrong is not None:
        raise ValueError(f"names must be texts, got {wrong!r:.80}")
    numbers = [number for number, _ in pairs]
    if len(set(numbers)) < len(numbers):
        raise ValueError("names has a number twice")
    return {number: one for number, one in pairs if one.strip()}


def _number_or_none(value: Any) -> int | None:
    try:
        return number_of(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _key_points(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    count, width = map(_number_or_none, value)
    return (count, width) if count and width and count > 0 and width > 0 else None


def _paths(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, str) and one]
