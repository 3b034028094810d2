"""The files that programs upload, and ask models about."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"red": (220, 30, 30), "green": (30, 180, 30), "blue": (30, 30, 220)}

TEXTS = {
    "food": ("fresh bread and butter", "soup with noodles", "cheese and bread", "sweet apple pie"),
    "sport": ("a late goal in the match", "she won the race", "the team scored a goal", "a match"),
}

CSV = """inputid,input,concepts,metadata,geopoints
first,the first row,"alpha,beta","{'page': 1}","-30.5,40.25"
second,the second row,beta,"{'page': 2}","-31,41"
"""


def picture(colour: str, seed: int = 0) -> bytes:
    """Return a PNG of one colour, with a little noise that depends on it and on `seed`."""
    random = np.random.default_rng([*COLOURS[colour], seed])
    noise = random.integers(-25, 26, (48, 64, 3))
    pixels = np.clip(np.array(COLOURS[colour]) + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def lay_out(folder: Path) -> None:
    """Write `pictures/<colour>/<n>.png`, `texts/<subject>/<n>.txt` and `rows.csv`."""
    for colour in COLOURS:
        below = folder / "pictures" / colour
        below.mkdir(parents=True)
        for number in range(4):
            (below / f"{colour}{number}.png").write_bytes(picture(colour, number))
    for subject, texts in TEXTS.items():
        below = folder / "texts" / subject
        below.mkdir(parents=True)
        for number, text in enumerate(texts):
            (below / f"{subject}{number}.txt").write_text(text, "utf-8")
    (folder / "rows.csv").write_text(CSV, "utf-8")
