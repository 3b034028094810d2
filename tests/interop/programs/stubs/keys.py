"""Works with the key of an app: requests name neither user nor app, in gRPC and in JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

PAT = os.environ["CLARIFAI_PAT"]
USER_ID = os.environ["CLARIFAI_USER_ID"]
APP_ID = f"keys-{USER_ID}"
RED = (Path(sys.argv[1]) / "pictures" / "red" / "red0.png").read_bytes()


class Caller:
    """Calls RPCs with one key over one channel: the one made last decides how stubs read."""

    def __init__(self, channel, key):
        self.stub = service_pb2_grpc.V2Stub(channel())
        self.metadata = (("authorization", f"Key {key}"),)

    def __call__(self, name, **fields):
        request = getattr(service_pb2, f"{name}Request")(**fields)
        return getattr(self.stub, name)(request, metadata=self.metadata)


def fetch(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def wait(api, input_id):
    until = time.monotonic() + 60
    while (found := api("GetInput", input_id=input_id).input).status.code in (30001, 30003):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def concepts(api, suffix):
    """Make, get, list, change and search concepts."""
    ours = f"own-{suffix}"
    made = api("PostConcepts", concepts=[resources_pb2.Concept(id=ours, name="mine")])
    changed = api(
        "PatchConcepts",
        action="overwrite",
        concepts=[resources_pb2.Concept(id=ours, name="also mine")],
    )
    got = api("GetConcept", concept_id=ours).concept
    listed = [one.id for one in api("ListConcepts", per_page=100).concepts]

    def searched(name, language=""):
        query = resources_pb2.ConceptQuery(name=name, language=language)
        return [one.name for one in api("PostConceptsSearches", concept_query=query).concepts]

    return {
        "made": [made.status.code, changed.status.code, got.name, ours in listed],
        "searched": [searched("dog"), searched("d*g")[0], searched("狗*", "zh")],
    }


def inputs(api):
    """Add, get, change and delete inputs."""
    picture = resources_pb2.Input()
    picture.data.image.url = "https://samples.clarifai.com/red.png"
    picture.data.image.allow_duplicate_url = True
    picture.data.concepts.add(id="some-positive", value=1)
    picture.data.concepts.add(id="some-negative", value=0)
    picture.data.geo.geo_point.longitude = 55
    picture.data.metadata.update({"key": 123, "more": {"inner": "value"}})
    posted = api("PostInputs", inputs=[picture])
    input_id = posted.inputs[0].id
    found = wait(api, input_id)
    patch = resources_pb2.Input(id=input_id)
    patch.data.concepts.add(id="another", value=1)
    patch.data.metadata["new"] = "yes"
    merged = api("PatchInputs", action="merge", inputs=[patch]).inputs[0]
    answer = api("PostInputs", inputs=[resources_pb2.Input(data={"image": {"base64": RED}})])
    wait(api, answer.inputs[0].id)
    deleted = api("DeleteInputs", ids=[input_id, answer.inputs[0].id])
    return {
        "posted": [posted.status.code, found.status.code, found.data.geo.geo_point.longitude],
        "values": [[one.id, one.value] for one in found.data.concepts],
        "metadata": [found.data.metadata["key"], found.data.metadata["more"]["inner"]],
        "merged": [[one.id for one in merged.data.concepts], sorted(merged.data.metadata)],
        "beyond": len(api("ListInputs", per_page=500, page=1000).inputs),
        "deleted": [deleted.status.code, api("GetInput", input_id=input_id).status.code],
    }


def predictions(api, pat):
    """Ask public models and workflows by their ids alone."""
    picture = resources_pb2.Input(data={"image": {"base64": RED}})
    broken = resources_pb2.Input(data={"image": {"url": "http://example.com/none.jpg"}})
    general = "aaa03c23b3724a16a56b629203edc62c"
    few = resources_pb2.Model()
    few.output_info.output_config.max_concepts = 3
    chosen = resources_pb2.Model()
    chosen.output_info.output_config.select_concepts.add(name="red")
    asked = pat("PostModelOutputs", model_id=general, inputs=[picture], model=few)
    mixed = pat("PostModelOutputs", model_id=general, inputs=[picture, broken])
    alone = pat("PostModelOutputs", model_id=general, inputs=[picture], model=chosen)
    flow = api("PostWorkflowResults", workflow_id="General", inputs=[picture])
    return {
        "asked": [asked.status.code, len(asked.outputs[0].data.concepts)],
        "mixed": [mixed.status.code, mixed.outputs[1].status.code],
        "selected": [one.name for one in alone.outputs[0].data.concepts],
        "workflow": [flow.status.code, len(flow.results[0].outputs) > 0],
    }


def media(api):
    """Fetch the media of an input with keys in headers and in cookies."""
    posted = api("PostInputs", inputs=[resources_pb2.Input(data={"image": {"base64": RED}})])
    hosted = wait(api, posted.inputs[0].id).data.image.hosted
    key = api.metadata[0][1].split()[1]
    url = f"{hosted.prefix}/orig/{hosted.suffix}"
    return {
        "header": [fetch(url, {"authorization": f"Key {one}"})[1] == RED for one in (key, PAT)],
        "cookie": [
            fetch(url, {"Cookie": f"x-clarifai-api-key={one}"})[1] == RED for one in (key, PAT)
        ],
        "wrong": [
            fetch(url, {"authorization": "Key " + "0" * 32})[0],
            fetch(url, {"Cookie": "x-clarifai-api-key=" + "0" * 32})[0],
            fetch(url, {})[0],
        ],
        "sizes": [
            fetch(f"{hosted.prefix}/{size}/{hosted.suffix}", {"authorization": f"Key {key}"})[0]
            for size in ("orig", "small", "large", "tiny")
        ],
    }


GRPC, JSON = ClarifaiChannel.get_grpc_channel, ClarifaiChannel.get_json_channel
OWNER = Caller(GRPC, PAT)
USER = resources_pb2.UserAppIDSet(user_id=USER_ID)
APP = resources_pb2.UserAppIDSet(user_id=USER_ID, app_id=APP_ID)


def key(scopes):
    made = OWNER(
        "PostKeys",
        user_app_id=USER,
        keys=[
            resources_pb2.Key(
                description="a key", scopes=scopes, apps=[{"id": APP_ID, "user_id": USER_ID}]
            )
        ],
    )
    return made.keys[0].id


facts: dict[str, Any] = {}
app = resources_pb2.App(id=APP_ID, default_workflow_id="General")
OWNER("PostApps", user_app_id=USER, apps=[app])
everything, reading = key(["All"]), key(["Inputs:Get", "Concepts:Get"])
for name, channel in (("grpc", GRPC), ("json", JSON)):
    api = Caller(channel, everything)
    facts[name] = {
        **concepts(api, name),
        **inputs(api),
        **predictions(api, Caller(channel, PAT)),
    }
facts["media"] = media(Caller(GRPC, everything))
reader = Caller(GRPC, reading)
facts["scopes"] = [
    reader("ListInputs").status.code,
    reader("PostConcepts", concepts=[resources_pb2.Concept(id="c")]).status.code,
    sorted(reader("MyScopes").scopes)[:2],
]
facts["wrong key"] = Caller(GRPC, "0" * 32)("ListInputs").status.code
facts["other app"] = reader(
    "ListInputs", user_app_id=resources_pb2.UserAppIDSet(user_id=USER_ID, app_id="other")
).status.code
facts["collaborators"] = OWNER("ListCollaborators", user_app_id=APP).status.code
facts["keys"] = len(OWNER("ListAppKeys", user_app_id=APP).keys)
OWNER("DeleteKey", user_app_id=USER, key_id=reading)
facts["deleted key"] = reader("ListInputs").status.code
OWNER("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
