"""Uploads by every way there is: bytes, text, files, URLs, CSV, folders and loaders."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from clarifai.client.user import User
from clarifai.datasets.upload.base import ClarifaiDataLoader
from clarifai.datasets.upload.features import (
    TextFeatures,
    VisualClassificationFeatures,
    VisualDetectionFeatures,
)

MATERIALS = Path(sys.argv[1])
RED = MATERIALS / "pictures" / "red" / "red0.png"


class Loader(ClarifaiDataLoader):
    """Items of one task."""

    def __init__(self, task, items) -> None:
        self._task, self._items = task, items

    @property
    def task(self):
        return self._task

    def load_data(self):
        pass

    def __getitem__(self, index):
        return self._items[index]

    def __len__(self):
        return len(self._items)


def held(dataset_id):
    """Return id -> concept names of a dataset's inputs."""
    return {
        found.id: sorted(concept.name for concept in found.data.concepts)
        for found in inputs.list_inputs(dataset_id=dataset_id)
    }


user = User(os.environ["CLARIFAI_USER_ID"], base_url=os.environ["CLARIFAI_API_BASE"])
app = user.create_app("uploads", base_workflow="Universal")
inputs = app.inputs()
facts: dict[str, Any] = {}

datasets = {}
for name in ("rows", "texts", "pictures", "loaded", "boxed", "picked"):
    datasets[name] = app.create_dataset(name)

inputs.upload_from_bytes("bytes", image_bytes=RED.read_bytes(), dataset_id="picked", labels=["red"])
inputs.upload_from_file("file", image_file=str(RED), dataset_id="picked")
inputs.upload_from_url(
    "url", image_url="https://samples.clarifai.com/red.png", dataset_id="picked", geo_info=[-30, 40]
)
inputs.upload_text("text", "a plain text", dataset_id="picked")
facts["picked"] = held("picked")
try:
    inputs.upload_text("text", "the same id")
    facts["the same id"] = "nothing raised"
except Exception as error:  # noqa: BLE001 - the official ones raise none
    facts["the same id"] = type(error).__name__

rows = datasets["rows"]
rows.upload_from_csv(str(MATERIALS / "rows.csv"), input_type="text", csv_type="raw", labels=True)
facts["rows"] = held("rows")
first = next(found for found in inputs.list_inputs(dataset_id="rows") if found.id == "first")
facts["first row"] = [
    first.data.text.url != "",
    first.data.metadata["page"],
    first.data.geo.geo_point.longitude,
]

datasets["texts"].upload_from_folder(str(MATERIALS / "texts" / "food"), "text", labels=True)
facts["texts"] = held("texts")
datasets["pictures"].upload_from_folder(str(MATERIALS / "pictures" / "red"), "image", labels=True)
facts["pictures"] = held("pictures")

PARITY = ("even", "odd")
texts: list[Any] = [TextFeatures(f"number {n}", [PARITY[n % 2]], n) for n in range(150)]
datasets["loaded"].upload_dataset(Loader("text_classification", texts), batch_size=50)
facts["loaded"] = len(held("loaded"))
facts["one loaded"] = held("loaded")["loaded-7"]

boxes: list[Any] = [
    VisualDetectionFeatures(str(RED), ["box"], [[0.1, 0.2, 0.5, 0.6]], id=0),
    VisualDetectionFeatures(str(RED), ["box"], [[0.3, 0.2, 0.5, 0.6]], id=1),
]
datasets["boxed"].upload_dataset(Loader("visual_detection", boxes), batch_size=8)
facts["boxed"] = held("boxed")
found = inputs.list_annotations(batch_input=list(inputs.list_inputs(dataset_id="boxed")))
facts["boxes"] = sorted(
    round(region.region_info.bounding_box.left_col, 2)
    for annotation in found
    for region in annotation.data.regions
)

facts["inputs"] = len(list(inputs.list_inputs()))
facts["page of inputs"] = len(list(inputs.list_inputs(page_no=2, per_page=100)))
facts["images"] = len(list(inputs.list_inputs(input_type="image")))
facts["statuses"] = sorted({found.status.code for found in inputs.list_inputs()})
inputs.delete_inputs([found for found in inputs.list_inputs() if found.id.startswith("loaded")])
facts["inputs left"] = len(list(inputs.list_inputs()))

picture = VisualClassificationFeatures(str(RED), ["red"], id=5)
datasets["loaded"].upload_dataset(
    Loader("visual_classification", [picture]), get_upload_status=True
)
facts["with status"] = held("loaded")
user.delete_app("uploads")
print(json.dumps(facts))
