"""The documentation's training of a visual classifier by a template."""

import os
import time

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
client = User(user_id=USER_ID)
app = client.create_app(app_id="train_pictures", base_workflow="Universal")
dataset = app.create_dataset(dataset_id="image_dataset")
for colour in ("red", "green", "blue"):
    dataset.upload_from_folder(f"materials/pictures/{colour}", input_type="image", labels=True)
concepts = [concept.id for concept in app.list_concepts()]
assert len(concepts) == 3, concepts

assert "visual-classifier" in app.list_trainable_model_types()
model = app.create_model(model_id="model_classifier", model_type_id="visual-classifier")
templates = model.list_training_templates()
for name in (
    "MMClassification_ResNet_50_RSB_A1",
    "Clarifai_InceptionTransferEmbedNorm",
    "MMClassification_EfficientNet",
):
    assert name in templates, templates
params = model.get_params(template="MMClassification_ResNet_50_RSB_A1", save_to="params.yaml")
assert params["train_params"]["template"] == "MMClassification_ResNet_50_RSB_A1"
assert "num_epochs" in params["train_params"], params
model.update_params(dataset_id="image_dataset", concepts=concepts, num_epochs=5)
assert model.training_params["train_params"]["num_epochs"] == 5
info = model.get_param_info("num_epochs")
assert info["param"] == "num_epochs", info
version_id = model.train()
while True:
    status = model.training_status(version_id=version_id, training_logs=False)
    if status.code not in (21103, 21106, 21101, 21104):
        break
    time.sleep(0.1)
assert status.code == 21100, status
prediction = model.predict_by_filepath(
    filepath="materials/pictures/blue/blue1.png", input_type="image"
)
assert prediction.outputs[0].data.concepts[0].name == "blue", prediction.outputs[0].data
client.delete_app("train_pictures")
