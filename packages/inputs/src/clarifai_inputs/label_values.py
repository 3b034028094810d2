"""What a value of a column of labels says: a cell of text, or a value of any table.

A label is never there by accident. What stands for no value (`None`, `nan`, `NULL`, `-`) is no
label; a list that was printed, by Python or by numpy, is its entries; what can be read in two ways,
such as `[0, 1, 0]` or `a|b`, is refused with what to write instead.

A text in a cell of CSV may hold several labels, with commas between them. A text in a table with
types (Parquet, JSON Lines, Hugging Face, a DataFrame) is one label, commas included: such tables
have lists.
"""

from __future__ import annotations

import ast
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from clarifai_inputs.json_text import check_characters, loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LABEL_NAMES = (
    "concepts",
    "labels",
    "label",
    "concept",
    "fine_label",
    "intent",
    "intents",
    "category",
    "categories",
    "class",
    "classes",
    "class_name",
    "label_name",
    "target",
    "targets",
    "tags",
    "tag",
    "coarse_label",
)
"""What columns of labels are called, the first first."""

NO_VALUES = frozenset(
    [
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
        "NaT",
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
    ]
)
"""Texts that stand for no value: those of pandas (`read_csv`, na_values), and dashes.

A label that is called so is written in a JSON list: `["NA"]`.
"""

MAX_LITERAL_CHARACTERS = 100_000
"""Of a cell that is no JSON and is tried as Python's literal: what its parser makes of a text takes
a hundred times as much."""

SEPARATORS = "|;"
"""What stands between labels in files of others, and may also be part of one."""

_SHOWN = 80
_SPREADSHEET_ERRORS = ("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!")
_PAIRS = {"[": "]", "(": ")", "{": "}"}

_SUSPECT = re.compile(r"""[\[\](){}'"|;<#\\\x00]""")
"""Characters of cells that have to be looked at."""

_WRAPPED = re.compile(
    r"(?:np\.|numpy\.)?(?:array|tensor|Index|list|set|frozenset)\(\s*([\[({].*)\)$", re.DOTALL
)
_DTYPE = re.compile(r",\s*(?:dtype|name|device)=.*$", re.DOTALL)
_SCALAR = re.compile(r"(?:(?:np|numpy)\.\w+|tensor)\(([^()]*)\)")
_PRINTED = re.compile(r"""\[.*\]$|\(['"]|(?:np\.|numpy\.)?\w+\([\[({'"\d]""", re.DOTALL)
_ENTRY = re.compile(
    r"""\s*(?:
        (?P<text>u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")
      | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?=[\s,]|$)
      | (?P<word>None|nan|NaN|null|NULL|NaT|<NA>|True|False|true|false)(?=[\s,]|$)
    )(?P<between>\s*,\s*|\s+|$)""",
    re.DOTALL | re.VERBOSE,
)


class Labels(NamedTuple):
    """The labels of a value."""

    names: list[str]
    missing: str = ""
    """An entry that stands for no value and was left out; `""`: there is none."""


def labels_of_cell(cell: str, separator: str = ",") -> Labels:
    """Return the labels in a cell of CSV.

    Args:
        cell: Labels with a separator between them; or a JSON list, or a list as it was printed.
        separator: `","`, `"|"` or `";"`.

    Raises:
        ValueError: It can be read in several ways, or is a list that cannot be read.

    Example:
        >>> labels_of_cell("cat, big dog").names, labels_of_cell("['cat' 'dog']").names
        (['cat', 'big dog'], ['cat', 'dog'])
        >>> labels_of_cell("nan"), labels_of_cell('["cat", null]')
        (Labels(names=[], missing='nan'), Labels(names=['cat'], missing='None'))
    """
    text = cell.strip()
    printed = None if _SUSPECT.search(text) is None else _printed(text)
    if printed is not None:
        return printed
    missing, found = "", []
    for part in map(str.strip, text.split(separator)):
        if part in NO_VALUES:
            missing = missing or part
        elif part:
            _check_part(part, separator)
            found.append(part)
    return Labels(found, missing)


def are_plain(cells: Iterable[str]) -> bool:
    """Return whether nothing in these cells has to be looked at to know that it is right.

    Example:
        >>> are_plain(["cat", "cat,big dog", ""]), are_plain(["cat", "nan"]), are_plain(["['cat']"])
        (True, False, False)
    """
    joined = ",".join(set(cells))
    return _SUSPECT.search(joined) is None and NO_VALUES.isdisjoint(
        map(str.strip, joined.split(","))
    )


def of_plain(cell: str) -> list[str]:
    """Return the labels of a cell, if `are_plain`."""
    if "," not in cell:
        return [label] if (label := cell.strip()) else []
    return [label for one in cell.split(",") if (label := one.strip())]


def labels_in(value: Any) -> Labels:
    """Return the labels of a value of a table with types.

    Args:
        value: None, a text, a number, or a list of them, also as numpy, pandas or Arrow have it.

    Raises:
        ValueError: It is none of these, or can be read in several ways.

    Example:
        >>> labels_in("tench, Tinca tinca").names, labels_in([3, "cat"]).names, labels_in(None)
        (['tench, Tinca tinca'], ['3', 'cat'], Labels(names=[], missing=''))
        >>> labels_in([0, 1, 0])
        Traceback (most recent call last):
          ...
        ValueError: [0, 1, 0] may be a multi-hot vector or numbers of classes: write the names
    """
    value = plain_value(value)
    if isinstance(value, str):
        text = value.strip()
        if text in NO_VALUES:
            return Labels([], text)
        looks_printed = text[-1:] in ("]", ")") and _PRINTED.match(text)
        return (_printed(text) if looks_printed else None) or Labels([text] if text else [])
    if is_missing(value):
        return Labels([])
    if isinstance(value, (list, tuple, set, frozenset)):
        return _of_entries(list(value), value)
    return Labels([_name(value)])


