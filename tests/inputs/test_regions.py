"""One box is one region, whichever way it comes in; what is right is said by each format itself.

    COCO    cocodataset.org, "Data format": bbox is [x, y, width, height] in pixels from 0,
            measured from the top left corner of the image; pycocotools computes with it as it is
    VOC     the devkit's documentation: the top left pixel of an image is (1, 1), and the pixel
            (xmax, ymax) belongs to the box
    YOLO    Ultralytics' page on detection data sets: class, x and y of the middle, width, height,
            each divided by the image's width or height
    xView   the data set's GeoJSON: bounds_imcoords is "xmin,ymin,xmax,ymax" in pixels

Each box below is written as these say, by the few lines of this file, not by our exporters.
"""

from __future__ import annotations

import io
import json
import math

import attrs
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from PIL import Image

from clarifai_core.errors import UserError
from clarifai_datasets.upload.encode import EncodedItem, ItemRules, encode
from clarifai_datasets.upload.features import VisualDetectionFeatures, VisualSegmentationFeatures
from clarifai_datasets.upload.loader import open_loader
from clarifai_inputs import boxes, polygons
from clarifai_resources.inputs import Inputs

WIDTH, HEIGHT = 200, 100


@attrs.frozen
class Refused:
    """The sentence with which a shape was refused, or left out."""

    reason: str


@attrs.frozen
class Cut:
    """What of a shape goes, where it is cut at the border."""

    info: resources_pb2.RegionInfo


def picture(name, folder):
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT)).save(file, name.rpartition(".")[2].replace("tif", "tiff"))
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.getvalue())


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def loaded(folder, loader, **options):
    found = open_loader(str(folder), loader, **options)
    sent = encoded(found[0], found.task)
    if left_out := found.left_out.get(0):
        assert sent == []
        return Refused(left_out)
    assert set(found.remarks.counts()) <= {"boxes cut at the border", "polygons cut at the border"}
    return Cut(*sent) if len(found.remarks) else sent


def encoded(features, task):
    """Return the regions that would be sent for features; their input goes in any case."""
    made = encode(features, 0, ItemRules("d", task))
    assert isinstance(made, EncodedItem)
    assert made.head
    if made.fitting.left_out:
        assert not made.annotations
        return Refused(made.fitting.left_out[0])
    sent = service_pb2.PostAnnotationsRequest.FromString(b"".join(made.annotations))
    found = [one.data.regions[0].region_info for one in sent.annotations]
    return Cut(*found) if made.fitting.noted else found


def fractions(box):
    x_min, y_min, x_max, y_max = box
    return [x_min / WIDTH, y_min / HEIGHT, x_max / WIDTH, y_max / HEIGHT]


# -- ways in: a box in pixels, from 0, the edges between pixels ------------------------------------


def by_coco(box, folder, loader="coco_detection", **annotation):
    x_min, y_min, x_max, y_max = box
    picture("a.png", folder)
    one = {"bbox": [x_min, y_min, x_max - x_min, y_max - y_min], "id": 1, **annotation}
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": WIDTH, "height": HEIGHT}],
        "annotations": [{**one, "image_id": 1, "category_id": 1}],
        "categories": [{"id": 1, "name": "cat"}],
    }
    put(folder / "instances_x.json", json.dumps(content))
    return loaded(folder, loader)


def by_voc(box, folder):
    x_min, y_min, x_max, y_max = box
    edges = {"xmin": x_min + 1, "ymin": y_min + 1, "xmax": x_max, "ymax": y_max}
    bndbox = "".join(f"<{name}>{value}</{name}>" for name, value in edges.items())
    picture("JPEGImages/a.png", folder)
    put(
        folder / "Annotations/a.xml",
        f"<annotation><filename>a.png</filename><size><width>{WIDTH}</width>"
        f"<height>{HEIGHT}</height></size><object><name>cat</name>"
        f"<bndbox>{bndbox}</bndbox></object></annotation>",
    )
    return loaded(folder, "voc_detection")


