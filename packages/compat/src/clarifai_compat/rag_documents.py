"""How documents become texts that a search finds: read, and cut at the ends of sentences."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from clarifai_core.errors import UserError
from clarifai_core.lazy import import_module
from clarifai_core.settings import Settings
from clarifai_core.transport.session import session_for
from clarifai_inputs import signatures, texts

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
"""Of a file, and of the text within one."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@attrs.frozen
class Document:
    """A text, or a page of one, and where it is from."""

    text: str
    metadata: Mapping[str, Any] = attrs.field(factory=dict)
    """`file_name`, and `page_label` of a page."""


def load_documents(
    file_path: str | os.PathLike[str] | None = None,
    folder_path: str | os.PathLike[str] | None = None,
    url: str | None = None,
    *,
    get: Callable[[str], bytes] | None = None,
) -> list[Document]:
    """Return the texts of one source: text, Markdown, Word and, with pypdf, PDF.

    Args:
        file_path: A file; or
        folder_path: a folder, of which the files of these kinds count; or
        url: an address.
        get: What gets the content of an address; None: the session of the environment's settings,
            which sends its credentials to the platform only.

    Raises:
        UserError: Not exactly one is given, it is not there, or of another kind.
        ImportError: It is a PDF, and pypdf is not installed.
    """
    given = [one for one in (file_path, folder_path, url) if one]
    if len(given) != 1:
        raise UserError("Give one of file_path, folder_path and url.")
    if url:
        name = PurePosixPath(urlsplit(url).path).name
        return _documents(name, (get or _downloaded)(url))
    if folder_path:
        return _of_folder(Path(folder_path).expanduser())
    path = Path(given[0]).expanduser()
    if not path.is_file():
        raise UserError(f"There is no file {str(path)!r}.")
    if path.suffix.lower() not in _READERS:
        raise UserError(f"{str(path)!r} is no document: {_kinds()} are.")
    return _documents(path.name, path.read_bytes())


