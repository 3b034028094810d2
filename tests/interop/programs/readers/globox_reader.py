"""Read our COCO, YOLO and VOC with globox, and write each of them as it does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from globox import AnnotationSet

given, made = Path(sys.argv[1]), Path(sys.argv[2])
SPLITS = ("train", "val", "test")
found: dict = {"read": {}}


def rows(data: AnnotationSet, names: dict | None = None) -> dict:
    """Return the boxes of each picture; pixels."""
    return {
        Path(one.image_id).stem: [
            [(names or {}).get(box.label, box.label), *box.ltrb] for box in one.boxes
        ]
        for one in data
    }


for name in ("coco", "coco-shapes"):
    boxes = found["read"][name] = {}
    for split in SPLITS:
        data = AnnotationSet.from_coco(given / name / f"annotations/instances_{split}.json")
        boxes.update(rows(data))
        if name == "coco":
            (made / "coco").mkdir(parents=True, exist_ok=True)
            data.save_coco(made / f"coco/instances_{split}.json", auto_ids=True)
boxes = found["read"]["yolo"] = {}
names = dict(enumerate(sorted(("big dog", "cat", "zebra"))))
for split in SPLITS:
    data = AnnotationSet.from_yolo_v5(
        given / f"yolo/labels/{split}",
        image_folder=given / f"yolo/images/{split}",
        image_extension=".png",
    )
    boxes.update(rows(data, {str(number): name for number, name in names.items()}))
    labels = made / f"yolo/labels/{split}"
    labels.mkdir(parents=True)
    data.save_yolo_v5(labels, label_to_id={str(number): number for number in names})
data = AnnotationSet.from_pascal_voc(given / "voc/Annotations")
found["read"]["voc"] = rows(data)
(made / "voc/Annotations").mkdir(parents=True)
data.save_pascal_voc(made / "voc/Annotations")
print(json.dumps(found))
