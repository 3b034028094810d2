"""Boxes, polygons and points: there and back again, and beside pycocotools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from clarifai_inputs import boxes, points, polygons
from clarifai_inputs.boxes import Box
from clarifai_inputs.coordinates import FARTHEST, ROUNDING, clamped, short

EXAMPLES = settings(deadline=None, max_examples=200)
SIZES = st.tuples(st.integers(1, 5000), st.integers(1, 5000))
EDGES = st.floats(0, 1, width=32)
BEYOND = st.floats(-ROUNDING, 1 + ROUNDING)


@st.composite
def some_boxes(draw, edges=EDGES):
    x_min, x_max = sorted((draw(edges), draw(edges)))
    y_min, y_max = sorted((draw(edges), draw(edges)))
    assume(x_min < x_max and y_min < y_max)
    return Box(x_min, y_min, x_max, y_max)


@EXAMPLES
@given(some_boxes())
def test_a_message_says_what_it_was_given(box):
    found = boxes.from_message(boxes.to_message(box).bounding_box)
    assert found == pytest.approx(box, rel=1e-6)
    assert boxes.to_message(found) == boxes.to_message(box)


@EXAMPLES
@given(some_boxes(), SIZES)
def test_boxes_of_coco(box, size):
    written = boxes.to_coco(box, size)
    assume(written[2] > 0 and written[3] > 0)
    assert boxes.from_coco(written, size).whole() == pytest.approx(box, abs=2e-4 / min(size))


@EXAMPLES
@given(some_boxes())
def test_boxes_of_yolo(box):
    written = boxes.to_yolo(box)
    assume(written[2] > 0 and written[3] > 0)
    assert boxes.from_yolo(written).whole() == pytest.approx(box, abs=1e-9)


@EXAMPLES
@given(st.data(), SIZES)
def test_boxes_of_voc_are_whole_pixels(data, size):
    width, height = size
    x_min, y_min = data.draw(st.integers(1, width)), data.draw(st.integers(1, height))
    x_max, y_max = data.draw(st.integers(x_min, width)), data.draw(st.integers(y_min, height))
    box = boxes.from_voc([x_min, y_min, x_max, y_max], size, "it").whole()
    assert boxes.to_voc(box, size) == (x_min, y_min, x_max, y_max)


def test_voc_counts_from_one_and_the_last_pixel_belongs_to_the_box():
    """The devkit of VOC: the top left pixel is (1, 1), and (xmax, ymax) belongs to the box."""
    assert boxes.from_voc([1, 1, 500, 375], (500, 375), "it").whole() == (0, 0, 1, 1)
    assert boxes.from_voc([3, 3, 3, 3], (10, 10), "it").whole() == (0.2, 0.2, 0.3, 0.3)


@EXAMPLES
@given(some_boxes(BEYOND))
def test_a_rounding_beyond_is_cut_and_nothing_else_is_changed(box):
    cut = Box(*map(clamped, box))
    assume(cut.has_area)
    assert boxes.from_fractions(box).whole() == cut


@EXAMPLES
@given(some_boxes(), st.integers(0, 3), st.floats(ROUNDING, 1e9, exclude_min=True))
def test_what_lies_farther_out_is_cut_or_was_never_a_fraction(box, edge, beyond):
    far = list(box)
    far[edge] = -beyond if edge < 2 else 1 + beyond
    assume(not -ROUNDING <= far[edge] <= 1 + ROUNDING)
    fitted = boxes.from_fractions(far)
    assert "within 0..1" in fitted.fault
    is_fraction = -FARTHEST <= far[edge] <= 1 + FARTHEST
    assert fitted.shape == (Box(*map(clamped, far)) if is_fraction else None)
    assert fitted.is_cut == is_fraction


@pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"
)  # why: pycocotools on numpy 2
@EXAMPLES
@given(st.lists(st.tuples(st.integers(-200, 600), st.integers(-200, 600)), min_size=3, max_size=3))
def test_what_is_left_of_a_polygon_is_what_pycocotools_has_of_it(triangle):
    """Its mask on a canvas that holds all of the polygon, of which the image is the middle."""
    on_canvas = [[edge + 200 for point in triangle for edge in point]]
    mask = coco.decode(coco.merge(coco.frPyObjects(on_canvas, 800, 800)))[200:600, 200:600]
    fitted = polygons.from_coco([edge for point in triangle for edge in point], (400, 400))
    found = polygons.to_coco(fitted.shape, (400, 400)) if fitted.shape else [[0, 0]]
    assert all(0 <= edge <= 400 for point in found for edge in point)
    assert polygons.area(found) == pytest.approx(int(mask.sum()), abs=1700)  # its border's pixels


@EXAMPLES
@given(st.lists(st.tuples(EDGES, EDGES), min_size=3, max_size=9), SIZES)
def test_polygons_of_coco(ring, size):
    assume(not polygons.covers_nothing(polygons.to_coco(ring, size)))
    flat = [edge for point in polygons.to_coco(ring, size) for edge in point]
    found = polygons.from_coco(flat, size).whole()
    for before, after in zip(ring, found, strict=True):
        assert after == pytest.approx(before, abs=2e-4 / min(size))


@pytest.mark.parametrize("start", range(4))
@pytest.mark.parametrize("step", [1, -1])
def test_where_a_polygon_begins_does_not_say_whether_it_is_a_line(start, step):
    """A triangle with one corner twice, but for a rounding: its area is a half (shoelace)."""
    ring = [[0.0, 1.0], [2.9e-14, 1.0], [0.0, 0.0], [1.0, 0.0]]
    turned = [ring[(start + step * n) % 4] for n in range(4)]
    assert polygons.area(turned) == pytest.approx(0.5)
    assert not polygons.covers_nothing(turned)
    line = [[x, 0.0] for x, _ in turned]
    assert polygons.covers_nothing(line)


@EXAMPLES
@given(st.lists(st.tuples(EDGES, EDGES), min_size=3, max_size=9))
def test_a_polygon_goes_through_a_message(ring):
    given_ring = [list(point) for point in ring]
    found = polygons.from_message(polygons.to_message(given_ring).polygon)
    assert found == [[short(x), short(y)] for x, y in ring]
    assume(not polygons.covers_nothing(found))
    assert polygons.from_yolo([edge for point in found for edge in point]).whole() == found


@EXAMPLES
@given(EDGES, EDGES, SIZES)
def test_points(x, y, size):
    found = points.from_message(points.to_message([x, y]).point)
    assert found == [short(x), short(y)]
    pixels = points.to_pixels(found, size, 6)
    assert points.from_pixels(*pixels, size).whole() == pytest.approx(found, abs=1e-5)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 20), st.integers(1, 20))
def test_a_box_of_coco_covers_what_pycocotools_says(x, y, width, height):
    size = (40, 40)
    box = boxes.from_coco([x, y, width, height], size).whole()
    encoded = coco.frPyObjects(np.array([[x, y, width, height]], dtype=np.float64), *size)[0]
    ring = polygons.to_coco(boxes.corners(box), size)
    assert polygons.area(ring) == pytest.approx(coco.area(encoded))
    assert boxes.to_coco(box, size) == pytest.approx(coco.toBbox(encoded))


def test_a_box_without_area_is_none():
    """torchvision's detectors: "All bounding boxes should have positive height and width"."""
    assert boxes.from_fractions([0.5, 0, 0.5, 1]).fault
    assert boxes.from_coco([1, 1, 0, 4], (10, 10)).fault
    assert boxes.from_yolo([0.5, 0.5, 0, 1]).fault
    assert boxes.from_fractions([1.001, 0, 1.002, 1]).shape is None


def test_both_ways_to_give_outlines():
    ring = [[0, 0], [1, 0], [1, 1]]
    assert list(polygons.outlines(ring)) == [ring]
    assert list(polygons.outlines([ring, ring])) == [ring, ring]
    array = np.array(ring, dtype=float)
    assert len(polygons.outlines(array)) == 1
    assert len(polygons.outlines(np.stack([array, array]))) == 2
    with pytest.raises(ValueError, match="no points"):
        polygons.outlines([])