def _of_folder(folder: Path) -> list[Document]:
    if not folder.is_dir():
        raise UserError(f"There is no folder {str(folder)!r}.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _READERS)
    if not files:
        raise UserError(f"There is no document in {str(folder)!r}: {_kinds()} are.")
    return [one for path in files for one in _documents(path.name, path.read_bytes())]


def _downloaded(url: str) -> bytes:
    return session_for(Settings.resolve()).downloads.read(url, max_bytes=MAX_DOCUMENT_BYTES)


def _documents(name: str, content: bytes) -> list[Document]:
    ending = PurePosixPath(name).suffix.lower()
    if content.startswith(signatures.PDF):
        ending = ".pdf"
    elif content.startswith(signatures.ZIP):
        ending = ".docx"
    read = _READERS.get(ending, _read_text)
    pages = [(label, text) for label, text in read(name, content) if text.strip()]
    return [
        Document(text, {"file_name": name, **({"page_label": label} if label else {})})
        for label, text in pages
    ]


def _read_text(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    try:
        yield "", texts.decode(content)
    except UnicodeDecodeError as error:
        raise UserError(f"{name!r} is no text in UTF-8.") from error


def _read_pdf(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    try:
        pypdf: Any = import_module("pypdf")
    except ImportError as error:
        raise ImportError(f"{name!r} is a PDF, which takes pypdf: pip install pypdf") from error
    try:
        for number, page in enumerate(pypdf.PdfReader(io.BytesIO(content)).pages, 1):
            yield str(number), page.extract_text()
    except pypdf.errors.PyPdfError as error:
        raise UserError(f"{name!r} is no PDF that can be read: {error}.") from error


def _read_word(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    try:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as packed,
            packed.open("word/document.xml") as file,
        ):
            inner = file.read(MAX_DOCUMENT_BYTES + 1)
    # why NotImplementedError: zipfile's word for an unknown method of compression
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError) as error:
        raise UserError(f"{name!r} is no document of Word.") from error
    if len(inner) > MAX_DOCUMENT_BYTES or b"<!DOCTYPE" in inner or b"\0" in inner:
        raise UserError(f"{name!r} is no document of Word that can be read.")
    try:
        root = ET.fromstring(inner)  # noqa: S314  why: without a DTD nothing can be expanded
    except ET.ParseError as error:
        raise UserError(f"{name!r} is no document of Word: {error}.") from error
    paragraphs = (_paragraph(one) for one in root.iter(f"{_WORD}p"))
    yield "", "\n\n".join(text for text in paragraphs if text)


def _paragraph(paragraph: ET.Element) -> str:
    parts = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n"}
    return "".join(
        (one.text or "") if one.tag == f"{_WORD}t" else parts.get(one.tag, "")
        for one in paragraph.iter()
    )


_READERS: Mapping[str, Callable[[str, bytes], Iterator[tuple[str, str]]]] = {
    ".txt": _read_text,
    ".md": _read_text,
    ".docx": _read_word,
    ".pdf": _read_pdf,
}


def _kinds() -> str:
    return ", ".join(_READERS)


def split_document(text: str, chunk_size: int = 1024, chunk_overlap: int = 200) -> list[str]:
    """Return a text in chunks, which end where sentences do.

    Args:
        text: The text.
        chunk_size: Most words of a chunk.
        chunk_overlap: Most words of the end of a chunk that the next one begins with.

    Raises:
        UserError: The overlap is not below the size.

    Example:
        >>> split_document("One two. Three four. Five.", chunk_size=4, chunk_overlap=2)
        ['One two. Three four.', 'Three four. Five.']
    """
    for name, value in (("chunk_size", chunk_size), ("chunk_overlap", chunk_overlap)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise UserError(f"{name} must be a whole number from 0, got {value!r}.")
    if chunk_overlap >= chunk_size:
        raise UserError(f"chunk_overlap {chunk_overlap} must be below chunk_size {chunk_size}.")
    return [
        " ".join(chunk)
        for chunk in _packed(_sentences(text, chunk_size), chunk_size, chunk_overlap)
    ]


def _sentences(text: str, most: int) -> Iterator[list[str]]:
    """Yield sentences as lists of words; longer ones than a chunk in parts."""
    for sentence in _SENTENCE_END.split(text):
        words = sentence.split()
        for start in range(0, len(words), most):
            yield words[start : start + most]


def _packed(sentences: Iterator[list[str]], size: int, overlap: int) -> Iterator[Sequence[str]]:
    held: list[list[str]] = []
    is_new = False
    for sentence in sentences:
        if is_new and _words(held) + len(sentence) > size:
            yield [word for one in held for word in one]
            held = _tail(held, min(overlap, size - len(sentence)))
        held.append(sentence)
        is_new = True
    if is_new:
        yield [word for one in held for word in one]


def _words(sentences: list[list[str]]) -> int:
    return sum(map(len, sentences))


def _tail(sentences: list[list[str]], most: int) -> list[list[str]]:
    """Return the last sentences that have so many words at most."""
    kept: list[list[str]] = []
    for sentence in reversed(sentences):
        if _words(kept) + len(sentence) > most:
            break
        kept.insert(0, sentence)
    return kept


def convert_messages_to_str(messages: Sequence[Mapping[str, str]]) -> str:
    r"""Return a chat as one text.

    Args:
        messages: Each with `role` and `content`; others are left out.

    Example:
        >>> convert_messages_to_str([{"role": "user", "content": "Hello"}])
        '\n\nuser: Hello'
    """
    told = (one for one in messages if "role" in one and "content" in one)
    return "".join(f"\n\n{one['role']}: {one['content']}" for one in told)


def format_assistant_message(raw_text: str) -> dict[str, str]:
    """Return an answer as a message of a chat.

    Example:
        >>> format_assistant_message("Hello")
        {'role': 'assistant', 'content': 'Hello'}
    """
    return {"role": "assistant", "content": raw_text}
