"""Endings of files, which tell what the bytes are."""

from __future__ import annotations

from collections.abc import Callable

HEAD_BYTES = 64
"""How many first bytes `ending` looks at."""

FALLBACKS = {"image": "png", "text": "txt", "audio": "mp3", "video": "mp4"}
"""Kind of media -> ending where the bytes do not tell; these the platform's own clients use."""

_Test = tuple[Callable[[bytes], bool], str]

_ENDINGS: dict[str, tuple[_Test, ...]] = {
    "image": (
        (lambda h: h.startswith(b"\x89PNG\r\n\x1a\n"), "png"),
        (lambda h: h.startswith(b"\xff\xd8\xff"), "jpg"),
        (lambda h: h.startswith(b"RIFF") and h[8:12] == b"WEBP", "webp"),
        (lambda h: h.startswith((b"II*\x00", b"MM\x00*")), "tiff"),
        (lambda h: h.startswith((b"GIF87a", b"GIF89a")), "gif"),
        (lambda h: h.startswith(b"BM"), "bmp"),
    ),
    "audio": (
        (lambda h: h.startswith(b"RIFF") and h[8:12] == b"WAVE", "wav"),
        (lambda h: h.startswith(b"ID3"), "mp3"),
        (lambda h: h.startswith(b"fLaC"), "flac"),
        (lambda h: h.startswith(b"OggS"), "ogg"),
        (lambda h: h[4:8] == b"ftyp", "m4a"),
        (lambda h: h.startswith(b"\x1a\x45\xdf\xa3"), "webm"),
        (lambda h: h.startswith(b"\x30\x26\xb2\x75"), "wma"),
    ),
    "video": (
        (lambda h: h[4:10] == b"ftypqt" or h[4:8] in {b"moov", b"mdat", b"wide"}, "mov"),
        (lambda h: h[4:8] == b"ftyp", "mp4"),
        (lambda h: h.startswith(b"\x1a\x45\xdf\xa3"), "mkv"),
        (lambda h: h.startswith(b"RIFF") and h[8:12] == b"AVI ", "avi"),
        (lambda h: h.startswith(b"\x30\x26\xb2\x75"), "wmv"),
        (lambda h: h.startswith(b"OggS"), "ogv"),
        (lambda h: h.startswith(b"\x00\x00\x01"), "mpg"),
        (lambda h: h.startswith((b"GIF87a", b"GIF89a")), "gif"),
    ),
}
"""By kind, because containers such as `ftyp` hold sound as well as pictures."""


def ending(kind: str, head: bytes) -> str:
    """Return the ending of a file, without a dot.

    Args:
        kind: `"image"`, `"text"`, `"audio"` or `"video"`.
        head: Its first `HEAD_BYTES` bytes, or all of it.

    Example:
        >>> ending("image", b"GIF89a..."), ending("image", b"?"), ending("text", b"BM")
        ('gif', 'png', 'txt')
    """
    for matches, found in _ENDINGS.get(kind, ()):
        if matches(head):
            return _matroska(head) if found == "mkv" else found
    return FALLBACKS[kind]


def _matroska(head: bytes) -> str:
    """Return which of the two formats that share a signature it is."""
    return "webm" if b"webm" in head else "mkv"