def is_missing(value: Any) -> bool:
    """Return whether a value stands for none: None, NaN, pandas' NA and NaT.

    Example:
        >>> is_missing(None), is_missing(float("nan")), is_missing(0), is_missing("")
        (True, True, False, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def plain_value(value: Any) -> Any:
    """Return a value of numpy, pandas, torch or Arrow as Python's own; others as they are."""
    if value is None or isinstance(value, (str, bytes, int, float, list, tuple, dict)):
        return value
    for name in ("tolist", "as_py"):
        convert = getattr(value, name, None)
        if callable(convert):
            return convert()
    return value


def _printed(text: str) -> Labels | None:
    """Return the labels of a list as something prints it; None: the text is no list."""
    scalar = _SCALAR.fullmatch(text)
    if scalar:
        text = f"[{scalar[1]}]"
    wrapped = _WRAPPED.match(text)
    if wrapped:
        text = _DTYPE.sub("", wrapped[1].strip()).strip()
    first = text[:1]
    if first == "[":
        return _of_entries(_list(text), text)
    if wrapped or (first == "{" and text.endswith("}")):
        return _of_entries(_entries(text), text)
    if first == "(" and text.endswith(")") and ("," in text or text[1:2] in ("'", '"')):
        return _of_entries(_entries(text), text)
    return None


def _list(text: str) -> list[Any]:
    try:
        found = loads(text)
    except ValueError:
        return _entries(text)
    if not isinstance(found, list):
        raise ValueError(f"{_must_be_a_list(text)}")  # noqa: TRY004 - of a cell
    if "\\" in text:  # only escapes spell half characters: bytes of a file cannot
        try:
            check_characters(found)
        except ValueError as error:
            raise ValueError(f"has half a character in it: {error}") from None
    return found


def _entries(text: str) -> list[Any]:
    """Return the entries of a list as Python or numpy prints it: with commas, or without any."""
    if len(text) > MAX_LITERAL_CHARACTERS or _PAIRS.get(text[:1]) != text[-1:]:
        raise ValueError(_must_be_a_list(text))
    inner, at, found, betweens = _SCALAR.sub(r"\1", text[1:-1]).strip(), 0, [], []
    while at < len(inner):
        entry = _ENTRY.match(inner, at)
        if entry is None:
            raise ValueError(_must_be_a_list(text))
        found.append(_entry(entry, text))
        betweens.append("," in entry["between"])
        at = entry.end()
    if len(set(betweens[:-1])) > 1:
        raise ValueError(f"lacks a comma, in {text[:_SHOWN]!r}")
    return found


def _entry(entry: re.Match[str], text: str) -> object:
    if entry["text"]:
        try:
            found = ast.literal_eval(entry["text"])
        except (ValueError, SyntaxError):
            raise ValueError(_must_be_a_list(text)) from None
        try:
            check_characters(found)
        except ValueError as error:
            raise ValueError(f"has half a character in it: {error}") from None
        return found
    if entry["number"]:
        number = entry["number"]
        return int(number) if number.lstrip("+-").isdigit() else float(number)
    return {"true": True, "false": False}.get(entry["word"].lower())


def _of_entries(entries: Sequence[Any], shown: Any) -> Labels:
    values = [plain_value(one) for one in entries]
    given = [one for one in values if not _is_nothing(one)]
    if any(isinstance(one, bool) for one in given) or (
        len(given) > 1 and all(isinstance(one, (int, float)) and one in (0, 1) for one in given)
    ):
        raise ValueError(
            f"{str(shown)[:_SHOWN]} may be a multi-hot vector or numbers of classes: "
            "write the names"
        )
    missing = next((repr(one) for one in values if _is_nothing(one)), "")
    return Labels([_name(one) for one in given], missing)


def _is_nothing(entry: Any) -> bool:
    return is_missing(entry) or (isinstance(entry, str) and not entry.strip())


def _name(value: Any) -> str:
    """Return the label of one value that is not blank."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"{value!r} is a number with a fraction, which is no label")
        return str(int(value))  # columns of whole numbers become floats where one is missing
    if isinstance(value, int):
        return str(value)
    shown = f"{value!r:.{_SHOWN}}"
    raise ValueError(f"{shown} is no label, which is a text or a whole number")


def _check_part(part: str, separator: str) -> None:
    """Refuse what stands there by accident.

    Raises:
        ValueError: It does.
    """
    if part.startswith(_SPREADSHEET_ERRORS):
        raise ValueError(f"is {part!r}, an error of a spreadsheet")
    if len(part) > 1 and part[0] == part[-1] and part[0] in "'\"":
        raise ValueError(f"has quotes around {part!r}: write it without")
    if part.startswith("<") and " at 0x" in part:
        raise ValueError(f"is what Python prints of an object, {part[:_SHOWN]!r}")
    other = next((one for one in SEPARATORS if one in part and one != separator), "")
    if other:
        raise ValueError(
            f"{part[:_SHOWN]!r} may be one label or several: say label_separator={other!r}, put "
            f'commas between labels, or write one label as ["{part[:_SHOWN]}"]'
        )


def _must_be_a_list(text: str) -> str:
    return f'must be a JSON list such as ["a,b"], got {text[:_SHOWN]!r}'
