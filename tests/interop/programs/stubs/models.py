"""Asks public models, trains an embedding classifier and evaluates it with the bare stubs."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
KEY = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="models")
MAIN = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
PICTURES = Path(sys.argv[1]) / "pictures"


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


def picture(input_id="", content=b"", *labels):
    made = resources_pb2.Input(id=input_id)
    made.data.image.base64 = content
    for label in labels:
        made.data.concepts.add(id=label, value=1)
    return made


def until(ready):
    end = time.monotonic() + 60
    while not (found := ready()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


RED = (PICTURES / "red" / "red0.png").read_bytes()
facts: dict[str, Any] = {}
for model_id in ("general-image-recognition", "aaa03c23b3724a16a56b629203edc62c"):
    answer = call(
        "PostModelOutputs", user_app_id=MAIN, model_id=model_id, inputs=[picture("", RED)]
    )
    facts[model_id] = [answer.status.code, len(answer.outputs[0].data.concepts)]
mixed = call(
    "PostModelOutputs",
    user_app_id=MAIN,
    model_id="general-image-recognition",
    inputs=[picture("", RED), resources_pb2.Input()],
)
facts["mixed"] = [mixed.status.code, [output.status.code for output in mixed.outputs]]
few = resources_pb2.Model()
few.model_version.output_info.output_config.max_concepts = 2
answer = call(
    "PostModelOutputs",
    user_app_id=MAIN,
    model_id="general-image-recognition",
    model=few,
    inputs=[picture("", RED)],
)
facts["two"] = len(answer.outputs[0].data.concepts)
types = call("ListModelTypes", user_app_id=MAIN, per_page=1000).model_types
facts["trainable"] = sorted(one.id for one in types if one.trainable)

call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id="models")])
call("PostDatasets", user_app_id=APP, datasets=[resources_pb2.Dataset(id="set")])
files = sorted(PICTURES.glob("*/*.png"))
inputs = [picture(file.stem, file.read_bytes(), file.parent.name) for file in files]
for one in inputs:
    one.dataset_ids.append("set")
call("PostInputs", user_app_id=APP, inputs=inputs)
until(lambda: all(one.status.code == 30000 for one in call("ListInputs", user_app_id=APP).inputs))
model = resources_pb2.Model(id="colours", model_type_id="embedding-classifier")
call("PostModels", user_app_id=APP, models=[model])
untrained = call(
    "PostModelOutputs", user_app_id=APP, model_id="colours", inputs=[picture("", RED)]
).status
facts["untrained"] = untrained.code
version = resources_pb2.ModelVersion()
version.train_info.params["dataset_id"] = "set"
for name in ("red", "green", "blue"):
    version.output_info.data.concepts.add(id=name)
posted = call(
    "PostModelVersions",
    user_app_id=APP,
    model_id="colours",
    model_versions=[version],
)
facts["training"] = [posted.status.code, posted.model.model_version.status.code in (21103, 21101)]
version_id = posted.model.model_version.id


def status():
    return call(
        "GetModelVersion", user_app_id=APP, model_id="colours", version_id=version_id
    ).model_version.status.code


until(lambda: status() == 21100)
blue = picture("", (PICTURES / "blue" / "blue1.png").read_bytes())
answer = call("PostModelOutputs", user_app_id=APP, model_id="colours", inputs=[blue])
facts["answer"] = answer.outputs[0].data.concepts[0].name

evaluation = resources_pb2.EvalMetrics(id="first")
evaluation.model.id, evaluation.model.model_version.id = "colours", version_id
evaluation.model.user_id, evaluation.model.app_id = APP.user_id, APP.app_id
evaluation.ground_truth_dataset.id = "set"
evaluation.ground_truth_dataset.user_id = APP.user_id
evaluation.ground_truth_dataset.app_id = APP.app_id
facts["evaluated"] = call("PostEvaluations", user_app_id=APP, eval_metrics=[evaluation]).status.code


def evaluated():
    fields = resources_pb2.FieldsValue(confusion_matrix=True)
    found = call("GetEvaluation", user_app_id=APP, evaluation_id="first", fields=fields)
    return found.eval_metrics if found.eval_metrics.status.code == 21300 else None


metrics = until(evaluated)
facts["f1"] = round(metrics.summary.macro_avg_f1_score, 1)
facts["confusion"] = len(metrics.confusion_matrix.matrix)
listed = call(
    "ListModelVersionEvaluations",
    user_app_id=APP,
    model_id="colours",
    model_version_id=version_id,
)
facts["evaluations"] = [one.id for one in listed.eval_metrics]
call("DeleteModelVersion", user_app_id=APP, model_id="colours", version_id=version_id)
versions = call("ListModelVersions", user_app_id=APP, model_id="colours").model_versions
facts["versions left"] = len(versions)
call("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
