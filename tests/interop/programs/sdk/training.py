"""Trains a text classifier, asks it, and evaluates it."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from clarifai.client.user import User

FOLDER = Path(sys.argv[1]) / "texts"
TRAINED = 21100

user = User(os.environ["CLARIFAI_USER_ID"], base_url=os.environ["CLARIFAI_API_BASE"])
app = user.create_app("training", base_workflow="Universal")
dataset = app.create_dataset("texts")
inputs = app.inputs()
facts: dict[str, Any] = {}
protos = []
for file in sorted(FOLDER.glob("*/*.txt")):
    text = file.read_text("utf-8")
    protos.append(inputs.get_text_input(file.stem, text, "texts", labels=[file.parent.name]))
inputs.upload_inputs(protos)
while sum(found.status.code == 30000 for found in inputs.list_inputs()) < len(protos):
    time.sleep(0.05)

model = app.create_model("subjects", model_type_id="text-classifier")
facts["templates"] = model.list_training_templates()
params = model.get_params(template="HF_GPTNeo_125m_lora", save_to="params.yaml")
facts["params"] = sorted(params["train_params"])
facts["written"] = Path("params.yaml").is_file()
concepts = [concept.id for concept in app.list_concepts()]
model.update_params(dataset_id="texts", concepts=concepts)
facts["info"] = sorted(model.get_param_info(param="tokenizer_config"))
version_id = model.train()
waited = time.monotonic() + 60
while model.training_status(version_id=version_id).code != TRAINED:
    assert time.monotonic() < waited, model.training_status(version_id=version_id)
    time.sleep(0.2)
model.training_status(version_id=version_id, training_logs=True)
facts["logs"] = Path(f"{version_id}.log").stat().st_size > 0

trained = app.model("subjects")
response = trained.predict_by_bytes(b"the match and the goal", "text")
facts["answer"] = response.outputs[0].data.concepts[0].name
facts["answered by"] = response.outputs[0].model.model_version.id == version_id

trained = type(model)(
    model_id="subjects",
    model_version={"id": version_id},
    user_id=os.environ["CLARIFAI_USER_ID"],
    app_id="training",
    base_url=os.environ["CLARIFAI_API_BASE"],
)
trained.evaluate(dataset_id="texts", eval_id="first")
waited = time.monotonic() + 60
while (latest := trained.get_latest_eval(confusion_matrix=True, label_counts=True)) is None:
    assert time.monotonic() < waited
    time.sleep(0.2)
facts["evaluation"] = [
    latest.id,
    latest.status.code,
    len(latest.confusion_matrix.matrix),
    len(latest.label_counts.positive_label_counts),
]
facts["better than a coin"] = latest.summary.macro_avg_f1_score > 0.5
by_id = trained.get_eval_by_id("first", metrics_by_class=True)
facts["by class"] = sorted(entry.concept.name for entry in by_id.metrics_by_class)

model.delete_version(version_id)
user.delete_app("training")
print(json.dumps(facts))
