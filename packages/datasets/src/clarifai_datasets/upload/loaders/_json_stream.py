"""Elements of the lists in a large JSON object, one at a time, with their places in the file.

A file of gigabytes is read in pieces; only the element at hand is in memory.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from clarifai_datasets.upload.limits import MAX_RECORD_BYTES, MIB
from clarifai_inputs import texts
from clarifai_inputs.json_text import MAX_BRACKETS, loads

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK_BYTES = 1024 * 1024

_NO_SPACE = re.compile(r"[^ \t\r\n]")
_MARGIN = 16
"""A piece that ends too early is wrong at its end, within a few characters."""

_decode = json.JSONDecoder().raw_decode


@attrs.frozen
class Element:
    """One element of a list, and where it is."""

    key: str
    """Of the list."""
    value: Any
    start: int
    end: int
    name: str | None = None
    """Of a member, where an object stands in place of a list."""
    is_alone: bool = False
    """Whether it stands in place of a list itself."""


def elements(file: BinaryIO, *, all_values: bool = False) -> Iterator[Element]:
    """Yield the elements of all lists that are values of the file's one object.

    Args:
        file: At its beginning.
        all_values: Whether to yield what stands in place of lists, too: the members of objects, and
            values that are neither.

    Raises:
        ValueError: It is no such JSON, or not in UTF-8.

    Example:
        >>> import io
        >>> [(e.key, e.value) for e in elements(io.BytesIO(b'{"n": 1, "a": [2, [3]]}'))]
        [('a', 2), ('a', [3])]
    """
    text = _Text(file)
    text.expect("{")
    while text.peek() != "}":
        key = text.value()[0]
        text.expect(":")
        first = text.peek()
        if first == "[":
            yield from _listed(str(key), text)
        elif all_values and first == "{":
            yield from _members(str(key), text)
        elif all_values:
            yield Element(str(key), *text.value(), is_alone=True)
        else:
            text.value()
        if not text.goes_on("}"):
            break
    text.expect("}")


def _listed(key: str, text: _Text) -> Iterator[Element]:
    text.expect("[")
    while text.peek() != "]":
        yield Element(key, *text.value())
        if not text.goes_on("]"):
            break
    text.expect("]")


def _members(key: str, text: _Text) -> Iterator[Element]:
    text.expect("{")
    while text.peek() != "}":
        name = text.value()[0]
        text.expect(":")
        yield Element(key, *text.value(), name=str(name))
        if not text.goes_on("}"):
            break
    text.expect("}")


class _Text:
    """A window on the file.

    Bytes are taken for characters (Latin-1), so that places in the text are places in the file;
    what is not ASCII is decoded again, as UTF-8.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._text, self._at, self._base, self._ended = "", 0, 0, False
        self._fill()
        begin = self._text[: texts.MARK_BYTES].encode("latin-1")
        if texts.is_wide(begin):
            raise ValueError("it is not in UTF-8; save it as UTF-8")
        self._at = len(begin) - len(texts.without_mark(begin))

    def peek(self) -> str:
        """Return the next character that is no space; `""` at the end."""
        while True:
            found = _NO_SPACE.search(self._text, self._at)
            if found:
                self._at = found.start()
                return found[0]
            self._at = len(self._text)
            if self._ended:
                return ""
            self._fill()

    def expect(self, char: str) -> None:
        found = self.peek()
        if found != char:
            shown = repr(found) if found else "the end"
            raise ValueError(f"{shown} at byte {self._base + self._at:,} where {char!r} should be")
        self._at += 1

    def goes_on(self, end: str) -> bool:
        """Step over a comma; return whether there was one."""
        if self.peek() == end:
            return False
        self.expect(",")
        if self.peek() == end:
            raise self._wrong(self._at, "a comma before the end")
        return True

    def value(self) -> tuple[Any, int, int]:
        """Return the next value, and where it begins and ends."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended or not self._is_cut(error):
                    raise self._wrong(error.pos, error.msg) from None
            except RecursionError:
                raise self._wrong(self._at, "it is nested too deeply") from None
            except ValueError as error:
                raise self._wrong(self._at, str(error)) from None
            else:
                if end < len(self._text) or self._ended:
                    return self._taken(value, end)
            self._fill()

    def _taken(self, value: Any, end: int) -> tuple[Any, int, int]:
        start, self._at = self._at, end
        if end - start > MAX_RECORD_BYTES:
            raise self._too_long(start)
        part = self._text[start:end]
        if not part.isascii():
            try:
                value = loads(part.encode("latin-1").decode("utf-8"))
            except UnicodeDecodeError as error:
                raise self._wrong(start + error.start, "not UTF-8; save it as UTF-8") from None
        return value, self._base + start, self._base + end

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        text_ended = error.msg.startswith("Unterminated string")
        return text_ended or error.pos > len(self._text) - _MARGIN

    def _wrong(self, at: int, why: str) -> ValueError:
        return ValueError(f"it is no JSON at byte {self._base + at:,}: {why}")

    def _too_long(self, at: int) -> ValueError:
        return self._wrong(at, f"a value is over the limit of {MAX_RECORD_BYTES // MIB} MiB")

    def _fill(self) -> None:
        """Read on; the longer the element at hand, the more at once."""
        kept = self._text[self._at :]
        if len(kept) > MAX_RECORD_BYTES:
            raise self._too_long(self._at)
        if len(kept) > CHUNK_BYTES and kept.count("[") + kept.count("{") > MAX_BRACKETS:
            raise self._wrong(
                self._at, f"a value holds more than {MAX_BRACKETS:,} lists and objects"
            )
        chunk = self._file.read(max(CHUNK_BYTES, len(kept)))
        self._ended = not chunk
        self._base += self._at
        self._text, self._at = kept + chunk.decode("latin-1"), 0
