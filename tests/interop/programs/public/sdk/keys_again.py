"""Programs that hand their key to every call, and name what they make besides."""

import os

from clarifai.client.app import App
from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.user import User

PAT = os.environ.pop("CLARIFAI_PAT")
USER_ID = os.environ.pop("CLARIFAI_USER_ID")
client = User(user_id=USER_ID, pat=PAT)
app = client.create_app(app_id="keys_again", base_workflow="Empty")
inputs = User(user_id=USER_ID, pat=PAT).app(app_id="keys_again", pat=PAT).inputs()
inputs.upload_text("one", raw_text="some text", labels=["a"])
dataset = App(app_id="keys_again", user_id=USER_ID, pat=PAT).create_dataset(
    dataset_id="set", notes="kept"
)
named = Dataset(user_id=USER_ID, app_id="keys_again", dataset_id="set", pat=PAT)
assert named.id == dataset.id == "set"
again = Inputs(user_id=USER_ID, app_id="keys_again", pat=PAT)
assert [found.id for found in again.list_inputs()] == ["one"]
assert [found.id for found in again.list_inputs(input_type="text")] == ["one"]
assert list(again.list_inputs(input_type="image")) == []
client.delete_app(app_id="keys_again")
