"""Makes a version of a dataset, asks for its archive, and unpacks it."""

from __future__ import annotations

import json
import os
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

from clarifai.client.user import User

PICTURES = Path(sys.argv[1]) / "pictures"

user = User(os.environ["CLARIFAI_USER_ID"], base_url=os.environ["CLARIFAI_API_BASE"])
app = user.create_app("exports", base_workflow="Empty")
dataset = app.create_dataset("pictures")
inputs = app.inputs()
protos = [
    inputs.get_input_from_file(
        file.stem, image_file=str(file), dataset_id="pictures", labels=[file.parent.name]
    )
    for file in sorted(PICTURES.glob("*/*.png"))
]
protos.append(inputs.get_text_input("text", "some text", "pictures", labels=["text"]))
inputs.upload_inputs(protos)
while sum(found.status.code == 30000 for found in inputs.list_inputs()) < len(protos):
    time.sleep(0.05)

facts: dict[str, Any] = {}
version = dataset.create_version(description="first")
version_id = version.version.id
facts["version"] = version_id != ""
try:
    facts["versions"] = len(list(dataset.list_versions()))
except KeyError as error:
    facts["versions"] = f"KeyError {error}"
try:
    facts["datasets"] = [found.id for found in app.list_datasets()]
except KeyError as error:
    facts["datasets"] = f"KeyError {error}"

APP = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"], app_id="exports")
request = service_pb2.PutDatasetVersionExportsRequest(
    user_app_id=APP,
    dataset_id="pictures",
    dataset_version_id=version_id,
    exports=[resources_pb2.DatasetVersionExport(format=resources_pb2.CLARIFAI_DATA_PROTOBUF)],
)
# Clients of the old age cannot ask for an archive: the stubs that they stand on can.
base = urlsplit(os.environ["CLARIFAI_API_BASE"])
channel = ClarifaiChannel.get_insecure_grpc_channel(base=base.hostname, port=base.port)
stub = service_pb2_grpc.V2Stub(channel)
key = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
waited = time.monotonic() + 60
while True:
    (export,) = stub.PutDatasetVersionExports(request, metadata=key).exports
    if export.status.code == 64200:
        break
    assert time.monotonic() < waited, export
    time.sleep(0.1)
facts["size"] = export.size > 0

dataset.export(save_path="out.zip", archive_url=export.url, split="all")
with zipfile.ZipFile("out.zip") as archive:
    names = sorted(archive.namelist())
facts["pictures"] = sum(name.endswith(".png") for name in names)
facts["texts"] = sum(name.endswith(".txt") for name in names)
facts["annotations"] = sum("/annotations/" in name for name in names)
dataset.delete_version(version_id)
user.delete_app("exports")
print(json.dumps(facts))