def by_yolo(box, folder):
    x_min, y_min, x_max, y_max = fractions(box)
    numbers = [(x_min + x_max) / 2, (y_min + y_max) / 2, x_max - x_min, y_max - y_min]
    return yolo_row(numbers, folder, "detection")


def yolo_row(numbers, folder, kind):
    picture("images/a.png", folder)
    put(folder / "labels/a.txt", " ".join(["0", *map(repr, numbers)]))
    put(folder / "data.yaml", "names: [cat]")
    return loaded(folder, "yolo", kind=kind)


def by_xview(box, folder):
    picture("train_images/1.tif", folder)
    properties = {"image_id": "1.tif", "type_id": 11, "bounds_imcoords": ",".join(map(str, box))}
    put(folder / "xView_train.geojson", json.dumps({"features": [{"properties": properties}]}))
    return loaded(folder, "xview_detection", strict=False)


def by_jsonl(box, folder):
    return jsonl_region({"bbox": fractions(box)}, folder)


def jsonl_region(region, folder):
    picture("a.png", folder)
    line = {"file": "a.png", "regions": [{"labels": ["cat"], **region}]}
    put(folder / "data.jsonl", json.dumps(line))
    return loaded(folder, "jsonl")


def by_parquet(box, folder):
    arrow = pytest.importorskip("pyarrow", reason="the extra arrow")
    from pyarrow import parquet

    picture("a.png", folder)
    regions = json.dumps([{"labels": ["cat"], "bbox": fractions(box)}])
    row = {"file": "a.png", "regions": regions}
    parquet.write_table(arrow.Table.from_pylist([row]), folder / "data.parquet")
    return loaded(folder, "parquet")


def by_clarifai(box, folder):
    left, top, right, bottom = fractions(box)
    edges = {"leftCol": left, "topRow": top, "rightCol": right, "bottomRow": bottom}
    return clarifai_region({"boundingBox": edges}, folder)


def clarifai_region(info, folder):
    picture("s/inputs/a.png", folder)
    region = {"regionInfo": info, "data": {"concepts": [{"id": "cat", "value": 1}]}}
    put(folder / "s/annotations/a.json", json.dumps([region]))
    return loaded(folder, "clarifai")


def by_features(box, folder):
    picture("a.png", folder)
    one = VisualDetectionFeatures(str(folder / "a.png"), ["cat"], [fractions(box)])
    return encoded(one, "visual_detection")


def by_hand(box, folder):
    return handmade(Inputs.get_bbox_proto, fractions(box))


def handmade(build, shape):
    try:
        made = build("a", "cat", shape)
    except UserError as error:
        return Refused(str(error))
    except UserWarning:
        with pytest.warns(UserWarning, match="cut at the border"):
            return Cut(build("a", "cat", shape).data.regions[0].region_info)
    return [made.data.regions[0].region_info]


BOX_WAYS = {
    way.__name__: way
    for way in (
        by_coco,
        by_voc,
        by_yolo,
        by_xview,
        by_jsonl,
        by_parquet,
        by_clarifai,
        by_features,
        by_hand,
    )
}

SAME = {
    "in whole pixels": ((50, 20, 150, 80), [0.25, 0.2, 0.75, 0.8]),
    "all of the image": ((0, 0, WIDTH, HEIGHT), [0, 0, 1, 1]),
    "in parts of pixels": ((12.5, 6.25, 100.5, 50), [0.0625, 0.0625, 0.5025, 0.5]),
    "a rounding beyond the right edge": ((50, 20, 200.5, 80), [0.25, 0.2, 1, 0.8]),
    "a rounding beyond the top left corner": ((-1, -0.5, 150, 80), [0, 0, 0.75, 0.8]),
    "a pixel beyond the bottom": ((50, 20, 150, 101), [0.25, 0.2, 0.75, 1]),
}


