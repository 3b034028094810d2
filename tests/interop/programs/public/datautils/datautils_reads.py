"""clarifai-datautils: reads an export of ours (COCO), and uploads it by its data loader."""

import os
import time

from clarifai_datautils.image import ImageAnnotations

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
dataset = ImageAnnotations.import_from(path="materials/exported/coco", format="coco_detection")
print(dataset.get_info())
loader = dataset.dataloader
assert len(loader) == 6, len(loader)
labels = sorted(label for number in range(len(loader)) for label in loader[number].labels)
assert labels == sorted(["zebra", "cat", "cat", "big-dog", "zebra", "cat"]), labels
client = User(USER_ID)
app = client.create_app("datautils_reads", base_workflow="Empty")
made = app.create_dataset("set")
made.upload_dataset(loader, get_upload_status=True)
while any(one.status.code != 30000 for one in app.inputs().list_inputs()):
    time.sleep(0.05)
inputs = list(app.inputs().list_inputs())
assert len(inputs) == 6, [one.id for one in inputs]
regions = [
    region
    for one in app.inputs().list_annotations(batch_input=inputs)
    for region in one.data.regions
]
assert len(regions) == 6
client.delete_app("datautils_reads")
