"""Data sets by a loader in a folder, as the examples have them: pictures, texts, and retries."""

import os
import textwrap

from clarifai.client.user import User
from clarifai.datasets.upload.utils import load_module_dataloader

USER_ID = os.environ["CLARIFAI_USER_ID"]
os.makedirs("image_classification/colours")
with open("image_classification/colours/dataset.py", "w") as file:
    file.write(
        textwrap.dedent(
            '''
            import os

            from clarifai.datasets.upload.base import ClarifaiDataLoader
            from clarifai.datasets.upload.features import VisualClassificationFeatures

            FOLDER = os.path.join(os.getcwd(), "materials", "pictures")


            class ColoursDataLoader(ClarifaiDataLoader):
                """Pictures in folders of their labels."""

                def __init__(self, split: str = "train"):
                    self.split = split
                    self.data = []
                    self.load_data()

                @property
                def task(self):
                    return "visual_classification"

                def load_data(self) -> None:
                    for name in sorted(os.listdir(FOLDER)):
                        for file in sorted(os.listdir(os.path.join(FOLDER, name))):
                            self.data.append((os.path.join(FOLDER, name, file), name))

                def __getitem__(self, idx):
                    path, name = self.data[idx]
                    return VisualClassificationFeatures(
                        image_path=path, labels=name, id=os.path.splitext(os.path.basename(path))[0]
                    )

                def __len__(self):
                    return len(self.data)
            '''
        )
    )

app = User(USER_ID).create_app("loaders", base_workflow="Universal")
dataset = app.create_dataset("colours")
loader = load_module_dataloader("./image_classification/colours")
assert len(loader) == 12
dataset.upload_dataset(dataloader=loader, batch_size=5, get_upload_status=True)
inputs = list(app.inputs().list_inputs(dataset_id="colours"))
assert len(inputs) == 12
labels = {}
for one in app.inputs().list_annotations(batch_input=inputs):
    name = one.input_id.split("-")[-1]
    labels.setdefault(name, []).extend(concept.name for concept in one.data.concepts)
assert labels["red0"] == ["red"], labels
# Again: every one is there already, and nothing is added or lost.
dataset.upload_dataset(dataloader=loader)
assert len(list(app.inputs().list_inputs())) == 12
User(USER_ID).delete_app("loaders")
