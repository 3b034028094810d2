"""Pictures and texts of nothing in particular: what a concept is not, when nobody showed any.

A classifier of a single concept needs examples without it. The hosted platform adds data of its own
("enrich_dataset"); here they are generated pictures (gradients, stripes, noise, blobs) and a few
everyday sentences, always the same ones.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image

_COUNT = 48
_SIDE_PIXELS = 32
_SENTENCES = """
The train to the coast leaves at seven in the morning.
Please call me back when you have a minute.
Prices rose by two percent in the last quarter.
She planted tomatoes and beans behind the house.
The committee will vote on the proposal tomorrow.
How do I change the battery of this watch?
It rained the whole weekend, so we stayed at home.
Your order has been shipped and will arrive on Friday.
The team won the match in the last minute.
Mix the flour with two eggs and a cup of milk.
I could not sleep because of the noise next door.
The museum is closed on Mondays.
Water boils at a lower temperature in the mountains.
He forgot his keys in the office again.
The new bridge shortens the way to the airport.
Thank you for your message, we will answer soon.
Turn left after the church and follow the river.
The doctor told him to rest for a few days.
Students must hand in their essays by the end of the month.
The song was number one for eleven weeks.
An error occurred while reading the file.
My grandmother taught me how to knit.
The company is looking for two engineers.
Whales are mammals and breathe air.
The film was too long, but the actors were great.
""".strip().splitlines()


@lru_cache(maxsize=1)
def background_images() -> tuple[bytes, ...]:
    """Return 48 small PNG files that show no object."""
    random = np.random.default_rng(20240501)
    return tuple(_png(_picture(index, random)) for index in range(_COUNT))


def background_texts() -> tuple[str, ...]:
    """Return sentences from everyday life."""
    return tuple(_SENTENCES)


def _picture(index: int, random: np.random.Generator) -> np.ndarray:
    down, across = np.mgrid[0:_SIDE_PIXELS, 0:_SIDE_PIXELS] / _SIDE_PIXELS
    angle = random.uniform(0, 2 * np.pi)
    along = across * np.cos(angle) + down * np.sin(angle)
    centre = random.uniform(0.2, 0.8, 2)
    waves = random.integers(1, 7)
    shades = (
        along - along.min(),
        0.5 + 0.5 * np.sin(2 * np.pi * waves * along),
        random.uniform(0, 1, along.shape),
        np.exp(-8 * ((across - centre[0]) ** 2 + (down - centre[1]) ** 2)),
    )[index % 4]
    first, second = random.uniform(0, 255, (2, 3))
    return np.asarray(first + (second - first) * np.clip(shades, 0, 1)[..., None])


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()
