"""The data that the demo brings: handwritten digits of scikit-learn, and short texts of ours.

The digits are 1,797 scans of 8 x 8 pixels from the UCI repository ("Optical Recognition of
Handwritten Digits", E. Alpaydin and C. Kaynak, CC BY 4.0), as the installed scikit-learn has them.
The texts (texts.csv) were written for this demo and are under the licence of this package.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from clarifai_cli._demo.folders import read_folder
from clarifai_cli._demo.tables import read_table
from clarifai_core.errors import PluginError
from clarifai_inputs.png import png

if TYPE_CHECKING:
    from pathlib import Path

    from clarifai_cli._demo.samples import LabelledData

DIGITS_TITLE = "1,797 handwritten digits (scikit-learn)"
TEXTS_TITLE = "120 short texts (clarifai-cli)"

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


def texts() -> LabelledData:
    """Return the short texts: 30 each about computers, cooking, football and the weather."""
    with resources.as_file(resources.files(__package__) / "texts.csv") as path:
        return read_table(path, TEXTS_TITLE)
