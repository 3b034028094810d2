"""Bodies that come packed, though that was not asked for: unpacked a piece at a time."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from clarifai_core.transport._answer_limits import CHUNK_BYTES, Unframed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


def unpacked(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield the content of a body in pieces of at most 1 MiB, however small it was packed.

    Args:
        chunks: The body as it came.
        coding: Its Content-Encoding; gzip and deflate are known.

    Raises:
        Unframed: It is another coding, is damaged, or its end is missing.

    Example:
        >>> import gzip
        >>> b"".join(unpacked([gzip.compress(b"unpacked")], "gzip"))
        b'unpacked'
    """
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Unframed(f"it came packed as {coding[:80]!r}, which was not asked for")
    machine: Any = None
    try:
        for data in chunks:
            while data:
                if machine is None or machine.eof:
                    machine = _machine(coding, data)
                yield from _pieces(machine, data)
                data = machine.unused_data  # of gzip: another member
    except zlib.error as error:
        raise Unframed(f"it came packed as {coding}, and is damaged") from error
    if machine is not None and not machine.eof:
        raise Unframed(f"it came packed as {coding}, and its end is missing")


def _pieces(machine: Any, data: bytes) -> Iterator[bytes]:
    while True:
        piece = machine.decompress(data, CHUNK_BYTES)
        data = machine.unconsumed_tail
        if piece:
            yield piece
        if machine.eof or (not data and len(piece) < CHUNK_BYTES):
            return


def _machine(coding: str, data: bytes) -> zlib._Decompress:
    if coding != "deflate":
        return zlib.decompressobj(_GZIP)
    # Some servers say deflate and leave out the two bytes with which zlib begins.
    is_zlib = data[0] & 15 == zlib.DEFLATED and (not data[1:] or (data[0] << 8 | data[1]) % 31 == 0)
    return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else _RAW)
