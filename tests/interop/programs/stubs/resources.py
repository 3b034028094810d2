"""Makes, changes, lists and deletes apps, datasets, models and concepts with the bare stubs."""

from __future__ import annotations

import json
import os
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
KEY = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="resources")


def call(name, metadata=KEY, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=metadata)


facts: dict[str, Any] = {}
app = resources_pb2.App(id="resources", default_workflow_id="Universal", description="first")
facts["made"] = call("PostApps", user_app_id=USER, apps=[app]).status.code
again = call("PostApps", user_app_id=USER, apps=[app]).status
facts["made again"] = [again.code, "already exists" in again.details]
patch = resources_pb2.App(id="resources", description="second")
changed = call("PatchApp", user_app_id=APP, app=patch, action="overwrite")
facts["changed"] = [changed.status.code, call("GetApp", user_app_id=APP).app.description]
facts["wrong key"] = call(
    "ListApps", (("authorization", "Key none"),), user_app_id=USER
).status.code
facts["no app"] = call(
    "GetApp", user_app_id=resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="none")
).status.code

token = (("x-clarifai-session-token", os.environ["CLARIFAI_PAT"]),)
facts["token"] = call("ListApps", token, user_app_id=USER).status.code

datasets = [resources_pb2.Dataset(id=f"d{number}") for number in range(5)]
call("PostDatasets", user_app_id=APP, datasets=datasets)
pages = [call("ListDatasets", user_app_id=APP, page=n, per_page=2).datasets for n in (1, 2, 3, 4)]
facts["pages"] = [[dataset.id for dataset in page] for page in pages]
call("DeleteDatasets", user_app_id=APP, dataset_ids=["d1", "d3"])
facts["datasets left"] = len(call("ListDatasets", user_app_id=APP).datasets)

concepts = [resources_pb2.Concept(id=name, name=name.upper()) for name in ("hot", "cold")]
facts["concepts"] = call("PostConcepts", user_app_id=APP, concepts=concepts).status.code
duplicate = call("PostConcepts", user_app_id=APP, concepts=concepts[:1]).status
facts["concepts again"] = [duplicate.code, "duplicate" in duplicate.details]
renamed = resources_pb2.Concept(id="hot", name="Very hot")
call("PatchConcepts", user_app_id=APP, concepts=[renamed], action="overwrite")
facts["concept names"] = sorted(c.name for c in call("ListConcepts", user_app_id=APP).concepts)

model = resources_pb2.Model(id="crop", model_type_id="image-crop")
facts["model"] = call("PostModels", user_app_id=APP, models=[model]).status.code
missing = call("GetModel", user_app_id=APP, model_id="none").status
facts["no model"] = [missing.code, missing.description]
facts["deleted model"] = call("DeleteModels", user_app_id=APP, ids=["crop"]).status.code
facts["not ours"] = call(
    "DeleteModels",
    user_app_id=resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main"),
    ids=["general-image-recognition"],
).status.code
facts["deleted"] = call("DeleteApp", user_app_id=APP).status.code
facts["gone"] = call("GetApp", user_app_id=APP).status.code
print(json.dumps(facts))
