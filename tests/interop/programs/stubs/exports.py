"""Makes a version of a dataset, exports it, and reads the archive with the bare stubs."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
PAT = os.environ["CLARIFAI_PAT"]
KEY = (("authorization", f"Key {PAT}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="exports")
PICTURES = Path(sys.argv[1]) / "pictures"


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


def until(ready):
    end = time.monotonic() + 60
    while not (found := ready()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def fetch(url):
    request = urllib.request.Request(url, headers={"Authorization": f"Key {PAT}"})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Content-Type"], answer.read()


facts: dict[str, Any] = {}
call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id="exports")])
call("PostDatasets", user_app_id=APP, datasets=[resources_pb2.Dataset(id="set")])
inputs = []
for file in sorted(PICTURES.glob("*/*.png")):
    one = resources_pb2.Input(id=file.stem)
    one.data.image.base64 = file.read_bytes()
    one.data.concepts.add(id=file.parent.name, value=1)
    inputs.append(one)
call("PostInputs", user_app_id=APP, inputs=inputs)
until(lambda: all(one.status.code == 30000 for one in call("ListInputs", user_app_id=APP).inputs))
members = [resources_pb2.DatasetInput(input=resources_pb2.Input(id=one.id)) for one in inputs[:5]]
added = call("PostDatasetInputs", user_app_id=APP, dataset_id="set", dataset_inputs=members)
facts["added"] = [added.status.code, len(added.dataset_inputs)]
again = call("PostDatasetInputs", user_app_id=APP, dataset_id="set", dataset_inputs=members[:1])
facts["again"] = [again.status.code, again.dataset_inputs[0].input.status.code]
posted = call(
    "PostDatasetVersions",
    user_app_id=APP,
    dataset_id="set",
    dataset_versions=[resources_pb2.DatasetVersion(id="v1")],
)
facts["posted"] = posted.status.code


def ready():
    found = call("GetDatasetVersion", user_app_id=APP, dataset_id="set", dataset_version_id="v1")
    return found.dataset_version.status.code == 64015


until(ready)
groups = until(
    lambda: (
        call(
            "ListDatasetVersionMetricsGroups",
            user_app_id=APP,
            dataset_id="set",
            dataset_version_id="v1",
        ).dataset_version_metrics_groups
    )
)
totals = [group for group in groups if group.value.string_value == "total"]
facts["total"] = [group.metrics.inputs_count.value for group in totals]


def exported():
    (export,) = call(
        "PutDatasetVersionExports",
        user_app_id=APP,
        dataset_id="set",
        dataset_version_id="v1",
        exports=[resources_pb2.DatasetVersionExport(format=resources_pb2.CLARIFAI_DATA_PROTOBUF)],
    ).exports
    return export if export.status.code == 64200 else None


export = until(exported)
kind, content = fetch(export.url)
facts["archive"] = [kind, len(content) == export.size]
with zipfile.ZipFile(io.BytesIO(content)) as archive:
    names = archive.namelist()
    facts["mimetype"] = archive.read(names[0]).decode()
    batch = resources_pb2.InputBatch.FromString(archive.read(names[1]))
facts["inputs"] = sorted([one.id, one.data.concepts[0].id] for one in batch.inputs)
hosted = batch.inputs[0].data.image.hosted
original = next(one for one in inputs if one.id == batch.inputs[0].id).data.image.base64
facts["original"] = fetch(f"{hosted.prefix}/orig/{hosted.suffix}")[1] == original
deleted = call(
    "DeleteDatasetVersions", user_app_id=APP, dataset_id="set", dataset_version_ids=["v1"]
)
facts["deleted"] = deleted.status.code
call("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
