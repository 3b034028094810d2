"""What the platform takes: kinds of files, their endings and limits, and how images begin."""

from __future__ import annotations

from clarifai_datasets.pixels import size_of

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif")
"""Formats that the platform takes."""

ENDINGS = {
    "image": IMAGE_ENDINGS,
    "text": (".txt",),
    "video": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp"),
    "audio": (".wav", ".mp3", ".flac", ".ogg", ".m4a"),
}
"""Kind of input -> endings of its files."""

MIB = 1024 * 1024

MAX_BYTES = {"image": 20 * MIB, "text": 20 * MIB, "audio": 20 * MIB, "video": 128_000_000}
"""Kind of input -> the platform's limit for one: 20 MB, of videos that of a whole request."""

MAX_IMAGE_PIXELS = 85_000_000
"""Width times height that an image may have."""

_IMAGE_STARTS = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",  # TIFF, little-endian
    b"MM\x00*",  # TIFF, big-endian
)


def is_image(content: bytes) -> bool:
    """Return whether `content` begins like a JPEG, PNG, GIF, BMP, TIFF or WebP file.

    Example:
        >>> is_image(b"GIF89a..."), is_image(b"hello")
        (True, False)
    """
    return content.startswith(_IMAGE_STARTS) or (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    )


def size_fault(input_type: str, size_bytes: int) -> str:
    """Return what is wrong with the size of a file; `""` when the platform takes it.

    Example:
        >>> size_fault("image", 30_000_000), size_fault("image", 30_000)
        ('28.61 MiB are over the limit of 20 MiB per image', '')
    """
    if not size_bytes:
        return "the file is empty"
    limit = MAX_BYTES[input_type]
    if size_bytes <= limit:
        return ""
    return (
        f"{size_bytes / MIB:.4g} MiB are over the limit of {limit / MIB:.4g} MiB per {input_type}"
    )


def content_fault(input_type: str, content: bytes) -> str:
    """Return what is wrong with content; `""` when nothing is that can be told without decoding.

    Args:
        input_type: What it should be.
        content: All of it; of an image the first `pixels.HEAD_BYTES` are enough.
    """
    if input_type == "image":
        return _image_fault(content)
    return _text_fault(content) if input_type == "text" else ""


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
        return "" if content.decode("utf-8-sig").strip() else "the file is empty"
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}"
