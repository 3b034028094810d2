"""Kinds of media, the endings of their files, and how their bytes begin; what is none of a kind.

Signatures stand by kind, because containers such as `ftyp` hold sound as well as pictures. What
they are is in the specifications of the formats, and in the table of the tool `file`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from clarifai_inputs import texts
from clarifai_inputs.image_size import size_of
from clarifai_inputs.media_limits import MAX_IMAGE_PIXELS, MIB, UPLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = ("image", "text", "video", "audio")
"""What an input can be; fields of the platform's `Data`, as messages list them."""

ENDINGS = {
    "image": (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif"),
    "text": (".txt",),
    "video": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp"),
    "audio": (".wav", ".mp3", ".flac", ".ogg", ".m4a"),
}
"""Kind -> endings, in small letters, of the files that are taken for it from a folder."""

IMAGE_ENDINGS = ENDINGS["image"]

SIGNATURE_BYTES = 64
"""First bytes of a file that tell its format."""

FALLBACKS = {"image": "png", "text": "txt", "audio": "mp3", "video": "mp4"}
"""Kind -> ending where the bytes do not tell; these the platform's own clients use."""


@attrs.frozen
class Signature:
    """How files of one format begin."""

    ending: str
    """Of their names, without a dot."""
    start: bytes = b""
    at_4: tuple[bytes, ...] = (b"",)
    """One of these stands behind the first four bytes."""
    at_8: bytes = b""
    within: bytes = b""
    """It stands somewhere in the first `SIGNATURE_BYTES`."""

    def fits(self, head: bytes) -> bool:
        """Return whether a file begins so."""
        return (
            head.startswith(self.start)
            and head.startswith(self.at_4, 4)
            and head.startswith(self.at_8, 8)
            and self.within in head[:SIGNATURE_BYTES]
        )


_MATROSKA, _ASF = b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75"

SIGNATURES = {
    "image": (
        Signature("png", b"\x89PNG\r\n\x1a\n"),
        Signature("jpg", b"\xff\xd8\xff"),
        Signature("webp", b"RIFF", at_8=b"WEBP"),
        Signature("tiff", b"II*\x00"),
        Signature("tiff", b"MM\x00*"),
        Signature("gif", b"GIF87a"),
        Signature("gif", b"GIF89a"),
        Signature("bmp", b"BM"),
    ),
    "audio": (
        Signature("wav", b"RIFF", at_8=b"WAVE"),
        Signature("mp3", b"ID3"),
        Signature("flac", b"fLaC"),
        Signature("ogg", b"OggS"),
        Signature("m4a", at_4=(b"ftyp",)),
        Signature("webm", _MATROSKA),
        Signature("wma", _ASF),
    ),
    "video": (
        Signature("mov", at_4=(b"ftypqt", b"moov", b"mdat", b"wide")),
        Signature("mp4", at_4=(b"ftyp",)),
        Signature("webm", _MATROSKA, within=b"webm"),
        Signature("mkv", _MATROSKA),
        Signature("avi", b"RIFF", at_8=b"AVI "),
        Signature("wmv", _ASF),
        Signature("ogv", b"OggS"),
        Signature("mpg", b"\x00\x00\x01"),
        Signature("gif", b"GIF87a"),
        Signature("gif", b"GIF89a"),
    ),
}
"""Kind -> its formats, the narrower ones first."""


def kind_of_name(name: str, kinds: Iterable[str] = KINDS) -> str:
    """Return the kind of a file by the ending of its name; `""`: it has none of theirs.

    Example:
        >>> kind_of_name("a/CAT.JPG"), kind_of_name("notes.txt"), kind_of_name("notes.md")
        ('image', 'text', '')
    """
    small = name.lower()
    return next((kind for kind in kinds if small.endswith(ENDINGS[kind])), "")


def format_of(kind: str, head: bytes) -> str:
    """Return the ending, without a dot, that the bytes of a file tell; `""`: they do not.

    Args:
        kind: One of `KINDS`.
        head: Its first `SIGNATURE_BYTES` bytes, or more.
    """
    return next((one.ending for one in SIGNATURES.get(kind, ()) if one.fits(head)), "")


def ending(kind: str, head: bytes) -> str:
    """Return the ending of a file, without a dot: by its bytes, or else the usual one of its kind.

    Example:
        >>> ending("image", b"GIF89a..."), ending("image", b"?"), ending("text", b"BM")
        ('gif', 'png', 'txt')
    """
    return format_of(kind, head) or FALLBACKS[kind]


def is_image(content: bytes) -> bool:
    """Return whether `content` begins like a JPEG, PNG, GIF, BMP, TIFF or WebP file.

    Example:
        >>> is_image(b"GIF89a..."), is_image(b"hello")
        (True, False)
    """
    return bool(format_of("image", content))


def size_fault(kind: str, size_bytes: int) -> str:
    """Return what is wrong with the size of a file; `""` when the platform takes it.

    Example:
        >>> size_fault("image", 30_000_000), size_fault("image", 30_000)
        ('28.61 MiB are over the limit of 20 MiB per image', '')
    """
    if not size_bytes:
        return "the file is empty"
    limit = UPLOAD_BYTES[kind]
    if size_bytes <= limit:
        return ""
    return f"{size_bytes / MIB:.4g} MiB are over the limit of {limit / MIB:.4g} MiB per {kind}"


def content_fault(kind: str, content: bytes) -> str:
    r"""Return what is wrong with content; `""` when nothing is that can be told without decoding.

    Args:
        kind: What it should be.
        content: All of it; of an image the first `image_size.HEAD_BYTES` are enough.

    Example:
        >>> content_fault("image", b"hello"), content_fault("text", b"caf\xe9")
        ('no image that the platform can read', 'not UTF-8 at byte 3')
    """
    if kind == "image":
        return _image_fault(content)
    return _text_fault(content) if kind == "text" else ""


def _image_fault(head: bytes) -> str:
    if not is_image(head):
        return "no image that the platform can read"
    size = size_of(head)
    if size is None or size[0] * size[1] <= MAX_IMAGE_PIXELS:
        return ""
    shown = f"{size[0]:,} x {size[1]:,} pixels"
    return f"{shown} are over the limit of {MAX_IMAGE_PIXELS / 1e6:.0f} million per image"


def _text_fault(content: bytes) -> str:
    try:
        return "" if texts.decode(content).strip() else "the file is empty"
    except UnicodeDecodeError as error:
        return texts.fault_of(error).partition(";")[0]
