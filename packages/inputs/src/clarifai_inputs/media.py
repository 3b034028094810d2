"""Kinds of media, the endings of their files, and what is wrong with a file of a kind.

How files begin is in signatures.py, how large they may be in media_limits.py, and how large a
picture is in image_size.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_inputs import texts
from clarifai_inputs.image_size import size_of
from clarifai_inputs.media_limits import MAX_IMAGE_PIXELS, MIB, UPLOAD_BYTES
from clarifai_inputs.signatures import format_of

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = ("image", "text", "video", "audio")
"""What an input can be; fields of the platform's `Data`, as messages list them."""

ENDINGS = {
    "image": (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp"),  # all of them JPEG
        *(".png", ".tif", ".tiff", ".webp", ".bmp", ".gif"),
    ),
    "text": (".txt",),
    "video": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp"),
    "audio": (".wav", ".mp3", ".flac", ".ogg", ".m4a"),
}
"""Kind -> endings, in small letters, of the files that are taken for it from a folder."""

IMAGE_ENDINGS = ENDINGS["image"]

FOREIGN_PICTURES = (
    *(".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".svg", ".psd", ".ico", ".mpo", ".dcm"),
    *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".raw", ".ppm", ".pgm", ".pbm", ".exr", ".hdr"),
)
"""Endings of pictures that the platform does not take."""

FALLBACKS = {"image": "png", "text": "txt", "audio": "mp3", "video": "mp4"}
"""Kind -> ending where the bytes do not tell; these the platform's own clients use."""


def kind_of_name(name: str, kinds: Iterable[str] = KINDS) -> str:
    """Return the kind of a file by the ending of its name; `""`: it has none of theirs.

    Example:
        >>> kind_of_name("a/CAT.JPG"), kind_of_name("notes.txt"), kind_of_name("notes.md")
        ('image', 'text', '')
    """
    small = name.lower()
    return next((kind for kind in kinds if small.endswith(ENDINGS[kind])), "")


def why_not_taken(kind: str, name: str) -> str:
    """Return what to say of files that are not taken for a kind, in the plural.

    Example:
        >>> why_not_taken("image", "cat/IMG_1.HEIC")
        'left alone, .heic pictures, which the platform does not take'
        >>> why_not_taken("image", "notes.txt")
        'left alone, no images by their endings'
    """
    small = name.lower()
    if kind == "image" and small.endswith(FOREIGN_PICTURES):
        form = small[small.rindex(".") :]
        return f"left alone, {form} pictures, which the platform does not take"
    return f"left alone, no {kind if kind == 'audio' else f'{kind}s'} by their endings"


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
