"""Makes runners, takes work, answers it, and deletes runners with the bare stubs.

Messages of runners differ between the generations: each program speaks its own.
"""

from __future__ import annotations

import json
import os
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
KEY = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
FIELDS = service_pb2.PostRunnerItemOutputsRequest.DESCRIPTOR.fields_by_name
ITEM_ID = "item_id" if "item_id" in FIELDS else "runner_item_id"


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


def items(answer):
    return answer.items if ITEM_ID == "item_id" else answer.runner_items


facts: dict[str, Any] = {}
runners = [
    resources_pb2.Runner(id=name, labels=["gpu"], description="a box")
    for name in ("box", "spare", "other")
]
facts["made"] = call("PostRunners", user_app_id=USER, runners=runners).status.code
found = call("GetRunner", user_app_id=USER, runner_id="box")
facts["got"] = [found.status.code, found.runner.id, list(found.runner.labels)]
pages = [call("ListRunners", user_app_id=USER, page=n, per_page=2).runners for n in (1, 2)]
facts["pages"] = [[runner.id for runner in page] for page in pages]

answered = 0
while answered < 3:
    polled = call("ListRunnerItems", user_app_id=USER, runner_id="box")
    assert polled.status.code in (10000, 25604), polled
    for item in items(polled):
        asked = item.post_model_outputs_request.inputs
        response = service_pb2.MultiOutputResponse()
        response.status.code = 10000
        for one in asked:
            response.outputs.add().data.text.raw = one.data.text.raw.upper()
        output = service_pb2.RunnerItemOutput(multi_output_response=response)
        posted = call(
            "PostRunnerItemOutputs",
            user_app_id=USER,
            runner_id="box",
            runner_item_outputs=[output],
            **{ITEM_ID: item.id},
        )
        assert posted.status.code == 10000, posted
        answered += 1
facts["deleted"] = call("DeleteRunners", user_app_id=USER, ids=["spare", "other"]).status.code
facts["left"] = [runner.id for runner in call("ListRunners", user_app_id=USER).runners]
missing = call("GetRunner", user_app_id=USER, runner_id="spare").status
facts["missing"] = missing.code != 10000
call("DeleteRunners", user_app_id=USER, ids=["box"])
print(json.dumps(facts))
