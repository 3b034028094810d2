"""Uses what handles inherit, as programs in the wild do, and paths around the documented ones."""

from __future__ import annotations

import json
import os
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai.client import BaseClient, V2Stub, create_stub
from clarifai.client.app import App
from clarifai.client.auth.helper import DEFAULT_UI, ClarifaiAuthHelper
from clarifai.client.auth.register import RpcCallable
from clarifai.client.auth.stub import create_stub as create_stub_too
from clarifai.client.dataset import DATASET_UPLOAD_TASKS, Dataset
from clarifai.client.model import Inputs, Model, UserError
from clarifai.client.search import Search
from clarifai.client.user import User
from clarifai.client.workflow import Workflow
from clarifai.constants.dataset import TASK_TO_ANNOTATION_TYPE
from clarifai.constants.workflow import MAX_WORKFLOW_PREDICT_INPUTS
from clarifai.errors import ApiError
from clarifai.utils.logging import get_logger
from clarifai.utils.misc import BackoffIterator, Chunker, get_from_dict_or_env
from clarifai.workflows.export import Exporter

BASE, PAT, USER = (os.environ[f"CLARIFAI_{n}"] for n in ("API_BASE", "PAT", "USER_ID"))
GENERAL = "general-image-recognition"
facts: dict[str, Any] = {}

user: Any = User(USER, base_url=BASE, pat=PAT)
app = user.create_app("inherited", base_workflow="Empty")
dataset = app.create_dataset("things")
inputs = app.inputs()
model: Any = Model(f"https://clarifai.com/clarifai/main/models/{GENERAL}", base_url=BASE, pat=PAT)
workflow: Any = Workflow(
    "https://clarifai.com/clarifai/main/workflows/General", base_url=BASE, pat=PAT
)
search: Any = Search(USER, "inherited", base_url=BASE, pat=PAT)
handles: dict[str, Any] = {
    "user": user,
    "app": app,
    "dataset": dataset,
    "inputs": inputs,
    "model": model,
    "workflow": workflow,
    "search": search,
}

# Every handle says who it calls as, and whom.
for name, handle in handles.items():
    facts[name] = {
        "metadata": handle.metadata[0][0],
        "key": handle.metadata[0][1] == f"Key {PAT}",
        "pat": [handle.pat == PAT, handle.auth_helper.pat == PAT, handle.auth_helper._pat == PAT],
        "base": handle.base.rpartition(":")[2] == BASE.rpartition(":")[2],
        "stub": isinstance(handle.STUB, V2Stub),
        "client": isinstance(handle, BaseClient),
        "scope": handle.auth_helper.get_user_app_id_proto().app_id,
        "pages": callable(handle.list_pages_generator),
    }
facts["logged"] = [bool(handles[n].logger.name) for n in ("app", "dataset", "model", "inputs")]
facts["kwargs"] = [app.kwargs["id"], dataset.kwargs["id"], model.kwargs["id"]]

# What they are is a message.
facts["info"] = {
    "user": user.user_info.id == USER,
    "app": app.app_info.id,
    "dataset": dataset.dataset_info.id,
    "model": model.model_info.id,
    "workflow": workflow.workflow_info.id,
    "inputs": type(inputs.input_info).__name__,
}

# Requests of one's own, through the stub of a handle.
scope = resources_pb2.UserAppIDSet(user_id=USER, app_id="inherited")
request = service_pb2.GetAppRequest(user_app_id=scope)
answer = app._grpc_request(app.STUB.GetApp, request)
facts["asked"] = [answer.status.code, answer.app.id]
facts["asked with metadata"] = app.STUB.GetApp(request, metadata=app.metadata).app.id
facts["callable"] = isinstance(app.STUB.GetApp, RpcCallable)
auth = ClarifaiAuthHelper(USER, "inherited", PAT, base=BASE)
stub: Any
for stub in (create_stub(auth), create_stub_too(auth, 3), auth.get_stub()):
    facts.setdefault("stubs", []).append(stub.GetApp(request, metadata=auth.metadata).status.code)

