"""A classifier on embeddings, trained, evaluated on its data set, and compared by its numbers."""

import os
import time

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
client = User(user_id=USER_ID)
app = client.create_app(app_id="transfer_learning", base_workflow="Universal")
dataset = app.create_dataset("pictures")
for colour in ("red", "green"):
    dataset.upload_from_folder(f"materials/pictures/{colour}", "image", labels=True)
while any(one.status.code != 30000 for one in app.inputs().list_inputs()):
    time.sleep(0.05)

model = app.create_model(model_id="transfer", model_type_id="embedding-classifier")
params = model.get_params()
assert "template" not in params.get("train_params", {}), params
concepts = [concept.id for concept in app.list_concepts()]
model.update_params(dataset_id="pictures", concepts=concepts)
version_id = model.train()
while model.training_status(version_id=version_id).code != 21100:
    time.sleep(0.1)
model = app.model(model_id="transfer", model_version={"id": version_id})
model.evaluate(dataset_id="pictures", eval_id="one")
for _ in range(600):
    status = model.get_eval_by_id(eval_id="one").status.code
    if status == 21300:
        break
    time.sleep(0.1)
result = model.get_eval_by_id(eval_id="one", label_counts=True, test_set=True,
                              metrics_by_class=True, confusion_matrix=True)  # fmt: skip
assert result.summary.macro_avg_roc_auc > 0.9, result.summary
assert {one.concept.id for one in result.metrics_by_class} == set(concepts)
assert len(result.test_set) == 8
listed = model.list_evaluations()
assert [one.id for one in listed] == ["one"], listed
assert model.get_latest_eval().id == "one"
client.delete_app("transfer_learning")
