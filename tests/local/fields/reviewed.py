"""What was looked at by people: references, what the service sets itself, and the other reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2, timestamp_pb2

from tests.local.fields.world import BOX
from tests.local.pictures import picture


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


_OF = frozenset({"id", "user_id", "app_id"})

REFERENCES: Mapping[str, frozenset[str]] = {
    # Message.field: the fields that name what is meant
    "Key.apps": frozenset({"id", "user_id"}),
    "App.default_workflow": _OF,
    "TrainInfo.dataset": _OF | {"version"},
    "TrainInfo.resume_from_model": _OF | {"model_version"},
    "InputInfo.base_embed_model": _OF | {"model_version"},
    "EvalMetrics.model": _OF | {"model_version"},
    "EvalMetrics.ground_truth_dataset": _OF | {"version"},
    "EvalMetrics.predictions_dataset": _OF | {"version"},
    "Data.concepts": frozenset({"id", "name", "value"}),
    "OutputConfig.select_concepts": frozenset({"id", "name"}),
    "ConceptRelation.subject_concept": frozenset({"id"}),
    "ConceptRelation.object_concept": frozenset({"id"}),
    "DatasetInput.input": frozenset({"id"}),
    "WorkflowNode.model": _OF | {"model_version", "output_info"},
    "InstalledModuleVersion.module_version": _OF | {"module_id"},
    "ConceptQuery.model": _OF | {"model_version"},
    "ConceptQuery.workflow": _OF | {"version"},
    "PostModelOutputsRequest.model": frozenset({"model_version", "output_info"}),
    "RunnerSelector.runner": frozenset({"id"}),
    "RunnerSelector.nodepool": frozenset({"id", "compute_cluster"}),
    "RunnerSelector.deployment": frozenset({"id", "user_id"}),
    "ModelPredictConfig.model": _OF | {"model_version"},
    "Worker.user": frozenset({"id"}),
    "Worker.model": _OF | {"model_version"},
    "Worker.workflow": _OF | {"version"},
    "Runner.nodepool": frozenset({"id", "compute_cluster"}),
    # within references
    "*.DatasetVersion": frozenset({"id"}),
    "*.ModelVersion": frozenset({"id", "output_info"}),
    "*.WorkflowVersion": frozenset({"id"}),
    "*.OutputInfo": frozenset({"output_config", "params"}),
    "*.ComputeCluster": frozenset({"id", "user_id"}),
}

_TIMES = "when something was made, changed or done"
_COUNTED = "the platform counts and measures itself"
_PLACED = "what a resource belongs to is said by the request"
_CODE = "the code of a status says what is meant; the rest is for reading"
_MADE = "what comes of a resource, not what it is made of"

OWN: Mapping[str, str] = {
    **{
        f"{message}.{field}": _TIMES
        for message in ("App", "Dataset", "DatasetVersion", "Model", "ModelVersion", "Workflow",
                        "WorkflowVersion", "Module", "ModuleVersion", "InstalledModuleVersion",
                        "Runner", "Key", "Concept", "Input", "Annotation", "DatasetInput",
                        "Nodepool", "Search", "Output")
        for field in ("created_at", "modified_at", "completed_at")
    },
    **{
        f"{message}.{field}": _PLACED
        for message, fields in {
            "App": ("user_id",),
            "Dataset": ("user_id", "app_id"),
            "DatasetVersion": ("user_id", "app_id", "dataset_id"),
            "Model": ("user_id", "app_id"),
            "ModelVersion": ("user_id", "app_id"),
            "Workflow": ("user_id", "app_id"),
            "WorkflowVersion": ("user_id", "app_id", "workflow_id"),
            "Module": ("user_id", "app_id"),
            "ModuleVersion": ("user_id", "app_id", "module_id"),
            "InstalledModuleVersion": ("user_id", "app_id"),
            "Concept": ("user_id", "app_id"),
            "EvalMetrics": ("user_id", "app_id"),
        }.items()
        for field in fields
    },
    **{
        f"Status.{field}": _CODE
        for field in ("description", "details", "stack_trace", "percent_completed",
                      "time_remaining", "req_id", "internal_details", "developer_notes",
                      "redirect_info")
    },
    "App.star_count": _COUNTED, "App.extra_info": _COUNTED,
    "Dataset.star_count": _COUNTED, "Dataset.bookmark_origin": _MADE, "Dataset.version": _MADE,
    "DatasetVersion.metrics": _COUNTED, "DatasetVersion.export_info": _MADE,
    "DatasetVersion.status": _MADE, "DatasetVersion.request_origin": _MADE,
    "DatasetVersionExport.status": _MADE, "DatasetVersionExport.url": _MADE,
    "DatasetVersionExport.size": _MADE,
    "Input.status": _MADE, "Key.id": _MADE, "InstalledModuleVersion.key_id": _MADE,
    "Annotation.trusted": _MADE, "Annotation.input_level": _MADE,
    "Concept.value": "a value is what data say of a concept; the concept itself has none",
    "Concept.extra_info": _MADE,
    "Output.id": _MADE, "Output.model": _MADE, "Output.input": _MADE,
    "MultiOutputResponse.runner_selector": "who asked chose the runner",
    "Model.star_count": _COUNTED, "Model.version_count": _COUNTED, "Model.replica_count": _COUNTED,
    "Model.featured_order": _COUNTED, "Model.bookmark_origin": _MADE, "Model.model_version": _MADE,
    "ModelVersion.status": _MADE, "ModelVersion.active_concept_count": _COUNTED,
    "ModelVersion.total_input_count": _COUNTED, "ModelVersion.metrics": _MADE,
    "ModelVersion.train_log": _MADE,
    "Workflow.star_count": _COUNTED, "Workflow.bookmark_origin": _MADE,
    "Module.star_count": _COUNTED, "Module.bookmark_origin": _MADE, "Module.module_version": _MADE,
    "ModuleVersion.approved": _MADE,
    "InstalledModuleVersion.deploy_url": _MADE,
    "Runner.runner_metrics": _COUNTED,
    "EvalMetrics.status": _MADE, "EvalMetrics.summary": _COUNTED,
    "EvalMetrics.confusion_matrix": _COUNTED, "EvalMetrics.cooccurrence_matrix": _COUNTED,
    "EvalMetrics.label_counts": _COUNTED, "EvalMetrics.binary_metrics": _COUNTED,
    "EvalMetrics.test_set": _COUNTED, "EvalMetrics.metrics_by_area": _COUNTED,
    "EvalMetrics.metrics_by_class": _COUNTED, "EvalMetrics.tracker_metrics": _COUNTED,
    "EvalMetrics.extended_metrics": _COUNTED,
    "Image.hosted": _MADE, "Image.image_info": _MADE, "Image.hosted_image_info": _MADE,
    "Video.hosted": _MADE, "Video.video_info": _MADE, "Video.hosted_thumbnail": _MADE,
    "Video.thumbnail_url": _MADE, "Audio.hosted": _MADE, "Audio.audio_info": _MADE,
    "Text.hosted": _MADE, "Text.text_info": _MADE, "Image.decoded_bytes": _MADE,
}  # fmt: skip
"""`Message.field` -> why the service sets it and takes nobody's word."""

