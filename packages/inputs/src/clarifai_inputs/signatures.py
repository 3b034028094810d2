"""How the files of each format begin, by which their bytes tell what they are.

Signatures stand by kind, because containers such as `ftyp` hold sound as well as pictures. What
they are is in the specifications of the formats, and in the table of the tool `file`.
"""

from __future__ import annotations

import attrs

SIGNATURE_BYTES = 64
"""First bytes of a file that tell its format."""


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
    _is_start_only: bool = attrs.field(init=False, repr=False)

    def fits(self, head: bytes) -> bool:
        """Return whether a file begins so."""
        return head.startswith(self.start) and (self._is_start_only or self._goes_on(head))

    def _goes_on(self, head: bytes) -> bool:
        return (
            head.startswith(self.at_4, 4)
            and head[8 : 8 + len(self.at_8)] == self.at_8
            and self.within in head[:SIGNATURE_BYTES]
        )

    @_is_start_only.default
    def _default(self) -> bool:
        return self.at_4 == (b"",) and not self.at_8 and not self.within


PNG = b"\x89PNG\r\n\x1a\n"
"""ISO/IEC 15948, 5.2; the line ends show what a transfer as text does to it."""

PDF, ZIP = b"%PDF-", b"PK\x03\x04"
"""Of files that are no medium; those of Word and Excel are zips."""

_MATROSKA, _ASF = b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75"

SIGNATURES = {
    "image": (
        Signature("png", PNG),
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


def format_of(kind: str, head: bytes) -> str:
    """Return the ending, without a dot, that the bytes of a file tell; `""`: they do not.

    Args:
        kind: One of `media.KINDS`.
        head: Its first `SIGNATURE_BYTES` bytes, or more.
    """
    by_first_byte = _BY_FIRST_BYTE.get(kind, {})
    for one in by_first_byte.get(head[:1]) or by_first_byte.get(b"", ()):
        if one.fits(head):
            return one.ending
    return ""


def _by_first_byte(signatures: tuple[Signature, ...]) -> dict[bytes, tuple[Signature, ...]]:
    """Return the signatures that a first byte leaves to be looked at; `b""`: any other byte."""
    return {
        first: tuple(one for one in signatures if one.start[:1] in (b"", first))
        for first in {b"", *(one.start[:1] for one in signatures)}
    }


_BY_FIRST_BYTE = {kind: _by_first_byte(found) for kind, found in SIGNATURES.items()}
"""Each upload of a picture asks."""
