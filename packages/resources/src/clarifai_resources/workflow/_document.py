"""YAML documents of users: read strictly and within bounds, written whole or not at all.

Every fault says where it is: a line and column, or the path of a key.
"""

from __future__ import annotations

import os
import reprlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import FileError, IsFolder, MissingFile, UserError
from clarifai_core.files import replacing
from clarifai_core.heavy import yaml
from clarifai_core.safe_text import plain
from clarifai_core.yaml_text import BoundedLoader, dump
from clarifai_inputs import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".yml", ".yaml")
MAX_BYTES = 1 << 20
"""Bytes that a document may have."""
MAX_DEPTH = 50
"""Levels that lists and mappings may be nested, with what aliases repeat."""
MAX_VALUES = 100_000
"""Values that a document may hold, with what aliases repeat."""

_CORE = "tag:yaml.org,2002:"
_KNOWN_TAGS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null"))
_MERGE = f"{_CORE}merge"
_UNUSED_TAGS = (f"{_CORE}timestamp", f"{_CORE}value")
"""JSON has no dates, so what looks like one stays text; so does a lone `=`."""


def check_path(parameter: str, value: Any) -> Path:
    """Return the path of a YAML file.

    Args:
        parameter: Name of the parameter, for the error.
        value: The path, a text or a `PathLike`.

    Raises:
        UserError: It is no path, or the name does not end in .yml or .yaml.
    """
    usable = isinstance(value, (str, os.PathLike)) and isinstance(os.fspath(value), str)
    if not usable or not os.fspath(value).strip() or "\0" in os.fspath(value):
        raise UserError(f"{parameter} must be the path of a YAML file, got {value!r}.")
    path = Path(value)
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"{parameter} must end in .yml or .yaml, got {str(path)!r}.")
    return path


def read(path: Path, parameter: str) -> tuple[Any, list[str]]:
    """Return what a YAML file holds, and the faults that do not hinder reading it.

    Keys that are no text are left out of the content: they are among the faults.

    Args:
        path: The file.
        parameter: Name of the parameter that named it, for the error.

    Raises:
        UserError: It cannot be read, or is no YAML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        text = f"{parameter} {str(path)!r} cannot be read: {error.strerror or error}."
        raise FileError.of(text, error) from error
    if len(content) > MAX_BYTES:
        raise UserError(f"{parameter} {str(path)!r} has more than {MAX_BYTES} bytes.")
    try:
        return _parsed(content)
    except _Fault as fault:
        raise UserError.listing(f"{path} has faults", [str(fault)]) from fault


def write(path: Path, parameter: str, content: Any) -> None:
    """Write a YAML file; at each moment there is the old one or the new one, whole.

    Args:
        path: The file; its directory exists.
        parameter: Name of the parameter that named it, for the error.
        content: Mappings, lists and scalars.

    Raises:
        UserError: It cannot be written.
    """
    try:
        with replacing(path) as file:
            file.write(dump(content).encode())
    except OSError as error:
        raise _unwritable(parameter, path, error) from error


def check_writable(path: Path, parameter: str) -> None:
    """Say now what would keep a file from being written later.

    Raises:
        UserError: It is a directory, or there is no directory for it.
    """
    try:
        is_dir, has_parent = path.is_dir(), path.parent.is_dir()
    except OSError as error:
        raise _unwritable(parameter, path, error) from error
    if is_dir:
        raise IsFolder(f"{parameter} {str(path)!r} is a directory; name a file.")
    if not has_parent:
        raise MissingFile(f"{parameter} {str(path)!r}: there is no directory {str(path.parent)!r}.")


def _unwritable(parameter: str, path: Path, error: OSError) -> FileError:
    text = f"{parameter} {str(path)!r} cannot be written: {error.strerror or error}."
    return FileError.of(text, error)


class _Fault(Exception):
    """What keeps a document from being read."""


class _Loader(BoundedLoader):
    """Reads YAML 1.1 as far as JSON goes; bounded here by what a node's path can be told of."""

    yaml_implicit_resolvers = {  # noqa: RUF012 why: the base class declares it so
        first: [(tag, pattern) for tag, pattern in rules if tag not in _UNUSED_TAGS]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str) -> None:
        self._depth = 0
        super().__init__(text)

    def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep(self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        # Past BoundedLoader: what aliases repeat is counted below, with the path of each value.
        node = yaml.SafeLoader.compose_node(self, parent, index)
        self._depth -= 1
        return node

    def construct_object(self, node: Any, deep: bool = False) -> object:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, KeyError, AttributeError) as error:
            kind = node.tag.removeprefix(_CORE)
            text = f"{reprlib.repr(node.value)} is no {kind}"
            raise yaml.constructor.ConstructorError(None, None, text, node.start_mark) from error


