"""The documentation's training of a text classifier out of a CSV file, and its evaluation."""

import os
import time

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
ROWS = {
    "pos": ("a wonderful film", "I loved the actors", "the best story", "funny and warm"),
    "neg": ("a boring film", "I hated the actors", "the worst story", "dull and cold"),
}
with open("imdb.csv", "w") as file:
    file.write("input,concepts\n")
    for concept, texts in ROWS.items():
        file.writelines(f"{text},{concept}\n" for text in texts)

client = User(user_id=USER_ID)
app = client.create_app(app_id="train_texts", base_workflow="Universal")
dataset = app.create_dataset(dataset_id="text_dataset")
dataset.upload_from_csv(csv_path="imdb.csv", input_type="text", csv_type="raw", labels=True)
while len(list(app.inputs().list_inputs())) < 8:
    time.sleep(0.05)
while any(one.status.code != 30000 for one in app.inputs().list_inputs()):
    time.sleep(0.05)

model = app.create_model(model_id="text-classifier", model_type_id="text-classifier")
print(model.list_training_templates())
params = model.get_params(template="HuggingFace_AdvancedConfig")
assert params["train_params"]["template"] == "HuggingFace_AdvancedConfig", params
concepts = [concept.id for concept in app.list_concepts()]
model.update_params(dataset_id="text_dataset", concepts=concepts)
version_id = model.train()
started = time.time()
while time.time() - started < 60:
    status = model.training_status(version_id=version_id, training_logs=True)
    if status.code == 21100:
        break
    time.sleep(0.1)
assert status.code == 21100, status
print("Total Training Time: ", time.time() - started)
text = b"This is a boring film and the worst story ever"
answer = model.predict_by_bytes(text, input_type="text")
assert answer.outputs[0].data.concepts[0].name == "neg", answer.outputs[0].data
client.delete_app("train_texts")
