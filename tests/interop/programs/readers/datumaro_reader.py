"""Read our COCO, YOLO and VOC with datumaro, and write each of them as it does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import datumaro as dm

given, made = Path(sys.argv[1]), Path(sys.argv[2])
found: dict = {"read": {}}
FORMATS = (("coco", "coco_instances"), ("coco-shapes", "coco_instances"), ("yolo", "yolo"))
WRITTEN = (("coco", "coco_instances"), ("yolo", "yolo_ultralytics"), ("voc", "voc_detection"))


def rows(data) -> dict:
    """Return the boxes of each picture, or those around its polygons; pixels."""
    names = [label.name for label in data.categories()[dm.AnnotationType.label]]
    boxes: dict = {}
    for item in data:
        shapes = boxes[Path(item.id).name] = []
        seen = set()
        for one in item.annotations:
            if one.type in (dm.AnnotationType.bbox, dm.AnnotationType.polygon):
                if (one.id, one.label) in seen and one.id:
                    continue  # of a polygon in COCO it makes a box besides, of the same number
                seen.add((one.id, one.label))
                x, y, width, height = one.get_bbox()
                shapes.append([names[one.label], x, y, x + width, y + height])
    return boxes


for name, importer in (*FORMATS, ("voc", "voc_detection")):
    data = dm.Dataset.import_from(str(given / name), importer)
    found["read"][name] = rows(data)
    for written, exporter in WRITTEN:
        if written == name:
            data.export(str(made / name), exporter, save_media=True)
print(json.dumps(found, default=float))
