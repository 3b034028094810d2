"""The mixed writes of the crash test, each with what it changes."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable
from random import Random
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from PIL import Image

from tests.local.crash.ledger import Ledger, Write

USER = "crash"
MAIN = resources_pb2.UserAppIDSet(user_id=USER, app_id="main")
MAX_INPUTS = 300
"""From here on inputs are deleted rather than added."""

_CONCEPTS = ("dog", "cat", "ant")


def scope(app_id: str) -> resources_pb2.UserAppIDSet:
    """Return an app of the crash test's user."""
    return resources_pb2.UserAppIDSet(user_id=USER, app_id=app_id)


def draw(random: Random, ledger: Ledger, number: int) -> Write | None:
    """Return a write that nothing in flight is in the way of, None when there is none now.

    Args:
        random: Decides.
        ledger: What is there.
        number: Part of the ids of what is new.
    """
    crowded = len(ledger.free("input/")) > MAX_INPUTS
    makers, weights = zip(*_WRITES, strict=True)
    maker = _delete_inputs if crowded else random.choices(makers, weights)[0]
    write: Write | None = maker(random, ledger, f"{number:06}")
    return write


def _post_inputs(random: Random, ledger: Ledger, name: str) -> Write | None:
    request = service_pb2.PostInputsRequest(user_app_id=MAIN, inputs_add_job_id=f"job{name}")
    effects: dict[str, Any] = {}
    datasets = _some(random, ledger.free("dataset/"), 1) if random.random() < 0.5 else []
    for place in range(random.randint(1, 8)):
        item = request.inputs.add(id=f"i{name}-{place}")
        what = _content(random, item.data)
        label, value = random.choice(_CONCEPTS), random.choice((0.0, 1.0))
        item.data.concepts.add(id=label, value=value)
        effects[f"input/{item.id}"] = {"what": what, "labels": {label: value}, "n": None}
        for key in datasets:
            dataset = key.removeprefix("dataset/")
            item.dataset_ids.append(dataset)
            effects[f"member/{dataset}/{item.id}"] = True
    return Write("PostInputs", request, effects, frozenset(datasets))


def _patch_inputs(random: Random, ledger: Ledger, name: str) -> Write | None:
    request = service_pb2.PatchInputsRequest(user_app_id=MAIN, action="merge")
    effects: dict[str, Any] = {}
    for key in _some(random, ledger.free("input/"), 4):
        before = ledger.state[key]
        item = request.inputs.add(id=key.removeprefix("input/"))
        label, value, n = random.choice(_CONCEPTS), random.choice((0.0, 1.0)), random.randint(1, 99)
        item.data.concepts.add(id=label, value=value)
        item.data.metadata.update({"n": n})
        effects[key] = {**before, "labels": {**before["labels"], label: value}, "n": n}
    return Write("PatchInputs", request, effects) if effects else None


def _delete_inputs(random: Random, ledger: Ledger, name: str) -> Write | None:
    request = service_pb2.DeleteInputsRequest(user_app_id=MAIN)
    effects: dict[str, Any] = {}
    for key in _some(random, ledger.free("input/"), 12):
        input_id = key.removeprefix("input/")
        hanging = _hanging(ledger, input_id)
        if hanging & ledger.locked:
            continue
        request.ids.append(input_id)
        effects |= dict.fromkeys((key, *hanging))
    return Write("DeleteInputs", request, effects) if effects else None


def _post_annotations(random: Random, ledger: Ledger, name: str) -> Write | None:
    request = service_pb2.PostAnnotationsRequest(user_app_id=MAIN)
    effects: dict[str, Any] = {}
    inputs = _some(random, ledger.free("input/"), 3)
    for place, key in enumerate(inputs):
        input_id, label = key.removeprefix("input/"), random.choice(_CONCEPTS)
        item = request.annotations.add(id=f"a{name}-{place}", input_id=input_id)
        region = item.data.regions.add()
        box = region.region_info.bounding_box
        box.top_row, box.left_col, box.bottom_row, box.right_col = 0.1, 0.1, 0.5, 0.5
        region.data.concepts.add(id=label, value=1)
        effects[f"annotation/{input_id}/{item.id}"] = label
    touched = frozenset(inputs)
    return Write("PostAnnotations", request, effects, touched) if effects else None


def _delete_annotations(random: Random, ledger: Ledger, name: str) -> Write | None:
    request = service_pb2.DeleteAnnotationsRequest(user_app_id=MAIN)
    effects: dict[str, Any] = {}
    for key in _some(random, ledger.free("annotation/"), 3):
        _, input_id, annotation_id = key.split("/")
        request.input_ids.append(input_id)
        request.ids.append(annotation_id)
        effects[key] = None
    return Write("DeleteAnnotations", request, effects) if effects else None


def _post_datasets(random: Random, ledger: Ledger, name: str) -> Write | None:
    ids = [f"d{name}-{place}" for place in range(2)]
    datasets = [resources_pb2.Dataset(id=dataset_id) for dataset_id in ids]
    request = service_pb2.PostDatasetsRequest(user_app_id=MAIN, datasets=datasets)
    return Write("PostDatasets", request, {f"dataset/{dataset_id}": True for dataset_id in ids})


def _delete_datasets(random: Random, ledger: Ledger, name: str) -> Write | None:
    for key in _some(random, ledger.free("dataset/"), 1):
        dataset = key.removeprefix("dataset/")
        parts = (f"member/{dataset}/", f"dataset_version/{dataset}/")
        gone = {key, *(k for k in ledger.state if k.startswith(parts))}
        if not gone & ledger.locked:
            request = service_pb2.DeleteDatasetsRequest(user_app_id=MAIN, dataset_ids=[dataset])
            return Write("DeleteDatasets", request, dict.fromkeys(gone))
    return None


