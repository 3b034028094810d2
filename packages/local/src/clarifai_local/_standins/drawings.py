"""Drawings of concepts: the pictures that a stand-in classifier compares others with.

A drawing is a line of text. First the background, one colour or two (top to bottom), then shapes:

| shape | numbers | |
|---|---|---|
| `o` | left top right bottom | ellipse |
| `r` | left top right bottom | rectangle |
| `p` | x y x y x y ... | polygon |
| `l` | x y x y ... | line, 3 wide |

Coordinates are percent of the side, a colour (RRGGBB or RGB, hexadecimal) follows the letter.
"""

# ruff: noqa: E501 - a drawing is one text, however long

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIDE_PIXELS = 96

_LINE_WIDTH = 3

OBJECTS: Mapping[str, str] = {
    "apple": "fff; o c11 25 30 75 80; l 530 50 32 55 18; o 393 55 15 72 25",
    "ball": "fff; o 24c 20 20 80 80; l fff 30 30 70 70",
    "banana": "fff; o fd3 15 15 90 85; o fff 5 0 80 65",
    "beach": "6bf adf; r 29c 0 40 100 65; r ed9 0 65 100 100",
    "bicycle": "ddd; o 222 8 50 42 84; o ddd 13 55 37 79; o 222 58 50 92 84; o ddd 63 55 87 79;"
    " l c22 25 67 45 40 68 40 75 67; l c22 25 67 52 67 68 40",
    "bird": "9cf; o 543 30 40 70 60; p 543 45 45 60 10 65 48; o 543 65 36 80 50; p e90 79 41 90 44 79 47",
    "black": "000",
    "blue": "22d",
    "boat": "9cf 58c; p a42 15 60 85 60 72 78 28 78; p fff 50 15 50 56 80 56; r 27a 0 78 100 100",
    "book": "caa; r 26b 22 18 78 84; r fff 70 22 76 80; l fff 32 35 62 35; l fff 32 45 62 45",
    "bread": "fff; o b73 12 28 88 80; r db7 16 50 84 76",
    "bridge": "ace 58b; r 555 0 52 100 58; l 555 0 52 25 20 50 52 75 20 100 52; r 468 0 78 100 100",
    "building": "ace; r 889 25 12 75 100; r 346 32 20 40 30; r 346 46 20 54 30; r 346 60 20 68 30;"
    " r 346 32 42 40 52; r 346 46 42 54 52; r 346 60 42 68 52; r 346 32 64 40 74; r 346 60 64 68 74",
    "bus": "bcd; r eb0 8 28 92 72; r 9cf 14 34 30 50; r 9cf 36 34 52 50; r 9cf 58 34 74 50;"
    " o 222 18 64 34 80; o 222 66 64 82 80; r 666 0 80 100 100",
    "cake": "fff; r fbc 18 45 82 80; r fff 18 40 82 50; r e33 48 22 52 40; o fb0 46 14 54 24",
    "car": "bcd; p c22 5 62 20 42 38 28 68 28 82 45 95 50 95 70 5 70; p 9cf 36 32 64 32 74 45 28 45;"
    " o 222 16 60 36 80; o 222 66 60 86 80; r 666 0 79 100 100",
    "cat": "eec; p 888 28 20 34 48 48 36; p 888 72 20 66 48 52 36; o 888 26 30 74 74;"
    " o 2a2 36 44 45 53; o 2a2 55 44 64 53; o e88 47 56 53 61; l 555 10 56 44 60; l 555 56 60 90 56;"
    " o 888 22 68 78 120",
    "chair": "eee; r 852 30 12 36 90; r 852 30 50 72 58; r 852 66 56 72 90; r 852 30 14 40 50",
    "cloud": "48d; o fff 10 40 50 72; o fff 30 25 75 70; o fff 55 40 92 72",
    "coffee": "ccb; o fff 12 55 88 90; o fff 25 25 70 75; o 421 30 30 65 48; l fff 70 40 84 48 70 58",
    "computer": "bbb; r 222 15 15 85 65; r 38d 20 20 80 60; r 333 45 65 55 78; r 333 30 78 70 84",
    "cow": "7b5; o fff 15 35 75 72; o 111 25 38 45 55; o 111 50 45 68 62; o fff 66 22 90 48;"
    " r fff 20 65 27 90; r fff 60 65 67 90; o e99 76 38 90 48",
    "dark": "000 222",
    "daylight": "def fff; o ff8 60 5 90 35",
    "desert": "bdf; o db7 -30 50 70 140; o c96 30 60 140 140",
    "digit": "fff; l 000 40 25 52 15 52 85; l 000 40 85 64 85",
    "dog": "bd9; o b74 28 22 72 70; o 742 18 24 36 62; o 742 64 24 82 62; o 111 37 38 44 46;"
    " o 111 56 38 63 46; o dba 38 48 62 70; o 111 45 49 55 57; o b74 20 66 80 120; o e77 46 63 54 76",
    "drawing": "fff; o 000 22 22 78 78; o fff 24 24 76 76; l 000 35 60 50 68 65 60",
    "face": "cde; o 421 24 8 76 60; o eb9 28 16 72 84; o 222 37 42 44 48; o 222 56 42 63 48;"
    " l a65 50 48 48 60 53 60; l b44 40 69 50 73 60 69",
    "fish": "7cf 26a; o f82 22 34 74 66; p f82 70 50 92 32 92 68; o fff 30 42 38 50",
    "flower": "594; o e4a 35 8 65 38; o e4a 10 32 42 62; o e4a 58 32 90 62; o e4a 20 56 50 86;"
    " o e4a 50 56 80 86; o fd2 37 35 63 61",
    "food": "b85; o fff 10 10 90 90; o c31 28 30 52 54; o 4a2 48 30 70 52; o eb5 36 50 64 72",
    "forest": "253; p 142 0 100 15 10 30 100; p 031 22 100 40 0 58 100; p 142 48 100 66 12 84 100;"
    " p 031 72 100 90 4 110 100",
    "grass": "5a2 381; l 7c4 10 100 14 50; l 7c4 30 100 36 45; l 7c4 55 100 50 48; l 7c4 80 100 86 52",
    "green": "2a2",
    "horse": "9bd; r 7a4 0 75 100 100; o 742 25 38 72 64; p 742 62 50 78 14 90 26 74 60;"
    " r 742 28 58 34 90; r 742 62 58 68 90; l 421 62 42 74 14",
    "house": "9cf; r 6a3 0 78 100 100; r eca 25 45 75 84; p b32 18 46 50 18 82 46; r 642 44 60 56 84;"
    " r 8cf 30 52 40 62; r 8cf 60 52 70 62",
    "indoors": "ddc cba; r 864 0 78 100 100; r 9bd 20 18 48 46; l fff 34 18 34 46; r a63 58 52 92 80",
    "leaf": "fff; o 4a2 22 18 78 82; l 261 24 80 76 20",
    "light": "fff; o ffd 20 20 80 80",
    "monochrome": "eee 222",
    "mountain": "8be def; p 667 0 90 35 18 68 90; p 889 40 90 72 30 110 90; p fff 26 36 35 18 44 38;"
    " r 473 0 86 100 100",
    "night": "012 124; o eed 65 12 82 29; o fff 15 20 17 22; o fff 40 12 42 14; o fff 30 40 32 42",
    "ocean": "29c 036; l 5be 5 30 30 26 55 30; l 5be 40 55 65 51 92 55; l 5be 8 78 34 74 60 78",
    "orange": "f80",
    "pattern": "fff; r 222 0 0 25 25; r 222 50 0 75 25; r 222 25 25 50 50; r 222 75 25 100 50;"
    " r 222 0 50 25 75; r 222 50 50 75 75; r 222 25 75 50 100; r 222 75 75 100 100",
    "person": "bcd; o eb9 41 10 59 32; r 26a 36 33 64 66; r 345 38 66 48 98; r 345 52 66 62 98;"
    " r eb9 30 35 36 62; r eb9 64 35 70 62",
    "pink": "f8b",
    "plane": "7bf; o eee 10 44 90 56; p ccc 42 50 62 84 68 84 58 50; p ccc 46 48 60 20 66 20 58 48;"
    " p ccc 12 48 8 32 16 32 24 48",
    "plant": "eed; p b53 35 68 65 68 60 92 40 92; o 382 20 20 52 60; o 4a3 48 14 80 56; l 261 50 68 50 40",
    "purple": "72a",
    "red": "d11",
    "river": "7b5; p 38c 30 0 45 0 60 40 50 70 70 100 30 100 25 70 38 40",
    "road": "9cf; r 795 0 40 100 100; p 555 44 40 56 40 90 100 10 100; p fff 49 48 51 48 53 66 47 66;"
    " p fff 47 76 53 76 55 98 45 98",
    "rock": "bcd; p 776 8 86 22 40 52 24 84 48 94 86; p 998 22 40 52 24 46 60",
    "sand": "eda db8",
    "sky": "38e bdf",
    "snow": "cde fff; o fff -20 60 60 130; o eef 40 55 130 140",
    "sun": "5af; o fe2 28 28 72 72; l fe2 50 4 50 20; l fe2 50 80 50 96; l fe2 4 50 20 50; l fe2 80 50 96 50",
    "sunset": "514 f72; o fd4 35 45 65 75; r 213 0 72 100 100",
    "symbol": "fff; o c11 15 15 85 85; o fff 28 28 72 72; l c11 25 25 75 75",
    "table": "eed; r 963 8 40 92 50; r 963 14 50 21 90; r 963 79 50 86 90",
    "text": "fff; l 000 12 18 88 18; l 000 12 32 80 32; l 000 12 46 86 46; l 000 12 60 74 60;"
    " l 000 12 74 84 74; l 000 12 88 50 88",
    "traffic": "889; r 555 0 40 100 100; r c22 8 50 34 70; r 24a 42 50 66 70; r eee 72 50 96 70;"
    " r 222 46 4 56 32; o e22 48 6 54 12; o ec2 48 15 54 21; o 2c4 48 24 54 30",
    "train": "bcd; r 2a6 5 25 95 68; r ffd 12 32 28 48; r ffd 34 32 50 48; r ffd 56 32 72 48;"
    " r 333 0 76 100 80; o 222 15 64 28 78; o 222 72 64 85 78",
    "tree": "9cf; r 6a3 0 80 100 100; r 642 45 55 55 88; o 283 20 10 80 64",
    "wall": "b64; l dcb 0 20 100 20; l dcb 0 40 100 40; l dcb 0 60 100 60; l dcb 0 80 100 80;"
    " l dcb 30 0 30 20; l dcb 60 20 60 40; l dcb 30 40 30 60; l dcb 60 60 60 80",
    "white": "fff",
    "wood": "a74; l 852 0 22 100 26; l 852 0 48 100 44; l 852 0 74 100 78",
    "yellow": "fd1",
}  # fmt: skip
"""One drawing per concept."""

