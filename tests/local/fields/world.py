"""What the requests of this test find: one app with everything, and a second for comparison."""

from __future__ import annotations

from typing import Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import timestamp_pb2

from clarifai_local import ManualClock, Platform, UrlFetcher
from tests.local.pictures import picture

USER = {"user_id": "alice"}
APP = {"user_id": "alice", "app_id": "zoo"}

TEXTS = {
    "sunny": ("the sun shines on the sea", "weather"),
    "snowy": ("heavy snow and wind all day", "weather"),
    "match": ("the players score a goal", "sport"),
    "race": ("the runners win the race", "sport"),
}
GRAPH = [{"id": "n1", "model": {"id": "general-image-recognition"}}]
GENERAL = "general-image-recognition"
GENERAL_VERSION = "aa7f35c01e0642fda5cf400f543e7c40"
BOX = {"bounding_box": {"top_row": 0.1, "left_col": 0.2, "bottom_row": 0.8, "right_col": 0.9}}


def furnished() -> Platform:
    """Return a platform with two of everything, so that whatever narrows a listing shows."""
    fetcher = UrlFetcher(
        cache={
            "samples.example/red.png": picture("red"),
            "samples.example/note.txt": b"the sun shines",
        }
    )
    platform = Platform(clock=ManualClock(), url_fetcher=fetcher)
    platform.runner_queue.poll_seconds = 0.01
    made = _Maker(platform)
    made(
        "PostApps", user_app_id=USER, apps=[{"id": "zoo", "name": "Zoo", "description": "animals"}]
    )
    platform.clock.advance(5)
    made(
        "PostApps",
        user_app_id=USER,
        apps=[{"id": "ark", "name": "Ark", "default_workflow": {"id": "General"}}],
    )
    _datasets(made)
    _inputs(made)
    assert platform.wait_idle(300)
    _models(made)
    _others(made)
    assert platform.wait_idle(300)
    made(
        "PutDatasetVersionExports",
        user_app_id=APP,
        dataset_id="set",
        dataset_version_id="v1",
        exports=[{"format": 1}],
    )
    made(
        "PostEvaluations",
        user_app_id=APP,
        eval_metrics=[
            {"id": "eval", "model": {"id": "sorter", "model_version": {"id": "trained"}}}
        ],
    )
    assert platform.wait_idle(300)
    _touched(made)
    _stand_still(platform)
    made(
        "PostModelVersions",
        user_app_id=APP,
        model_id="sorter",
        model_versions=[{"id": "queued", "train_info": {"params": {"dataset_id": "set"}}}],
    )
    return platform


def _touched(made: _Maker) -> None:
    """Change what is oldest, so that an order by the last change is none by age."""
    made("PatchApp", user_app_id=APP, app={"description": "animals"}, action="overwrite")
    for kind, first in (("datasets", "set"), ("models", "sorter"), ("modules", "panel")):
        rpc = f"Patch{kind.title()}"
        made(rpc, user_app_id=APP, action="merge", **{kind: [{"id": first}]})
    made(
        "PatchWorkflows",
        user_app_id=APP,
        action="overwrite",
        workflows=[{"id": "flow", "notes": "changed"}],
    )


def _stand_still(platform: Platform) -> None:
    """Let nothing happen in the background: requests are undone before it would."""
    platform.jobs.submit = lambda *_: None  # type: ignore[method-assign]
    platform.processor.wake = lambda: None  # type: ignore[method-assign]


def call(platform: Platform, rpc: str, request: Any) -> Any:
    """Answer one request in this process."""
    method = platform.dispatcher.methods[f"/clarifai.api.V2/{rpc}"]
    payload = request.SerializeToString()
    if method.client_streaming or method.server_streaming:
        stream = platform.dispatcher.stream(method, iter([payload]), {}, trusted=True)
        answers = [method.response_type.FromString(one) for one in stream]
        whole = method.response_type()
        for answer in answers:
            whole.MergeFrom(answer)
        return whole
    return method.response_type.FromString(
        platform.dispatcher.unary(method, payload, {}, trusted=True)
    )


def request_of(platform: Platform, rpc: str, fields: dict[str, Any]) -> Any:
    """Return the request of an RPC."""
    return platform.dispatcher.methods[f"/clarifai.api.V2/{rpc}"].request_type(**fields)


class _Maker:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def __call__(self, rpc: str, **fields: Any) -> Any:
        answer = call(self.platform, rpc, request_of(self.platform, rpc, fields))
        if answer.status.code != codes.SUCCESS:
            raise AssertionError(f"{rpc}: {answer.status}")
        self.platform.clock.advance(1)
        return answer


def _datasets(made: _Maker) -> None:
    made("PostDatasets", user_app_id=APP, datasets=[{"id": "set", "description": "words"}])
    made("PostDatasets", user_app_id=APP, datasets=[{"id": "other", "description": "things"}])


