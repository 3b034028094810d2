"""Programs that print what they hold, and read it with their eyes."""

import logging
import os

from clarifai.client.model import Model
from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
client = User(user_id=USER_ID)
app = client.create_app("prints", base_workflow="Empty", description="To be printed")
assert "prints" in str(app)
assert "prints" in str(client.app("prints"))
dataset = app.create_dataset("set", notes="To be noted")
assert "set" in f"{dataset}"
for found in client.list_apps():
    print(found)
model = app.create_model("crop", model_type_id="image-crop", description="Cuts")
assert "crop" in str(model)
for listed in app.list_datasets():
    assert "set" in str(listed)
general = Model("https://clarifai.com/clarifai/main/models/general-image-recognition")
assert "general-image-recognition" in str(general)
assert isinstance(app.logger, logging.Logger)
client.delete_app("prints")