_OF_USERS = "the RPC is about a user: no app is asked for"
_NOBODY = "the answer is always empty: nobody else works on an embedded platform"
_STARS = "names of figures to add, such as stars: answers have all there are"
_AS_IT_IS = "the order that a listing has anyway"
_NO_STARS = "nobody stars on an embedded platform: all counts are 0"
_OF_TRAINING = "a setting of trainings: models that were trained send it along when asked"
_SAVED = "of a search that is saved, and saving is refused"
_EXACT = "how neighbours are looked for: the platform compares with all of them"
_BYTES = "the content that comes along counts, not the address beside it"
_BY_ID = "which concept is meant, its id says: its name is that of the app's concept"
_LATER = "narrows what is evaluated in the background: test_models.py looks at it"

LISTED: Mapping[str, str] = {
    **{
        f"{rpc}: user_app_id.app_id": _OF_USERS
        for rpc in (
            "DeleteKey", "DeleteRunners", "GetKey", "GetRunner", "GetUser", "ListApps", "ListKeys",
            "ListRunnerItems", "ListRunners", "PatchApps", "PatchKeys", "PatchRunners", "PostApps",
            "PostKeys", "PostRunnerItemOutputs", "PostRunners",
        )
    },
    "GetModelType: user_app_id.*": "types are the same for everybody",
    "ListModelTypes: user_app_id.*": "types are the same for everybody",
    "ListScopes: user_app_id.*": "scopes are the same for everybody",
    "MyScopesUser: user_app_id.*": "the scopes are those of the key of the call",
    "ListCollaborations: *": _NOBODY,
    "ListCollaborators: *": _NOBODY,
    "Get*: additional_fields": _STARS,
    "List*: additional_fields": _STARS,
    "List*: sort_by_created_at": _AS_IT_IS,
    "ListModelVersions: sort_by_status_code": "the one that waits is the newest anyway",
    "List*: sort_by_star_count": _NO_STARS,
    "Get*: fields.metrics_by_area": "of models that find regions; test_models.py has one",
    "*ModelOutputs: use_predict_cache": "a cache changes no answer, and there is none",
    "*ModelOutputs: enable_log_summary_on_error": "the platform's log says why in any case",
    "*ModelOutputs: model.output_info.params": "here the config says the same, and wins",
    "*ModelOutputs: runner_selector.nodepool.compute_cluster.user_id": (
        "runners are those of the model's owner"
    ),
    **{
        f"{place}.{field}": _OF_TRAINING
        for place in ("*ModelOutputs: model.output_info.output_config",
                      "PostWorkflowResults: output_config")
        for field in ("concepts_mutually_exclusive", "existing_model_id", "hyper_parameters",
                      "hyper_params", "training_timeout", "embed_model_version_id",
                      "fail_on_missing_positive_examples", "model_metadata")
    },
    "PatchApp*: reindex": "done in the background: test_apps.py looks at it",
    "*: annotations.data.concepts.name": _BY_ID,
    "*: inputs.data.concepts.name": _BY_ID,
    "*ands.input.data.concepts.name": _BY_ID,
    "*: inputs.data.*.allow_duplicate_url": "an address may come twice in any case",
    "*ands.input.data.*.allow_duplicate_url": "an address may come twice in any case",
    "PostInputs: inputs.data.image.url": _BYTES,
    "PostInputs: inputs.data.text.url": _BYTES,
    "*ands.input.data.image.url": _BYTES,
    "*ands.input.dataset_ids": "an alternative to the input that the base asks for",
    "PostDatasetInputs: dataset_inputs.input.id": "an input that is not there: its item says so",
    "*searches.id": _SAVED,
    "*searches.name": _SAVED,
    "*searches.application_id": _SAVED,
    "*searches.git_hash": _SAVED,
    "*searches.visibility.gettable": _SAVED,
    "*searches.algorithm": _EXACT,
    "PostModelVersionMetrics: test_search.*": _LATER,
    "PostRunnerItemOutputs: runner_replica_id": "tells where a runner runs: nothing is billed",
    "PostRunnerItemOutputs: cloud_provider_id": "tells where a runner runs: nothing is billed",
    "PostRunnerItemOutputs: region": "tells where a runner runs: nothing is billed",
    "PostRunnerItemOutputs: status.code": "on a stream it says that there is room for more",
}  # fmt: skip
"""`rpc: path`, with `*` -> why nothing comes of it."""

