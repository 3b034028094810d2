"""Searches an app with the conditions of old clients, and by what the base workflow predicted."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc
from google.protobuf import struct_pb2

PAT = os.environ["CLARIFAI_PAT"]
USER_ID = os.environ["CLARIFAI_USER_ID"]
APP_ID = f"old-{USER_ID}"
PICTURES = Path(sys.argv[1]) / "pictures"
USER = resources_pb2.UserAppIDSet(user_id=USER_ID)


class Caller:
    """Calls RPCs with one key over one channel: the one made last decides how stubs read."""

    def __init__(self, channel, key):
        self.stub = service_pb2_grpc.V2Stub(channel())
        self.metadata = (("authorization", f"Key {key}"),)

    def __call__(self, name, **fields):
        request = getattr(service_pb2, f"{name}Request")(**fields)
        return getattr(self.stub, name)(request, metadata=self.metadata)


def picture(name, **data):
    content = (PICTURES / name[:-1] / f"{name}.png").read_bytes()
    return resources_pb2.Input(id=name, data={"image": {"base64": content}, **data})


def struct(values):
    made = struct_pb2.Struct()
    made.update(values)
    return made


def said(**data):
    return resources_pb2.And(input=resources_pb2.Input(data=data))


def predicted(**concept):
    return resources_pb2.And(output={"data": {"concepts": [{"value": 1, **concept}]}})


def like(image):
    return resources_pb2.And(output={"input": {"data": {"image": image}}})


def box(left, right):
    corners = [{"geo_point": {"longitude": x, "latitude": y}} for x, y in (left, right)]
    return {"geo_box": corners}


OWNER = Caller(ClarifaiChannel.get_grpc_channel, PAT)
OWNER(
    "PostApps",
    user_app_id=USER,
    apps=[resources_pb2.App(id=APP_ID, default_workflow_id="General")],
)
KEY = OWNER(
    "PostKeys", user_app_id=USER, keys=[{"scopes": ["All"], "apps": [{"id": APP_ID}]}]
).keys[0]
API = Caller(ClarifaiChannel.get_grpc_channel, KEY.id)
mine = {"id": "mine", "name": "my concept", "value": 1}
around = {"geo_point": {"longitude": 44, "latitude": 55}}
API(
    "PostInputs",
    inputs=[
        picture(
            "red0",
            concepts=[mine],
            metadata=struct({"some": "value", "another": {"inner": "value"}}),
            geo=around,
        ),
        picture("green0"),
        picture("blue0"),
    ],
)
until = time.monotonic() + 60
while any(one.status.code in (30001, 30003) for one in API("ListInputs").inputs):
    assert time.monotonic() < until
    time.sleep(0.05)
RED = (PICTURES / "red" / "red0.png").read_bytes()
URL = "https://samples.clarifai.com/red.png"
# What the base workflow says of a picture is what the search by it goes by.
said_of_red = API(
    "PostModelOutputs",
    user_app_id=resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main"),
    model_id="general-image-recognition",
    inputs=[picture("red0")],
)
best = said_of_red.outputs[0].data.concepts[0] if said_of_red.outputs else None
within = {"value": 1000, "type": "withinKilometers"}
near = {"geo_point": {"longitude": 43, "latitude": 56}, "geo_limit": within}

facts: dict[str, Any] = {"asked": said_of_red.status.code}


def searched(api, *ands, language=""):
    query = resources_pb2.Query(ands=ands, language=language)
    answer = api(
        "PostSearches", query=query, pagination=service_pb2.Pagination(page=1, per_page=1000)
    )
    return [hit.input.id for hit in answer.hits] or answer.status.code


for name, channel in (
    ("grpc", ClarifaiChannel.get_grpc_channel),
    ("json", ClarifaiChannel.get_json_channel),
):
    api = Caller(channel, KEY.id)
    facts[name] = {
        "said id": searched(api, said(concepts=[{"id": "mine", "value": 1}])),
        "said name": searched(api, said(concepts=[{"name": "my concept", "value": 1}])),
        "metadata": searched(api, said(metadata=struct({"another": {"inner": "value"}}))),
        "near": searched(api, said(geo=near)),
        "box": searched(api, said(geo=box((43, 54), (45, 56)))),
        "url": searched(api, like({"url": URL}))[0],
        "bytes": searched(api, like({"base64": RED}))[0],
        "url and box": searched(api, like({"url": URL}), said(geo=box((43, 54), (45, 56)))),
        "dog": sorted(searched(api, predicted(name="dog"))),
        "chinese": sorted(searched(api, predicted(name="狗"), language="zh")),
        "japanese": sorted(searched(api, predicted(name="犬"), language="ja")),
        "dog's id": sorted(searched(api, predicted(id="ai_8S2Vq3cR"))),
        "unknown": searched(api, predicted(name="no such concept")),
        "both": searched(
            api, said(concepts=[{"name": "my concept", "value": 1}]), predicted(name="dog")
        ),
    }

# What one annotation has: palm and water are on two regions.
regions = {"palm": (0.0, 0.0, 0.45, 1.0), "water": (0.6, 0.0, 1.0, 0.98)}
for concept, (top, left, bottom, right) in regions.items():
    edges = {"top_row": top, "left_col": left, "bottom_row": bottom, "right_col": right}
    region = {
        "region_info": {"bounding_box": edges},
        "data": {"concepts": [{"id": concept, "value": 1}]},
    }
    API("PostAnnotations", annotations=[{"input_id": "red0", "data": {"regions": [region]}}])


def marked(*names):
    filters = [
        resources_pb2.Filter(annotation={"data": {"concepts": [{"id": one, "value": 1}]}})
        for one in names
    ]
    search = resources_pb2.Search(query=resources_pb2.Query(filters=filters))
    hits = API("PostAnnotationsSearches", searches=[search]).hits
    return [hit.input.id for hit in hits]


facts["marked"] = [marked("palm"), marked("water"), marked("palm", "water")]
dog: Any = {"data": {"concepts": [{"name": "狗", "value": 1}]}}
ranks = [resources_pb2.Rank(annotation=dog)]
search = resources_pb2.Search(query=resources_pb2.Query(ranks=ranks, language="zh"))
facts["ranked"] = len(API("PostInputsSearches", searches=[search]).hits)
OWNER("DeleteApp", user_app_id=resources_pb2.UserAppIDSet(user_id=USER_ID, app_id=APP_ID))
print(json.dumps(facts))