def _parsed(content: bytes) -> tuple[Any, list[str]]:
    text = _decoded(content)
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        raise _Fault(f"{_place(text, error.position)}: {error.reason}") from error
    try:
        node = loader.get_single_node()
        if node is None:
            return None, []
        faults = list(_node_faults(node, "", _Budget()))
        value = loader.construct_document(node)
        return _with_text_keys(value), faults
    except yaml.MarkedYAMLError as error:
        said = plain(", ".join(part for part in (error.problem, error.context) if part))
        raise _Fault(f"{_at(error.problem_mark)}: {said}") from error
    except (ValueError, OverflowError) as error:
        raise _Fault(f"{_at(loader.get_mark())}: the escape is no character") from error
    finally:
        loader.dispose()


def _decoded(content: bytes) -> str:
    try:
        return texts.decode(content)
    except UnicodeDecodeError as error:
        before = texts.without_mark(content[: error.start]).decode("utf-8", "replace")
        raise _Fault(f"{_place(before, len(before))}: not UTF-8 text") from error


class _Budget:
    """Counts the values of a document, with what aliases repeat."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def spend(self, mark: Any) -> None:
        self._left -= 1
        if self._left < 0:
            raise yaml.composer.ComposerError(None, None, f"more than {MAX_VALUES} values", mark)


def _node_faults(node: Any, path: str, budget: _Budget, depth: int = 1) -> Iterator[str]:
    """Find keys that stand twice or are no text; raise on what cannot be read."""
    budget.spend(node.start_mark)
    if depth > MAX_DEPTH:
        raise _too_deep(node.start_mark)
    if isinstance(node, yaml.ScalarNode):
        if node.tag not in _KNOWN_TAGS:
            raise _unknown_tag(node)
    elif node.tag not in (f"{_CORE}map", f"{_CORE}seq"):
        raise _unknown_tag(node)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _node_faults(item, f"{path}[{index}]", budget, depth + 1)
    else:
        yield from _mapping_faults(node, path, budget, depth)


def _mapping_faults(node: Any, path: str, budget: _Budget, depth: int) -> Iterator[str]:
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.tag == _MERGE:
            yield from _node_faults(value, path, budget, depth + 1)
            continue
        if key.tag != f"{_CORE}str":
            shown = repr(key.value) if isinstance(key, yaml.ScalarNode) else "it"
            yield f"{path or 'the whole'}: line {line}: a key must be text; put {shown} in quotes"
            continue
        here = f"{path}.{key.value}" if path else key.value
        if key.value in lines:
            yield f"{here}: the key stands twice, in lines {lines[key.value]} and {line}"
        lines.setdefault(key.value, line)
        yield from _node_faults(value, here, budget, depth + 1)


def _with_text_keys(value: Any) -> object:
    if isinstance(value, dict):
        return {key: _with_text_keys(part) for key, part in value.items() if isinstance(key, str)}
    if isinstance(value, list):
        return [_with_text_keys(part) for part in value]
    return value


def _too_deep(mark: Any) -> yaml.composer.ComposerError:
    return yaml.composer.ComposerError(None, None, f"nested deeper than {MAX_DEPTH} levels", mark)


def _unknown_tag(node: Any) -> yaml.constructor.ConstructorError:
    shown = node.tag.replace(_CORE, "!!")
    return yaml.constructor.ConstructorError(
        None, None, f"the tag {shown} is not allowed", node.start_mark
    )


def _at(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the whole"


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return f"line {line}, column {column}"
