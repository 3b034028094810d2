"""What the newer SDK offers besides: changes, counts, relations, archives and raw evaluations."""

from __future__ import annotations

import json
import os
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from clarifai.client.model import Model
from clarifai.client.user import User

PICTURES = Path(sys.argv[1]) / "pictures"
BASE = os.environ["CLARIFAI_API_BASE"]

# Newer ones take the address, user and key from the environment.
user: Any = User(os.environ["CLARIFAI_USER_ID"])
app = user.create_app("newer", base_workflow="Universal")
facts: dict[str, Any] = {}
facts["patched app"] = user.patch_app("newer", description="changed").id
facts["user"] = user.get_user_info().user.id
dataset = app.create_dataset("pictures")
inputs = app.inputs()
inputs.upload_inputs(
    [
        inputs.get_input_from_file(
            file.stem, image_file=str(file), dataset_id="pictures", labels=[file.parent.name]
        )
        for file in sorted(PICTURES.glob("*/*.png"))
    ]
)
while any(found.status.code != 30000 for found in inputs.list_inputs()):
    time.sleep(0.05)
facts["count"] = app.get_input_count()
facts["one input"] = inputs.get_input("red0").id
facts["dataset inputs"] = len(list(dataset.list_inputs()))
app.patch_dataset("pictures", action="merge", notes="changed")
facts["patched dataset"] = app.dataset("pictures").notes

app.create_concepts(["animal", "dog"])
app.create_concept_relations("dog", ["animal"], ["hyponym"])
facts["relations"] = [
    [relation.subject_concept.id, relation.predicate, relation.object_concept.id]
    for relation in app.search_concept_relations(concept_id="dog")
]
inputs.patch_concepts(["dog"], labels=["Dog"])
facts["patched concept"] = sorted(
    concept.name for concept in app.list_concepts() if concept.id == "dog"
)

dataset.create_version(description="first")
versions = list(dataset.list_versions())
facts["versions"] = len(versions)
version = app.dataset("pictures", dataset_version_id=versions[0].version.id)
url = version.archive_zip()
dataset.export(save_path="out.zip", archive_url=url)
with zipfile.ZipFile("out.zip") as archive:
    facts["exported"] = sum(name.endswith(".png") for name in archive.namelist())

app.create_model("colours", model_type_id="embedding-classifier")
model = app.model("colours")
model.get_params()
model.update_params(dataset_id="pictures", concepts=["red", "green", "blue"])
version_id = model.train()
while model.training_status(version_id=version_id).code != 21100:
    time.sleep(0.1)
trained = app.model("colours", model_version={"id": version_id})
trained.evaluate(dataset_id="pictures", eval_id="first")
while (latest := trained.get_latest_eval()) is None:
    time.sleep(0.1)
facts["evaluated"] = latest.status.code
facts["evaluations"] = len(trained.list_evaluations())
facts["model versions"] = len(list(model.list_versions()))
general: Any = Model(url="https://clarifai.com/clarifai/main/models/general-image-recognition")
red = (PICTURES / "red" / "red0.png").read_bytes()
facts["untyped"] = len(general.predict_by_bytes(red).outputs[0].data.concepts)
facts["generated"] = [
    len(part.outputs) for part in general.generate_by_bytes(red, input_type="image")
]
facts["pages of hits"] = [
    len(answer.hits)
    for page in (1, 2, 3)
    for answer in app.search(pagination=True).query(page_no=page, per_page=5)
]
inputs.delete_annotations(["red0"])
facts["annotations left"] = len(
    list(inputs.list_annotations(batch_input=[inputs.get_input("red0")]))
)
facts["runners"] = len(list(user.list_runners()))
facts["organizations"] = user.list_organizations()
user.delete_app("newer")
print(json.dumps(facts))
