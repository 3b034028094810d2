"""What an exporter writes, the loader of the same format reads back equal: for every pair."""

from __future__ import annotations

import itertools
import tempfile
import unicodedata
from pathlib import Path

import attrs
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_core.plugins import plugins
from clarifai_core.wire.messages import plain
from clarifai_datasets._export.options import checked
from clarifai_datasets._export.pipeline import export
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.encode import EncodedItem, ItemRules, encode
from clarifai_datasets.upload.loader import open_loader, prepare
from tests.datasets.archives import write_archive
from tests.datasets.conftest import png

EXAMPLES = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12
)
NAMES = NAMES.map(lambda name: unicodedata.normalize("NFC", name))  # other forms become this one
LABELS = st.lists(NAMES, min_size=1, max_size=3).map(" ".join)
IDS = st.from_regex(r"[0-9A-Za-z]{1,8}([-_. ][0-9A-Zaéz漢]{1,8}){0,2}", fullmatch=True)
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


def has_area(points):
    """Whether a polygon is none on a line, which loaders leave out."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) > 1e-3


@st.composite
def polygons(draw):
    points = draw(st.lists(st.tuples(EDGES, EDGES), min_size=3, max_size=6).filter(has_area))
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
    return (
        st.lists(
            st.tuples(IDS, inputs(**kinds)),
            min_size=1,
            max_size=4,
            unique_by=lambda p: p[0].lower(),
        )
        .map(lambda pairs: [named(input_id, one) for input_id, one in pairs])
        .filter(no_two_are_one)
    )


def no_two_are_one(given_inputs):
    """Whether no two labels would be one concept: uploads refuse them."""
    names = {}
    for one in given_inputs:
        data = [one.data, *(region.data for region in one.data.regions)]
        for each in (each for part in data for each in part.concepts):
            names.setdefault(each.id.casefold(), set()).add(each.name)
    return all(len(found) == 1 for found in names.values())


def named(input_id, one):
    made = resources_pb2.Input(id=input_id)
    made.data.CopyFrom(one.data)
    return made


def strict_faults(loader):
    """Return what a strict loader refuses; it refuses what others remark on, too."""
    try:
        loader.load_data()
    except UserError as error:
        return error.faults
    return ()


UNLABELLED = {"images without annotations"}
"""The only remark that an export of ours may get when it is read."""


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
        loader = open_loader(source, loader_name, **options)
        told = strict_faults(open_loader(source, loader_name, strict=True, **options))
        assert all(one.startswith(tuple(UNLABELLED)) for one in told), told
        found = would_be_uploaded(loader)
        if loader.remarks.counts().keys() <= UNLABELLED:
            return found
        raise AssertionError(loader.remarks.lines())


def would_be_uploaded(loader):
    """Return the inputs that an upload would send, with their annotations."""
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
        theirs = sorted(shapes_of(other), key=lambda shape: ORDER.index(shape[1]))
        assert [shape[:2] for shape in theirs] == [shape[:2] for shape in ours]
        for (*_, expected), (*_, numbers) in zip(ours, theirs, strict=True):
            assert numbers == pytest.approx(expected, abs=tolerance)
        if concepts:
            assert [c.name for c in other.data.concepts] == [c.name for c in one.data.concepts]
        if rest:
            assert plain(other.data.metadata) == plain(one.data.metadata)
            assert other.data.geo == one.data.geo


@EXAMPLES
@given(
    sets(shapes=[boxes(), polygons(), points()], concepts=True, texts=True),
    st.booleans(),
)
def test_clarifai_labels(given_inputs, as_zip):
    found = read_back(given_inputs, "clarifai", "clarifai", as_zip)
    compare(given_inputs, found, 0, concepts=True)


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


@EXAMPLES
@given(
    sets(shapes=[boxes(), polygons(), points()], concepts=True, rest=True, texts=True),
    st.booleans(),
)
def test_parquet_everything(given_inputs, as_zip):
    found = read_back(given_inputs, "parquet", "parquet", as_zip)
    compare(given_inputs, found, 0, concepts=True, rest=True)


@attrs.frozen
class Format:
    """What one format holds, and how it is written and read."""

    exporter: str
    loader: str
    held: frozenset[str]
    tolerance: float = 0
    """How far numbers of shapes may be off."""
    options: dict[str, str] = attrs.field(factory=dict)
    zipped: bool = True
    """Whether its loader reads a zip."""


def fmt(exporter, loader, held, tolerance=0, zipped=True, **options):
    return Format(exporter, loader, frozenset(held.split()), tolerance, options, zipped)


ALL = "images texts boxes polygons points concepts rest"
FORMATS = {
    "clarifai": fmt("clarifai", "clarifai", ALL.replace("rest", "")),
    "coco boxes": fmt("coco", "coco_detection", "images boxes rest", 1e-5),
    "coco polygons": fmt("coco", "coco_segmentation", "images polygons rest", 1e-5),
    "coco captions": fmt("coco", "coco_captions", "images concepts rest"),
    "yolo boxes": fmt("yolo", "yolo", "images boxes", 1e-6, kind="detection"),
    "yolo polygons": fmt("yolo", "yolo", "images polygons", 1e-6, kind="segmentation"),
    "voc": fmt("voc", "voc_detection", "images boxes", 1 / 64, split="train"),
    "csv images": fmt(
        "csv",
        "csv",
        "images concepts rest",
        zipped=False,
        inside="train-image.csv",
        input_type="image",
        csv_type="file_path",
    ),
    "csv texts": fmt("csv", "csv", "texts concepts rest", zipped=False, inside="train-text.csv"),
    "jsonl": fmt("jsonl", "jsonl", ALL),
    "parquet": fmt("parquet", "parquet", ALL),
}
SHAPES = {"boxes": boxes(), "polygons": polygons(), "points": points()}


def pairs():
    """Two formats after each other, where both hold the same kind of input."""
    for first, second in itertools.permutations(FORMATS, 2):
        common = FORMATS[first].held & FORMATS[second].held
        captions = "coco captions" in (first, second)  # an image without any is in no such file
        if common & {"images", "texts"} and not (captions and "concepts" not in common):
            yield first, second


@st.composite
def held_by_both(draw, first, second):
    """Inputs of which both formats hold everything."""
    common = FORMATS[first].held & FORMATS[second].held
    shapes = [SHAPES[kind] for kind in sorted(common & SHAPES.keys())]
    found = draw(
        sets(
            shapes=shapes,
            concepts="concepts" in common,
            rest="rest" in common,
            texts="texts" in common,
        ).filter(lambda s: "images" in common or all(i.data.text.raw for i in s))
    )
    if "coco captions" in (first, second) and not any(one.data.concepts for one in found):
        found[0].data.concepts.append(concept(draw(LABELS)))
    return found


@pytest.mark.parametrize(("first", "second"), list(pairs()))
@settings(EXAMPLES, max_examples=3)
@given(data=st.data())
def test_every_pair(first, second, data):
    """What came in by one format and goes out by another is the same when it comes in again."""
    before = data.draw(held_by_both(first, second))
    common = FORMATS[first].held & FORMATS[second].held
    found = {one.id: one for one in before}
    for form in (FORMATS[first], FORMATS[second]):
        as_zip = form.zipped and data.draw(st.booleans())
        found = read_back(list(found.values()), form.exporter, form.loader, as_zip, **form.options)
    tolerance = FORMATS[first].tolerance + FORMATS[second].tolerance
    compare(before, found, tolerance, concepts="concepts" in common, rest="rest" in common)


def test_every_exporter_has_its_pairs():
    names = {spec.name for spec in plugins().specs("exporters")}
    exporters = {name for name in names if not name.startswith("datumaro:")}  # test_datumaro.py
    assert {form.exporter for form in FORMATS.values()} == exporters
    assert len(list(pairs())) == 86


# -- by way of the platform ------------------------------------------------------------------------


def sample(held):
    """Return two inputs with one of everything that a format holds."""
    made = []
    for number in range(2):
        one = resources_pb2.Input(id=f"item-{number}")
        if "images" in held:
            one.data.image.base64 = png(number, 64)
        else:
            one.data.text.raw = f"text {number}"
        for kind in sorted(held & SHAPES.keys()):
            region = one.data.regions.add()
            region.data.concepts.append(concept(f"a {kind} {number}"))
            _FILL[kind](region.region_info)
        if "concepts" in held:
            one.data.concepts.extend(concept(f"{name} {number}") for name in ("b\u00e4r", "a, b"))
        if "rest" in held:
            one.data.metadata.update({"number": number, "nested": {"list": ["a", None, True]}})
            one.data.geo.geo_point.longitude, one.data.geo.geo_point.latitude = 13.5, -47.25
        made.append(one)
    return made


def _fill_box(info):
    box = info.bounding_box
    box.left_col, box.top_row, box.right_col, box.bottom_row = 0.125, 0.25, 0.5, 1


def _fill_polygon(info):
    for x, y in ((0.125, 0), (1, 0.5), (0.5, 0.75)):
        info.polygon.points.add(col=x, row=y)


def _fill_point(info):
    info.point.col, info.point.row = 0.25, 0.75


_FILL = {"boxes": _fill_box, "polygons": _fill_polygon, "points": _fill_point}


def written(inputs, form, folder):
    """Export inputs as files, and return a loader of these."""
    archive = write_archive(folder / "in.zip", {"train": inputs})
    order = checked(folder / "out", "", archive, "all", 2, form.exporter)
    return loader_of(export(Dataset(base_url="local:"), order, progress=False), form)


def loader_of(report, form):
    assert (report.failed, set(report.lost) - {"metadata"}) == ([], set())
    (split,) = report.splits
    options = {key: value.replace("train", split) for key, value in form.options.items()}
    inside = options.pop("inside", "")
    source = str(report.path / inside if inside else report.path)
    return open_loader(source, form.loader, strict=True, **options)


@pytest.mark.parametrize("name", FORMATS)
def test_files_are_uploaded_and_exported_again(name, world, tmp_path):
    """Files of a format -> the platform -> files of the same format -> what a loader reads."""
    form = FORMATS[name]
    before = sample(form.held)
    report = world.dataset.upload_dataset(written(before, form, tmp_path))
    assert (report.uploaded, report.failed, report.notes) == (2, [], [])
    loader = loader_of(world.dataset.export(tmp_path / "again", format=form.exporter), form)
    found = would_be_uploaded(loader)
    for one in found.values():
        one.id = one.id.removeprefix("train-")
    compare(
        before,
        {one.id: one for one in found.values()},
        2 * form.tolerance,
        concepts="concepts" in form.held,
        rest="rest" in form.held,
    )
