"""Texts in files: how their bytes are read, and what is said of bytes that are no text.

UTF-8 with or without a byte order mark is text; so is UTF-16 with its mark, which Excel ("Unicode
text") and the shell of Windows write. JSON is UTF-8 only (RFC 8259, section 8.1): its readers step
over a mark (`without_mark`) and refuse what `is_wide`.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from typing import TextIO

UTF8_MARK = codecs.BOM_UTF8
"""Byte order mark, which has no order to tell in UTF-8, and is no part of the text."""

MARK = "\ufeff"
"""The same mark, decoded."""

MARK_BYTES = 4
"""First bytes that tell the encoding."""

_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encoding_of(head: bytes) -> str:
    r"""Return the encoding of a text, by its first `MARK_BYTES` bytes.

    Example:
        >>> encoding_of(b"cat"), encoding_of(b"\xef\xbb\xbfcat"), encoding_of(b"\xff\xfec\0")
        ('utf-8-sig', 'utf-8-sig', 'utf-16')
    """
    if head.startswith(_UTF32_MARKS):  # the first of them begins as UTF-16 does
        return "utf-8-sig"  # which fails at byte 0: nobody writes UTF-32
    return "utf-16" if head.startswith(_UTF16_MARKS) else "utf-8-sig"


def is_wide(head: bytes) -> bool:
    """Return whether a text begins with the mark of UTF-16 or UTF-32.

    Example:
        >>> is_wide("cat".encode("utf-16")), is_wide(b"cat")
        (True, False)
    """
    return head.startswith((*_UTF16_MARKS, *_UTF32_MARKS))


def without_mark(content: bytes) -> bytes:
    """Return UTF-8 without its byte order mark."""
    return content.removeprefix(UTF8_MARK)


def unmarked(text: str) -> str:
    """Return a text that was decoded by others, without the mark that they left in it.

    Example:
        >>> unmarked(chr(0xFEFF) + "cat")
        'cat'
    """
    return text.removeprefix(MARK)


def decode(content: bytes) -> str:
    r"""Return the text of a whole file, without its byte order mark.

    Raises:
        UnicodeDecodeError: It is neither UTF-8, nor UTF-16 with a mark; `fault_of` has the words.

    Example:
        >>> decode(b"\xef\xbb\xbfcat"), decode("cat".encode("utf-16"))
        ('cat', 'cat')
    """
    return content.decode(encoding_of(content))


def utf8(content: bytes) -> bytes:
    """Return the text of a whole file in UTF-8, without its mark, as the platform takes it.

    What is in UTF-8 is not looked through.

    Raises:
        UnicodeDecodeError: It has the mark of UTF-16, and is none.
    """
    if is_wide(content[:MARK_BYTES]):
        return decode(content).encode()
    return without_mark(content)


def open_text(path: str | os.PathLike[str]) -> TextIO:
    """Open a text file; line ends stay as they are, as CSV needs them.

    Raises:
        OSError: It cannot be read. What is no text raises UnicodeDecodeError when it is read.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - texts, too
        head = file.read(MARK_BYTES)
    return open(path, encoding=encoding_of(head), newline="")  # noqa: PTH123


def fault_of(error: UnicodeDecodeError) -> str:
    r"""Return what is wrong with bytes that `decode` does not take.

    Example:
        >>> try: decode(b"caf\xe9")
        ... except UnicodeDecodeError as error: fault_of(error)
        'not UTF-8 at byte 3; save it as UTF-8'
    """
    name = "UTF-16" if error.encoding.startswith("utf-16") else "UTF-8"
    return f"not {name} at byte {error.start}; save it as UTF-8"
