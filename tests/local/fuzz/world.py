"""What the fuzzer finds when it begins, and what it must never touch.

The user "fuzz" has two apps with one of everything; the fuzzer may do with them what it likes, and
what it has deleted is made anew now and then. The canary is an app of a user whose name the fuzzer
cannot know: it has to look the same at the end.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from google.protobuf import json_format
from google.protobuf.message import Message

from clarifai_local import Platform, UrlFetcher
from clarifai_local._public_content import PUBLIC_USERS
from tests.local.fuzz.ids import Ids
from tests.local.pictures import huge_png, picture

DOWNLOADS = {
    "samples.example/red.png": picture("red"),
    "samples.example/note.txt": b"a dog in the park",
    "samples.example/huge.png": huge_png(60_000, 60_000),
}
"""What URLs lead to."""

APPS = ("one", "two")


def open_platform(path: Any = None) -> Platform:
    """Return a platform as the fuzzer uses it: no network, runners' polls end at once."""
    platform = Platform(path, url_fetcher=UrlFetcher(cache=DOWNLOADS))
    platform.runner_queue.poll_seconds = 0.01
    return platform


def call(platform: Platform, rpc: str, **fields: Any) -> Any:
    """Answer one well-formed request."""
    method = platform.dispatcher.methods[f"/clarifai.api.V2/{rpc}"]
    payload = method.request_type(**fields).SerializeToString()
    answer = platform.dispatcher.unary(method, payload, {}, trusted=True)
    return method.response_type.FromString(answer)


def furnish(platform: Platform, ids: Ids) -> None:
    """Make what is missing of the fuzzer's apps."""
    for app_id in APPS:
        _furnish_app(platform, "fuzz", app_id, ids)
    platform.runner_queue.put(("fuzz", "helper"), service_pb2.PostModelOutputsRequest())
    for kind, names in _SEEDED.items():
        for name in names:
            ids.add(kind, name)


class Canary:
    """An app that the fuzzer cannot name."""

    def __init__(self, platform: Platform) -> None:
        self._user = f"canary{secrets.token_hex(8)}"
        _furnish_app(platform, self._user, "one", Ids())
        platform.wait_idle(300)
        self._before = self._look(platform)
        self._public = public_rows(platform)
        if "sorter" not in self._before["ListModels"] or "red" not in self._before["ListInputs"]:
            raise AssertionError(f"the canary was not made: {self._before}")

    def changes(self, platform: Platform) -> list[str]:
        """Return which answers about the canary, or public rows, are not what they were."""
        now = self._look(platform)
        found = [f"canary: {name} changed" for name in now if now[name] != self._before[name]]
        if public_rows(platform) != self._public:
            found.append("the public content changed")
        return found

    def _look(self, platform: Platform) -> Mapping[str, str]:
        scope = resources_pb2.UserAppIDSet(user_id=self._user, app_id="one")
        return {
            name: _plain(call(platform, name, user_app_id=scope, **fields))
            for name, fields in _LOOKS.items()
        }


def public_rows(platform: Platform) -> list[Any]:
    """Return what is stored of the public users."""
    marks = ", ".join("?" * len(PUBLIC_USERS))
    query = (
        f"SELECT kind, user_id, app_id, parent, id, status, body FROM resources"
        f" WHERE user_id IN ({marks}) OR (kind = 'user' AND id IN ({marks})) ORDER BY seq"
    )
    with platform.store.read() as db:
        return list(db.execute(query, (*PUBLIC_USERS, *PUBLIC_USERS)))


_SEEDED: dict[str, tuple[str, ...]] = {
    "user": ("fuzz",),
    "app": APPS,
    "input": ("red", "blue", "note", "linked", "broken"),
    "concept": ("dog", "cat"),
    "annotation": ("labelled",),
    "dataset": ("pets",),
    "model": ("sorter", "general-image-recognition", "general-image-embedding", "image-crop"),
    "model_version": ("trained", "aa7f35c01e0642fda5cf400f543e7c40"),
    "dataset_version": ("v1",),
    "installed_module": ("panel-1",),
    "workflow": ("flow", "General", "Universal"),
    "module": ("panel",),
    "runner": ("helper",),
    "job": ("batch",),
    "type": ("embedding-classifier", "visual-classifier"),
}

