"""A small, right data set for each built-in loader: what the fuzzer makes wrong."""

from __future__ import annotations

import io
import json
import pickle

import attrs

from tests.datasets.conftest import png


@attrs.frozen
class Sample:
    """Files of a data set, and how it is opened."""

    files: dict[str, bytes]
    source: str = ""
    """The file to open; `""`: the folder."""
    options: dict[str, object] = attrs.field(factory=dict)


def _jsonl():
    lines = [
        {"id": "a", "text": "one", "labels": ["x"], "metadata": {"k": [1, {"n": 2.5}]}},
        {"id": "b", "file": "a.png", "regions": [{"labels": ["x"], "bbox": [0, 0, 0.5, 1]}]},
        {"file": "b/b.png", "geo": [1, 2], "split": "train"},
    ]
    text = "\n".join(map(json.dumps, lines))
    return Sample({"x.jsonl": text.encode(), "a.png": png(1), "b/b.png": png(2)}, "x.jsonl")


def _coco(kind):
    mask = {"size": [4, 4], "counts": [5, 2, 2, 2, 5]}
    shapes = [[[0, 0, 2, 0, 2, 2]], mask, {"size": [4, 4], "counts": "52225"}]
    content = {
        "images": [{"id": n, "file_name": f"{n}.png", "width": 4, "height": 4} for n in range(3)],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [0, 0, 2, 2], "caption": "a cat"}
            | {"segmentation": shape}
            for n, shape in enumerate(shapes)
        ],
    }
    files = {f"images/{n}.png": png(n) for n in range(3)}
    return Sample({f"annotations/{kind}_x.json": json.dumps(content).encode(), **files})


def _voc():
    size = "<size><width>4</width><height>4</height></size>"
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox>"
    thing = f"<object><name>cat</name>{box}</object>"
    head = '<?xml version="1.0" encoding="utf-8"?>'
    files = {}
    for name in "ab":
        xml = f"{head}<annotation><filename>{name}.png</filename>{size}{thing}</annotation>"
        files |= {f"Annotations/{name}.xml": xml.encode(), f"JPEGImages/{name}.png": png(1)}
    return Sample({**files, "ImageSets/Main/train.txt": b"a\nb\n"})


def _yolo():
    yaml = b"path: .\ntrain: images\nnames: {0: cat, 1: dog}\n"
    labels = {"labels/a.txt": b"0 .5 .5 .1 .1\n", "labels/b.txt": b"1 0 0 1 0 1 1\n"}
    images = {"images/a.png": png(1), "images/b.png": png(2)}
    return Sample({"data.yaml": yaml, **labels, **images})


def _xview():
    tiff = b"II*\x00\x08\x00\x00\x00\x02\x00" + b"".join(
        tag.to_bytes(2, "little") + b"\x04\x00\x01\x00\x00\x00" + (9).to_bytes(4, "little")
        for tag in (256, 257)
    )
    feature = {"properties": {"image_id": "1.tif", "type_id": 11, "bounds_imcoords": "0,0,5,5"}}
    content = json.dumps({"type": "x", "features": [feature, feature]}).encode()
    return Sample({"xView_train.geojson": content, "train_images/1.tif": tiff + bytes(4)})


def _clarifai():
    labels = [
        {"id": "x", "name": "cat", "value": 1},
        {"regionInfo": {"boundingBox": {"rightCol": 1, "bottomRow": 1}}}
        | {"data": {"concepts": [{"name": "dog", "value": 1}]}},
    ]
    files = {"train/inputs/a.png": png(1), "train/inputs/b.txt": b"text"}
    return Sample({**files, "train/annotations/a.json": json.dumps(labels).encode()})


def _cifar():
    from tests.datasets.test_loader_files import cifar_pickle

    rows = [bytes([n]) * 3072 for n in range(2)]
    batch = cifar_pickle(rows, [0, 1], [b"a.png", b"b.png"])
    meta = pickle.dumps({b"label_names": [b"cat", b"dog"]})
    return Sample({"data_batch_1": batch, "batches.meta": meta})


def _parquet():
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "id": ["a", "b", "c"],
            "text": ["one", None, None],
            "file": [None, "a.png", None],
            "media": pa.array([None, None, png(3)], pa.binary()),
            "metadata": ['{"a": 1}', None, "{}"],
            "labels": [["x"], [], None],
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return Sample({"x.parquet": sink.getvalue(), "a.png": png(1)})


def _csv():
    rows = b'inputid,input,concepts,metadata,geopoints\na,one,"x,y","{""k"": 1}","1,2"\nb,two,,,\n'
    return Sample({"x.csv": rows}, "x.csv", {"csv_type": "raw", "strict": False})


def _csv_files():
    rows = b"inputid,input,concepts\na,a.png,x\nb,b/b.png,y\n"
    options = {"input_type": "image", "csv_type": "file_path", "strict": False}
    return Sample({"x.csv": rows, "a.png": png(1), "b/b.png": png(2)}, "x.csv", options)


def _imagenet():
    files = {"LOC_synset_mapping.txt": b"n1 tench, fish\nn2 shark\n"}
    return Sample({**files, "train/n1/a.JPEG": png(1), "train/n2/b.JPEG": png(2)})


SAMPLES = {
    "csv": (_csv, _csv_files),
    "folder": (lambda: Sample({"cat/a.png": png(1), "dog/b.png": png(2), "c.png": png(3)}),),
    "clarifai": (_clarifai,),
    "jsonl": (_jsonl,),
    "parquet": (_parquet,),
    "coco_detection": (lambda: _coco("instances"),),
    "coco_segmentation": (lambda: _coco("instances"),),
    "coco_captions": (lambda: _coco("captions"),),
    "voc_detection": (_voc,),
    "yolo": (_yolo,),
    "imagenet_classification": (_imagenet,),
    "xview_detection": (_xview,),
    "cifar": (_cifar,),
    "huggingface": (),
}
"""Loader -> what makes its samples; those of `huggingface` are made by run.py, row by row."""
