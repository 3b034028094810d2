"""What programs take off handles: stub, auth helper, messages, key, address, logger."""

import os

from clarifai_grpc.grpc.api import service_pb2

from clarifai.client.app import App
from clarifai.client.auth import create_stub
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.model import Model
from clarifai.client.search import Search
from clarifai.client.user import User
from clarifai.client.workflow import Workflow

USER_ID = os.environ["CLARIFAI_USER_ID"]
app = User(user_id=USER_ID).create_app("handles_own", base_workflow="Universal")
app.create_dataset("numbers", notes="kept")
model = app.create_model("embeds", model_type_id="embedding-classifier")

where = {"user_id": USER_ID, "app_id": "handles_own"}
handles = {
    "app": App(**where),
    "dataset": Dataset(dataset_id="numbers", **where),
    "inputs": Inputs(**where),
    "model": Model(model_id="embeds", **where),
    "search": Search(**where),
    "workflow": Workflow(workflow_id="none", **where),
    "user": User(user_id=USER_ID),
}
for name, handle in handles.items():
    auth = handle.auth_helper
    assert auth.get_user_app_id_proto().user_id == USER_ID, name
    assert dict(auth.metadata)["authorization"] == "Key " + os.environ["CLARIFAI_PAT"], name
    assert handle.metadata[0][1] == auth.metadata[0][1], name
    assert handle.pat == os.environ["CLARIFAI_PAT"], name
    assert handle.base == auth.base, name
    assert handle.STUB is not None, name
    assert handle.user_app_id.user_id == USER_ID, name
    if name != "user":
        listed = handle.STUB.ListDatasets(
            service_pb2.ListDatasetsRequest(user_app_id=handle.user_app_id)
        )
        assert [one.id for one in listed.datasets] == ["numbers"], name
    same = create_stub(handle.auth_helper).GetApp(
        service_pb2.GetAppRequest(user_app_id=app.user_app_id)
    )
    assert same.app.id == "handles_own", name

assert handles["app"].app_info.id == "handles_own"
assert handles["dataset"].dataset_info.id == "numbers"
assert handles["model"].model_info.id == "embeds"
assert handles["workflow"].workflow_info.id == "none"
assert handles["user"].user_info.id == USER_ID
assert app.dataset("numbers").dataset_info.notes == "kept"
assert app.model("embeds").model_info.model_type_id == "embedding-classifier"
app.logger.info("said by the program")
model.logger.debug("said by the program")

auth = ClarifaiAuthHelper(user_id=USER_ID, app_id="handles_own", pat=os.environ["CLARIFAI_PAT"])
assert [one.id for one in App.from_auth_helper(auth).list_datasets()] == ["numbers"]
by_auth = Inputs.from_auth_helper(auth)
by_auth.upload_text("text", "some text")
assert [one.id for one in Inputs.from_auth_helper(app.auth_helper).list_inputs()] == ["text"]
assert Model.from_auth_helper(auth, model_id="embeds").id == "embeds"
assert Dataset.from_auth_helper(auth, dataset_id="numbers").id == "numbers"
assert Search.from_auth_helper(auth, top_k=3) is not None
User(user_id=USER_ID).delete_app("handles_own")
