"""A program that asks the stub itself, with what the auth helper makes of the environment."""

import os
from urllib.request import Request, urlopen

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2
from google.protobuf import json_format

from clarifai.client.auth import create_stub
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
os.environ["CLARIFAI_APP_ID"] = "own_stub"
app = User(USER_ID).create_app("own_stub", base_workflow="Universal")
app.inputs().upload_from_file("one", image_file="materials/pictures/red/red0.png", labels=["red"])

auth = ClarifaiAuthHelper.from_env()
stub = create_stub(auth)
user_data_object = auth.get_user_app_id_proto()
assert (user_data_object.user_id, user_data_object.app_id) == (USER_ID, "own_stub")
assert auth._pat == os.environ["CLARIFAI_PAT"]

response = stub.ListConcepts(
    service_pb2.ListConceptsRequest(user_app_id=user_data_object, per_page=16)
)
assert response.status.code == status_code_pb2.SUCCESS
assert [one.name for one in response.concepts] == ["red"]
got = stub.GetApp(service_pb2.GetAppRequest(user_app_id=user_data_object))
assert got.app.id == "own_stub"
assert isinstance(got.app.extra_info.search_revision_marker, str)
as_dict = json_format.MessageToDict(
    stub.ListInputs(service_pb2.ListInputsRequest(user_app_id=user_data_object))
)
assert as_dict["inputs"][0]["id"] == "one"
address = as_dict["inputs"][0]["data"]["image"]["url"]
with urlopen(Request(address, headers=dict(auth.metadata)), timeout=10) as media:
    assert media.read() == open("materials/pictures/red/red0.png", "rb").read()

other = ClarifaiAuthHelper(user_id="clarifai", app_id="main", pat=auth._pat)
outputs = create_stub(other).PostModelOutputs(
    service_pb2.PostModelOutputsRequest(
        user_app_id=other.get_user_app_id_proto(),
        model_id="general-image-recognition",
        inputs=[
            resources_pb2.Input(
                data=resources_pb2.Data(
                    image=resources_pb2.Image(url="https://samples.clarifai.com/red.png")
                )
            )
        ],
    )
)
assert outputs.outputs[0].data.concepts
User(USER_ID).delete_app("own_stub")
