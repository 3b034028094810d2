"""Trains a model by naming its concepts alone, evaluates the version, and relates concepts."""

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

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
PAT = os.environ["CLARIFAI_PAT"]
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP_ID = f"trainings-{USER.user_id}"
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id=APP_ID)
PICTURES = Path(sys.argv[1]) / "pictures"

REQUESTS = {"GetModelOutputInfo": "GetModel"}
"""Of RPCs that are named otherwise."""


def call(name, key="", **fields):
    request = getattr(service_pb2, f"{REQUESTS.get(name, name)}Request")(**fields)
    metadata = (("authorization", f"Key {key or KEY}"),)
    return getattr(STUB, name)(request, metadata=metadata)


def until(ready):
    end = time.monotonic() + 60
    while not (found := ready()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


KEY = PAT
facts: dict[str, Any] = {}
call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id=APP_ID)])
made = call("PostKeys", user_app_id=USER, keys=[{"scopes": ["All"], "apps": [{"id": APP_ID}]}])
KEY = made.keys[0].id  # From here on no request names the app.

inputs = []
for file in sorted(PICTURES.glob("*/*.png")):
    data: Any = {"image": {"base64": file.read_bytes()}}
    data["concepts"] = [{"id": file.parent.name, "value": 1}]
    inputs.append(resources_pb2.Input(id=file.stem, data=data))
call("PostInputs", inputs=inputs)
until(lambda: all(one.status.code == 30000 for one in call("ListInputs").inputs))

facts["posted"] = call("PostModels", models=[resources_pb2.Model(id="colours")]).status.code
renamed = resources_pb2.Model(id="colours", name="some new name")
call("PatchModels", action="overwrite", models=[renamed])
settings = struct_pb2.Struct()
settings.update({"N_EPOCHS": 5, "custom_training_cfg": "custom_training_1layer"})
version = resources_pb2.ModelVersion()
version.output_info.output_config.hyper_params.CopyFrom(settings)
for name in ("red", "blue"):
    version.output_info.data.concepts.add(id=name)
posted = call("PostModelVersions", model_id="colours", model_versions=[version])
version_id = posted.model.model_version.id
kept = posted.model.model_version.output_info.output_config.hyper_params
facts["training"] = [posted.status.code, kept["custom_training_cfg"]]
named = {"model_id": "colours", "version_id": version_id}
until(lambda: call("GetModelVersion", **named).model_version.status.code == 21100)
info = call("GetModelOutputInfo", "", model_id="colours").model
learnt = info.model_version.output_info.data.concepts or info.output_info.data.concepts
facts["learnt"] = [info.name, sorted(one.id for one in learnt)]
asked = call("PostModelOutputs", **named, inputs=[inputs[0]])
facts["answer"] = asked.outputs[0].data.concepts[0].id == inputs[0].data.concepts[0].id

facts["evaluating"] = call("PostModelVersionMetrics", **named).status.code
until(lambda: call("GetModelVersionMetrics", **named).model_version.metrics.status.code == 21300)
wanted = resources_pb2.FieldsValue(
    confusion_matrix=True, label_counts=True, binary_metrics=True, test_set=True
)
metrics = call("GetModelVersionMetrics", **named, fields=wanted).model_version.metrics
facts["metrics"] = [
    metrics.summary.macro_avg_roc_auc,
    len(metrics.binary_metrics),
    0.5 in metrics.binary_metrics[0].roc_curve.thresholds,
    len(metrics.test_set) > 0,
]

# The contract has relations for personal access tokens only.
relation = resources_pb2.ConceptRelation(predicate="hypernym")
relation.object_concept.id = "blue"
related = call(
    "PostConceptRelations", PAT, user_app_id=APP, concept_id="red", concept_relations=[relation]
)
facts["related"] = [related.status.code, related.concept_relations[0].subject_concept.id]
seen = call("ListConceptRelations", PAT, user_app_id=APP, concept_id="blue").concept_relations
facts["seen"] = [[one.predicate, one.object_concept.id] for one in seen]
call("DeleteConceptRelations", PAT, user_app_id=APP, concept_id="blue", ids=[seen[0].id])
facts["relations left"] = len(
    call("ListConceptRelations", PAT, user_app_id=APP, concept_id="red").concept_relations
)

operator = resources_pb2.Model(id="operator", model_type_id="custom-code-operator")
facts["operator"] = call("PostModels", models=[operator]).status.code
code = resources_pb2.ModelVersion()
code.output_info.params["operator_code"] = "def main(request): return request"
refused = call("PostModelVersions", model_id="operator", model_versions=[code])
facts["operator version"] = refused.status.code
answer = call("PostModelOutputs", model_id="operator", inputs=[inputs[0]])
facts["operator answer"] = [answer.status.code, answer.status.details]
facts["deleted"] = call("DeleteModel", model_id="colours").status.code
call("DeleteApp", PAT, user_app_id=APP)
print(json.dumps(facts))
