"""Speaks JSON over HTTP instead of gRPC, as the stubs can: for the key's own user only."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_json_channel())
KEY = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
APP_ID = f"gateway-{os.environ['CLARIFAI_USER_ID']}"
USER = resources_pb2.UserAppIDSet(user_id="me")
APP = resources_pb2.UserAppIDSet(user_id="me", app_id=APP_ID)
RED = (Path(sys.argv[1]) / "pictures" / "red" / "red0.png").read_bytes()


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


facts: dict[str, Any] = {}
made = call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id=APP_ID)])
facts["made"] = [made.status.code, made.apps[0].id == APP_ID]
one = resources_pb2.Input(id="picture")
one.data.image.base64 = RED
one.data.metadata["page"] = 1
facts["posted"] = call("PostInputs", user_app_id=APP, inputs=[one]).inputs[0].status.code
listed = call("ListInputs", user_app_id=APP, page=1, per_page=5)
facts["listed"] = [[found.id, found.data.metadata["page"]] for found in listed.inputs]
missing = call("GetInput", user_app_id=APP, input_id="none").status
facts["missing"] = missing.code
answer = call(
    "PostModelOutputs",
    user_app_id=resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main"),
    model_id="general-image-recognition",
    inputs=[one],
)
facts["concepts"] = len(answer.outputs[0].data.concepts)
facts["deleted"] = call("DeleteApp", user_app_id=APP).status.code
print(json.dumps(facts))
