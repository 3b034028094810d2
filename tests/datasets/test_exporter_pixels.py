"""Width and height of images, beside what Pillow says of the same bytes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from clarifai_inputs.image_size import size_of

FORMATS = [
    ("PNG", {}),
    ("GIF", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_deflate"}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True, "comment": b"x" * 5000}),
    ("WEBP", {"lossless": True}),
    ("WEBP", {"quality": 50}),
    ("WEBP", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}),
]


@pytest.mark.parametrize(("name", "options"), FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (17, 33), (640, 3)])
def test_the_size_of_an_image(name, options, size):
    file = io.BytesIO()
    Image.new("RGB", size, (10, 200, 30)).save(file, name, **options)
    assert size_of(file.getvalue()) == size


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"BM", b"RIFF\0\0\0\0WEBP"],
)
def test_bytes_that_do_not_tell(content):
    assert size_of(content) is None
