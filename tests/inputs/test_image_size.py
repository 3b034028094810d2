"""Width and height wherever they stand in a file, and upright; what is right, Pillow says.

Pillow decodes the same bytes: `Image.size` is the stored size (it turns a TIFF when it opens it),
`ImageOps.exif_transpose` gives the upright one.
"""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageOps

from clarifai_inputs import points
from clarifai_inputs.image_size import orientation_of, picture_of, size_of, upright_size_of

ORIENTATIONS = range(1, 9)


def picture(form, orientation=1, size=(40, 20), **options):
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    file = io.BytesIO()
    made = Image.fromarray(np.random.default_rng(1).integers(0, 255, (*size[::-1], 3), np.uint8))
    made.save(file, form, exif=exif, **options)
    return file.getvalue()


class Counted(io.BytesIO):
    """A file that knows how much of it was read."""

    def __init__(self, content):
        super().__init__(content)
        self.count = 0

    def read(self, size=-1):
        found = super().read(size)
        self.count += len(found)
        return found


class Stream(io.BytesIO):
    """A file that is read from its beginning to its end only, such as an answer of HTTP."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError("not seekable")


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_upright_size_is_that_of_pillow(form, orientation):
    content = picture(form, orientation)
    with Image.open(io.BytesIO(content)) as opened:
        stored = (40, 20) if form == "TIFF" else opened.size
        expected = stored, ImageOps.exif_transpose(opened).size
    for given in (content, io.BytesIO(content), Stream(content)):
        found = picture_of(given)
        assert (found.stored, found.upright) == expected
    assert size_of(content) == expected[0]
    assert upright_size_of(content) == expected[1]
    assert orientation_of(content) == orientation


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_points_are_turned_as_pillow_turns_pixels(orientation):
    pixels = Image.new("L", (4, 2))
    pixels.putpixel((1, 0), 255)
    exif = pixels.getexif()
    exif[0x0112] = orientation
    upright = ImageOps.exif_transpose(pixels)
    row, column = np.argwhere(np.array(upright) == 255)[0]
    x, y = points.turned([1.5 / 4, 0.5 / 2], orientation)
    assert (x * upright.width, y * upright.height) == (column + 0.5, row + 0.5)


@pytest.mark.parametrize("compression", ["tiff_lzw", "raw", "tiff_adobe_deflate"])
def test_a_directory_at_the_end_of_a_tiff(compression):
    content = picture("TIFF", 6, (800, 600), compression=compression)
    file = Counted(content)
    assert upright_size_of(file) == (600, 800)
    assert file.count < 20_000 < len(content)


def test_a_frame_behind_long_metadata():
    """ITU T.81, B.1.1.4: any number of segments, each up to 64 KB, stands before the frame."""
    content = picture("JPEG", 8)
    segment = b"\xff\xe3" + struct.pack(">H", 60_002) + bytes(60_000)
    long = content[:2] + segment * 40 + content[2:]
    file = Counted(long)
    assert upright_size_of(file) == (20, 40)
    assert file.count < 10_000
    assert upright_size_of(long) == (20, 40)


def test_a_large_profile_before_the_pixels():
    content = picture("WEBP", 6, icc_profile=bytes(700_000))
    assert upright_size_of(io.BytesIO(content)) == (20, 40)
    content = picture("JPEG", 1, icc_profile=bytes(700_000))
    assert upright_size_of(io.BytesIO(content)) == (40, 20)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_a_file_that_ends_anywhere_raises_nothing(form):
    content = picture(form, 6 if form not in ("GIF", "BMP") else 1)
    for length in range(0, len(content), 7):
        found = picture_of(io.BytesIO(content[:length]))
        assert found is None or found.stored == (40, 20)


@pytest.mark.parametrize(
    "content",
    [
        b"II*\0" + b"\xff" * 60,
        b"MM\0*" + b"\xff" * 60,
        b"\xff\xd8\xff" + b"\xff" * 100,
        b"\xff\xd8\xff\xe1\0\0" * 20,
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 60,
    ],
)
def test_bytes_that_are_no_picture_have_no_size(content):
    found = picture_of(io.BytesIO(content))
    assert found is None or min(found.stored) > 0
