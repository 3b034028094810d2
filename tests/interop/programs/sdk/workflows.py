"""Makes a workflow of public models from YAML, runs it, and exports it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml

from clarifai.client.user import User
from clarifai.client.workflow import Workflow

RED = Path(sys.argv[1]) / "pictures" / "red" / "red0.png"
BASE = os.environ["CLARIFAI_API_BASE"]
CONFIG = {
    "workflow": {
        "id": "faces",
        "nodes": [
            {
                "id": "embed",
                "model": {
                    "model_id": "general-image-embedding",
                    "user_id": "clarifai",
                    "app_id": "main",
                },
            },
            {
                "id": "cluster",
                "model": {
                    "model_id": "general-clusterering",
                    "user_id": "clarifai",
                    "app_id": "main",
                },
                "node_inputs": [{"node_id": "embed"}],
            },
        ],
    }
}

user = User(os.environ["CLARIFAI_USER_ID"], base_url=BASE)
app = user.create_app("workflows", base_workflow="Universal")
Path("config.yml").write_text(yaml.safe_dump(CONFIG), "utf-8")
facts: dict[str, Any] = {}
workflow = app.create_workflow(config_filepath="config.yml", display=False)
facts["made"] = workflow.id
again = app.create_workflow(config_filepath="config.yml", generate_new_id=True, display=False)
facts["new id"] = again.id != workflow.id
facts["workflows"] = len(list(app.list_workflows()))
facts["page of workflows"] = len(list(app.list_workflows(page_no=1, per_page=1)))

opened = app.workflow("faces")
response = opened.predict_by_bytes(RED.read_bytes(), "image")
outputs = response.results[0].outputs
facts["outputs"] = [output.model.id for output in outputs]
facts["vector"] = len(outputs[0].data.embeddings) == 1
facts["cluster"] = len(outputs[1].data.clusters) > 0
facts["versions"] = len(list(opened.list_versions()))
opened.export("out.yml")
exported = yaml.safe_load(Path("out.yml").read_text("utf-8"))
facts["exported"] = [node["id"] for node in exported["workflow"]["nodes"]]
app.delete_workflow("faces")
facts["left"] = len(list(app.list_workflows()))

public = Workflow(url="https://clarifai.com/clarifai/main/workflows/Face-Sentiment", base_url=BASE)
by_file = public.predict_by_filepath(str(RED), "image")
facts["public"] = by_file.status.code
by_url = public.predict_by_url("https://samples.clarifai.com/red.png", "image")
facts["public by url"] = by_url.results[0].status.code
main = User("clarifai", base_url=BASE).app("main")
facts["public workflows"] = len(list(main.list_workflows())) >= 10
user.delete_app("workflows")
print(json.dumps(facts))
