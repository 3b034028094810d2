"""The data that the demo brings: handwritten digits of scikit-learn, and short texts of ours.

The digits are 1,797 scans of 8 x 8 pixels from the UCI repository ("Optical Recognition of
Handwritten Digits", E. Alpaydin and C. Kaynak, CC BY 4.0), as the installed scikit-learn has them.
The photographs are those that come with scikit-image, in the public domain or CC0 as its page of
data says, cut into nine parts each: what is learned from some parts is tried on the others.
The texts (texts.csv) were written for this demo and are under the licence of this package.
"""

from __future__ import annotations

import importlib.util
from importlib import resources
from typing import TYPE_CHECKING

import attrs

from clarifai_cli._demo.folders import read_folder
from clarifai_cli._demo.tables import read_table
from clarifai_core.errors import PluginError
from clarifai_inputs.png import png

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from clarifai_cli._demo.samples import LabelledData

DIGITS_TITLE = "1,797 handwritten digits (scikit-learn)"
TEXTS_TITLE = "120 short texts (clarifai-cli)"

PHOTOGRAPHS: Mapping[str, str] = {
    "brick": "brick.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "motorcycle": "motorcycle_left.png",
    "rocket": "rocket.jpg",
}
"""Labels, and the files of scikit-image that have it."""

PHOTOGRAPHS_TITLE = f"{len(PHOTOGRAPHS) * 9} parts of {len(PHOTOGRAPHS)} photographs (scikit-image)"
WORDS = ("a kitten", "espresso", "a motor scooter")
"""What the photographs are searched by."""

_PARTS = 3
"""Each photograph is cut into so many parts across, and down."""

_WHITE = 16
"""The brightest value of the digits' pixels."""


def digits(folder: Path) -> LabelledData:
    """Write the digits as PNG files into labelled folders, and return them.

    Args:
        folder: Where to write; a folder per digit is made in it.

    Raises:
        PluginError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise PluginError(
            'The demo\'s digits come with scikit-learn: pip install "clarifai[all]>=13", '
            "or give data of your own with --data."
        ) from error
    data = load_digits()
    for number, (image, label) in enumerate(zip(data.images, data.target, strict=True)):
        directory = folder / str(label)
        directory.mkdir(parents=True, exist_ok=True)
        rows = [bytes(int(value) * 255 // _WHITE for value in row) for row in image]
        (directory / f"digit-{number:04}.png").write_bytes(png(rows))
    return read_folder(folder, DIGITS_TITLE)


def photographs(folder: Path) -> LabelledData | None:
    """Write parts of photographs into labelled folders, and return them.

    Args:
        folder: Where to write; a folder per photograph is made in it.

    Returns:
        None where scikit-image is not installed: it is no dependency of ours.
    """
    if importlib.util.find_spec("skimage") is None:
        return None
    from PIL import Image

    pictures = resources.files("skimage") / "data"
    for label, name in PHOTOGRAPHS.items():
        with resources.as_file(pictures / name) as path, Image.open(path) as opened:
            photograph = opened.convert("RGB")
        directory = folder / label
        directory.mkdir(parents=True, exist_ok=True)
        width, height = photograph.width // _PARTS, photograph.height // _PARTS
        for number in range(_PARTS * _PARTS):
            left, top = number % _PARTS * width, number // _PARTS * height
            part = photograph.crop((left, top, left + width, top + height))
            part.save(directory / f"{label}-{number + 1}.png")
    return attrs.evolve(read_folder(folder, PHOTOGRAPHS_TITLE), words=WORDS)


def texts() -> LabelledData:
    """Return the short texts: 30 each about computers, cooking, football and the weather."""
    with resources.as_file(resources.files(__package__) / "texts.csv") as path:
        return read_table(path, TEXTS_TITLE)
