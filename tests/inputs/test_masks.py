"""Masks in run lengths, beside pycocotools: the reader that COCO's own project publishes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from clarifai_inputs import masks, polygons

QUICK = settings(deadline=None, max_examples=60)
PIXELS = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=6)
"""Columns."""


def array_of(columns):
    return np.asfortranarray(np.array(columns, dtype=np.uint8).T)


def covers(rings, x, y):
    inside = False
    for ring in rings:
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            if (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]:
                inside = not inside
    return inside


def runs_of(columns):
    runs, now = [0], False
    for cell in (cell for column in columns for cell in column):
        if cell != now:
            runs.append(0)
            now = cell
        runs[-1] += 1
    return runs


@QUICK
@given(PIXELS)
def test_polygons_cover_exactly_what_the_mask_covers(columns):
    rings = masks.rings({"size": [6, len(columns)], "counts": runs_of(columns)})
    for x, column in enumerate(columns):
        for y, cell in enumerate(column):
            assert covers(rings, x + 0.5, y + 0.5) == cell


@QUICK
@given(PIXELS)
def test_what_pycocotools_compresses_is_read(columns):
    encoded = coco.encode(array_of(columns))
    compressed = {"size": encoded["size"], "counts": encoded["counts"].decode()}
    plain = {"size": encoded["size"], "counts": runs_of(columns)}
    assert masks.rings(compressed) == masks.rings(plain)


@QUICK
@given(st.lists(st.integers(1, 400), min_size=1, max_size=8))
def test_long_runs_are_those_that_pycocotools_reads(runs):
    size = [1, sum(runs)]
    encoded = coco.frPyObjects({"size": size, "counts": runs}, *size)
    compressed = {"size": size, "counts": encoded["counts"].decode()}
    assert masks.rings(compressed) == masks.rings({"size": size, "counts": runs})


@QUICK
@given(PIXELS.filter(lambda columns: any(map(any, columns))))
def test_area_and_bounds_are_those_of_pycocotools(columns):
    encoded = coco.encode(array_of(columns))
    rings = masks.rings({"size": encoded["size"], "counts": runs_of(columns)})
    covered = sum(polygons.area([list(corner) for corner in ring]) for ring in rings)
    xs, ys = zip(*(corner for ring in rings for corner in ring), strict=True)
    x, y, width, height = coco.toBbox(encoded)
    assert covered == coco.area(encoded)
    assert (min(xs), min(ys), max(xs), max(ys)) == (x, y, x + width, y + height)


@pytest.mark.parametrize(
    ("segmentation", "said"),
    [
        ({"size": [2, 2]}, "no size and counts"),
        ({"size": [2, 3], "counts": [6]}, "a mask of 3 x 2 pixels, for an image of 2 x 2"),
        ({"size": [2, 2], "counts": [1, 2]}, "do not add up"),
        ({"size": [2, 2], "counts": [4]}, "covers nothing"),
        ({"size": [2, 2], "counts": "~"}, "holds '~'"),
        ({"size": [2, 2], "counts": None}, "None"),
        ({"size": 2, "counts": [4]}, "int"),
        ({"size": [2, 2], "counts": [1] * 300_000}, "over 200,000 runs"),
    ],
)
def test_what_is_no_mask_is_said_and_not_raised(segmentation, said):
    fitted = masks.from_coco(segmentation, (2, 2))
    assert fitted.shape is None
    assert said in fitted.fault