# Handles of one's own, from a helper.
classes: dict[str, Any] = {"App": App, "Dataset": Dataset, "Inputs": Inputs, "Model": Model}
classes["Workflow"] = Workflow
made = [
    classes["App"].from_auth_helper(auth, app_id="inherited"),
    classes["Dataset"].from_auth_helper(app.auth_helper, dataset_id="things"),
    classes["Model"].from_auth_helper(
        auth, url=f"https://clarifai.com/clarifai/main/models/{GENERAL}"
    ),
    classes["Workflow"].from_auth_helper(auth, workflow_id="mine"),
]
facts["from helper"] = [one.id for one in made]
facts["their scopes"] = [one.user_app_id.app_id for one in made]
facts["inputs from helper"] = classes["Inputs"].from_auth_helper(auth).user_app_id.app_id
facts["their models"] = len(list(made[0].list_models(page_no=1, per_page=5)))
base = BaseClient.from_auth_helper(auth)
facts["base client"] = [base.pat == PAT, base.user_app_id.app_id]

# Inputs of one's own.
text = classes["Inputs"]._get_proto("one", "things", text_pb=resources_pb2.Text(raw="first"))
facts["proto"] = [text.id, list(text.dataset_ids), text.data.text.raw]
picture = classes["Inputs"]._get_proto(
    input_id="two",
    dataset_id=None,
    imagepb=resources_pb2.Image(url="https://samples.clarifai.com/metro-north.jpg"),
    labels=["train"],
    geo_info=[-30, 40],
)
facts["picture"] = [
    picture.data.image.url,
    [concept.name for concept in picture.data.concepts],
    picture.data.geo.geo_point.longitude,
]
inputs._bulk_upload([text, *(Inputs.get_text_input(f"t{n}", "more", "things") for n in range(4))])
facts["sent"] = sorted(one.id for one in app.inputs().list_inputs())
facts["of the dataset"] = dataset.input_object.user_app_id.app_id
far: Any = Search(USER, "inherited", metric="euclidean", base_url=BASE, pat=PAT)
facts["metric"] = far.metric_distance

# Listings of one's own.
listed = app.list_pages_generator(
    app.STUB.ListInputs, service_pb2.ListInputsRequest, {"user_app_id": scope}, per_page=3
)
facts["page"] = len(list(listed))

# What programs set.
model.model_info.model_version.id = "aa7f35c01e0642fda5cf400f543e7c40"
facts["version"] = model.model_info.model_version.id
model.model_info = resources_pb2.Model(id="other")
facts["replaced"] = [model.model_info.id, model.id]


class Zoo(App):
    """Sets its own attributes first."""

    def __init__(self, name: str) -> None:
        self.logger = get_logger("ERROR", "zoo")
        self.user_id = USER
        self.animals = ["dog"]
        super().__init__(app_id=name, base_url=BASE, pat=PAT, user_id=USER)


zoo = Zoo("inherited")
facts["subclass"] = [zoo.id, zoo.user_id == USER, zoo.animals]

# The paths around the documented ones.
facts["tasks"] = [len(DATASET_UPLOAD_TASKS) >= 5, TASK_TO_ANNOTATION_TYPE["visual_detection"]]
facts["limits"] = [MAX_WORKFLOW_PREDICT_INPUTS, DEFAULT_UI]
facts["chunks"] = Chunker([1, 2, 3], 2).chunk()
facts["pauses grow"] = (lambda p: 0 < next(p) < next(p))(BackoffIterator())
facts["environment"] = get_from_dict_or_env("pat", "CLARIFAI_PAT") == PAT
facts["errors"] = [issubclass(one, Exception) for one in (UserError, ApiError)]
node = resources_pb2.WorkflowNode(
    id="a",
    model=resources_pb2.Model(
        id="m", user_id="u", app_id="p", model_version=resources_pb2.ModelVersion(id="v")
    ),
)
with Exporter(resources_pb2.Workflow(id="w", nodes=[node])) as exporter:
    facts["workflow file"] = exporter.parse()

print(json.dumps(facts))
