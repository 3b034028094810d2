"""Media by their bytes: what Pillow writes and reads says what is right."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, ImageOps

from clarifai_inputs.image_size import orientation_of, size_of, upright_size_of
from clarifai_inputs.media import (
    ENDINGS,
    FALLBACKS,
    KINDS,
    content_fault,
    ending,
    is_image,
    kind_of_name,
    size_fault,
)
from clarifai_inputs.media_limits import MAX_FILE_BYTES, MIB, UPLOAD_BYTES
from clarifai_inputs.png import png
from clarifai_inputs.signatures import SIGNATURES, format_of

FORMATS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "TIFF": "tiff", "GIF": "gif", "BMP": "bmp"}
ORIENTATION = 0x0112
"""Of Exif: CIPA DC-008."""


def picture(form, size=(40, 20), orientation=None):
    file = io.BytesIO()
    options = {}
    if orientation is not None:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    Image.new("RGB", size, "red").save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_the_bytes_tell_format_and_size(form):
    made = picture(form)
    assert is_image(made)
    assert ending("image", made) == FORMATS[form]
    assert size_of(made) == upright_size_of(made) == (40, 20)
    assert orientation_of(made) == 1
    assert content_fault("image", made) == ""


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_as_large_as_it_is_seen(form, orientation):
    made = picture(form, orientation=orientation)
    with Image.open(io.BytesIO(made)) as opened:
        assert opened.getexif()[ORIENTATION] == orientation
        seen = ImageOps.exif_transpose(opened).size
    assert orientation_of(made) == orientation
    assert upright_size_of(made) == seen
    assert size_of(made) == (40, 20)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_is_none_is_upright(orientation):
    assert upright_size_of(picture("JPEG", orientation=orientation)) == (40, 20)


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_that_is_cut_off_tells_what_it_can(form):
    made = picture(form, orientation=6 if form in ("JPEG", "PNG", "WEBP", "TIFF") else None)
    whole = size_of(made)
    for length in range(len(made)):
        assert size_of(made[:length]) in (None, whole)
        assert orientation_of(made[:length]) in (1, 6)
        upright_size_of(made[:length])
    assert size_of(b"") is None


def test_chunks_that_lead_in_circles_end():
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 0xFFFFFFFF, b"IHDR")
    webp = b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<I", 0) + b"ICCP" + b"\xff" * 8
    assert orientation_of(png) == orientation_of(webp) == 1


@pytest.mark.parametrize("kind", ["image", "audio", "video"])
def test_each_signature_is_found_by_the_bytes_it_stands_for(kind):
    for one in SIGNATURES[kind]:
        head = bytearray(64)
        head[: len(one.start)] = one.start
        head[4 : 4 + len(one.at_4[0])] = one.at_4[0]
        head[8 : 8 + len(one.at_8)] = one.at_8
        head[24 : 24 + len(one.within)] = one.within
        assert format_of(kind, bytes(head)) == one.ending
    assert format_of(kind, b"hello") == ""
    assert ending(kind, b"hello") == FALLBACKS[kind]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"RIFF\0\0\0\0WAVEfmt ", b"GIF8", b"\x89PNG", b"%PDF-1.7"]
)
def test_what_is_no_image_is_told(content):
    assert not is_image(content)
    assert content_fault("image", content) == "no image that the platform can read"


def test_each_ending_belongs_to_one_kind():
    assert tuple(ENDINGS) == KINDS
    listed = [one for endings in ENDINGS.values() for one in endings]
    assert len(listed) == len(set(listed))
    for kind, endings in ENDINGS.items():
        assert [kind_of_name(f"a/X{one.upper()}") for one in endings] == [kind] * len(endings)
    assert kind_of_name("cat") == kind_of_name("cat.png.zip") == ""
    assert kind_of_name("clip.mp4", ("image", "text")) == ""


def test_limits_are_those_of_the_platform():
    """20 MB for pictures, texts and sounds; a video travels in a request of 128 MB."""
    for kind in ("image", "text", "audio"):
        assert UPLOAD_BYTES[kind] == 20 * MIB
    assert UPLOAD_BYTES["video"] == MAX_FILE_BYTES == 128_000_000
    for kind, most in UPLOAD_BYTES.items():
        assert size_fault(kind, most) == ""
        assert f"over the limit of {most / MIB:.4g} MiB per {kind}" in size_fault(kind, most + 1)
        assert size_fault(kind, 0) == "the file is empty"


def test_a_picture_of_too_many_pixels_is_told_from_its_first_bytes():
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 10_000, 8_501)
    assert content_fault("image", head) == (
        "10,000 x 8,501 pixels are over the limit of 85 million per image"
    )


@pytest.mark.parametrize(("mode", "colours"), [("L", 1), ("RGB", 3)])
def test_a_png_is_read_by_others_as_it_was_made(mode, colours):
    rows = [bytes((7 * x + 31 * y) % 256 for x in range(5 * colours)) for y in range(3)]
    with Image.open(io.BytesIO(png(rows, colours=colours))) as opened:
        assert (opened.size, opened.mode) == ((5, 3), mode)
        assert opened.tobytes() == b"".join(rows)
