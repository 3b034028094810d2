"""A client of one's own on BaseClient and Lister, for calls that the SDK has no word for."""

import os

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2
from google.protobuf.json_format import MessageToDict

from clarifai.client.base import BaseClient
from clarifai.client.lister import Lister
from clarifai.client.user import User
from clarifai.errors import UserError

USER_ID = os.environ["CLARIFAI_USER_ID"]


class Concepts(Lister, BaseClient):
    """Concepts of an app, with their languages."""

    def __init__(self, app_id, user_id=None, pat=None, page_size=2):
        if not app_id:
            raise UserError("app_id is needed")
        self.kwargs = {"app_id": app_id}
        BaseClient.__init__(self, user_id=user_id, app_id=app_id, pat=pat)
        Lister.__init__(self, page_size=page_size)

    def add(self, names):
        request = service_pb2.PostConceptsRequest(
            user_app_id=self.user_app_id,
            concepts=[resources_pb2.Concept(id=name, name=name) for name in names],
        )
        response = self._grpc_request(self.STUB.PostConcepts, request)
        if response.status.code != status_code_pb2.SUCCESS:
            raise Exception(response.status)
        dict_response = MessageToDict(response, preserving_proto_field_name=True)
        return self.process_response_keys(dict_response["concepts"][0], "concept")

    def all(self, **page):
        yield from self.list_pages_generator(
            self.STUB.ListConcepts,
            service_pb2.ListConceptsRequest,
            {"user_app_id": self.user_app_id},
            **page,
        )


User(USER_ID).create_app("own_client", base_workflow="Empty")
concepts = Concepts("own_client", user_id=USER_ID, pat=os.environ["CLARIFAI_PAT"])
added = concepts.add([f"c{number}" for number in range(5)])
assert added["concept_id"] == "c0", added
found = list(concepts.all())
assert sorted(one["concept_id"] for one in found) == [f"c{number}" for number in range(5)], found
assert len(list(concepts.all(page_no=2, per_page=2))) == 2
assert len(list(concepts.all(page_no=1))) == 2
assert concepts.auth_helper.app_id == "own_client"
again = concepts._grpc_request(
    concepts.STUB.GetApp, service_pb2.GetAppRequest(user_app_id=concepts.user_app_id)
)
assert again.app.id == "own_client"
User(USER_ID).delete_app("own_client")