MINIMAL: Mapping[str, Mapping[str, Any]] = {
    "Concept": {"id": "colour"},
    "Region": {"region_info": BOX},
    "ConceptRelation": {"object_concept": {"id": "colour"}, "predicate": "hypernym"},
    "WorkflowNode": {"id": "zqnode", "model": {"id": "general-image-recognition"}},
    "Image": {"base64": picture("red")},
    "OutputConfig.select_concepts": {},
    "And": {"input": {"id": "red"}},
    "Filter": {"annotation": {"data": {"concepts": [{"id": "colour", "value": 1}]}}},
    "Rank": {"annotation": {"input_id": "red"}},
    "Geo": {"geo_point": {"latitude": 1, "longitude": 1}},
    "EvalMetrics.ground_truth_dataset": {"id": "set"},
    "ConceptQuery.workflow": {"id": "flow"},
}
"""What an item of a list needs to be valid."""

VALUES: Mapping[str, Any] = {
    "UserAppIDSet.user_id": "bob",
    "UserAppIDSet.app_id": "ark",
    "DeleteAnnotationsRequest.input_ids": "blue",
    "DeleteDatasetInputsRequest.input_ids": "sunny",
    "DeleteInputsRequest.ids": "blue",
    "Input.dataset_ids": "other",
    "OutputConfig.language": "zh",
    "OutputConfig.min_value": 0.999,
    "GetModelRequest.language": "zh",
    "Search.min_value": 0.999,
    "Search.as_of": timestamp_pb2.Timestamp(seconds=1),
    "TimeRange.end_time": timestamp_pb2.Timestamp(seconds=1),
    "ListModelsRequest.min_replicas": 1,
    "OutputInfo.params": _struct({"max_concepts": 7}),
    "TrainInfo.params": _struct({"dataset_id": "set", "enrich_dataset": "Disabled"}),
}
"""Values that are valid where they stand."""
