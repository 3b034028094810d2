"""Read our COCO with pycocotools; print boxes in pixels, and areas of masks."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from pycocotools.coco import COCO

given = Path(sys.argv[1])
found: dict = {"read": {}, "areas": {}}
for name in ("coco", "coco-shapes"):
    boxes: dict = {}
    found["read"][name] = boxes
    for path in sorted((given / name / "annotations").glob("instances_*.json")):
        with contextlib.redirect_stdout(sys.stderr):
            coco = COCO(str(path))
        for image in coco.loadImgs(coco.getImgIds()):
            rows = boxes[Path(image["file_name"]).stem] = []
            for one in coco.loadAnns(coco.getAnnIds(imgIds=image["id"])):
                x, y, width, height = one["bbox"]
                (category,) = coco.loadCats(one["category_id"])
                rows.append([category["name"], x, y, x + width, y + height])
                if one["segmentation"]:
                    area = int(coco.annToMask(one).sum())
                    found["areas"][category["name"]] = [area, one["area"]]
print(json.dumps(found))
