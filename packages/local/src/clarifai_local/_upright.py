"""A picture as people see it: upright, eight bits a channel, red, green and blue.

One home for the previews, the sizes that answers tell, crops and what models look at. What is right
is what browsers show: they turn a picture as Exif says, divide samples of 16 bits by 257 (PNG
specification, 13.12), and blend see-through parts with what is behind, here white. Numbers without
a scale of their own (32-bit integers, floats) are shown from the least to the greatest.

Samples are scaled a tile at a time and pictures made smaller before they are copied: a large one
costs little more than decoding it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt
    from PIL import Image

_ORIENTATION = 0x0112
_ON_ITS_SIDE = range(5, 9)
_NOT_EXIF = ("xmp", "XML:com.adobe.xmp", "Raw profile type exif")
"""Where Pillow finds an orientation that browsers do not look for."""

_JPEGS = ("JPEG", "MPO")
_TILE_PIXELS = 1 << 20
_MOST_16_BITS = 65_535


def size_of(image: Image.Image) -> tuple[int, int]:
    """Return width and height of a freshly opened picture as it is seen."""
    lies = orientation_of(image) in _ON_ITS_SIDE
    return (image.height, image.width) if lies else image.size


def orientation_of(image: Image.Image) -> int:
    """Return how a picture is still to be turned, 1 to 8 as Exif numbers it."""
    if image.format == "TIFF":
        image.load()  # Pillow turns it itself, and newer ones change its size before
    for name in _NOT_EXIF:
        image.info.pop(name, None)
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  why: Exif data may be broken in any way; the picture is not
        return 1
    return found if isinstance(found, int) and 1 <= found <= _ON_ITS_SIDE[-1] else 1


def as_seen(
    image: Image.Image,
    size: tuple[int, int] | None = None,
    *,
    draft_side: int = 0,
    resample: int | None = None,
) -> Image.Image:
    """Return a freshly opened picture as RGB, upright.

    Args:
        image: Its first frame or page is taken.
        size: Width and height of what is returned; None: the picture's own.
        draft_side: Below four times this size, a JPEG need not be decoded in full; 0: it is.
        resample: One of Pillow's, to make it smaller; None is bilinear.
    """
    from PIL import Image

    turn = orientation_of(image)
    if draft_side and image.format in _JPEGS:
        image.draft("RGB", (draft_side, draft_side))
    found = _resizable(image)
    if size is not None:
        how = Image.Resampling.BILINEAR if resample is None else Image.Resampling(resample)
        found = found.resize(size[::-1] if turn in _ON_ITS_SIDE else size, how, reducing_gap=2.0)
    return _turned(_opaque(found), turn)


def grey_of(image: Image.Image) -> Image.Image:
    """Return a freshly opened picture as shades of grey, upright: a mask."""
    turn = orientation_of(image)
    found = image if image.mode == "L" else _resizable(image).convert("L")
    return _turned(found, turn)


def alpha_of(image: Image.Image) -> Image.Image:
    """Return how little see-through a picture with an alpha channel is, upright."""
    turn = orientation_of(image)
    return _turned(image.getchannel("A"), turn)


def _turned(image: Image.Image, turn: int) -> Image.Image:
    from PIL import Image

    how = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(turn)
    return image if how is None else image.transpose(how)


def _resizable(image: Image.Image) -> Image.Image:
    """Return a picture in a mode whose pixels can be averaged."""
    image.load()
    if image.mode.startswith(("I", "F")):
        return _levels(image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "LAB":
        return _from_lab(image)
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image.convert("RGB") if image.mode == "P" else image


def _opaque(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    lab, screen = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    made = ImageCms.profileToProfile(image, lab, screen, outputMode="RGB")
    assert made is not None  # noqa: S101  why: it is None when changed in place only
    return made


def _levels(image: Image.Image) -> Image.Image:
    """Return whole numbers or floats as 256 shades of grey; NaN is black."""
    import numpy as np
    from PIL import Image

    low, high = _range(image)
    scaled = Image.new("L", image.size)
    for left, top, values in _tiles(image):
        shades = (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / (high - low)
        eight = np.clip(np.rint(shades * 255), 0, 255).astype(np.uint8)
        scaled.paste(Image.fromarray(eight), (left, top))
    return scaled


def _range(image: Image.Image) -> tuple[float, float]:
    """Return what is black and what is white in whole numbers or floats."""
    if image.mode.startswith("I;16") or image.format == "PNG":
        return 0, _MOST_16_BITS
    import numpy as np

    low, high = float("inf"), float("-inf")
    for _, _, values in _tiles(image):
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    usual = 1.0 if image.mode == "F" else 255.0
    if low > high or (low >= 0 and high <= usual):
        return 0, usual
    return (low, high) if low < high else (0, 255)


def _tiles(image: Image.Image) -> Iterator[tuple[int, int, npt.NDArray[np.float64]]]:
    import numpy as np

    columns = min(image.width, _TILE_PIXELS)
    rows = max(1, _TILE_PIXELS // columns)
    for top in range(0, image.height, rows):
        for left in range(0, image.width, columns):
            right, bottom = min(left + columns, image.width), min(top + rows, image.height)
            tile: Any = image.crop((left, top, right, bottom))
            yield left, top, np.asarray(tile, np.float64)
