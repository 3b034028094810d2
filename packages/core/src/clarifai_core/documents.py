"""YAML and JSON from outside: read within limits, and complained about without quoting them.

A document of a few hundred bytes can mean gigabytes (aliases of aliases) or end the interpreter
(thousands of brackets), and the words of a parser's error may hold the key that stands in the file.
So every document is read here, and what is wrong with it is told by line and column.
"""

from __future__ import annotations

import json
from typing import Any

import attrs

MAX_DEPTH = 64
"""Levels of lists and mappings within each other."""

MAX_YAML_BYTES = 4 * 1024 * 1024
"""Of one YAML document; a dataset's table of names takes a hundredth of it."""

MAX_NUMBER_CHARACTERS = 1000
"""Of one number in YAML: more take long to read, and cannot be written again."""

MAX_YAML_NODES = 500_000
"""Scalars, lists and mappings of one YAML document, each as often as it is referred to."""


class DocumentError(ValueError):
    """A document that cannot be read; the text names a place in it, and never what stands there.

    Attributes:
        reason: What is wrong, without the place.
        line: Where the fault is, from 1; 0 when it has no place.
        column: As above.
    """

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        place = f"line {line}, column {column}: " if line else ""
        super().__init__(f"{place}{reason}")
        self.reason, self.line, self.column = reason, line, column


def read_json(text: str | bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return what a JSON document says.

    Args:
        text: The document; bytes are UTF-8, UTF-16 or UTF-32.
        max_depth: How many levels of lists and objects it may have.

    Raises:
        DocumentError: It is no JSON, has a number of too many digits, or is nested too deeply.

    Example:
        >>> read_json('{"a": [1]}')
        {'a': [1]}
    """
    found, fault = _json(text, max_depth)
    if fault is not None:  # raised here: the parser's error holds the whole document
        raise fault
    if _opened(text) > max_depth:
        check_depth(found, max_depth)
    return found


def _json(text: str | bytes, max_depth: int) -> tuple[Any, DocumentError | None]:
    """Return what a document says, or what is wrong with it."""
    try:
        return json.loads(text), None
    except json.JSONDecodeError as error:
        return None, DocumentError("this is not JSON", error.lineno, error.colno)
    except UnicodeDecodeError:
        return None, DocumentError("the text is not in UTF-8")
    except RecursionError:
        return None, DocumentError(_too_deep(max_depth))
    except ValueError:
        return None, DocumentError("a number has too many digits")


def check_depth(value: Any, max_depth: int = MAX_DEPTH) -> None:
    """Refuse lists and dicts that are nested too deeply to be walked by recursion.

    Raises:
        DocumentError: They are.
    """
    level = [value]
    for _ in range(max_depth):
        level = [
            inner
            for outer in level
            if isinstance(outer, (list, dict))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (list, dict))
        ]
        if not level:
            return
    raise DocumentError(_too_deep(max_depth))


def _opened(text: str | bytes) -> int:
    """Return how deep a text can be nested at most, at the cost of a glance."""
    if isinstance(text, bytes):
        return text.count(b"[") + text.count(b"{")
    return text.count("[") + text.count("{")


def _too_deep(max_depth: int) -> str:
    return f"lists and mappings are nested more than {max_depth} levels deep"


@attrs.define
class Growth:
    """What a document has come to while it is read; `add` and `enter` refuse what is too much."""

    max_depth: int = MAX_DEPTH
    max_nodes: int = MAX_YAML_NODES
    nodes: int = 0
    depth: int = 0

    def add(self, nodes: int, line: int, column: int) -> None:
        """Count nodes; an alias counts as all that it refers to."""
        self.nodes += nodes
        if self.nodes > self.max_nodes:
            raise DocumentError(f"it grows to more than {self.max_nodes} values", line, column)

    def enter(self, line: int, column: int) -> None:
        """Go one level down."""
        self.depth += 1
        if self.depth > self.max_depth:
            raise DocumentError(_too_deep(self.max_depth), line, column)

    def leave(self) -> None:
        """Come back up."""
        self.depth -= 1
