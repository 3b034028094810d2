"""Bodies that come packed although that was not asked for."""

from __future__ import annotations

import gzip
import zlib

import pytest

from clarifai_core.transport._answer_limits import CHUNK_BYTES
from clarifai_core.transport._decompression import unpacked

CONTENT = bytes(range(256)) * 20_000


def raw(content):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize("step", [1, 7, 4096, 10**9])
@pytest.mark.parametrize(
    ("coding", "packed", "content"),
    [
        ("gzip", gzip.compress(CONTENT), CONTENT),
        ("gzip", gzip.compress(b"one") + gzip.compress(b"two"), b"onetwo"),
        ("gzip", gzip.compress(b""), b""),
        ("gzip", b"", b""),
        ("deflate", zlib.compress(CONTENT), CONTENT),
        ("deflate", raw(CONTENT), CONTENT),
    ],
    ids=["gzip", "gzip of two members", "gzip of nothing", "nothing", "zlib", "deflate"],
)
def test_content_comes_back_in_small_pieces_however_it_arrives(coding, packed, content, step):
    arriving = [packed[start : start + step] for start in range(0, len(packed), step)]
    pieces = list(unpacked(arriving, coding))
    assert b"".join(pieces) == content
    assert all(len(piece) <= CHUNK_BYTES for piece in pieces)
