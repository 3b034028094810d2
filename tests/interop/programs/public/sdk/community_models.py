"""A page of public models: everything a drop-down needs, from `model_info` and attributes."""

import os

from google.protobuf.json_format import MessageToDict

from clarifai.client.app import App
from clarifai.client.model import Model

pat = os.environ["CLARIFAI_PAT"]
os.environ.pop("CLARIFAI_USER_ID")  # the page knows a key, and no user


def list_all_models(filter_by):
    api_info = {}
    for model in list(App().list_models(filter_by=filter_by, only_in_app=False)):
        info = MessageToDict(model.model_info)
        api_info[f"{info['id']}: {info['userId']}"] = {
            "user_id": info["userId"],
            "app_id": info["appId"],
            "model_id": info["id"],
            "version_id": info["modelVersion"]["id"],
        }
    return api_info


language = list_all_models({"query": "LLM", "model_type_id": "text-to-text"})
assert language
first = next(iter(language.values()))
assert (
    Model(
        user_id=first["user_id"],
        app_id=first["app_id"],
        model_id=first["model_id"],
        model_version={"id": first["version_id"]},
    )
    .predict_by_bytes(b"Hello", input_type="text")
    .outputs[0]
    .data.text.raw
)

classifiers = list(
    App(pat=pat).list_models(filter_by={"model_type_id": "visual-classifier"}, only_in_app=False)
)
ids = [one.id for one in classifiers]
assert "moderation-recognition" in ids, ids
chosen = next(one for one in classifiers if one.id == "moderation-recognition")
assert (chosen.user_id, chosen.app_id) == ("clarifai", "main")
assert isinstance(chosen.name, str)
assert chosen.model_type_id == "visual-classifier"
page = list(App().list_models(only_in_app=False, page_no=1, per_page=5))
assert len(page) == 5, len(page)
workflows = [one.id for one in App(pat=pat).list_workflows(only_in_app=False)]
assert workflows
