"""Requests that make sense, as a start: fields drawn at random alone seldom reach what is deep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2

from tests.local.fuzz.chooser import Chooser
from tests.local.fuzz.ids import Ids
from tests.local.pictures import picture

Sample = Callable[[Any, Chooser, Ids], None]
"""Fills a request; everything but `user_app_id`."""

URLS = (
    "http://samples.example/red.png", "https://samples.example/note.txt",
    "http://samples.example/huge.png", "file:///etc/passwd", "http://127.0.0.1:1/", "http://[::1]/",
    "http://169.254.169.254/latest/meta-data", "http://", "://", "http://[", "ftp://a/b",
    "http://a:99999999/", "http://clarifai.local/media/", "data:text/plain,hello", "http://\0/",
)  # fmt: skip

_PICTURES = (picture("red"), picture("blue", 40, "JPEG"), picture("green", kind="GIF"), b"nothing")
_CONCEPTS = ("dog", "cat", "new concept", "ant")


def _new_id(choose: Chooser) -> str:
    return f"made-{choose.below(300)}"


def _data(choose: Chooser) -> resources_pb2.Data:
    data = resources_pb2.Data()
    way = choose.below(6)
    if way < 3:
        data.image.base64 = choose.of(_PICTURES)
    elif way == 3:
        data.image.url = choose.of(("http://samples.example/red.png", *URLS))
    elif way == 4:
        data.text.raw = choose.of(("a dog", "the cat sat", choose.text() or "x"))
    else:
        data.text.url = "http://samples.example/note.txt"
    return data


def _labels(data: resources_pb2.Data, choose: Chooser) -> resources_pb2.Data:
    if choose.chance(70):
        data.concepts.add(id=choose.of(_CONCEPTS), value=choose.of((0.0, 1.0, 0.5)))
    if choose.chance(30):
        data.metadata.update({"a": {"b": [1, choose.text()]}, "n": choose.below(5)})
    if choose.chance(30):
        data.geo.geo_point.latitude = choose.below(90)
    return data


def _region(choose: Chooser) -> resources_pb2.Region:
    region = resources_pb2.Region()
    box = region.region_info.bounding_box
    box.top_row, box.left_col, box.bottom_row, box.right_col = 0.1, 0.2, 0.8, 0.9
    region.data.concepts.add(id=choose.of(_CONCEPTS), value=1)
    if choose.chance(20):
        region.region_info.mask.image.base64 = choose.of(_PICTURES)
    if choose.chance(20):
        for _ in range(choose.below(5)):
            region.region_info.polygon.points.add(row=choose.below(3) / 2, col=choose.below(3) / 2)
    return region


def _inputs(request: Any, choose: Chooser, ids: Ids) -> None:
    for _ in range(1 + choose.below(3)):
        item = request.inputs.add(id=_new_id(choose) if choose.chance(80) else "")
        item.data.CopyFrom(_labels(_data(choose), choose))
        if choose.chance(30):
            item.dataset_ids.append(ids.pick("dataset", choose))
        if choose.chance(20):
            item.data.regions.add().CopyFrom(_region(choose))
    if choose.chance(40):
        request.inputs_add_job_id = _new_id(choose)


def _patched_inputs(request: Any, choose: Chooser, ids: Ids) -> None:
    request.action = choose.of(("merge", "overwrite", "remove"))
    item = request.inputs.add(id=ids.pick("input", choose))
    _labels(item.data, choose)


def _annotations(request: Any, choose: Chooser, ids: Ids) -> None:
    for _ in range(1 + choose.below(3)):
        item = request.annotations.add(input_id=ids.pick("input", choose))
        if choose.chance(50):
            item.data.regions.add().CopyFrom(_region(choose))
        else:
            _labels(item.data, choose)


def _patched_annotations(request: Any, choose: Chooser, ids: Ids) -> None:
    request.action = choose.of(("merge", "overwrite", "remove"))
    item = request.annotations.add(id="labelled", input_id="red")
    if choose.chance(50):
        item.id, item.input_id = ids.pick("annotation", choose), ids.pick("input", choose)
    _labels(item.data, choose)


def _members(request: Any, choose: Chooser, ids: Ids) -> None:
    request.dataset_id = ids.pick("dataset", choose)
    request.dataset_inputs.add().input.id = ids.pick("input", choose)


def _dataset_versions(request: Any, choose: Chooser, ids: Ids) -> None:
    request.dataset_id = ids.pick("dataset", choose)
    request.dataset_versions.add(id=_new_id(choose))


def _export(request: Any, choose: Chooser, ids: Ids) -> None:
    request.dataset_id, request.dataset_version_id = "pets", "v1"
    request.exports.add(format=choose.of((1, 2, 3)))


_TYPES = (
    "embedding-classifier", "visual-classifier", "text-classifier", "clusterer",
    "visual-detector", "visual-segmenter", "visual-embedder", "text-to-text",
)  # fmt: skip


def _models(request: Any, choose: Chooser, ids: Ids) -> None:
    kind = choose.of(_TYPES)
    request.models.add(id=_new_id(choose), model_type_id=kind)


def _trainings(request: Any, choose: Chooser, ids: Ids) -> None:
    request.model_id = choose.of(("sorter", ids.pick("model", choose)))
    version = request.model_versions.add()
    if choose.chance(80):
        version.train_info.params.update({"dataset_id": "pets"})
    if choose.chance(30):
        version.train_info.params.update(
            {choose.of(("num_epochs", "batch_size", "lrate", "template")): choose.of(_PARAMETERS)}
        )


_PARAMETERS = (0, 1, -1, 1e300, "x", None, True, [1], {"a": 1})


def _predictions(request: Any, choose: Chooser, ids: Ids) -> None:
    request.model_id = choose.of(("sorter", ids.pick("model", choose)))
    if choose.chance(60):
        request.model_id = choose.of(
            (
                "general-image-recognition", "general-image-embedding", "face-detection",
                "general-clusterering", "moderation-recognition", "margin-110-image-crop",
                "multimodal-clip-embed",
            )
        )  # fmt: skip
        request.user_app_id.user_id, request.user_app_id.app_id = "clarifai", "main"
    for _ in range(1 + choose.below(3)):
        request.inputs.add().data.CopyFrom(_data(choose))
    if choose.chance(30):
        config = request.model.model_version.output_info.output_config
        config.max_concepts = choose.below(5)
        config.min_value = choose.of((0.0, 0.5, 2.0))


def _evaluations(request: Any, choose: Chooser, ids: Ids) -> None:
    item = request.eval_metrics.add(id=_new_id(choose))
    item.model.id = choose.of(("sorter", ids.pick("model", choose)))
    item.model.model_version.id = "trained" if item.model.id == "sorter" else ""
    item.ground_truth_dataset.id = "pets"


def _version_of_model(request: Any, choose: Chooser, ids: Ids) -> None:
    request.model_id = choose.of(("sorter", ids.pick("model", choose)))
    request.version_id = choose.of(("trained", ids.pick("model_version", choose)))


def _patched_versions(request: Any, choose: Chooser, ids: Ids) -> None:
    request.model_id, request.action = "sorter", "merge"
    version = request.model_versions.add(id=choose.of(("trained", "other")))
    version.description = choose.text()
    version.metadata.update({"a": choose.below(3)})


def _workflows(request: Any, choose: Chooser, ids: Ids) -> None:
    flow = request.workflows.add(id=_new_id(choose))
    for number in range(1 + choose.below(3)):
        node = flow.nodes.add(id=f"n{number}")
        node.model.id = choose.of(("general-image-recognition", "sorter", "margin-110-image-crop"))
        if node.model.id != "sorter":
            node.model.user_id, node.model.app_id = "clarifai", "main"
        if number and choose.chance(50):
            node.node_inputs.add(node_id=f"n{number - 1}")


def _workflow_results(request: Any, choose: Chooser, ids: Ids) -> None:
    request.workflow_id = choose.of(("flow", "General", ids.pick("workflow", choose)))
    for _ in range(1 + choose.below(2)):
        request.inputs.add().data.CopyFrom(_data(choose))
    if choose.chance(20):
        request.workflow_state.id = "init"


def _search(request: Any, choose: Chooser, ids: Ids) -> None:
    search = request.searches.add()
    if choose.chance(30):
        search.metric = choose.below(3)
        search.algorithm = choose.of(("nearest_neighbor", "brute_force", ""))
    if choose.chance(60):
        rank = search.query.ranks.add()
        way = choose.below(4)
        if way == 0:
            rank.annotation.data.concepts.add(id=choose.of(_CONCEPTS), value=1)
        elif way == 1:
            rank.annotation.input_id = ids.pick("input", choose)
        else:
            rank.annotation.data.CopyFrom(_data(choose))
    for _ in range(choose.below(3)):
        asked = search.query.filters.add(negate=choose.chance(20))
        _labels(asked.annotation.data, choose)
        if choose.chance(30):
            asked.input.data.image.SetInParent()
            asked.input.dataset_ids.append("pets")
        if choose.chance(20):
            limit = asked.annotation.data.geo.geo_limit
            limit.type, limit.value = "withinKilometers", choose.below(20_000)
    request.pagination.per_page = choose.below(20)


def _modules(request: Any, choose: Chooser, ids: Ids) -> None:
    request.modules.add(id=_new_id(choose))


def _module_versions(request: Any, choose: Chooser, ids: Ids) -> None:
    request.module_id = choose.of(("panel", ids.pick("module", choose)))
    request.module_versions.add(git_commit_url="https://github.com/a/b/commit/c")


def _installed_modules(request: Any, choose: Chooser, ids: Ids) -> None:
    item = request.installed_module_versions.add(id=_new_id(choose))
    item.module_version.module_id = "panel"
    item.module_version.id = ids.pick("module_version", choose)
    item.module_version.user_id, item.module_version.app_id = "fuzz", "one"


def _runners(request: Any, choose: Chooser, ids: Ids) -> None:
    request.runners.add(id=_new_id(choose), labels=["gpu"])


def _runner_items(request: Any, choose: Chooser, ids: Ids) -> None:
    request.runner_id = "helper"


def _runner_outputs(request: Any, choose: Chooser, ids: Ids) -> None:
    request.runner_id, request.runner_item_id = "helper", ids.pick("runner_item", choose)
    output = request.runner_item_outputs.add().multi_output_response
    output.status.code = choose.of((10000, 21313, 0))
    output.outputs.add().data.text.raw = choose.text()


def _one_annotation(request: Any, choose: Chooser, ids: Ids) -> None:
    request.input_id, request.annotation_id = "red", "labelled"


def _job(request: Any, choose: Chooser, ids: Ids) -> None:
    request.id = choose.of(("batch", _new_id(choose)))


def _relations(request: Any, choose: Chooser, ids: Ids) -> None:
    request.concept_id = "dog"
    relation = request.concept_relations.add(predicate=choose.of(("hypernym", "synonym")))
    relation.object_concept.id = choose.of(("cat", "ant"))


def _concepts(request: Any, choose: Chooser, ids: Ids) -> None:
    request.concepts.add(id=_new_id(choose), name=choose.text())


SAMPLES: Mapping[str, Sample] = {
    "PostInputs": _inputs,
    "PatchInputs": _patched_inputs,
    "PostAnnotations": _annotations,
    "PatchAnnotations": _patched_annotations,
    "PostDatasetInputs": _members,
    "PostDatasetVersions": _dataset_versions,
    "PutDatasetVersionExports": _export,
    "PostModels": _models,
    "PostModelVersions": _trainings,
    "PatchModelVersions": _patched_versions,
    "GetModelVersion": _version_of_model,
    "DeleteModelVersion": _version_of_model,
    "PostModelOutputs": _predictions,
    "GenerateModelOutputs": _predictions,
    "StreamModelOutputs": _predictions,
    "PostEvaluations": _evaluations,
    "PostWorkflows": _workflows,
    "PostWorkflowResults": _workflow_results,
    "PostInputsSearches": _search,
    "PostAnnotationsSearches": _search,
    "PostModules": _modules,
    "PostModuleVersions": _module_versions,
    "PostInstalledModuleVersions": _installed_modules,
    "PostRunners": _runners,
    "ListRunnerItems": _runner_items,
    "PostRunnerItemOutputs": _runner_outputs,
    "GetAnnotation": _one_annotation,
    "GetInputsAddJob": _job,
    "PostConceptRelations": _relations,
    "PostConcepts": _concepts,
}
