"""Whatever stands in a source, a loader gives an item or says what is wrong with it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_datasets.upload.encode import EncodedItem, ItemFault, ItemRules, encode
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from tests.datasets.conftest import png

EXAMPLES = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

ALLOWED = {"images without annotations"}
"""What strict loaders take, too: an image without any is what its author says it is."""

ODD: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, -1, 7, 1.5, 1e400, float("nan"), "", " ", "a.png", "\ud800", "x" * 300, [], {}]
)
JSON = st.recursive(
    ODD | st.text(max_size=5),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=5), one, max_size=3),
    max_leaves=6,
)
NUMBERS = st.lists(ODD | st.floats(-1, 2), max_size=6)


def dicts(*keys, **more):
    fields = {**dict.fromkeys(keys, JSON), **more}
    return st.fixed_dictionaries({}, optional=fields) | JSON


REGIONS = st.lists(dicts("labels", "point", bbox=NUMBERS, polygon=st.lists(NUMBERS)), max_size=3)
RECORDS = dicts(
    "id", "text", "file", "url", "input_type", "labels", "metadata", "geo", regions=REGIONS | JSON
)
IDS = st.sampled_from([1, 2, "1", None, [1]])
ANNOTATIONS = dicts(
    "id", "caption", "segmentation", image_id=IDS, category_id=IDS, bbox=NUMBERS | JSON
)
IMAGES = dicts("width", "height", "clarifai", id=IDS, file_name=st.just("a.png") | JSON)
CATEGORIES = dicts("name", id=IDS)
LABELS = dicts(
    "id", "name", "value", "data", "frameInfo", regionInfo=dicts("boundingBox", "polygon", "mask")
)
WORDS = st.lists(st.sampled_from(["0", "1", "0.5", "-1", "nan", "1e9", "x", "\u0663"]), max_size=7)


def write_jsonl(folder, draw):
    lines = draw(st.lists(RECORDS, min_size=1, max_size=3))
    (folder / "data.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder / "data.jsonl"


def write_coco(folder, draw):
    parts = {"images": IMAGES, "annotations": ANNOTATIONS, "categories": CATEGORIES}
    content = {key: draw(st.lists(kind, max_size=3)) for key, kind in parts.items()}
    (folder / "instances_a.json").write_text(json.dumps(content))
    return folder / "instances_a.json"


def write_clarifai(folder, draw):
    for name in ("inputs", "annotations"):
        (folder / "train" / name).mkdir(parents=True)
    (folder / "train" / "inputs" / "a.png").write_bytes(png(1))
    content = draw(st.lists(LABELS, max_size=3) | JSON)
    (folder / "train" / "annotations" / "a.json").write_text(json.dumps(content))
    return folder


def write_yolo(folder, draw):
    lines = draw(st.lists(WORDS, max_size=3))
    (folder / "a.txt").write_text("\n".join(map(" ".join, lines)), "utf-8")
    (folder / "data.yaml").write_text(json.dumps({"names": draw(JSON | st.just(["cat"]))}))
    return folder


WRITERS = {
    "jsonl": write_jsonl,
    "coco_detection": write_coco,
    "coco_segmentation": write_coco,
    "coco_captions": write_coco,
    "clarifai": write_clarifai,
    "yolo": write_yolo,
}


@pytest.mark.parametrize("name", WRITERS)
@EXAMPLES
@given(data=st.data())
def test_any_content(name, data):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "a.png").write_bytes(png(1))
        source = str(WRITERS[name](folder, data.draw))
        try:
            loader = open_loader(source, name)
            items = list(loader.stream())
        except UserError:
            return  # of the whole file
        try:
            len(open_loader(source, name, strict=True))
            is_fine = True
        except UserError:
            is_fine = False
        rules = ItemRules("d", loader.task)
        made = [encode(one, index, rules) for index, one in enumerate(items)]
    assert {type(one) for one in made} <= {EncodedItem, ItemFault}
    faults = [one for one in made if isinstance(one, ItemFault)]
    remarks = loader.remarks.counts().keys() - ALLOWED
    assert is_fine == (not faults and not loader.left_out and not remarks)
    assert all(one.reason for one in items if isinstance(one, BrokenItem))
