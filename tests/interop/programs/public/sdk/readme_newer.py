"""The README of the 12.x releases: training with saved parameters, versions, public listings."""

import os
import time

import yaml

from clarifai.client.app import App
from clarifai.client.search import Search
from clarifai.client.user import User
from clarifai.client.workflow import Workflow

USER_ID = os.environ.pop("CLARIFAI_USER_ID")

client = User(user_id=USER_ID)
app = client.create_app(app_id="readme_newer", base_workflow="Universal")
dataset = app.create_dataset(dataset_id="demo_dataset")
dataset.upload_from_folder("materials/texts/food", "text", labels=True)
dataset.upload_from_folder("materials/texts/sport", "text", labels=True)
while any(one.status.code != 30000 for one in app.inputs().list_inputs()):
    time.sleep(0.05)

model = app.create_model(model_id="my-classifier", model_type_id="text-classifier")
templates = model.list_training_templates()
assert "HuggingFace_AdvancedConfig" in templates, templates
model_params = model.get_params(template="HuggingFace_AdvancedConfig", save_to="model_params.yaml")
model.update_params(dataset_id="demo_dataset")
saved = yaml.safe_load(open("model_params.yaml"))
saved["dataset_id"] = "demo_dataset"
saved.setdefault("concepts", []).extend(
    one.id for one in app.list_concepts() if one.id not in saved["concepts"]
)
with open("model_params.yaml", "w") as file:
    yaml.safe_dump(saved, file)
version_id = model.train("model_params.yaml")
while True:
    status = model.training_status(version_id=version_id, training_logs=True)
    if status.code in (21100, 21110, 21111):
        break
    time.sleep(0.1)
assert status.code == 21100, status

versions = list(model.list_versions())
assert [one.model_version.id for one in versions] == [version_id]
pinned = client.app("readme_newer").model(
    model_id="my-classifier", model_version={"id": version_id}
)
answer = pinned.predict_by_bytes(b"fresh bread and butter", input_type="text")
assert answer.outputs[0].data.concepts[0].name == "food", answer.outputs[0].data.concepts
assert len(list(app.list_models())) == 1

all_llms = list(
    App().list_models(
        filter_by={"query": "LLM", "model_type_id": "text-to-text"}, only_in_app=False
    )
)
assert all_llms, "no public language model is listed"
faces = list(App().list_workflows(filter_by={"query": "face"}, only_in_app=False))
assert any("face" in one.id.lower() for one in faces), [one.id for one in faces]

workflow = Workflow(url="https://clarifai.com/clarifai/main/workflows/Face-Sentiment")
workflow.export("face.yml")
assert yaml.safe_load(open("face.yml"))["workflow"]["nodes"]

search = Search(user_id=USER_ID, app_id="readme_newer", metric="euclidean", pagination=True)
pages = [
    [hit.input.id for hit in data.hits]
    for number in (1, 2)
    for data in search.query(ranks=[{"text_raw": "bread"}], page_no=number, per_page=5)
]
assert [len(page) for page in pages] == [5, 3], pages
client.delete_app(app_id="readme_newer")
