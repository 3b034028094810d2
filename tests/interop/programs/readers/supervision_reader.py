"""Read our COCO, YOLO and VOC with supervision, and write each of them as it does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import supervision as sv

given, made = Path(sys.argv[1]), Path(sys.argv[2])
SPLITS = ("train", "val", "test")
found: dict = {"read": {}}


def rows(name: str, data) -> None:
    """Note the boxes of each picture; pixels."""
    boxes = found["read"].setdefault(name, {})
    for path, _, detections in data:
        boxes[Path(path).stem] = [
            [data.classes[number], *map(float, box)]
            for box, number in zip(detections.xyxy, detections.class_id, strict=True)
        ]


for name in ("coco", "coco-shapes"):
    for split in SPLITS:
        file = given / name / f"annotations/instances_{split}.json"
        data = sv.DetectionDataset.from_coco(str(given / name / f"images/{split}"), str(file))
        rows(name, data)
        if name == "coco":
            folder = made / "coco" / split
            data.as_coco(str(folder), str(folder / "_annotations.coco.json"))
for name in ("yolo", "yolo-shapes"):
    for split in SPLITS:
        data = sv.DetectionDataset.from_yolo(
            str(given / name / f"images/{split}"),
            str(given / name / f"labels/{split}"),
            str(given / name / "data.yaml"),
        )
        rows(name, data)
        if name == "yolo":
            data.as_yolo(
                str(made / "yolo" / split / "images"),
                str(made / "yolo" / split / "labels"),
                str(made / "yolo/data.yaml"),
            )
data = sv.DetectionDataset.from_pascal_voc(
    str(given / "voc/JPEGImages"), str(given / "voc/Annotations")
)
rows("voc", data)
data.as_pascal_voc(str(made / "voc/images"), str(made / "voc/annotations"))
print(json.dumps(found))