def _post_dataset_version(random: Random, ledger: Ledger, name: str) -> Write | None:
    for key in _some(random, ledger.free("dataset/"), 1):
        dataset, version = key.removeprefix("dataset/"), f"v{name}"
        request = service_pb2.PostDatasetVersionsRequest(
            user_app_id=MAIN,
            dataset_id=dataset,
            dataset_versions=[resources_pb2.DatasetVersion(id=version)],
        )
        effects = {f"dataset_version/{dataset}/{version}": True}
        return Write("PostDatasetVersions", request, effects, frozenset({key}))
    return None


def _export(random: Random, ledger: Ledger, name: str) -> Write | None:
    for key in _some(random, ledger.free("dataset_version/"), 1):
        _, dataset, version = key.split("/")
        request = service_pb2.PutDatasetVersionExportsRequest(
            user_app_id=MAIN,
            dataset_id=dataset,
            dataset_version_id=version,
            exports=[
                resources_pb2.DatasetVersionExport(format=resources_pb2.CLARIFAI_DATA_PROTOBUF)
            ],
        )
        touched = frozenset({key, f"dataset/{dataset}"})
        return Write("PutDatasetVersionExports", request, {}, touched, may_be_refused=True)
    return None


def _post_model(random: Random, ledger: Ledger, name: str) -> Write | None:
    if len(ledger.free("model/")) > 6:
        return _delete_model(random, ledger, name)
    model = resources_pb2.Model(id=f"m{name}", model_type_id="embedding-classifier")
    request = service_pb2.PostModelsRequest(user_app_id=MAIN, models=[model])
    return Write("PostModels", request, {f"model/m{name}": True})


def _train(random: Random, ledger: Ledger, name: str) -> Write | None:
    for key in _some(random, ledger.free("model/"), 1):
        model = key.removeprefix("model/")
        version = resources_pb2.ModelVersion(id=f"t{name}")
        version.train_info.params.update({"dataset_id": ""})
        request = service_pb2.PostModelVersionsRequest(
            user_app_id=MAIN, model_id=model, model_versions=[version]
        )
        effects = {f"model_version/{model}/t{name}": True}
        return Write("PostModelVersions", request, effects, frozenset({key}))
    return None


def _delete_model(random: Random, ledger: Ledger, name: str) -> Write | None:
    for key in _some(random, ledger.free("model/"), 1):
        model = key.removeprefix("model/")
        gone = {key, *(k for k in ledger.state if k.startswith(f"model_version/{model}/"))}
        if not gone & ledger.locked:
            request = service_pb2.DeleteModelsRequest(user_app_id=MAIN, ids=[model])
            return Write("DeleteModels", request, dict.fromkeys(gone))
    return None


def _post_app(random: Random, ledger: Ledger, name: str) -> Write | None:
    app = resources_pb2.App(id=f"side{name}")
    request = service_pb2.PostAppsRequest(user_app_id=scope(""), apps=[app])
    return Write("PostApps", request, {f"app/{app.id}": True})


def _post_side_inputs(random: Random, ledger: Ledger, name: str) -> Write | None:
    for key in _some(random, ledger.free("app/"), 1):
        app = key.removeprefix("app/")
        request = service_pb2.PostInputsRequest(user_app_id=scope(app))
        for place in range(5):
            _content(random, request.inputs.add(id=f"s{name}-{place}").data)
        effects = {f"side/{app}/{item.id}": True for item in request.inputs}
        return Write("PostInputs", request, effects, frozenset({key}))
    return None


def _delete_app(random: Random, ledger: Ledger, name: str) -> Write | None:
    for key in _some(random, ledger.free("app/"), 1):
        app = key.removeprefix("app/")
        gone = {key, *(k for k in ledger.state if k.startswith(f"side/{app}/"))}
        if not gone & ledger.locked:
            request = service_pb2.DeleteAppRequest(user_app_id=scope(app))
            return Write("DeleteApp", request, dict.fromkeys(gone))
    return None


_WRITES: tuple[tuple[Callable[[Random, Ledger, str], Write | None], int], ...] = (
    (_post_inputs, 30),
    (_patch_inputs, 15),
    (_delete_inputs, 12),
    (_post_annotations, 10),
    (_delete_annotations, 4),
    (_post_datasets, 3),
    (_delete_datasets, 3),
    (_post_dataset_version, 3),
    (_export, 2),
    (_post_model, 3),
    (_train, 2),
    (_delete_model, 1),
    (_post_app, 2),
    (_post_side_inputs, 4),
    (_delete_app, 2),
)


def _content(random: Random, data: resources_pb2.Data) -> str:
    """Give an input a text, a small picture or one that is large enough for a file of its own."""
    way = random.random()
    if way < 0.6:
        data.text.raw = f"text {random.random()}"
        return data.text.raw
    # Some pictures are shared: a blob may lose one input and keep another.
    data.image.base64 = _picture(random.randrange(12), 200 if way < 0.8 else 20)
    return hashlib.sha256(data.image.base64).hexdigest()


@functools.cache
def _picture(number: int, side: int) -> bytes:
    out = io.BytesIO()
    noise = Random(number).randbytes(3 * side * side)
    Image.frombytes("RGB", (side, side), noise).save(out, "PNG")
    return out.getvalue()


def _some(random: Random, keys: list[str], most: int) -> list[str]:
    return random.sample(keys, min(len(keys), random.randint(1, most)))


def _hanging(ledger: Ledger, input_id: str) -> set[str]:
    found = {k for k in ledger.state if k.startswith(f"annotation/{input_id}/")}
    return found | {
        k for k in ledger.state if k.startswith("member/") and k.endswith(f"/{input_id}")
    }
