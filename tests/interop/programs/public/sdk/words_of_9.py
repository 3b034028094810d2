"""Words of the 9.x releases that programs still have: output settings, ids of versions."""

import os

from clarifai.client.model import Model
from clarifai.client.user import User
from clarifai.client.workflow import Workflow

USER_ID = os.environ["CLARIFAI_USER_ID"]
PICTURE = "materials/pictures/red/red0.png"
model = Model(
    user_id="clarifai",
    app_id="main",
    model_id="general-image-recognition",
    output_config={"max_concepts": 3},
)
answer = model.predict_by_filepath(PICTURE, input_type="image")
assert len(answer.outputs[0].data.concepts) == 3
workflow = Workflow(
    user_id="clarifai", app_id="main", workflow_id="General", output_config={"min_value": 0.98}
)
result = workflow.predict_by_filepath(filepath=PICTURE, input_type="image").results[0]
assert all(one.value >= 0.98 for output in result.outputs for one in output.data.concepts)
app = User(USER_ID).create_app("words_of_9", base_workflow="Empty")
made = app.create_model("crop", model_type_id="image-crop")
version = made.create_version(description="first")
opened = (
    User(USER_ID)
    .app("words_of_9")
    .model(model_id="crop", model_version_id=version.model_version.id)
)
assert opened.model_version.id == version.model_version.id
User(USER_ID).delete_app("words_of_9")
