"""The README of the 10.x releases: app, dataset, inputs, predictions, a workflow, a search."""

import os
import time

from clarifai.client.app import App
from clarifai.client.model import Model
from clarifai.client.search import Search
from clarifai.client.user import User
from clarifai.client.workflow import Workflow

USER_ID = os.environ["CLARIFAI_USER_ID"]

client = User(user_id=USER_ID)
app = client.create_app(app_id="readme_older", base_workflow="Universal")
dataset = app.create_dataset(dataset_id="demo_dataset")
dataset.upload_from_csv(
    csv_path="materials/rows.csv", input_type="text", csv_type="raw", labels=True
)
dataset.upload_from_folder(folder_path="materials/pictures/red", input_type="image", labels=True)

input_obj = User(user_id=USER_ID).app(app_id="readme_older").inputs()
input_obj.upload_from_url(input_id="demo", image_url="https://samples.clarifai.com/red.png")
input_obj.upload_from_file(input_id="demo2", image_file="materials/pictures/blue/blue0.png")
input_obj.upload_text(input_id="text1", raw_text="This is a test")
time.sleep(1)
inputs_list = list(input_obj.list_inputs(page_no=1, per_page=10, input_type="image"))
assert len(inputs_list) == 6, [found.id for found in inputs_list]
annotations = list(input_obj.list_annotations(batch_input=inputs_list))
assert {concept.name for one in annotations for concept in one.data.concepts} >= {"red"}
assert {concept.name for concept in app.list_concepts()} == {"alpha", "beta", "red"}

gpt_4_model = Model("https://clarifai.com/openai/chat-completion/models/GPT-4")
print(gpt_4_model)
prediction = Model("https://clarifai.com/anthropic/completion/models/claude-v2").predict_by_bytes(
    b"Write a tweet on future of AI", input_type="text"
)
assert prediction.outputs[0].data.text.raw
prediction = gpt_4_model.predict_by_bytes(
    b"Write a tweet on future of AI",
    "text",
    inference_params={"temperature": str(0.7), "max_tokens": 30},
)
assert prediction.outputs[0].data.text.raw
model = Model(user_id="clarifai", app_id="main", model_id="general-image-recognition")
prediction = model.predict_by_url(
    "https://samples.clarifai.com/red.png", "image", output_config={"min_value": 0.5}
)
assert all(concept.value >= 0.5 for concept in prediction.outputs[0].data.concepts)

face = Workflow("https://clarifai.com/clarifai/main/workflows/Face-Sentiment")
answer = face.predict_by_url(url="https://samples.clarifai.com/red.png", input_type="image")
assert answer.results[0].status.code == 10000

models = list(App(user_id=USER_ID, app_id="readme_older").list_models())
assert models == []
search = Search(user_id=USER_ID, app_id="readme_older", top_k=1, metric="cosine")
results = search.query(ranks=[{"image_url": "https://samples.clarifai.com/red.png"}])
for data in results:
    assert data.hits[0].input.data.image.url, data
    assert data.hits[0].input.id == "demo", data.hits[0].input.id
client.delete_app(app_id="readme_older")