@pytest.mark.parametrize("way", BOX_WAYS)
@pytest.mark.parametrize("name", SAME)
def test_a_box_is_one_region_whichever_way_it_comes_in(way, name, tmp_path):
    box, expected = SAME[name]
    (info,) = BOX_WAYS[way](box, tmp_path)
    assert [field.name for field, _ in info.ListFields()] == ["bounding_box"]
    assert list(boxes.from_message(info.bounding_box)) == pytest.approx(expected, abs=1e-7)


OVER = {
    "beyond the edge": ((50, 20, 204, 80), [0.25, 0.2, 1, 0.8]),
    "beyond two edges": ((-30, -20, 150, 80), [0, 0, 0.75, 0.8]),
    "around the image": ((-50, -20, 300, 120), [0, 0, 1, 1]),
}


@pytest.mark.parametrize("way", BOX_WAYS)
@pytest.mark.parametrize("name", OVER)
def test_a_box_over_the_border_is_cut_whichever_way_it_comes_in(way, name, tmp_path):
    """As the official SDK, pycocotools, FiftyOne, Albumentations and torchvision clip them."""
    box, expected = OVER[name]
    found = BOX_WAYS[way](box, tmp_path)
    assert isinstance(found, Cut), found
    assert list(boxes.from_message(found.info.bounding_box)) == pytest.approx(expected, abs=1e-7)


REFUSED = {
    "without width": (50, 20, 50, 80),
    "without height": (50, 20, 150, 20),
    "reversed": (150, 20, 50, 80),
    "reversed and beyond": (250, 20, 50, 80),
    "beside the image": (210, 20, 300, 80),
    "not a number": (math.nan, 20, 150, 80),
    "without end": (50, 20, math.inf, 80),
}


@pytest.mark.parametrize("way", BOX_WAYS)
@pytest.mark.parametrize("name", REFUSED)
def test_a_box_is_left_out_whichever_way_it_comes_in(way, name, tmp_path):
    found = BOX_WAYS[way](REFUSED[name], tmp_path)
    assert isinstance(found, Refused), found
    assert found.reason


@pytest.mark.parametrize("way", ["by_jsonl", "by_clarifai", "by_features", "by_hand"])
def test_pixels_are_no_fractions(way, tmp_path):
    """To cut a box of 50..150 pixels at 1 would make up one that covers all of the picture."""
    found = BOX_WAYS[way]((0, 0, 150 * WIDTH, 80 * HEIGHT), tmp_path)
    assert isinstance(found, Refused), found


@pytest.mark.parametrize("wrong", [math.nan, math.inf, "wide", None, True, [1]])
@pytest.mark.parametrize("place", range(4))
def test_what_is_no_number_is_no_edge(wrong, place):
    corners = [0.1, 0.2, 0.5, 0.75]
    corners[place] = wrong
    fitted = boxes.from_fractions(corners)
    assert fitted.shape is None
    assert "a box must be [x_min, y_min, x_max, y_max]" in fitted.fault


def test_a_number_that_is_written_as_a_text_is_one():
    assert boxes.from_fractions(["0.1", "0.2", "0.5", "0.75"]).whole() == (0.1, 0.2, 0.5, 0.75)


def test_the_caller_decides_what_becomes_of_a_box_that_leaves_its_image():
    """A fault tells of it, and what lies in the image is there to be taken nevertheless."""
    fitted = boxes.from_coco([100, 10, 150, 40], (WIDTH, HEIGHT))
    assert fitted.fault == (
        "bbox [100, 10, 150, 40] is outside of the image, which has 200 pixels there"
    )
    assert fitted.shape == (0.5, 0.1, 1.0, 0.5)
    with pytest.raises(ValueError, match="outside of the image"):
        fitted.whole()


# -- polygons --------------------------------------------------------------------------------------


def ring_by_coco(ring, folder):
    flat = [edge for point in ring for edge in point]
    return by_coco((0, 0, 1, 1), folder, "coco_segmentation", segmentation=[flat])


