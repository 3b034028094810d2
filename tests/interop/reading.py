"""One small data set of several splits, exported in every format, and what it holds.

Pictures are not square, ids and labels have what breaks careless readers: spaces, leading zeros,
a picture without objects, a class that one split lacks.
"""

from __future__ import annotations

from pathlib import Path

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_datasets.handle import Dataset
from tests.datasets.archives import concept, region, write_archive
from tests.interop.materials import picture

WIDTH, HEIGHT = 64, 48
"""Of every picture of `materials`."""

BOXES: dict[str, dict[str, list[tuple[str, float, float, float, float]]]] = {
    "train": {
        "one": [("zebra", 0.125, 0.25, 0.5, 0.75), ("cat", 0.0, 0.0, 1.0, 1.0)],
        "two words": [("cat", 0.25, 0.25, 0.75, 0.5)],
        "empty": [],
    },
    "val": {"three": [("big dog", 0.5, 0.5, 1.0, 1.0)], "007": [("zebra", 0.0, 0.25, 0.25, 1.0)]},
    "test": {"last": [("cat", 0.25, 0.0, 0.5, 0.25)]},
}
"""Split -> id -> label and edges of boxes, in fractions that are whole pixels."""

TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
"""A polygon of `two words` in the exports `-shapes`: of the label `bird`, over half of it."""

EXPORTS = {
    "coco": "coco",
    "yolo": "yolo",
    "voc": "voc",
    "csv": "csv",
    "jsonl": "jsonl",
    "parquet": "parquet",
    "coco-shapes": "coco",
    "yolo-shapes": "yolo",
}
"""Name -> format."""


def expected(name: str) -> dict[str, list[tuple[str, float, float, float, float]]]:
    """Return the boxes of each picture of an export; of polygons those around them."""
    found = {input_id: list(rows) for inputs in BOXES.values() for input_id, rows in inputs.items()}
    if name.endswith("-shapes"):
        found["two words"].append(("bird", 0.0, 0.0, 1.0, 1.0))
    return found


def lay_out(folder: Path) -> None:
    """Export the data set in every format, into folders of these names."""
    folder.mkdir()
    for name, format_name in EXPORTS.items():
        archive = write_archive(
            folder / f"{name}.zip", _inputs(with_polygon=name.endswith("-shapes"))
        )
        dataset = Dataset(base_url="http://127.0.0.1:9", pat="x")
        dataset.export(
            folder / name, local_archive_path=archive, format=format_name, progress=False
        ).raise_for_failures()


def _inputs(*, with_polygon: bool) -> dict[str, list[resources_pb2.Input]]:
    colours = ("red", "green", "blue")
    found: dict[str, list[resources_pb2.Input]] = {}
    number = 0
    for split, inputs in BOXES.items():
        for input_id, rows in inputs.items():
            number += 1
            one = resources_pb2.Input(id=input_id)
            one.data.image.base64 = picture(colours[number % 3], number)
            one.data.regions.extend(region(label, *edges) for label, *edges in rows)
            one.data.concepts.extend(concept(label) for label in dict.fromkeys(r[0] for r in rows))
            if with_polygon and input_id == "two words":
                shape = one.data.regions.add()
                shape.data.concepts.append(concept("bird"))
                for x, y in TRIANGLE:
                    shape.region_info.polygon.points.add(col=x, row=y)
            found.setdefault(split, []).append(one)
    return found
