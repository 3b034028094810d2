"""Annotates, patches and downloads inputs."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai.client.user import User

RED = Path(sys.argv[1]) / "pictures" / "red" / "red0.png"

user = User(os.environ["CLARIFAI_USER_ID"], base_url=os.environ["CLARIFAI_API_BASE"])
app = user.create_app("labelling", base_workflow="Empty")
inputs = app.inputs()
facts: dict[str, Any] = {}
inputs.upload_from_bytes(
    "picture", image_bytes=RED.read_bytes(), labels=["red"], geo_info=[-30, 40]
)
while any(found.status.code != 30000 for found in inputs.list_inputs()):
    time.sleep(0.05)
box = inputs.get_bbox_proto("picture", "box", [0.1, 0.2, 0.3, 0.4])
mask = inputs.get_mask_proto("picture", "mask", [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]])
facts["failed annotations"] = len(inputs.upload_annotations([box, mask]))

(picture,) = list(inputs.list_inputs(input_type="image"))
shapes, tags = [], []
for annotation in inputs.list_annotations(batch_input=[picture]):
    tags += [concept.name for concept in annotation.data.concepts]
    for region in annotation.data.regions:
        names = [concept.name for concept in region.data.concepts]
        shapes.append([names, len(region.region_info.polygon.points)])
facts["shapes"], facts["tags"] = sorted(shapes), tags
facts["page"] = len(list(inputs.list_annotations(batch_input=[picture], page_no=1, per_page=2)))

added = resources_pb2.Input(id="picture")
added.data.concepts.add(id="id-more", name="more", value=1)
added.data.metadata["checked"] = True
inputs.patch_inputs([added], action="merge")
(picture,) = list(inputs.list_inputs())
facts["patched"] = [concept.name for concept in picture.data.concepts]
facts["metadata"] = dict(picture.data.metadata)
facts["geo"] = picture.data.geo.geo_point.longitude

(media,) = inputs.download_inputs([picture])
facts["media"] = media == RED.read_bytes()
inputs.delete_inputs([picture])
facts["left"] = len(list(inputs.list_inputs()))
user.delete_app("labelling")
print(json.dumps(facts))
