"""Asks public models, by bytes, file and URL."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from clarifai.client.input import Inputs
from clarifai.client.model import Model
from clarifai.client.user import User

RED = Path(sys.argv[1]) / "pictures" / "red" / "red0.png"
BASE = os.environ["CLARIFAI_API_BASE"]


def open_model(path):
    return Model(url=f"https://clarifai.com/{path}", base_url=BASE)


def concepts(response):
    return [concept.name for concept in response.outputs[0].data.concepts]


general = open_model("clarifai/main/models/general-image-recognition")
facts: dict[str, Any] = {}
response = general.predict_by_bytes(RED.read_bytes(), "image")
values = [concept.value for concept in response.outputs[0].data.concepts]
facts["count"] = len(values)
facts["sorted"] = values == sorted(values, reverse=True)
facts["same by file"] = concepts(general.predict_by_filepath(str(RED), "image")) == concepts(
    response
)
by_url = general.predict_by_url("https://samples.clarifai.com/red.png", "image")
facts["same by url"] = concepts(by_url) == concepts(response)
three = general.predict_by_bytes(RED.read_bytes(), "image", output_config={"max_concepts": 3})
facts["at most 3"] = len(concepts(three))
few = general.predict_by_bytes(RED.read_bytes(), "image", output_config={"min_value": values[4]})
facts["at least"] = len(concepts(few))
many = [Inputs.get_input_from_bytes(f"i{n}", image_bytes=RED.read_bytes()) for n in range(128)]
facts["batch"] = len(general.predict(many).outputs)
try:
    general.predict_by_url("https://samples.clarifai.com/none.png", "image")
except Exception as error:  # noqa: BLE001 - clients raise bare exceptions
    facts["unreachable"] = str(error)

embedding = open_model("clarifai/main/models/general-image-embedding").predict_by_bytes(
    RED.read_bytes(), "image"
)
facts["dimensions"] = len(embedding.outputs[0].data.embeddings[0].vector) > 0
claude = open_model("anthropic/completion/models/claude-v2")
answer = claude.predict_by_bytes(b"Write a tweet on future of AI", "text")
facts["text"] = answer.outputs[0].data.text.raw != ""

old = Model(
    model_id="face-detection",
    model_version={"id": "fe995da8cb73490f8556416ecf25cea3"},
    user_id="clarifai",
    app_id="main",
    base_url=BASE,
)
version = old.predict_by_bytes(RED.read_bytes(), "image").outputs[0].model.model_version.id
facts["version"] = version
main = User("clarifai", base_url=BASE).app("main")
facts["public models"] = len(list(main.list_models())) >= 16
facts["page of models"] = len(list(main.list_models(page_no=1, per_page=5)))
facts["filtered"] = [m.id for m in main.list_models(filter_by={"query": "face-detection"})][:1]
print(json.dumps(facts))
