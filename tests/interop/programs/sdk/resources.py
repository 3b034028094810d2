"""Makes, lists and deletes apps, datasets, models and their like, page by page."""

from __future__ import annotations

import json
import os
from typing import Any

from clarifai.client.user import User


def refused(call) -> str:
    """Return what a call raises."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - clients raise bare exceptions
        return " ".join(str(error).split())
    return "nothing"


USER_ID, BASE = os.environ["CLARIFAI_USER_ID"], os.environ["CLARIFAI_API_BASE"]
user = User(USER_ID, base_url=BASE)
app_ids = [f"resources-{number}" for number in range(5)]
apps = [user.create_app(app_id, base_workflow="Universal") for app_id in app_ids]
app = apps[0]
facts: dict[str, Any] = {
    "apps": sorted(found.id for found in user.list_apps() if found.id in app_ids),
    "page of apps": len(list(user.list_apps(page_no=1, per_page=2))),
    "far page": len(list(user.list_apps(page_no=99, per_page=2))),
    "same app": refused(lambda: user.create_app(app_ids[0])),
    "opened": user.app(app_ids[1]).id,
    "no app": refused(lambda: user.app("resources-none")),
}

# Without a scheme the client finds out itself whether there is TLS.
bare = User(USER_ID, base_url=BASE.removeprefix("http://"))
facts["without scheme"] = sorted(found.id for found in bare.list_apps() if found.id in app_ids)

for dataset_id in ("one", "two", "three"):
    app.create_dataset(dataset_id)
facts["datasets"] = [found.id for found in app.list_datasets()]
facts["page of datasets"] = [found.id for found in app.list_datasets(page_no=2, per_page=2)]
facts["dataset"] = app.dataset("two").id
app.delete_dataset("two")
facts["datasets left"] = [found.id for found in app.list_datasets()]
facts["no dataset"] = refused(lambda: app.dataset("two"))
facts["same dataset"] = refused(lambda: app.create_dataset("one"))

model = app.create_model("classifier", model_type_id="text-classifier")
facts["model"] = [model.id, app.model("classifier").id]
facts["model types"] = sorted(app.list_trainable_model_types())
app.create_model("versioned", model_type_id="image-crop").create_version(description="v")
facts["models"] = [found.id for found in app.list_models()]
facts["no model"] = refused(lambda: app.model("none"))
app.delete_model("classifier")
facts["deleted model"] = refused(lambda: app.model("classifier"))

inputs = app.inputs()
inputs.upload_text("labelled", "some text", labels=["hot", "cold"])
facts["concepts"] = sorted(concept.name for concept in app.list_concepts())
facts["page of concepts"] = len(list(app.list_concepts(page_no=1, per_page=1)))

for app_id in app_ids:
    user.delete_app(app_id)
facts["apps left"] = [found.id for found in user.list_apps() if found.id in app_ids]
print(json.dumps(facts))
