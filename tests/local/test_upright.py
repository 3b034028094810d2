"""Pictures as people see them, wherever the platform makes or tells something of them.

The case `37-previews` (astrobin#1870, fiftyone#3778) and its siblings. Right is what browsers show:
orientation by Exif (CIPA DC-008, tag 0x0112; CSS Images 3, `image-orientation: from-image`),
samples of 16 bits divided by 257 (PNG specification, 13.12). Pillow's transposition of a picture
without Exif, and numpy, say what the pixels are then.
"""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from PIL import Image

from clarifai_inputs.image_size import upright_size_of
from clarifai_local import _upright
from clarifai_local._standins.colours import _shares
from clarifai_local._standins.regions import ImageCrop
from clarifai_local.engine._augment import _png
from clarifai_local.engine._images import thumbnail
from clarifai_local.engine.pictures import look, size_of
from clarifai_local.engine.regions import area_of
from clarifai_local.media import check_image, rendition

TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def data(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def corner(mode="RGB", size=(400, 200)):
    """Black, with a white upper left quarter: each of the eight orientations looks different."""
    image = Image.new("RGB", size, "black")
    image.paste("white", (0, 0, size[0] // 4, size[1] // 2))
    return image.convert(mode)


def exif(orientation):
    made = Image.Exif()
    made[0x0112] = orientation
    return made.tobytes()


def shown(content, size="large"):
    with Image.open(io.BytesIO(rendition(content, size))) as image:
        image.load()
        return image


def near(image, other, tolerance=12):
    assert image.size == other.size
    left, right = (np.asarray(one.convert("RGB"), np.float64) for one in (image, other))
    return bool(np.abs(left - right).mean() < tolerance)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", TURNED)
def test_everything_agrees_on_which_way_is_up(kind, orientation):
    content = data(corner(), kind, exif=exif(orientation))
    how = TURNED[orientation]
    right = corner() if how is None else corner().transpose(how)

    facts = check_image(content)
    assert (facts.width, facts.height) == right.size
    assert size_of(content) == right.size[::-1]
    assert upright_size_of(content) == right.size
    assert near(shown(content), right)
    small = right.resize((96, 48) if right.width > right.height else (48, 96))
    seen = Image.fromarray((look(content).pixels * 255).astype(np.uint8))
    assert near(seen, small)
    assert near(Image.fromarray(thumbnail(content)), right.resize((32, 32)))
    assert near(Image.open(io.BytesIO(_png(content, 16, ""))), right.resize((16, 16)))

    box = {"top_row": 0, "left_col": 0, "bottom_row": 0.5, "right_col": 0.5}
    given = resources_pb2.Data(image={"base64": content})
    given.regions.add(region_info={"bounding_box": box})
    (cut,) = ImageCrop().apply(given, {}).regions
    wanted = right.crop((0, 0, right.width // 2, right.height // 2))
    assert near(Image.open(io.BytesIO(cut.data.image.base64)), wanted)


def test_a_mask_is_turned_as_its_picture_is():
    info = resources_pb2.RegionInfo()
    info.mask.image.base64 = data(corner("L"), exif=exif(6))
    area = area_of(info, 40, 20)
    right = np.asarray(corner("L").transpose(TURNED[6]).resize((20, 40))) > 127
    assert area is not None
    assert (area == right).mean() > 0.95


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_is_none_turns_nothing(orientation):
    content = data(corner(), "JPEG", exif=exif(orientation))
    assert shown(content).size == (400, 200)


def test_broken_exif_costs_the_orientation_only():
    content = data(corner(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert (check_image(content).width, shown(content).size) == (400, (400, 200))


def test_xmp_turns_nothing():
    """Browsers read Exif alone; Pillow reads `tiff:Orientation` of XMP, too."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    content = data(corner(), "JPEG", xmp=xmp)
    assert (check_image(content).width, shown(content).size) == (400, (400, 200))


RAMP = np.linspace(0, 1, 80_000).reshape(200, 400)


def ramp(most, kind):
    return Image.fromarray((RAMP * most).astype(kind))


@pytest.mark.parametrize(
    "content",
    [
        data(ramp(255, "uint8")),
        data(ramp(65535, "uint16")),
        data(ramp(65535, "uint16"), "TIFF"),
        data(ramp(65535, ">u2"), "TIFF"),
        data(ramp(2**31 - 1, "int32"), "TIFF"),
        data(ramp(100_000, "int32"), "TIFF"),
        data(ramp(255, "int32"), "TIFF"),
        data(ramp(1, "float32"), "TIFF"),
        data(ramp(255, "float32"), "TIFF"),
        data(ramp(1e30, "float32"), "TIFF"),
        data(ramp(2, "float32").point(lambda value: value * 1 - 1), "TIFF"),
    ],
    ids=range(11),
)
def test_a_ramp_stays_a_ramp(content):
    """From black to white, row by row, however wide its numbers are: as its 8 bits."""
    right = ramp(255, "uint8").convert("RGB")
    assert near(shown(content), right, 2)
    assert near(Image.fromarray(thumbnail(content)), right.resize((32, 32)), 2)
    assert abs((look(content).pixels * 255).mean() - 127.5) < 2


@pytest.mark.parametrize(
    ("value", "kind", "grey"),
    [
        (40_000, "uint16", 156),  # / 257
        (300, "uint16", 1),
        (0.5, "float32", 128),
        (100.0, "float32", 100),
        (100, "int32", 100),
        (2**30, "int32", 255),
    ],
)
def test_one_level_alone_is_what_it_is(value, kind, grey):
    content = data(Image.fromarray(np.full((20, 40), value, kind)), "TIFF")
    assert abs(np.asarray(shown(content)).mean() - grey) <= 1


def test_floats_that_are_no_numbers_are_black_or_white():
    values = RAMP.astype("float32") * 3
    values[:50], values[50:100], values[100:150] = np.nan, np.inf, -np.inf
    rows = np.asarray(shown(data(Image.fromarray(values), "TIFF")).convert("L"))
    assert rows[10:40].mean() < 5
    assert rows[60:90].mean() > 250
    assert rows[110:140].mean() < 5


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nothing_but_those_can_be_shown_too(value):
    content = data(Image.fromarray(np.full((4, 4), value, "float32")), "TIFF")
    assert np.asarray(shown(content)).mean() == (255 if value == np.inf else 0)


def translucent(mode):
    """Red on the left, see-through (over green) on the right."""
    image = Image.new("RGBA", (40, 20), (255, 0, 0, 255))
    image.paste((0, 255, 0, 0), (20, 0, 40, 20))
    return image.convert(mode)


def palette():
    image = Image.new("P", (40, 20), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (20, 0, 40, 20))
    return image


@pytest.mark.parametrize(
    ("content", "left"),
    [
        (data(translucent("RGBA")), (255, 0, 0)),
        (data(translucent("LA")), (76, 76, 76)),
        (data(translucent("RGBA"), "WEBP", lossless=True), (255, 0, 0)),
        (data(palette(), transparency=1), (255, 0, 0)),
        (data(palette(), "GIF", transparency=1), (255, 0, 0)),
        (data(palette().convert("RGB"), transparency=(0, 255, 0)), (255, 0, 0)),
    ],
    ids=range(6),
)
def test_what_is_see_through_is_white_everywhere(content, left):
    right = Image.new("RGB", (40, 20), "white")
    right.paste(left, (0, 0, 20, 20))
    assert near(shown(content), right)
    assert near(Image.fromarray(thumbnail(content)), right.resize((32, 32)))
    assert {colour for colour, share in _shares(content) if share > 0.4} == {
        left,
        (255, 255, 255),
    }


def test_cmyk_is_shown_in_its_colours():
    for kind in ("JPEG", "TIFF"):
        content = data(Image.new("CMYK", (40, 20), (0, 255, 255, 0)), kind)
        red, green, blue = np.asarray(shown(content))[10, 20]
        assert red > 240, kind
        assert max(green, blue) < 20, kind


def test_lab_is_shown_in_its_colours():
    """L* 53, a* 80, b* 67 is red in sRGB (CIE 1976); a* and b* are stored from 128 on."""
    content = data(Image.new("LAB", (40, 20), (136, 128 + 80, 128 + 67)), "TIFF")
    red, green, blue = (int(value) for value in np.asarray(shown(content))[10, 20])
    assert red > 200
    assert max(green, blue) < 60


def test_one_bit_is_black_and_white_and_greys_when_smaller():
    board = np.indices((800, 800)).sum(axis=0) % 2 == 0
    content = data(Image.fromarray(board))
    assert 120 < np.asarray(shown(content, "tiny")).mean() < 135
    assert np.asarray(shown(content, "tiny")).std() < 20


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_several_frames_or_pages_the_first_is_taken(kind):
    first, others = corner(), [Image.new("RGB", (400, 200), "red")] * 2
    content = data(first, kind, save_all=True, append_images=others)
    assert near(shown(content), first)
    assert near(Image.fromarray(thumbnail(content)), first.resize((32, 32)))


def test_a_jpeg_with_further_pictures_is_a_jpeg():
    """MPO, as phones write it: CIPA DC-007."""
    others = [Image.new("RGB", (200, 100), "red")]
    content = data(corner(), "MPO", save_all=True, append_images=others, exif=exif(6))
    facts = check_image(content)
    assert (facts.format, facts.media_type) == ("JPEG", "image/jpeg")
    assert (facts.width, facts.height) == (200, 400)
    assert near(shown(content), corner().transpose(TURNED[6]))


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (1, 3), (621, 1)])
def test_narrow_pictures_are_shown(size):
    for kind in ("PNG", "JPEG", "TIFF"):
        for name, side in (("tiny", 80), ("small", 260), ("large", 620)):
            made = shown(data(Image.new("RGB", size, "red"), kind), name)
            assert max(made.size) == min(side, *[max(size)])
            assert min(made.size) == 1


def test_a_small_picture_is_not_made_larger():
    assert shown(data(corner(size=(50, 40)))).size == (50, 40)


def test_tiles_cover_a_picture_whatever_its_shape(monkeypatch):
    monkeypatch.setattr(_upright, "_TILE_PIXELS", 70)
    for shape in ((3, 200), (200, 3), (1, 71), (71, 1), (20, 70)):
        values = np.arange(shape[0] * shape[1], dtype="float32").reshape(shape)
        made = _upright.as_seen(Image.fromarray(values)).convert("L")
        right = np.rint(values / values.max() * 255)
        assert np.abs(np.asarray(made) - right).max() <= 1


def test_scaling_a_large_picture_takes_a_bounded_extra():
    """numpy's memory while 25 million floats are scaled: a few tiles, not a copy of them all."""
    content = data(Image.new("F", (5_000, 5_000), 0.5), "TIFF", compression="tiff_lzw")
    tracemalloc.start()
    try:
        rendition(content, "tiny")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - len(content) < 100 * 2**20