_LOOKS: dict[str, dict[str, Any]] = {
    "GetApp": {},
    "ListInputs": {},
    "ListAnnotations": {"list_all_annotations": True},
    "ListConcepts": {},
    "ListDatasets": {},
    "ListDatasetInputs": {"dataset_id": "pets"},
    "ListDatasetVersions": {"dataset_id": "pets"},
    "ListModels": {},
    "ListModelVersions": {"model_id": "sorter"},
    "ListWorkflows": {},
    "ListModules": {},
    "ListRunners": {},
    "PostInputsSearches": {
        "searches": [
            resources_pb2.Search(
                query=resources_pb2.Query(
                    ranks=[
                        resources_pb2.Rank(
                            annotation=resources_pb2.Annotation(
                                data=resources_pb2.Data(
                                    image=resources_pb2.Image(base64=picture("red"))
                                )
                            )
                        )
                    ]
                )
            )
        ]
    },
}


def _furnish_app(platform: Platform, user_id: str, app_id: str, ids: Ids) -> None:
    """Make what is not there; what is there refuses to be made again."""
    scope = resources_pb2.UserAppIDSet(user_id=user_id, app_id=app_id)
    base = "Universal" if app_id == "one" else "Empty"
    for rpc, fields in _seeds(base):
        answer = call(platform, rpc, user_app_id=scope, **fields)
        ids.learn(answer)
        if rpc == "PostInputs":
            platform.processor.wait_idle(300)


def _seeds(base: str) -> list[tuple[str, dict[str, Any]]]:
    concepts = [resources_pb2.Concept(id="dog", value=1), resources_pb2.Concept(id="cat", value=0)]
    red = resources_pb2.Data(
        image=resources_pb2.Image(base64=picture("red")),
        concepts=concepts,
        geo=resources_pb2.Geo(geo_point=resources_pb2.GeoPoint(latitude=1, longitude=2)),
    )
    red.metadata.update({"a": {"b": [1, "x", None]}, "tags": ["t"]})
    blue = resources_pb2.Data(
        image=resources_pb2.Image(base64=picture("blue")),
        concepts=[resources_pb2.Concept(id="cat", value=1)],
    )
    datas = {
        "red": red,
        "blue": blue,
        "note": resources_pb2.Data(text=resources_pb2.Text(raw="a dog"), concepts=concepts),
        "linked": resources_pb2.Data(
            image=resources_pb2.Image(url="http://samples.example/red.png")
        ),
        "broken": resources_pb2.Data(image=resources_pb2.Image(base64=b"nothing")),
    }
    inputs = [
        resources_pb2.Input(id=name, data=data, dataset_ids=["pets"])
        for name, data in datas.items()
    ]
    box = resources_pb2.BoundingBox(top_row=0.1, left_col=0.1, bottom_row=0.9, right_col=0.9)
    region = resources_pb2.Region(region_info=resources_pb2.RegionInfo(bounding_box=box))
    trained = resources_pb2.ModelVersion(id="trained", train_info=resources_pb2.TrainInfo())
    trained.train_info.params.update({"dataset_id": "pets"})
    public = resources_pb2.Model(id="general-image-recognition", user_id="clarifai", app_id="main")
    flow = resources_pb2.Workflow(
        id="flow", nodes=[resources_pb2.WorkflowNode(id="first", model=public)]
    )
    return [
        (
            "PostApps",
            {
                "apps": [
                    resources_pb2.App(
                        id="one" if base == "Universal" else "two",
                        default_workflow=resources_pb2.Workflow(id=base),
                    )
                ]
            },
        ),
        ("PostDatasets", {"datasets": [resources_pb2.Dataset(id="pets")]}),
        ("PostInputs", {"inputs": inputs, "inputs_add_job_id": "batch"}),
        (
            "PostAnnotations",
            {
                "annotations": [
                    resources_pb2.Annotation(
                        id="labelled", input_id="red", data=resources_pb2.Data(regions=[region])
                    )
                ]
            },
        ),
        (
            "PostDatasetVersions",
            {
                "dataset_id": "pets",
                "dataset_versions": [resources_pb2.DatasetVersion(id="v1")],
            },
        ),
        (
            "PostModels",
            {"models": [resources_pb2.Model(id="sorter", model_type_id="embedding-classifier")]},
        ),
        ("PostModelVersions", {"model_id": "sorter", "model_versions": [trained]}),
        ("PostWorkflows", {"workflows": [flow]}),
        ("PostModules", {"modules": [resources_pb2.Module(id="panel")]}),
        (
            "PostModuleVersions",
            {"module_id": "panel", "module_versions": [resources_pb2.ModuleVersion()]},
        ),
        (
            "PostRunners",
            {"runners": [resources_pb2.Runner(id="helper")]},
        ),
    ]


def _plain(answer: Message) -> str:
    answer.ClearField("status")
    return json_format.MessageToJson(answer, sort_keys=True)
