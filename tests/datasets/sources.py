"""A small data set in every format that comes with the SDK, made without the SDK's exporters."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy

from tests.datasets.conftest import png


def write(folder, files):
    """Write files: name -> bytes, text, or what becomes JSON."""
    for name, content in files.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, (bytes, str)):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(folder)


def zipped(folder, path, inside=""):
    """Zip a folder; `inside`: the folder of the zip that holds it."""
    with zipfile.ZipFile(path, "w") as archive:
        for one in sorted(Path(folder).rglob("*")):
            if one.is_file():
                archive.write(one, str(Path(inside) / one.relative_to(folder)))
    return str(path)


def wrapped(folder, target, inside="top"):
    """Copy a folder into a folder of its own."""
    shutil.copytree(folder, Path(target) / inside)
    return str(target)


def pictures(*names):
    return {name: png(number, 8) for number, name in enumerate(names)}


def coco(*annotations):
    return {
        "images": [{"id": n, "file_name": f"{n}.png", "width": 8, "height": 8} for n in (1, 2)],
        "annotations": [{"id": n, "image_id": 1, **a} for n, a in enumerate(annotations)],
        "categories": [{"id": 1, "name": "cat"}],
    }


BOX = {"category_id": 1, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}
RING = {**BOX, "segmentation": [[1, 1, 5, 1, 5, 5]]}
CAPTION = {"caption": "a cat"}

XML = """<annotation><filename>{name}.png</filename><size><width>8</width><height>8</height>
<depth>3</depth></size><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax>
<ymax>4</ymax></bndbox></object></annotation>"""

COCO_PICTURES = pictures("images/1.png", "images/2.png")

FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Polygon", "coordinates": []},
    "properties": {"image_id": "1.tif", "type_id": 18, "bounds_imcoords": "1,1,4,4"},
}


def cifar_batch(number):
    rows = {
        b"labels": [0, 1],
        b"data": numpy.zeros((2, 3072), numpy.uint8),
        b"filenames": [b"%d-a.png" % number, b"%d-b.png" % number],
    }
    return pickle.dumps(rows, protocol=2)


FILES = {
    "csv": {"texts.csv": "input,labels\nhello,greeting\nbye,farewell\n"},
    "jsonl": {"data.jsonl": '{"text": "hello", "labels": ["a"]}\n{"text": "bye"}\n'},
    "folder": pictures("cat/1.png", "dog/2.png", "dog/3.png"),
    "clarifai": {
        **pictures("train/inputs/a.png", "train/inputs/b.png", "val/inputs/c.png"),
        "train/annotations/a.json": [{"id": "cat", "name": "cat", "value": 1}],
        "val/annotations/c.json": [{"id": "cat", "name": "cat", "value": 1}],
    },
    "coco_detection": {"annotations/instances_val.json": coco(BOX), **COCO_PICTURES},
    "coco_segmentation": {"annotations/instances_val.json": coco(BOX, RING), **COCO_PICTURES},
    "coco_captions": {"annotations/captions_val.json": coco(CAPTION), **COCO_PICTURES},
    "voc_detection": {
        "Annotations/a.xml": XML.format(name="a"),
        "Annotations/b.xml": XML.format(name="b"),
        **pictures("JPEGImages/a.png", "JPEGImages/b.png"),
        "ImageSets/Main/train.txt": "a\n",
        "ImageSets/Main/val.txt": "b\n",
    },
    "yolo": {
        **pictures("images/train/a.png", "images/val/b.png"),
        "labels/train/a.txt": "0 0.5 0.5 0.5 0.5\n",
        "data.yaml": "path: .\ntrain: images/train\nval: images/val\nnames: [cat]\n",
    },
    "imagenet_classification": {
        "LOC_synset_mapping.txt": "n01 tench, fish\nn02 cock\n",
        **pictures("train/n01/n01_1.png", "train/n02/n02_1.png", "val/n01/n01_2.png"),
    },
    "xview_detection": {
        "xView_train.geojson": {"type": "FeatureCollection", "features": [FEATURE]},
        "train_images/1.tif": png(1, 8),
    },
    "cifar": {"data_batch_1": cifar_batch(1), "test_batch": cifar_batch(6)},
}
"""Loader -> the files of a source that is its own; `parquet` and `huggingface` need libraries."""

SPLITS = {
    "clarifai": ["train", "val"],
    "coco_detection": ["val"],
    "coco_segmentation": ["val"],
    "coco_captions": ["val"],
    "voc_detection": ["train", "val"],
    "yolo": ["train", "val"],
    "imagenet_classification": ["train", "val"],
    "cifar": ["train", "test"],
    "parquet": ["train"],
    "huggingface": ["train", "test"],
}
"""Loader -> the splits of that source, where it has some."""

ITEMS = {
    "csv": 2,
    "jsonl": 2,
    "folder": 3,
    "clarifai": 3,
    "coco_detection": 2,
    "coco_segmentation": 2,
    "coco_captions": 2,
    "voc_detection": 2,
    "yolo": 2,
    "imagenet_classification": 3,
    "xview_detection": 1,
    "cifar": 4,
    "parquet": 2,
    "huggingface": 2,
}
"""Loader -> items of all splits."""


def make(name, folder):
    """Write the source of a loader into a new folder, and return its path."""
    Path(folder).mkdir(parents=True)
    if name in FILES:
        return write(folder, FILES[name])
    if name == "parquet":
        import pandas

        rows = {"id": ["a", "b"], "text": ["hello", "bye"], "labels": [["x"], []]}
        pandas.DataFrame(rows).to_parquet(Path(folder) / "train.parquet")
        return str(folder)
    import datasets

    rows = {"text": ["hello"], "label": [1]}
    made = datasets.Dataset.from_dict(rows)
    datasets.DatasetDict({"train": made, "test": made}).save_to_disk(str(folder))
    return str(folder)
