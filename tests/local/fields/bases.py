"""For each RPC a request that succeeds, and where its effects are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from tests.local.fields.asking import RUNNER
from tests.local.fields.world import APP, GENERAL, GENERAL_VERSION, GRAPH, USER
from tests.local.moving_pictures import animation
from tests.local.pictures import picture

Look = tuple[str, dict[str, Any]]


@attrs.frozen
class Base:
    """A request that succeeds."""

    fields: dict[str, Any]
    looks: Sequence[Look] = ()
    """RPCs with their requests, made afterwards."""
    answers_asker: bool = False
    """Whether it answers a caller who waits: `runner_item_id` is then filled in, and what the
    caller gets is looked at."""


RED = {"data": {"image": {"base64": picture("red")}}}
SORTER = {"user_app_id": APP, "model_id": "sorter"}
VERSION = {**SORTER, "version_id": "trained"}
SET = {"user_app_id": APP, "dataset_id": "set"}
FLOW = {"user_app_id": APP, "workflow_id": "flow"}
PANEL = {"user_app_id": APP, "module_id": "panel"}

_INPUT: Look = ("GetInput", {"user_app_id": APP, "input_id": "red"})
_MARKS: Look = (
    "ListAnnotations",
    {"user_app_id": APP, "input_ids": ["red", "blue", "new"], "list_all_annotations": True},
)
_MEMBERS: Look = ("ListDatasetInputs", SET)
_OTHERS: Look = ("ListDatasetInputs", {**SET, "dataset_id": "other"})


def _app(**fields: Any) -> dict[str, Any]:
    return {"user_app_id": APP, **fields}


def _user(**fields: Any) -> dict[str, Any]:
    return {"user_app_id": USER, **fields}


def _predict(**fields: Any) -> Base:
    return Base(
        {
            "user_app_id": {"user_id": "clarifai", "app_id": "main"},
            "model_id": GENERAL,
            "version_id": GENERAL_VERSION,
            "inputs": [RED],
            "model": {"output_info": {"output_config": {"max_concepts": 2}}},
            **fields,
        }
    )


_SEARCH = {"query": {"ranks": [{"annotation": {"input_id": "red"}}]}}


def _mine(rpc: str, field: str, look: str, **named: Any) -> Base:
    """Return the creation of one thing, and how it is got."""
    owner = {"user_app_id": USER if rpc in {"PostApps", "PostRunners"} else APP}
    return Base({**owner, **named}, [(look, {**owner, field: "new"})])


def bases(key_id: str) -> Mapping[str, Base]:
    """Return the requests.

    Args:
        key_id: Of a key of the app.
    """
    return {
        **BASES,
        "GetKey": Base(_user(key_id=key_id)),
        "DeleteKey": Base(_user(key_id=key_id), [("ListKeys", _user())]),
        "PatchKeys": Base(
            _user(keys=[{"id": key_id}], action="overwrite"),
            [("GetKey", _user(key_id=key_id))],
        ),
    }


BASES: Mapping[str, Base] = {
    # apps and users
    "PostApps": Base(
        _user(apps=[{"id": "new"}]),
        [("GetApp", {"user_app_id": {"user_id": "alice", "app_id": "new"}})],
    ),
    "PatchApp": Base(_app(app={"id": "zoo"}, action="overwrite"), [("GetApp", _app())]),
    "PatchApps": Base(_user(apps=[{"id": "zoo"}], action="overwrite"), [("GetApp", _app())]),
    "GetApp": Base(_app()),
    "ListApps": Base(_user()),
    "DeleteApp": Base(_app(), [("ListApps", _user())]),
    "GetUser": Base(_user()),
    # keys
    "PostKeys": Base(
        _user(keys=[{"scopes": ["Inputs:Get"], "apps": [{"id": "zoo"}]}]), [("ListKeys", _user())]
    ),
    "ListKeys": Base(_user()),
    "ListAppKeys": Base(_app()),
    "MyScopes": Base(_app()),
    "MyScopesUser": Base(_user()),
    "MyScopesRoot": Base({}),
    "ListScopes": Base(_user()),
    "ListCollaborators": Base(_app()),
    "ListCollaborations": Base(_user()),
    # concepts
    "PostConcepts": Base(_app(concepts=[{"id": "new"}]), [("GetConcept", _app(concept_id="new"))]),
    "GetConcept": Base(_app(concept_id="colour")),
    "ListConcepts": Base(_app()),
    "PatchConcepts": Base(
        _app(concepts=[{"id": "colour"}], action="overwrite"),
        [("GetConcept", _app(concept_id="colour"))],
    ),
    "PostConceptsSearches": Base(_app(concept_query={"name": "*o*"})),
    "PostConceptRelations": Base(
        _app(
            concept_id="weather",
            concept_relations=[{"object_concept": {"id": "colour"}, "predicate": "hypernym"}],
        ),
        [("ListConceptRelations", _app())],
    ),
    "ListConceptRelations": Base(_app()),
    "DeleteConceptRelations": Base(_app(ids=["rel"]), [("ListConceptRelations", _app())]),
    # inputs and annotations
    "PostInputs": Base(
        _app(inputs=[{"id": "new", "data": {"text": {"raw": "new text"}}}]),
        [
            ("GetInput", _app(input_id="new")),
            _MARKS,
            _MEMBERS,
            _OTHERS,
            ("ListInputsAddJobs", _app()),
        ],
    ),
    "GetInput": Base(_app(input_id="red")),
    "GetInputCount": Base(_app()),
    "ListInputs": Base(_app()),
    "StreamInputs": Base(_app()),
    "PatchInputs": Base(
        _app(inputs=[{"id": "red", "data": {}}], action="merge"), [_INPUT, _MARKS, _OTHERS]
    ),
    "DeleteInput": Base(_app(input_id="red"), [("ListInputs", _app())]),
    "DeleteInputs": Base(_app(ids=["red"]), [("ListInputs", _app())]),
    "GetInputsAddJob": Base(_app(id="job")),
    "ListInputsAddJobs": Base(_app()),
    "CancelInputsAddJob": Base(_app(id="job"), [("ListInputsAddJobs", _app())]),
    "PostAnnotations": Base(
        _app(annotations=[{"id": "new", "input_id": "red", "data": {}}]), [_MARKS]
    ),
    "GetAnnotation": Base(_app(input_id="red", annotation_id="box")),
    "ListAnnotations": Base(_app()),
    "PatchAnnotations": Base(
        _app(annotations=[{"id": "tag", "input_id": "blue", "data": {}}], action="merge"), [_MARKS]
    ),
    "DeleteAnnotation": Base(_app(input_id="red", annotation_id="box"), [_MARKS]),
    "DeleteAnnotations": Base(_app(input_ids=["red"]), [_MARKS]),
    # datasets
    "PostDatasets": _mine("PostDatasets", "dataset_id", "GetDataset", datasets=[{"id": "new"}]),
    "GetDataset": Base(SET),
    "ListDatasets": Base(_app()),
    "PatchDatasets": Base(
        _app(datasets=[{"id": "set"}], action="overwrite"), [("GetDataset", SET)]
    ),
    "DeleteDatasets": Base(_app(dataset_ids=["set"]), [("ListDatasets", _app())]),
    "PostDatasetInputs": Base({**SET, "dataset_inputs": [{"input": {"id": "blue"}}]}, [_MEMBERS]),
    "GetDatasetInput": Base({**SET, "input_id": "red"}),
    "ListDatasetInputs": Base(SET),
    "DeleteDatasetInputs": Base({**SET, "input_ids": ["red"]}, [_MEMBERS]),
    "PostDatasetVersions": Base(
        {**SET, "dataset_versions": [{"id": "new"}]},
        [("GetDatasetVersion", {**SET, "dataset_version_id": "new"})],
    ),
    "GetDatasetVersion": Base({**SET, "dataset_version_id": "v1"}),
    "ListDatasetVersions": Base(SET),
    "PatchDatasetVersions": Base(
        {**SET, "dataset_versions": [{"id": "v1"}], "action": "overwrite"},
        [("GetDatasetVersion", {**SET, "dataset_version_id": "v1"})],
    ),
    "DeleteDatasetVersions": Base(
        {**SET, "dataset_version_ids": ["v1"]}, [("ListDatasetVersions", SET)]
    ),
    "ListDatasetVersionMetricsGroups": Base({**SET, "dataset_version_id": "v1"}),
    "PutDatasetVersionExports": Base(
        {**SET, "dataset_version_id": "v2", "exports": [{"format": 1}]},
        [("GetDatasetVersion", {**SET, "dataset_version_id": "v2"})],
    ),
    # models
    "PostModels": _mine("PostModels", "model_id", "GetModel", models=[{"id": "new"}]),
    "GetModel": Base(SORTER),
    "GetModelOutputInfo": Base(SORTER),
    "ListModels": Base(_app()),
    "PostModelsSearches": Base(_app()),
    "PatchModels": Base(
        _app(models=[{"id": "sorter"}], action="overwrite"), [("GetModel", SORTER)]
    ),
    "DeleteModel": Base(SORTER, [("ListModels", _app())]),
    "DeleteModels": Base(_app(ids=["sorter"]), [("ListModels", _app())]),
    "PostModelVersions": Base(
        {
            **SORTER,
            "model_versions": [{"id": "new", "train_info": {"params": {"dataset_id": "set"}}}],
        },
        [("GetModelVersion", {**SORTER, "version_id": "new"})],
    ),
    "GetModelVersion": Base(VERSION),
    "ListModelVersions": Base(SORTER),
    "PatchModelVersions": Base(
        {**SORTER, "model_versions": [{"id": "trained"}], "action": "overwrite"},
        [("GetModelVersion", VERSION)],
    ),
    "DeleteModelVersion": Base(VERSION, [("ListModelVersions", SORTER)]),
    "ListModelTypes": Base(_app()),
    "GetModelType": Base(_app(model_type_id="clusterer")),
    "PostModelOutputs": _predict(),
    "GenerateModelOutputs": _predict(),
    "StreamModelOutputs": _predict(),
    "PostEvaluations": Base(
        _app(eval_metrics=[{"id": "new", "model": {"id": "sorter"}}]),
        [("GetEvaluation", _app(evaluation_id="new"))],
    ),
    "GetEvaluation": Base(_app(evaluation_id="eval")),
    "ListModelVersionEvaluations": Base(_app(model_id="sorter", model_version_id="trained")),
    "PostModelVersionMetrics": Base(VERSION, [("GetModelVersionMetrics", VERSION)]),
    "GetModelVersionMetrics": Base(VERSION),
    # searches
    "PostInputsSearches": Base(_app(searches=[_SEARCH])),
    "PostAnnotationsSearches": Base(_app(searches=[_SEARCH])),
    "PostSearches": Base(_app(query=_SEARCH["query"])),
    # workflows
    "PostWorkflows": _mine(
        "PostWorkflows", "workflow_id", "GetWorkflow", workflows=[{"id": "new", "nodes": GRAPH}]
    ),
    "GetWorkflow": Base(FLOW),
    "ListWorkflows": Base(_app()),
    "PatchWorkflows": Base(
        _app(workflows=[{"id": "flow"}], action="overwrite"), [("GetWorkflow", FLOW)]
    ),
    "DeleteWorkflow": Base(FLOW, [("ListWorkflows", _app())]),
    "DeleteWorkflows": Base(_app(ids=["flow"]), [("ListWorkflows", _app())]),
    "GetWorkflowVersion": Base({**FLOW, "workflow_version_id": "flow1"}),
    "ListWorkflowVersions": Base(FLOW),
    "PatchWorkflowVersions": Base(
        {**FLOW, "workflow_versions": [{"id": "flow1"}], "action": "overwrite"},
        [("ListWorkflowVersions", FLOW)],
    ),
    "DeleteWorkflowVersions": Base(
        {**FLOW, "workflow_version_ids": ["flow1"]}, [("ListWorkflowVersions", FLOW)]
    ),
    "PostWorkflowResults": Base({**FLOW, "inputs": [RED]}),
    # modules
    "PostModules": _mine("PostModules", "module_id", "GetModule", modules=[{"id": "new"}]),
    "GetModule": Base(PANEL),
    "ListModules": Base(_app()),
    "PatchModules": Base(
        _app(modules=[{"id": "panel"}], action="overwrite"), [("GetModule", PANEL)]
    ),
    "DeleteModules": Base(_app(ids=["panel"]), [("ListModules", _app())]),
    "PostModuleVersions": Base(
        {**PANEL, "module_versions": [{"id": "new"}]},
        [("GetModuleVersion", {**PANEL, "module_version_id": "new"})],
    ),
    "GetModuleVersion": Base({**PANEL, "module_version_id": "v1"}),
    "ListModuleVersions": Base(PANEL),
    "PatchModuleVersions": Base(
        {**PANEL, "module_versions": [{"id": "v1"}], "action": "overwrite"},
        [("GetModuleVersion", {**PANEL, "module_version_id": "v1"})],
    ),
    "DeleteModuleVersions": Base({**PANEL, "ids": ["v1"]}, [("ListModuleVersions", PANEL)]),
    "PostInstalledModuleVersions": _mine(
        "PostInstalledModuleVersions",
        "installed_module_version_id",
        "GetInstalledModuleVersion",
        installed_module_versions=[
            {"id": "new", "module_version": {"module_id": "panel", "id": "v1", **APP}}
        ],
    ),
    "GetInstalledModuleVersion": Base(_app(installed_module_version_id="i1")),
    "ListInstalledModuleVersions": Base(_app()),
    "DeleteInstalledModuleVersions": Base(
        _app(ids=["i1"]), [("ListInstalledModuleVersions", _app())]
    ),
    # runners
    "PostRunners": _mine("PostRunners", "runner_id", "GetRunner", runners=[{"id": "new"}]),
    "GetRunner": Base(_user(runner_id="box")),
    "ListRunners": Base(_user()),
    "PatchRunners": Base(
        _user(runners=[{"id": "box"}], action="overwrite"), [("GetRunner", _user(runner_id="box"))]
    ),
    "DeleteRunners": Base(_user(ids=["box"]), [("ListRunners", _user())]),
    "ListRunnerItems": Base(_user(runner_id="box")),
    "PostRunnerItemOutputs": Base(
        _user(
            runner_id=RUNNER,
            runner_item_outputs=[{"multi_output_response": {"outputs": [{"data": {}}]}}],
        ),
        answers_asker=True,
    ),
    "ListStatusCodes": Base({}),
}

GIF = {"data": {"video": {"base64": animation()}}}

ALSO: Mapping[str, Base] = {
    # What a field says shows with something else beside it only.
    "PatchAnnotations: delete_if_empty_data": Base(
        _app(
            annotations=[{"id": "tag", "input_id": "blue", "data": {"concepts": [{"id": "cold"}]}}],
            action="remove",
        ),
        [_MARKS],
    ),
    "PostInputs: input_id_conflict_resolution": Base(
        _app(
            inputs=[
                {"id": "new", "data": {"text": {"raw": "new text"}}},
                {"id": "red", "data": {"text": {"raw": "another text"}}},
            ]
        )
    ),
    "ListApps: sort_by_relevance": Base(_user(search="i")),
    "ListModels: sort_by_relevance": Base(_app(search="t")),
    "ListWorkflows: sort_by_relevance": Base(_app(search="o")),
    "ListDatasets: sort_by_relevance": Base(_app(search="s")),
    "ListModules: sort_by_relevance": Base(_app(search="e")),
    "ListModels: dont_fetch_from_main": Base(_user()),
    "ListModels: filter_by_user_id": Base(_app(name="alice")),
    "ListModules: filter_by_user_id": Base(_app(name="alice")),
    "PostWorkflowResults: favor_clarifai_workflows": Base(
        _app(workflow_id="General", inputs=[RED])
    ),
    "PostModelOutputs: model.output_info.output_config.sample_ms": _predict(inputs=[GIF]),
    "GenerateModelOutputs: model.output_info.output_config.sample_ms": _predict(inputs=[GIF]),
    "StreamModelOutputs: model.output_info.output_config.sample_ms": _predict(inputs=[GIF]),
    "PostWorkflowResults: output_config.sample_ms": Base({**FLOW, "inputs": [GIF]}),
    "GetModel: language": Base(
        {"user_app_id": {"user_id": "clarifai", "app_id": "main"}, "model_id": GENERAL}
    ),
    "GetModelOutputInfo: language": Base(
        {"user_app_id": {"user_id": "clarifai", "app_id": "main"}, "model_id": GENERAL}
    ),
}
"""By `rpc: path.of.the.field`: other requests than those above, for one field."""

ALIKE: Mapping[str, str] = {"ProcessRunnerItems": "PostRunnerItemOutputs"}
"""RPCs whose requests are read by what reads those of another one."""
