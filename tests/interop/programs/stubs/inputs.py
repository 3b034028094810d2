"""Adds, labels, patches, streams, fetches and deletes inputs with the bare stubs."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
PAT = os.environ["CLARIFAI_PAT"]
KEY = (("authorization", f"Key {PAT}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="inputs")
RED = (Path(sys.argv[1]) / "pictures" / "red" / "red0.png").read_bytes()


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


def text(input_id, raw):
    data = resources_pb2.Data(text=resources_pb2.Text(raw=raw))
    return resources_pb2.Input(id=input_id, data=data)


def wait():
    until = time.monotonic() + 60
    while any(
        found.status.code in (30001, 30003)
        for found in call("ListInputs", user_app_id=APP, per_page=1000).inputs
    ):
        assert time.monotonic() < until
        time.sleep(0.05)


def fetch(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


facts: dict[str, Any] = {}
call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id="inputs")])
picture = resources_pb2.Input(id="picture")
picture.data.image.base64 = RED
picture.data.concepts.add(id="red", value=1)
picture.data.concepts.add(id="blue", value=0)
picture.data.metadata["page"] = 1
posted = call("PostInputs", user_app_id=APP, inputs=[picture, text("text", "some text")])
facts["posted"] = [posted.status.code, [found.status.code for found in posted.inputs]]
wait()
again = call("PostInputs", user_app_id=APP, inputs=[text("text", "more"), text("new", "text")])
facts["again"] = [again.status.code, again.inputs[0].status.code, again.inputs[0].status.details]
broken = resources_pb2.Input(id="broken")
broken.data.image.base64 = b"not a picture"
call("PostInputs", user_app_id=APP, inputs=[broken])
wait()
found = call("GetInput", user_app_id=APP, input_id="broken").input.status
facts["broken"] = found.code
many = [text(f"t{number}", "text") for number in range(129)]
facts["too many"] = call("PostInputs", user_app_id=APP, inputs=many).status.code
job = call("PostInputs", user_app_id=APP, inputs=many[:128], inputs_add_job_id="job")
wait()
progress = call("GetInputsAddJob", user_app_id=APP, id="job").inputs_add_job.progress
facts["job"] = [progress.pending_count, progress.success_count]

annotation = resources_pb2.Annotation(input_id="picture")
region = annotation.data.regions.add()
region.region_info.bounding_box.left_col = 0.25
region.data.concepts.add(id="box", value=1)
answer = call("PostAnnotations", user_app_id=APP, annotations=[annotation])
facts["annotated"] = [answer.status.code, answer.annotations[0].status.code]
listed = call("ListAnnotations", user_app_id=APP, input_ids=["picture"]).annotations
facts["annotations"] = [len(one.data.regions) for one in listed]
call("DeleteAnnotations", user_app_id=APP, input_ids=["picture"], ids=[answer.annotations[0].id])
listed = call("ListAnnotations", user_app_id=APP, input_ids=["picture"]).annotations
facts["annotations left"] = len(listed)

patch = resources_pb2.Input(id="picture")
patch.data.concepts.add(id="new", value=1)
patch.data.metadata["more"] = "yes"
call("PatchInputs", user_app_id=APP, inputs=[patch], action="merge")
merged = call("GetInput", user_app_id=APP, input_id="picture").input
facts["merged"] = [[c.id for c in merged.data.concepts], sorted(merged.data.metadata)]
call("PatchInputs", user_app_id=APP, inputs=[patch], action="overwrite")
overwritten = call("GetInput", user_app_id=APP, input_id="picture").input
facts["overwritten"] = [c.id for c in overwritten.data.concepts]

hosted = merged.data.image.hosted
url = f"{hosted.prefix}/orig/{hosted.suffix}"
code, media = fetch(url, Authorization=f"Key {PAT}")
facts["media"] = [code, media == RED]
facts["sizes"] = sorted(hosted.sizes)
small, thumbnail = fetch(f"{hosted.prefix}/small/{hosted.suffix}", Authorization=f"Key {PAT}")
facts["small"] = [small, thumbnail != b""]
facts["wrong key"] = fetch(url, Authorization="Key none")[0]
facts["no key"] = fetch(url)[0]

streamed = call("StreamInputs", user_app_id=APP, per_page=100).inputs
facts["streamed"] = len(streamed)
rest = call("StreamInputs", user_app_id=APP, per_page=100, last_id=streamed[-1].id).inputs
facts["streamed after"] = len(rest)
facts["none deleted"] = call("DeleteInputs", user_app_id=APP).status.code != 10000
call("DeleteInputs", user_app_id=APP, ids=[f"t{number}" for number in range(128)])
facts["left"] = sorted(one.id for one in call("ListInputs", user_app_id=APP).inputs)
call("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
