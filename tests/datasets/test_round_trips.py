"""What an exporter writes, the loader of the same format reads back equal: for every pair."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai.core.wire.messages import plain
from clarifai.datasets.export.order import checked
from clarifai.datasets.export.pipeline import export
from clarifai.datasets.handle import Dataset
from clarifai.datasets.upload.encode import EncodedItem, ItemRules, encode
from clarifai.datasets.upload.loader import open_loader, prepare
from tests.datasets.archives import write_archive
from tests.datasets.conftest import png

EXAMPLES = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12
)
LABELS = st.lists(NAMES, min_size=1, max_size=3).map(" ".join)
IDS = st.from_regex(r"[0-9A-Za-z]{1,8}([-_.][0-9A-Za-z]{1,8}){0,2}", fullmatch=True)
EDGES = st.floats(0, 1, width=32)
METADATA = st.dictionaries(
    NAMES, st.none() | st.booleans() | st.floats(-1e6, 1e6) | NAMES | st.lists(NAMES), min_size=1
)


@st.composite
def boxes(draw):
    x, y = draw(EDGES), draw(EDGES)
    x, y = min(x, 0.75), min(y, 0.75)
    width, height = (0.0625 + draw(EDGES) * (0.9375 - edge) for edge in (x, y))
    box = resources_pb2.BoundingBox(
        left_col=x, top_row=y, right_col=min(1, x + width), bottom_row=min(1, y + height)
    )
    return resources_pb2.RegionInfo(bounding_box=box)


@st.composite
def polygons(draw):
    points = draw(st.lists(st.tuples(EDGES, EDGES), min_size=3, max_size=6))
    found = [resources_pb2.Point(col=x, row=y) for x, y in points]
    return resources_pb2.RegionInfo(polygon=resources_pb2.Polygon(points=found))


@st.composite
def points(draw):
    return resources_pb2.RegionInfo(point=resources_pb2.Point(col=draw(EDGES), row=draw(EDGES)))


def concept(name):
    return resources_pb2.Concept(id=f"id-{''.join(name.split())}", name=name, value=1)


@st.composite
def inputs(draw, shapes=(), concepts=False, rest=False, texts=False):
    """An input: an image with these shapes, or a text, with what else the format holds."""
    made = resources_pb2.Input(id="")
    if texts and draw(st.booleans()):
        made.data.text.raw = draw(st.text(st.characters(codec="utf-8"), min_size=1)) + "."
    else:
        made.data.image.base64 = png(draw(st.integers(0, 255)), draw(st.integers(64, 96)))
        for info in draw(st.lists(st.one_of(*shapes), max_size=3)) if shapes else ():
            data = resources_pb2.Data(concepts=[concept(draw(LABELS))])
            made.data.regions.append(resources_pb2.Region(region_info=info, data=data))
    if concepts:
        made.data.concepts.extend(map(concept, draw(st.lists(LABELS, max_size=3))))
    if rest and draw(st.booleans()):
        made.data.metadata.update(draw(METADATA))
    if rest and draw(st.booleans()):
        point = made.data.geo.geo_point
        point.longitude, point.latitude = draw(st.floats(-180, 180, width=32)), 47.5
    return made


def sets(**kinds):
    """Some inputs with different ids; ids differ in more than case, for the sake of file names."""
    return st.lists(
        st.tuples(IDS, inputs(**kinds)), min_size=1, max_size=4, unique_by=lambda p: p[0].lower()
    ).map(lambda pairs: [named(input_id, one) for input_id, one in pairs])


def named(input_id, one):
    made = resources_pb2.Input(id=input_id)
    made.data.CopyFrom(one.data)
    return made


def read_back(given_inputs, format_name, loader_name, as_zip, inside="", **options):
    """Export inputs, load what was written, and return the inputs that would be uploaded."""
    with tempfile.TemporaryDirectory() as folder:
        archive = write_archive(Path(folder) / "in.zip", {"train": given_inputs})
        target = Path(folder) / ("out.zip" if as_zip else "out")
        dataset = Dataset(base_url="local:")
        order = checked(target, "", archive, "all", 2, format_name)
        report = export(dataset, order, progress=False)
        assert (report.failed, report.lost) == ([], {})
        source = str(target / inside if inside else target)
        open_loader(source, loader_name, strict=True, **options).load_data()
        loader = open_loader(source, loader_name, **options)
        rules = ItemRules("d", loader.task, default_metadata=False)
        made = [encode(loader[index], index, rules) for index in range(prepare(loader))]
    assert all(isinstance(one, EncodedItem) for one in made), made
    return {one.id: message_of(one) for one in made}


def message_of(encoded):
    """Return the input with its annotations, from the bytes that would be sent."""
    request = service_pb2.PostInputsRequest.FromString(encoded.record)
    found = request.inputs[0]
    sent = service_pb2.PostAnnotationsRequest.FromString(b"".join(encoded.annotations))
    for annotation in sent.annotations:
        found.data.regions.extend(annotation.data.regions)
    return found


NUMBERS = {
    "bounding_box": lambda box: [box.left_col, box.top_row, box.right_col, box.bottom_row],
    "polygon": lambda polygon: [edge for at in polygon.points for edge in (at.col, at.row)],
    "point": lambda point: [point.col, point.row],
}


def shapes_of(message):
    """Return (label, kind, numbers) of each region."""
    found = []
    for region in message.data.regions:
        ((field, value),) = region.region_info.ListFields()
        numbers = NUMBERS[field.name](value)
        found += [(one.name, field.name, numbers) for one in region.data.concepts]
    return found


ORDER = ("bounding_box", "polygon", "point")
"""In which exporters write the shapes of one input."""


def compare(before, after, tolerance, *, concepts=False, rest=False):
    assert after.keys() == {one.id for one in before}
    for one in before:
        other = after[one.id]
        assert other.data.image.base64 == one.data.image.base64
        assert other.data.text.raw == one.data.text.raw
        ours = sorted(shapes_of(one), key=lambda shape: ORDER.index(shape[1]))
        theirs = shapes_of(other)
        assert [shape[:2] for shape in theirs] == [shape[:2] for shape in ours]
        for (*_, expected), (*_, numbers) in zip(ours, theirs, strict=True):
            assert numbers == pytest.approx(expected, abs=tolerance)
        if concepts:
            assert [c.name for c in other.data.concepts] == [c.name for c in one.data.concepts]
        if rest:
            assert plain(other.data.metadata) == plain(one.data.metadata)
            assert other.data.geo == one.data.geo


@EXAMPLES
@given(sets(shapes=[boxes()], rest=True), st.booleans())
def test_coco_boxes(given_inputs, as_zip):
    found = read_back(given_inputs, "coco", "coco_detection", as_zip)
    compare(given_inputs, found, 1e-5, rest=True)


@EXAMPLES
@given(sets(shapes=[polygons()], rest=True), st.booleans())
def test_coco_polygons(given_inputs, as_zip):
    found = read_back(given_inputs, "coco", "coco_segmentation", as_zip)
    compare(given_inputs, found, 1e-5, rest=True)


@EXAMPLES
@given(sets(concepts=True, rest=True).filter(lambda s: any(i.data.concepts for i in s)))
def test_coco_captions(given_inputs):
    found = read_back(given_inputs, "coco", "coco_captions", as_zip=False)
    compare(given_inputs, found, 0, concepts=True, rest=True)


@EXAMPLES
@given(sets(shapes=[boxes()]), st.booleans())
def test_yolo_boxes(given_inputs, as_zip):
    found = read_back(given_inputs, "yolo", "yolo", as_zip, kind="detection")
    compare(given_inputs, found, 1e-6)


@EXAMPLES
@given(sets(shapes=[polygons()]), st.booleans())
def test_yolo_polygons(given_inputs, as_zip):
    found = read_back(given_inputs, "yolo", "yolo", as_zip, kind="segmentation")
    compare(given_inputs, found, 1e-6)


@EXAMPLES
@given(sets(shapes=[boxes()]), st.booleans())
def test_voc_boxes(given_inputs, as_zip):
    found = read_back(given_inputs, "voc", "voc_detection", as_zip, split="train")
    compare(given_inputs, found, 1 / 64)  # whole pixels


@EXAMPLES
@given(sets(concepts=True, rest=True))
def test_csv_images(given_inputs):
    options = {"input_type": "image", "csv_type": "file_path", "inside": "train-image.csv"}
    found = read_csv(given_inputs, **options)
    compare(given_inputs, found, 0, concepts=True, rest=True)


@EXAMPLES
@given(sets(concepts=True, rest=True, texts=True).filter(lambda s: all(i.data.text.raw for i in s)))
def test_csv_texts(given_inputs):
    found = read_csv(given_inputs, inside="train-text.csv")
    compare(given_inputs, found, 0, concepts=True, rest=True)


def read_csv(given_inputs, **options):
    return read_back(given_inputs, "csv", "csv", as_zip=False, **options)


@EXAMPLES
@given(
    sets(shapes=[boxes(), polygons(), points()], concepts=True, rest=True, texts=True),
    st.booleans(),
)
def test_jsonl_everything(given_inputs, as_zip):
    found = read_back(given_inputs, "jsonl", "jsonl", as_zip)
    compare(given_inputs, found, 0, concepts=True, rest=True)


if importlib.util.find_spec("pyarrow"):  # the extra `arrow`

    @EXAMPLES
    @given(
        sets(shapes=[boxes(), polygons(), points()], concepts=True, rest=True, texts=True),
        st.booleans(),
    )
    def test_parquet_everything(given_inputs, as_zip):
        found = read_back(given_inputs, "parquet", "parquet", as_zip)
        compare(given_inputs, found, 0, concepts=True, rest=True)
