"""Two models held against each other on a data set, by the SDK's own comparison."""

import os
import time

from clarifai.client.dataset import Dataset
from clarifai.client.model import Model
from clarifai.client.user import User
from clarifai.utils.evaluation import EvalResultCompare

USER_ID = os.environ["CLARIFAI_USER_ID"]
WHERE = f"https://clarifai.com/{USER_ID}/compare_evaluations"
client = User(user_id=USER_ID)
app = client.create_app(app_id="compare_evaluations", base_workflow="Universal")
dataset = app.create_dataset("pictures")
for colour in ("red", "green"):
    dataset.upload_from_folder(f"materials/pictures/{colour}", "image", labels=True)
models = []
for name in ("first", "second"):
    model = app.create_model(model_id=name, model_type_id="embedding-classifier")
    model.get_params()
    concepts = [concept.id for concept in app.list_concepts()]
    model.update_params(dataset_id="pictures", concepts=concepts)
    version_id = model.train()
    while model.training_status(version_id=version_id).code != 21100:
        time.sleep(0.1)
    models.append(Model(url=f"{WHERE}/models/{name}/versions/{version_id}"))
compare = EvalResultCompare(
    models=models,
    datasets=Dataset(user_id=USER_ID, app_id="compare_evaluations", dataset_id="pictures"),
    attempt_evaluate=True,
)
summary, by_concept = compare.detailed_summary(bypass_const=True)
assert len(summary) == 4, summary  # two models, two concepts
compare.all("compared")
assert os.listdir("compared")
client.delete_app("compare_evaluations")
