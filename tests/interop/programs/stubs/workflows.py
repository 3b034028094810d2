"""Makes, runs, changes and deletes a workflow with the bare stubs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
KEY = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="workflows")
MAIN = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
RED = (Path(sys.argv[1]) / "pictures" / "red" / "red0.png").read_bytes()


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


def node(node_id, model_id, version_id, *after, hidden=False):
    made = resources_pb2.WorkflowNode(id=node_id, suppress_output=hidden)
    made.model.id, made.model.model_version.id = model_id, version_id
    made.model.user_id, made.model.app_id = "clarifai", "main"
    for other in after:
        made.node_inputs.add(node_id=other)
    return made


EMBED = ("general-image-embedding", "bb186755eda04f9cbb6fe32e816be104")
CLUSTER = ("general-clusterering", "cc2074cff6dc4c02b6f4e1b8606dcb54")
CONCEPTS = ("general-image-recognition", "aa7f35c01e0642fda5cf400f543e7c40")

facts: dict[str, Any] = {}
call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id="workflows")])
workflow = resources_pb2.Workflow(
    id="three",
    nodes=[
        node("concepts", *CONCEPTS),
        node("embed", *EMBED, hidden=True),
        node("cluster", *CLUSTER, "embed"),
    ],
)
made = call("PostWorkflows", user_app_id=APP, workflows=[workflow])
facts["made"] = [made.status.code, [one.model.model_type_id for one in made.workflows[0].nodes]]
again = call("PostWorkflows", user_app_id=APP, workflows=[workflow]).status
facts["again"] = again.code
one = resources_pb2.Input()
one.data.image.base64 = RED
config = resources_pb2.OutputConfig(max_concepts=3)
answer = call(
    "PostWorkflowResults",
    user_app_id=APP,
    workflow_id="three",
    inputs=[one, one],
    output_config=config,
    workflow_state=resources_pb2.WorkflowState(id="init"),
)
facts["results"] = [
    [output.model.model_type_id for output in result.outputs] for result in answer.results
]
facts["concepts"] = len(answer.results[0].outputs[0].data.concepts)
state = answer.workflow_state.id
facts["state"] = state not in ("", "init")
followed = call(
    "PostWorkflowResults",
    user_app_id=APP,
    workflow_id="three",
    inputs=[one],
    workflow_state=resources_pb2.WorkflowState(id=state),
)
facts["followed"] = followed.status.code
many = call("PostWorkflowResults", user_app_id=APP, workflow_id="three", inputs=[one] * 33)
facts["too many"] = many.status.code != 10000
changed = resources_pb2.Workflow(id="three", nodes=[node("concepts", *CONCEPTS)])
call("PatchWorkflows", user_app_id=APP, workflows=[changed], action="overwrite")
listed = call("ListWorkflowVersions", user_app_id=APP, workflow_id="three").workflow_versions
facts["versions"] = len(listed)
missing = call("GetWorkflow", user_app_id=APP, workflow_id="none").status
facts["missing"] = missing.code
face = call("PostWorkflowResults", user_app_id=MAIN, workflow_id="Face-Sentiment", inputs=[one])
facts["public"] = face.status.code
call("DeleteWorkflows", user_app_id=APP, ids=["three"])
facts["left"] = len(call("ListWorkflows", user_app_id=APP).workflows)
call("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