def ring_by_yolo(ring, folder):
    numbers = [edge for x, y in ring for edge in (x / WIDTH, y / HEIGHT)]
    return yolo_row(numbers, folder, "segmentation")


def ring_by_jsonl(ring, folder):
    return jsonl_region({"polygon": scaled(ring)}, folder)


def ring_by_clarifai(ring, folder):
    points = [{"col": x, "row": y} for x, y in scaled(ring)]
    return clarifai_region({"polygon": {"points": points}}, folder)


def ring_by_features(ring, folder):
    picture("a.png", folder)
    one = VisualSegmentationFeatures(str(folder / "a.png"), ["cat"], [scaled(ring)])
    return encoded(one, "visual_segmentation")


def ring_by_hand(ring, folder):
    return handmade(Inputs.get_mask_proto, scaled(ring))


def scaled(ring):
    return [[x / WIDTH, y / HEIGHT] for x, y in ring]


RING_WAYS = {
    way.__name__: way
    for way in (
        ring_by_coco,
        ring_by_yolo,
        ring_by_jsonl,
        ring_by_clarifai,
        ring_by_features,
        ring_by_hand,
    )
}


@pytest.mark.parametrize("way", RING_WAYS)
@pytest.mark.parametrize("beyond", [0, 0.5, 1])
def test_a_polygon_is_one_region_whichever_way_it_comes_in(way, beyond, tmp_path):
    (info,) = RING_WAYS[way]([[50, -beyond], [200 + beyond, 80], [50, 80]], tmp_path)
    seen = resources_pb2.Point.Visibility.VISIBLE
    points = [
        resources_pb2.Point(col=x, row=y, visibility=seen)
        for x, y in ((0.25, 0), (1, 0.8), (0.25, 0.8))
    ]
    assert info == resources_pb2.RegionInfo(polygon=resources_pb2.Polygon(points=points))


RINGS_REFUSED = {
    "two points": [[50, 20], [150, 80]],
    "on one line": [[50, 20], [100, 40], [150, 60]],
    "one point": [[50, 20], [50, 20], [50, 20]],
    "beside the image": [[250, 20], [300, 20], [300, 80]],
    "not a number": [[50, 20], [150, math.nan], [50, 80]],
}


@pytest.mark.parametrize("way", RING_WAYS)
@pytest.mark.parametrize("name", RINGS_REFUSED)
def test_a_polygon_is_left_out_whichever_way_it_comes_in(way, name, tmp_path):
    found = RING_WAYS[way](RINGS_REFUSED[name], tmp_path)
    if (way, name) == ("ring_by_yolo", "two points"):  # four numbers are a box there
        assert not isinstance(found, Refused), found
    else:
        assert isinstance(found, Refused), found


@pytest.mark.parametrize("way", RING_WAYS)
def test_a_polygon_over_the_border_is_cut_where_it_crosses_it(way, tmp_path):
    """A triangle with a tip beyond: cut by hand, it has four corners, and no tip on the border."""
    found = RING_WAYS[way]([[100, 0], [300, 50], [100, 100]], tmp_path)
    assert isinstance(found, Cut), found
    expected = [[0.5, 0], [1, 0.25], [1, 0.75], [0.5, 1]]
    points = polygons.from_message(found.info.polygon)
    assert [one for point in points for one in point] == pytest.approx(
        [one for point in expected for one in point]
    )


@pytest.mark.parametrize("way", RING_WAYS)
def test_a_polygon_that_touches_itself_goes_as_it_is(way, tmp_path):
    """Outlines of masks with holes do; pycocotools fills them as they are."""
    ring = [[0, 0], [200, 0], [200, 100], [0, 100], [0, 0], [50, 20], [50, 80], [150, 80], [50, 20]]
    (info,) = RING_WAYS[way](ring, tmp_path)
    assert len(info.polygon.points) == len(ring)
