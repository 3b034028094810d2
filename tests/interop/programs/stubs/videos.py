"""Asks a model about an animated picture and a video, frame by frame, in gRPC and in JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

PAT = os.environ["CLARIFAI_PAT"]
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="videos")
GENERAL = "aaa03c23b3724a16a56b629203edc62c"
GIF = "https://samples.clarifai.com/colours.gif"
VIDEO = "https://samples.clarifai.com/colours.mp4"
MATERIALS = Path(sys.argv[1]) / "moving"


class Caller:
    """Calls RPCs over one channel."""

    def __init__(self, channel):
        self.stub = service_pb2_grpc.V2Stub(channel)

    def __call__(self, name, **fields):
        request = getattr(service_pb2, f"{name}Request")(**fields)
        return getattr(self.stub, name)(request, metadata=(("authorization", f"Key {PAT}"),))


def asked(api, video, **config):
    model = resources_pb2.Model()
    model.output_info.output_config.MergeFrom(resources_pb2.OutputConfig(**config))
    answer = api(
        "PostModelOutputs",
        model_id=GENERAL,
        model=model,
        inputs=[resources_pb2.Input(data={"video": video})],
    )
    return answer.status.code, list(answer.outputs[0].data.frames) if answer.outputs else []


def times(frames):
    return [[frame.frame_info.index, frame.frame_info.time] for frame in frames]


def predictions(api):
    """Ask in each way that the stubs' own examples do."""
    code, frames = asked(api, {"url": GIF})
    _, sure = asked(api, {"url": GIF}, min_value=0.5)
    _, few = asked(api, {"url": GIF}, max_concepts=3)
    _, slow = asked(api, {"url": VIDEO}, sample_ms=2000)
    _, own = asked(api, {"base64": (MATERIALS / "colours.mp4").read_bytes()})
    values = [one.value for frame in sure for one in frame.data.concepts]
    return {
        "gif": [code, times(frames), all(len(one.data.concepts) for one in frames)],
        "sure": min(values, default=1) >= 0.5,
        "few": [len(frame.data.concepts) for frame in few],
        "slow": times(slow),
        "own": [len(own), all(len(one.data.concepts) for one in own)],
        "broken": asked(api, {"base64": b"no video"})[0],
    }


facts: dict[str, Any] = {}
API = Caller(ClarifaiChannel.get_grpc_channel())
facts["grpc"] = predictions(API)
facts["json"] = predictions(Caller(ClarifaiChannel.get_json_channel()))

API("PostApps", user_app_id=USER, apps=[resources_pb2.App(id="videos")])


def of(url: str) -> resources_pb2.Data:
    """Return a moving picture as data."""
    return resources_pb2.Data(video=resources_pb2.Video(url=url))


posted = API(
    "PostInputs",
    user_app_id=APP,
    inputs=[resources_pb2.Input(id="video", data=of(VIDEO))],
)
until = time.monotonic() + 60
while (found := API("GetInput", user_app_id=APP, input_id="video").input).status.code in (
    30001,
    30003,
):
    assert time.monotonic() < until
    time.sleep(0.05)
hosted = found.data.video.hosted
facts["uploaded"] = [found.status.code, sorted(hosted.sizes)]
for size in ("orig", "thumbnail"):
    request = urllib.request.Request(
        f"{hosted.prefix}/{size}/{hosted.suffix}", headers={"Authorization": f"Key {PAT}"}
    )
    with urllib.request.urlopen(request) as answer:
        facts[size] = [answer.headers["Content-Type"], len(answer.read()) > 100]
flow = API(
    "PostWorkflowResults",
    user_app_id=resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main"),
    workflow_id="General",
    inputs=[resources_pb2.Input(data=of(GIF))],
)
facts["workflow"] = [
    flow.status.code,
    [len(output.data.frames) for output in flow.results[0].outputs],
]
API("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
