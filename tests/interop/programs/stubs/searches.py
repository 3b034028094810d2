"""Searches inputs and annotations with the bare stubs."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
KEY = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="searches")
PICTURES = Path(sys.argv[1]) / "pictures"


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id="searches")])
inputs = []
for number, file in enumerate(sorted(PICTURES.glob("*/*.png"))):
    one = resources_pb2.Input(id=file.stem)
    one.data.image.base64 = file.read_bytes()
    one.data.concepts.add(id=file.parent.name, value=1)
    one.data.metadata.update({"number": number, "file": {"name": file.name}})
    one.data.geo.geo_point.longitude = float(number)
    inputs.append(one)
call("PostInputs", user_app_id=APP, inputs=inputs)
end = time.monotonic() + 60
while any(one.status.code != 30000 for one in call("ListInputs", user_app_id=APP).inputs):
    assert time.monotonic() < end
    time.sleep(0.05)


def search(name, filters=(), ranks=(), page=None, metric=0, **options):
    query = resources_pb2.Query(filters=list(filters), ranks=list(ranks))
    asked = resources_pb2.Search(query=query, metric=metric)
    if page:
        options["pagination"] = page
    return call(name, user_app_id=APP, searches=[asked], **options)


def annotated(negate=False, **data):
    annotation = resources_pb2.Annotation(data=resources_pb2.Data(**data))
    return resources_pb2.Filter(annotation=annotation, negate=negate)


def ids(answer):
    return [hit.input.id for hit in answer.hits]


def concept(name, **more):
    return annotated(concepts=[resources_pb2.Concept(id=name, value=1)], **more)


facts: dict[str, Any] = {}
facts["concept"] = sorted(ids(search("PostInputsSearches", [concept("red")])))
facts["not"] = len(ids(search("PostInputsSearches", [concept("red", negate=True)])))
both = resources_pb2.Data(
    concepts=[resources_pb2.Concept(id=name, value=1) for name in ("red", "blue")]
)
either = resources_pb2.Filter(annotation=resources_pb2.Annotation(data=both))
facts["or"] = len(ids(search("PostInputsSearches", [either])))
facts["and"] = ids(search("PostInputsSearches", [concept("red"), concept("blue")]))
nested = resources_pb2.Data()
nested.metadata.update({"file": {"name": "green2.png"}})
inner = resources_pb2.Filter(annotation=resources_pb2.Annotation(data=nested))
facts["metadata"] = ids(search("PostInputsSearches", [inner]))
facts["annotations"] = len(search("PostAnnotationsSearches", [concept("blue")]).hits)

rank = resources_pb2.Rank()
rank.annotation.data.image.base64 = (PICTURES / "green" / "green3.png").read_bytes()
for metric in ("EUCLIDEAN_DISTANCE", "COSINE_DISTANCE"):
    number = resources_pb2.Search.Metric.Value(metric)
    near = search("PostInputsSearches", ranks=[rank], metric=number)
    facts[metric] = [near.hits[0].input.id, round(near.hits[0].score, 3), len(near.hits)]
by_input = resources_pb2.Rank(annotation=resources_pb2.Annotation(input_id="blue0"))
facts["input"] = ids(search("PostInputsSearches", ranks=[by_input]))[0]
pages = [
    ids(search("PostInputsSearches", ranks=[rank], page=service_pb2.Pagination(page=n, per_page=5)))
    for n in (1, 2, 3, 4)
]
facts["pages"] = [len(page) for page in pages]
facts["every one once"] = len({one for page in pages for one in page})
box = resources_pb2.Data()
box.geo.geo_box.add().geo_point.CopyFrom(resources_pb2.GeoPoint(longitude=-0.5, latitude=-1))
box.geo.geo_box.add().geo_point.CopyFrom(resources_pb2.GeoPoint(longitude=2.5, latitude=1))
inside = resources_pb2.Filter(annotation=resources_pb2.Annotation(data=box))
facts["box"] = len(ids(search("PostInputsSearches", [inside])))
call("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
