"""YAML that reads back as what was written, and that is read within limits."""

from __future__ import annotations

from typing import Any

from clarifai_core.documents import (
    MAX_NUMBER_CHARACTERS,
    MAX_YAML_BYTES,
    DocumentError,
    Growth,
)
from clarifai_core.heavy import yaml

_LINE_ENDS = "\x85\u2028\u2029"
"""YAML 1.1 takes these for ends of lines, and makes spaces of them; within quotes they are kept."""


def dump(content: Any) -> str:
    """Return mappings, lists and scalars as YAML, in the order that they have.

    Example:
        >>> print(dump({"name": "cat", "size": 3}), end="")
        name: cat
        size: 3
    """
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text


def read_yaml(text: str | bytes, loader: type[BoundedLoader] | None = None) -> Any:
    """Return what a YAML document says: scalars, lists and mappings only.

    Args:
        text: The document; bytes are UTF-8, or UTF-16 with a byte order mark.
        loader: What builds the values; the safe loader's when None.

    Raises:
        DocumentError: It is no YAML, too long, nested too deeply, or grows too large by aliases;
            only the place of the fault is told.

    Example:
        >>> read_yaml("names: [cat, dog]")
        {'names': ['cat', 'dog']}
    """
    if len(text) > MAX_YAML_BYTES:
        raise DocumentError(f"it is longer than {MAX_YAML_BYTES} bytes")
    made, fault = _built(text, loader or BoundedLoader)
    if fault is not None:  # raised here, so that the parser's error, which quotes, hangs on nothing
        raise fault
    return made


def _built(text: str | bytes, loader: type[BoundedLoader]) -> tuple[Any, DocumentError | None]:
    """Return what a document says, or what is wrong with it."""
    try:
        made = loader(text)
        try:
            return made.get_single_data(), None
        finally:
            made.dispose()
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark)
        return None, DocumentError("this is not YAML", *place)
    except (yaml.YAMLError, UnicodeError):
        return None, DocumentError("it holds bytes or characters that no YAML may have")
    except DocumentError as error:
        return None, DocumentError(error.reason, error.line, error.column)
    except (ValueError, OverflowError):
        return None, DocumentError("it holds a number or a date that is none")


def lines_of(text: str) -> dict[tuple[object, ...], int]:
    r"""Return in which line each key of a YAML document stands, by the keys above it and itself.

    Args:
        text: A document that `read_yaml` has read.

    Example:
        >>> lines_of("a:\n  b: 1")
        {('a',): 1, ('a', 'b'): 2}
    """
    loader = BoundedLoader(text)
    try:
        root = loader.get_single_node()
        found: dict[tuple[object, ...], int] = {}
        _note_lines(loader, root, (), found)
        return found
    finally:
        loader.dispose()


def _note_lines(
    loader: BoundedLoader,
    node: yaml.Node | None,
    above: tuple[object, ...],
    found: dict[tuple[object, ...], int],
) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            place = (*above, loader.construct_object(key))
            found[place] = key.start_mark.line + 1
            _note_lines(loader, value, place, found)


class BoundedLoader(yaml.SafeLoader):
    """Reads plain values, and gives up on documents that are deep, or grow by their aliases."""

    def __init__(self, stream: str | bytes) -> None:
        super().__init__(stream)
        self._growth = Growth()
        self._sizes: dict[int, int] = {}
        """Nodes below each node that is complete; an alias to another one leads in a circle."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node as SafeLoader does, counting what it comes to."""
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        line, column = _place(event.start_mark)
        if self.check_event(yaml.AliasEvent):
            node: yaml.Node | None = super().compose_node(parent, index)
            size = self._sizes.get(id(node))
            if size is None:
                raise DocumentError("an alias refers to what it is in", line, column)
            self._growth.add(size, line, column)
            return node
        before = self._growth.nodes
        self._growth.add(1, line, column)
        self._growth.enter(line, column)
        node = super().compose_node(parent, index)
        self._growth.leave()
        self._sizes[id(node)] = self._growth.nodes - before
        return node

    def bounded_number(self, node: yaml.ScalarNode) -> int | float:
        """Return a number as SafeLoader does, if it is not written with too many digits."""
        if len(node.value) > MAX_NUMBER_CHARACTERS:
            mark = node.start_mark
            raise DocumentError("a number has too many digits", mark.line + 1, mark.column + 1)
        is_whole = node.tag == "tag:yaml.org,2002:int"
        made: int | float = (
            self.construct_yaml_int(node) if is_whole else self.construct_yaml_float(node)
        )
        return made


for _kind in ("int", "float"):
    BoundedLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", BoundedLoader.bounded_number)


def _place(mark: Any) -> tuple[int, int]:
    """Return the line and the column of one of yaml's marks, from 1."""
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


class _Dumper(yaml.SafeDumper):
    """Quotes what would not come back otherwise."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = '"' if any(end in text for end in _LINE_ENDS) else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _Dumper.represent_text)
