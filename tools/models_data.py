"""The pictures and texts that pretrained models and stand-ins are measured on.

All pictures come with packages that are installed for the tests. Nothing of those packages is
imported: their files are read.
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

TEXTS = Path(__file__).with_name("models_texts.csv")

PHOTOGRAPHS = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png",
    "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png",
    "motorcycle_left.png", "page.png", "retina.jpg", "rocket.jpg", "text.png",
)  # fmt: skip
"""Those of scikit-image that are photographs: nothing drawn, blurred on purpose or tiny."""

FACES: Mapping[str, tuple[float, float, float, float]] = {
    "astronaut.png": (0.35, 0.13, 0.54, 0.39),
    "camera.png": (0.38, 0.24, 0.51, 0.38),
}
"""The faces in `PHOTOGRAPHS`, marked by hand: left, top, right, bottom. The other pictures were
looked through and have none; the portraits on the coins are not counted."""

FONT_PIXELS = (16, 20, 24, 28, 32)
"""Heights of the font, a page each."""


@functools.cache
def photographs() -> Mapping[str, bytes]:
    """Return the photographs of scikit-image by the name of the file."""
    return {name: _file("scikit-image", f"skimage/data/{name}") for name in PHOTOGRAPHS}


@functools.cache
def labelled() -> Sequence[tuple[bytes, int]]:
    """Return the 20 photographs of foolbox, each with the number of its class in ImageNet."""
    folder = _path("foolbox", "foolbox/data")
    paths = sorted(folder.glob("imagenet_*.jpg"))
    return [(path.read_bytes(), int(path.stem.rpartition("_")[2])) for path in paths]


@functools.cache
def harmless() -> Sequence[bytes]:
    """Return every photograph; all may be shown."""
    others = [_file("scikit-learn", f"sklearn/datasets/images/{name}.jpg")
              for name in ("china", "flower")]  # fmt: skip
    return [*photographs().values(), *(content for content, _ in labelled()), *others]


def without_faces() -> Sequence[bytes]:
    """Return every photograph that shows no face."""
    shown = {photographs()[name] for name in FACES}
    return [content for content in harmless() if content not in shown]


def crops() -> Sequence[bytes]:
    """Return scikit-image's 200 crops of photographs, grey, enlarged four times amid grey.

    The first half shows a face each, the other half shows none.
    """
    with io.BytesIO(_file("scikit-image", "skimage/data/lfw_subset.npy")) as file:
        levels = np.load(file, allow_pickle=False)
    return [_amid_grey(crop) for crop in np.rint(levels * 255).astype(np.uint8)]


def _amid_grey(crop: npt.NDArray[np.uint8]) -> bytes:
    side = 4 * len(crop)
    page = Image.new("L", (2 * side, 2 * side), 128)
    enlarged = Image.fromarray(crop).resize((side, side), Image.Resampling.BICUBIC)
    page.paste(enlarged, (side // 2, side // 2))
    return _png(page)


@functools.cache
def paraphrases() -> Sequence[tuple[str, str]]:
    """Return pairs of sentences that mean the same."""
    return [(text, partner) for kind, text, partner in _texts() if kind == "paraphrase"]


@functools.cache
def pages() -> Sequence[tuple[bytes, Sequence[str]]]:
    """Return pictures of pages, each with its lines, in the font that Pillow brings."""
    lines = [text for kind, text, _ in _texts() if kind == "line"]
    each = len(lines) // len(FONT_PIXELS)
    return [
        (_page(lines[place * each : (place + 1) * each], pixels), lines[place * each :][:each])
        for place, pixels in enumerate(FONT_PIXELS)
    ]


def parts(content: bytes) -> Iterator[bytes]:
    """Yield the nine parts of a picture, three by three, row by row."""
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.width // 3, image.height // 3
        for row in range(3):
            for column in range(3):
                left, top = column * width, row * height
                yield _png(image.crop((left, top, left + width, top + height)))


def _texts() -> Iterator[tuple[str, str, str]]:
    with TEXTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["kind"], row["text"], row["partner"]


def _page(lines: Sequence[str], pixels: int) -> bytes:
    page = Image.new("RGB", (800, 2 * pixels * len(lines) + 60), "white")
    draw = ImageDraw.Draw(page)
    for place, line in enumerate(lines):
        draw.text((30, 30 + 2 * pixels * place), line, "black", ImageFont.load_default(pixels))
    return _png(page)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _file(distribution: str, name: str) -> bytes:
    return _path(distribution, name).read_bytes()


def _path(distribution: str, name: str) -> Path:
    return Path(str(metadata.distribution(distribution).locate_file(name)))
