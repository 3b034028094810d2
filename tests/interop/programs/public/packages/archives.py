"""An archive of a data set, as the platform makes it, unpacked by the SDK's own classes."""

import os
import time
import zipfile

import requests

from clarifai.client.dataset import Dataset
from clarifai.client.user import User
from clarifai.datasets.export.inputs_annotations import (
    DatasetExportReader,
    InputAnnotationDownloader,
)

USER_ID = os.environ["CLARIFAI_USER_ID"]
client = User(USER_ID)
app = client.create_app("archives", base_workflow="Empty")
dataset = app.create_dataset("pictures")
dataset.upload_from_folder("materials/pictures/red", "image", labels=True)
while any(found.status.code != 30000 for found in app.inputs().list_inputs()):
    time.sleep(0.05)
version = dataset.create_version()
url = Dataset(
    dataset_id="pictures", user_id=USER_ID, app_id="archives",
    dataset_version_id=version.version.id,
).archive_zip()  # fmt: skip
session = requests.Session()
session.headers.update({"Authorization": "Key " + os.environ["CLARIFAI_PAT"]})
with open("clarifai-data-protobuf.zip", "wb") as file:
    file.write(session.get(url, timeout=20).content)
Dataset().export(save_path="output.zip", local_archive_path="clarifai-data-protobuf.zip")
with zipfile.ZipFile("output.zip") as archive:
    names = archive.namelist()
assert sum(name.endswith(".png") for name in names) == 4, names
with DatasetExportReader(
    session=session, local_archive_path="clarifai-data-protobuf.zip"
) as reader:
    assert len(reader) == 4
    InputAnnotationDownloader(session, reader, 4).download_archive(
        save_path="output2.zip", split="all"
    )
with zipfile.ZipFile("output2.zip") as archive:
    assert sorted(archive.namelist()) == sorted(names)
client.delete_app("archives")
