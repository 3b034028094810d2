"""An upload whose log is read again, to send what failed once more."""

import glob
import os
import shutil

from clarifai.client.user import User
from clarifai.datasets.upload.base import ClarifaiDataLoader
from clarifai.datasets.upload.features import VisualClassificationFeatures

USER_ID = os.environ["CLARIFAI_USER_ID"]


class Loader(ClarifaiDataLoader):
    """Three pictures."""

    def __init__(self):
        self.load_data()

    @property
    def task(self):
        return "visual_classification"

    def load_data(self):
        self.paths = sorted(glob.glob("copies/*.png"))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return VisualClassificationFeatures(self.paths[index], ["red"], id=f"p{index}")


shutil.copytree("materials/pictures/red", "copies")
app = User(USER_ID).create_app("retry_by_log", base_workflow="Empty")
dataset = app.create_dataset("set")
with open("copies/red1.png", "wb") as file:
    file.write(b"not a picture")
dataset.upload_dataset(dataloader=Loader(), get_upload_status=True, log_warnings=True)
assert len([one for one in app.inputs().list_inputs() if one.status.code == 30000]) == 3
(log,) = glob.glob("*.log")
shutil.copy("materials/pictures/red/red1.png", "copies/red1.png")
dataset.retry_upload_from_logs(
    log_file_path=log, dataloader=Loader(), retry_duplicates=True, log_warnings=True
)
assert len([one for one in app.inputs().list_inputs() if one.status.code == 30000]) == 4
User(USER_ID).delete_app("retry_by_log")