RELATED: Mapping[str, Sequence[str]] = {
    "animal": ("dog", "cat", "horse", "cow", "bird", "fish"),
    "city": ("building", "traffic"),
    "coast": ("beach", "ocean"),
    "fruit": ("apple", "banana"),
    "landscape": ("mountain", "river", "desert", "beach"),
    "nature": ("mountain", "forest", "river", "flower", "leaf"),
    "outdoors": ("sky", "grass", "mountain", "tree", "road"),
    "park": ("tree", "grass"),
    "people": ("person", "face"),
    "portrait": ("face",),
    "sea": ("ocean", "beach", "boat"),
    "street": ("road", "traffic"),
    "texture": ("pattern", "wood", "wall"),
    "transportation": ("car", "bus", "train", "bicycle", "boat", "plane"),
    "urban": ("building", "traffic"),
    "vehicle": ("car", "bus", "train"),
    "water": ("ocean", "river"),
    "winter": ("snow",),
}
"""Concepts that are what the drawings of others show."""

FEELINGS: Mapping[str, str] = {
    feeling: f"cde; o 421 24 6 76 60; o eb9 26 14 74 88; {parts}"
    for feeling, parts in {
        "neutral": "o 222 36 40 44 48; o 222 56 40 64 48; l a33 40 70 60 70",
        "happiness": "o 222 36 40 44 48; o 222 56 40 64 48; p fff 34 64 66 64 58 78 42 78;"
        " l a33 34 63 42 76 58 76 66 63",
        "sadness": "o 222 36 42 44 50; o 222 56 42 64 50; l 421 34 38 46 32; l 421 66 38 54 32;"
        " l a33 38 78 50 70 62 78",
        "anger": "o 222 36 42 44 50; o 222 56 42 64 50; l 421 32 32 46 40; l 421 68 32 54 40;"
        " r a33 38 70 62 76",
        "surprise": "o fff 33 36 46 50; o fff 54 36 67 50; o 222 37 40 42 46; o 222 58 40 63 46;"
        " o 622 42 62 58 82",
        "fear": "o fff 33 36 46 50; o fff 54 36 67 50; o 222 37 40 42 46; o 222 58 40 63 46;"
        " l a33 36 74 43 70 50 74 57 70 64 74",
        "disgust": "l 222 34 44 46 44; l 222 54 44 66 44; l a65 44 56 50 60 56 56; l a33 38 72 50 68 64 76",
        "contempt": "o 222 36 40 44 48; o 222 56 40 64 48; l a33 40 72 58 70 66 62",
    }.items()
}  # fmt: skip
"""Faces by what they show."""


