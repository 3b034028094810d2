"""A model, an app and a data set of one's own: subclasses that keep what they need."""

import os

from clarifai.client.app import App
from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.model import Model
from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]


class Tagger(Model):
    """Names of what is in pictures, with what was asked before."""

    def __init__(self, threshold=0.5, **kwargs):
        self.threshold = threshold
        self.cache = {}
        super().__init__(**kwargs)

    def tags(self, path):
        if path not in self.cache:
            self.cache[path] = self.predict_by_filepath(path, input_type="image")
        concepts = self.cache[path].outputs[0].data.concepts
        return [one.name for one in concepts if one.value >= self.threshold]

    def predict(self, inputs, *args, **kwargs):
        self.asked = getattr(self, "asked", 0) + len(inputs)
        return super().predict(inputs, *args, **kwargs)


class Album(Dataset):
    """A data set that counts what it sends, by its own Inputs."""

    def __init__(self, name, **kwargs):
        self.sent = 0
        super().__init__(dataset_id=name, **kwargs)
        self.input_object = Inputs(user_id=self.user_id, app_id=self.app_id, pat=self.pat)

    def add(self, path, label):
        self.sent += 1
        return self.input_object.upload_from_file(
            f"{self.id}-{self.sent}", image_file=path, dataset_id=self.id, labels=[label]
        )


class Albums(App):
    """An app that makes them."""

    def album(self, name):
        self.create_dataset(name)
        return Album(name, user_id=USER_ID, app_id=self.id, pat=self.pat)


tagger = Tagger(
    threshold=0.0, url="https://clarifai.com/clarifai/main/models/general-image-recognition"
)
assert len(tagger.tags("materials/pictures/red/red0.png")) == 20
assert tagger.tags("materials/pictures/red/red0.png")
assert tagger.asked == 1
assert isinstance(tagger, Model)

User(USER_ID).create_app("own_model", base_workflow="Universal")
albums = Albums(user_id=USER_ID, app_id="own_model")
album = albums.album("holidays")
album.add("materials/pictures/red/red0.png", "red")
assert [one.id for one in albums.inputs().list_inputs()] == ["holidays-1"]
assert [one.id for one in albums.list_datasets()] == ["holidays"]
User(USER_ID).delete_app("own_model")
