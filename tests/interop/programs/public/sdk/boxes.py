"""A detector's data: a loader of one's own for COCO, boxes up, listed again, a model trained."""

import json
import os
import time

from clarifai.client.app import App
from clarifai.client.user import User
from clarifai.datasets.upload.base import ClarifaiDataLoader
from clarifai.datasets.upload.features import VisualDetectionFeatures

USER_ID = os.environ["CLARIFAI_USER_ID"]
IMAGES = "materials/pictures/green"
with open("labels.json", "w") as file:
    names = sorted(os.listdir(IMAGES))
    json.dump(
        {
            "images": [
                {"id": number, "file_name": name, "width": 64, "height": 48}
                for number, name in enumerate(names)
            ],
            "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
            "annotations": [
                {"image_id": number, "category_id": 1 + number % 2, "bbox": [16, 12, 32, 24]}
                for number in range(len(names))
            ],
        },
        file,
    )


class CocoLoader(ClarifaiDataLoader):
    """Boxes of a COCO file."""

    def __init__(self, images_dir, label_filepath):
        self.images_dir = images_dir
        self.label_filepath = label_filepath
        self.load_data()

    @property
    def task(self):
        return "visual_detection"

    def load_data(self):
        with open(self.label_filepath) as file:
            held = json.load(file)
        self.images = held["images"]
        self.names = {one["id"]: one["name"] for one in held["categories"]}
        self.boxes = {one["image_id"]: [] for one in held["annotations"]}
        for one in held["annotations"]:
            self.boxes[one["image_id"]].append(one)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index]
        labels, boxes = [], []
        for one in self.boxes[image["id"]]:
            x, y, width, height = one["bbox"]
            labels.append(self.names[one["category_id"]])
            boxes.append(
                [
                    max(x / image["width"], 0),
                    max(y / image["height"], 0),
                    min((x + width) / image["width"], 1),
                    min((y + height) / image["height"], 1),
                ]
            )
        return VisualDetectionFeatures(
            os.path.join(self.images_dir, image["file_name"]), labels, boxes, id=str(image["id"])
        )


app = User(USER_ID).create_app("boxes", base_workflow="Universal")
app = App(app_id="boxes", user_id=USER_ID)
dataset = app.create_dataset(dataset_id="train_dataset")
dataset.upload_dataset(dataloader=CocoLoader(IMAGES, "labels.json"), get_upload_status=True)
inputs = list(app.inputs().list_inputs())
assert len(inputs) == 4
found = {}
for one in app.inputs().list_annotations(batch_input=inputs):
    for region in one.data.regions:
        box = region.region_info.bounding_box
        edges = [round(edge, 3) for edge in (box.left_col, box.top_row, box.right_col,
                                             box.bottom_row)]  # fmt: skip
        found[one.input_id] = (region.data.concepts[0].name, edges)
edges = [0.25, 0.25, 0.75, 0.75]
assert sorted(found.values()) == [("cat", edges), ("cat", edges), ("dog", edges), ("dog", edges)]

model = app.create_model(model_id="model_detector", model_type_id="visual-detector")
templates = model.list_training_templates()
assert "MMDetection_SSD" in templates, templates
model.get_params(template="MMDetection_SSD")
concepts = [concept.id for concept in app.list_concepts()]
model.update_params(dataset_id="train_dataset", concepts=concepts)
version_id = model.train()
while True:
    status = model.training_status(version_id=version_id)
    if status.code in (21100, 21110, 21111, 21113, 21115):
        break
    time.sleep(0.1)
assert status.code == 21100, status
User(USER_ID).delete_app("boxes")
