"""Searches by picture, text and concept, through filters of every kind."""

from __future__ import annotations

import inspect
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from clarifai.client.search import Search
from clarifai.client.user import User

# Newer ones ask for another algorithm before they take the metric "cosine".
TAKES_ALGORITHM = "algorithm" in inspect.signature(Search.__init__).parameters
PICTURES = Path(sys.argv[1]) / "pictures"

user = User(os.environ["CLARIFAI_USER_ID"], base_url=os.environ["CLARIFAI_API_BASE"])
app = user.create_app("searching", base_workflow="Universal")
inputs = app.inputs()
protos = []
for number, file in enumerate(sorted(PICTURES.glob("*/*.png"))):
    proto = inputs.get_input_from_file(
        file.stem, image_file=str(file), labels=[file.parent.name], geo_info=[-30 - number, 40]
    )
    proto.data.metadata["number"] = number
    protos.append(proto)
protos.append(inputs.get_text_input("text", "neither red nor blue"))
inputs.upload_inputs(protos)
while sum(found.status.code == 30000 for found in inputs.list_inputs()) < len(protos):
    time.sleep(0.05)


def hits(ranks=None, filters=None, **options):
    if TAKES_ALGORITHM:
        options["algorithm"] = "brute_force"
    search = app.search(**options)
    query = {}
    if ranks:
        query["ranks"] = ranks
    if filters:
        query["filters"] = filters
    return [hit for response in search.query(**query) for hit in response.hits]


def ids(*args, **options):
    return [hit.input.id for hit in hits(*args, **options)]


def as_set(*args, **options):
    return sorted({hit.input.id for hit in hits(*args, **options)})


facts: dict[str, Any] = {}
url = "https://samples.clarifai.com/red.png"
near = hits([{"image_url": url}], top_k=4, metric="cosine")
facts["by url"] = near[0].input.id
facts["nearest"] = sorted(hit.input.id[:3] for hit in near)
facts["best score"] = round(near[0].score, 3)
facts["scores fall"] = [hit.score for hit in near] == sorted((h.score for h in near), reverse=True)
picture = (PICTURES / "blue" / "blue2.png").read_bytes()
for metric in ("cosine", "euclidean"):
    facts[f"by bytes, {metric}"] = ids([{"image_bytes": picture}], top_k=1, metric=metric)
facts["by text"] = len(ids([{"text_raw": "something red"}], top_k=20)) > 0
green = [{"concepts": [{"name": "green", "value": 1}]}]
facts["by concept"] = as_set(None, green, top_k=20)
facts["by metadata"] = as_set(None, [{"metadata": {"number": 5}}], top_k=20)
near_by = {"longitude": -30.0, "latitude": 40.0, "geo_limit": 100}
facts["by place"] = as_set(None, [{"geo_point": near_by}], top_k=20)
facts["both"] = as_set(None, [{"metadata": {"number": 0}}, {"metadata": {"number": 1}}], top_k=20)
blue = [{"concepts": [{"name": "blue", "value": 1}]}]
facts["rank and filter"] = ids([{"image_url": url}], blue, top_k=20)[:4]
facts["rank and filter"] = sorted(set(facts["rank and filter"]))
facts["by type"] = as_set(None, [{"input_types": ["text"]}], top_k=20)
facts["by status"] = len(as_set(None, [{"input_status_code": 30000}], top_k=50))
facts["no hits"] = as_set(None, [{"metadata": {"number": 99}}], top_k=20)
facts["everything"] = len(set(ids(top_k=100)))
user.delete_app("searching")
print(json.dumps(facts))
