"""The five lines of Python that do what the demo did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_cli._demo.samples import Kind, LabelledData, Layout

_PROGRAM = """\
from clarifai.client import User

app = User({user_id}, base_url={base_url}).create_app("my-app"{workflow})
app.create_dataset("train").{upload}
model = app.create_model("classifier", model_type_id="embedding-classifier")
model.get_params(save_to=None); model.update_params(dataset_id="train"); model.train()
print(model.wait_until_trained().{predict}.outputs[0].data.concepts[0].name)
"""

_CSV = 'upload_from_csv("FILE.csv", input_type="{kind}", csv_type="{layout}", labels=True)'
_UPLOADS: dict[Layout, str] = {
    "folder": 'upload_from_folder("FOLDER", input_type="{kind}", labels=True)',
    "raw": _CSV,
    "file_path": _CSV,
}
_PREDICTIONS: dict[Layout, str] = {
    "folder": 'predict_by_filepath("FILE", "{kind}")',
    "raw": 'predict_by_bytes(b"some text", "{kind}")',
    "file_path": 'predict_by_filepath("FILE", "{kind}")',
}
_WORKFLOWS: dict[Kind, str] = {"image": ', base_workflow="Universal"', "text": ""}
"""The default of `create_app` is for texts."""


def five_lines(data: LabelledData, user_id: str, base_url: str) -> str:
    """Return a program that does with the user's data what the demo did with its own.

    Args:
        data: What the demo ran on: its kind and layout choose the methods.
        user_id: Who creates the app.
        base_url: Which platform.
    """
    words = {"kind": data.kind, "layout": data.layout}
    return _PROGRAM.format(
        user_id=json.dumps(user_id),
        base_url=json.dumps(base_url),
        workflow=_WORKFLOWS[data.kind],
        upload=_UPLOADS[data.layout].format(**words),
        predict=_PREDICTIONS[data.layout].format(**words),
    )
