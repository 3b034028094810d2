"""Is it an image? Told by the first bytes of a file, without decoding it."""

from __future__ import annotations

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif")
"""Formats that the platform takes."""

ENDINGS = {
    "image": IMAGE_ENDINGS,
    "text": (".txt",),
    "video": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp"),
    "audio": (".wav", ".mp3", ".flac", ".ogg", ".m4a"),
}
"""Kind of input -> endings of its files."""

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
