"""Addresses of models and apps in every spelling that programs have."""

import os

from clarifai.client.app import App
from clarifai.client.dataset import Dataset
from clarifai.client.model import Model
from clarifai.client.user import User
from clarifai.client.workflow import Workflow

USER_ID = os.environ["CLARIFAI_USER_ID"]
VERSION = "aa7f35c01e0642fda5cf400f543e7c40"
ONE = "clarifai.com/clarifai/main/models/general-image-recognition"
PICTURE = open("materials/pictures/red/red0.png", "rb").read()
for url in (
    f"https://{ONE}",
    f"{ONE}",
    f"https://{ONE}?tab=overview",
    f"https://{ONE}/versions/{VERSION}",
    f"https://{ONE}/model_version/{VERSION}",
    f"https://{ONE.replace('clarifai.com', 'api.clarifai.com')}",
):
    answer = Model(url).predict_by_bytes(PICTURE, input_type="image")
    assert answer.outputs[0].model.id == "general-image-recognition", url
    assert answer.outputs[0].model.model_version.id == VERSION, url
User(USER_ID).create_app("addresses", base_workflow="Empty").create_dataset("set")
assert App(url=f"https://clarifai.com/{USER_ID}/addresses").id == "addresses"
opened = Dataset(url=f"https://clarifai.com/{USER_ID}/addresses/datasets/set")
assert (opened.id, opened.app_id) == ("set", "addresses")
workflow = Workflow(url="https://clarifai.com/clarifai/main/workflows/General")
assert (workflow.id, workflow.user_id) == ("General", "clarifai")
User(USER_ID).delete_app("addresses")