def _inputs(made: _Maker) -> None:
    labelled = resources_pb2.Input(id="red", dataset_ids=["set"])
    labelled.data.image.base64 = picture("red")
    labelled.data.concepts.add(id="colour", value=1)
    labelled.data.metadata.update({"a": {"b": 1}})
    labelled.data.geo.geo_point.latitude, labelled.data.geo.geo_point.longitude = 10, 20
    made("PostInputs", user_app_id=APP, inputs=[labelled], inputs_add_job_id="job")
    made(
        "PostInputs",
        user_app_id=APP,
        inputs=[{"id": "blue", "data": {"image": {"base64": picture("blue")}}}],
    )
    made(
        "PostInputs",
        user_app_id=APP,
        inputs=[
            {
                "id": name,
                "dataset_ids": ["set"],
                "data": {"text": {"raw": raw}, "concepts": [{"id": label, "value": 1}]},
            }
            for name, (raw, label) in TEXTS.items()
        ],
    )
    made(
        "PostAnnotations",
        user_app_id=APP,
        annotations=[
            {
                "id": "box",
                "input_id": "red",
                "data": {
                    "regions": [
                        {
                            "id": "r1",
                            "region_info": BOX,
                            "data": {"concepts": [{"id": "colour", "value": 1}]},
                        }
                    ]
                },
            },
            {"id": "tag", "input_id": "blue", "data": {"concepts": [{"id": "cold", "value": 1}]}},
            {
                "id": "said",
                "input_id": "blue",
                "model_version_id": GENERAL_VERSION,
                "user_id": "bob",
                "data": {"concepts": [{"id": "cold", "value": 1}]},
            },
        ],
    )
    made(
        "PostInputs",
        user_app_id=APP,
        inputs=[{"id": "bare", "data": {"text": {"raw": "nothing is said of it"}}}],
    )
    made("DeleteAnnotations", user_app_id=APP, input_ids=["bare"])
    made(
        "PostConceptRelations",
        user_app_id=APP,
        concept_id="weather",
        concept_relations=[
            {
                "id": "rel",
                "object_concept": {"id": "sport"},
                "predicate": "hypernym",
                "knowledge_graph_id": "graph",
            }
        ],
    )
    made(
        "PostConceptRelations",
        user_app_id=APP,
        concept_id="sport",
        concept_relations=[
            {"id": "rel2", "object_concept": {"id": "colour"}, "predicate": "synonym"}
        ],
    )


def _models(made: _Maker) -> None:
    made(
        "PostModels",
        user_app_id=APP,
        models=[
            {
                "id": "sorter",
                "name": "B",
                "model_type_id": "embedding-classifier",
                "description": "sorts",
                "use_cases": ["u"],
                "languages": ["en"],
                "toolkits": ["t"],
            }
        ],
    )
    made(
        "PostModels",
        user_app_id=APP,
        models=[{"id": "empty", "name": "A", "model_type_id": "text-to-text"}],
    )
    for name, terms in (("older", "MIT"), ("trained", "Apache")):
        made(
            "PostModelVersions",
            user_app_id=APP,
            model_id="sorter",
            model_versions=[
                {
                    "id": name,
                    "license": terms,
                    "description": f"{name} one",
                    "train_info": {"params": {"dataset_id": "set"}},
                }
            ],
        )
        assert made.platform.wait_idle(300)


def _others(made: _Maker) -> None:
    made(
        "PostWorkflows",
        user_app_id=APP,
        workflows=[
            {"id": "flow", "nodes": GRAPH, "description": "one", "version": {"id": "flow1"}}
        ],
    )
    made(
        "PatchWorkflows",
        user_app_id=APP,
        action="overwrite",
        workflows=[{"id": "flow", "description": "two", "version": {"id": "flow2"}}],
    )
    for name in ("other", "General"):
        made("PostWorkflows", user_app_id=APP, workflows=[{"id": name, "nodes": GRAPH}])
    made("PostModules", user_app_id=APP, modules=[{"id": "panel", "description": "one"}])
    made("PostModules", user_app_id=APP, modules=[{"id": "other"}])
    for module in ("panel",):
        for name in ("v1", "v2"):
            made(
                "PostModuleVersions",
                user_app_id=APP,
                module_id=module,
                module_versions=[{"id": name}],
            )
    for name in ("i1", "i2"):
        made(
            "PostInstalledModuleVersions",
            user_app_id=APP,
            installed_module_versions=[
                {"id": name, "module_version": {"module_id": "panel", "id": "v1", **APP}}
            ],
        )
    for name in ("box", "spare"):
        made(
            "PostRunners",
            user_app_id=USER,
            runners=[
                {
                    "id": name,
                    "labels": ["gpu"],
                    "num_replicas": 2 if name == "box" else 0,
                    "worker": {"model": {"id": "sorter", **APP}} if name == "box" else {},
                }
            ],
        )
    for name in ("v1", "v2"):
        made(
            "PostDatasetVersions",
            user_app_id=APP,
            dataset_id="set",
            dataset_versions=[{"id": name}],
        )
    soon = timestamp_pb2.Timestamp()
    soon.FromMicroseconds(made.platform.clock.now_us() + 2_000_000)
    for key in (
        {"scopes": ["All"], "description": "first", "apps": [{"id": "zoo"}]},
        {"scopes": ["Inputs:Get"], "type": "personal_access_token", "expires_at": soon},
    ):
        made("PostKeys", user_app_id=USER, keys=[key])
    made.platform.clock.advance(10)