def recipes() -> dict[str, tuple[str, ...]]:
    """Return the drawings of each general concept."""
    alone = {name: (recipe,) for name, recipe in OBJECTS.items()}
    joined = {name: tuple(OBJECTS[part] for part in parts) for name, parts in RELATED.items()}
    return dict(sorted({**alone, **joined}.items()))


def draw(recipe: str) -> bytes:
    r"""Return a drawing as a PNG picture.

    Example:
        >>> draw("fff; o d11 20 20 80 80")[:4]
        b'\x89PNG'
    """
    from PIL import Image, ImageDraw

    background, *shapes = (part.split() for part in recipe.split(";"))
    image = Image.new("RGB", (1, len(background)))
    for row, colour in enumerate(background):
        image.putpixel((0, row), _rgb(colour))
    image = image.resize((SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(image)
    for kind, colour, *numbers in shapes:
        places = [float(number) * SIDE_PIXELS / 100 for number in numbers]
        _SHAPES[kind](pen, places, _rgb(colour))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


_SHAPES: Mapping[str, Any] = {
    "o": lambda pen, places, colour: pen.ellipse(places, fill=colour),
    "r": lambda pen, places, colour: pen.rectangle(places, fill=colour),
    "p": lambda pen, places, colour: pen.polygon(places, fill=colour),
    "l": lambda pen, places, colour: pen.line(places, fill=colour, width=_LINE_WIDTH),
}


def _rgb(colour: str) -> tuple[int, int, int]:
    full = "".join(2 * digit for digit in colour) if len(colour) == 3 else colour
    red, green, blue = bytes.fromhex(full)
    return red, green, blue
