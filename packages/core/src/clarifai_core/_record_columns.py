"""Which columns a table of messages has: one table, for the prompt, notebooks and data frames.

A path names fields, `"model_version.id"`; of `"a|b"` the first that is set counts; what stands
behind a colon is a way to read it, see `READERS` in records.py; a path that begins with the colon
reads the message itself. A message that is not here gives
the columns of its kind (`ResourceKind.columns`), or all its scalar fields that are set.
"""

from __future__ import annotations

from typing import TypeAlias

Columns: TypeAlias = "tuple[tuple[str, str], ...]"
"""Name of a column, and the path of its value."""


def _same(*names: str) -> Columns:
    return tuple((name, name) for name in names)


_CREATED = _same("created_at")
_TIMES = _same("created_at", "modified_at")
_OWNER = _same("user_id", "app_id")
_VISIBILITY: Columns = (("visibility", "visibility.gettable"),)
_STATUS: Columns = (("status", "status.code"),)
_PLACE = ("geo.geo_point.longitude", "geo.geo_point.latitude")

COLUMNS: dict[str, Columns] = {
    "User": (*_same("id", "first_name", "last_name", "company_name"), *_VISIBILITY, *_CREATED),
    "App": (
        *_same("id", "name", "user_id", "description"),
        ("default_workflow_id", "default_workflow_id|default_workflow.id"),
        *_VISIBILITY,
        *_TIMES,
    ),
    "Dataset": (
        *_same("id", *("user_id", "app_id"), "description"),
        ("version_id", "version.id"),
        *_VISIBILITY,
        *_TIMES,
    ),
    "DatasetVersion": (
        *_same("id", "dataset_id", "user_id", "app_id", "description"),
        *_STATUS,
        *_CREATED,
    ),
    "Input": (
        ("id", "id"),
        ("type", "data:media"),
        ("url", "data:url"),
        ("text", "data.text.raw"),
        ("concepts", "data:labels"),
        ("metadata", "data.metadata"),
        ("longitude", f"data.{_PLACE[0]}"),
        ("latitude", f"data.{_PLACE[1]}"),
        ("dataset_ids", "dataset_ids"),
        *_STATUS,
        ("status_code", "status.code:number"),
        *_CREATED,
    ),
    "DatasetInput": (
        ("input_id", "input.id"),
        ("type", "input.data:media"),
        ("url", "input.data:url"),
        ("text", "input.data.text.raw"),
        ("concepts", "input.data:labels"),
        ("status", "input.status.code"),
        ("created_at", "created_at|input.created_at"),
    ),
    "Annotation": (
        *_same("id", "input_id"),
        ("concepts", "data:labels"),
        ("regions", "data:region_kinds"),
        ("user_id", "user_id"),
        *_STATUS,
        *_CREATED,
    ),
    "Concept": (
        *_same("id", "name"),
        ("value", ":said_value"),
        *_same("language", "user_id", "app_id", "created_at"),
    ),
    "Model": (
        *_same("id", "name", "model_type_id", "user_id", "app_id"),
        ("version_id", "model_version.id"),
        ("status", "model_version.status.code"),
        ("description", "description"),
        *_VISIBILITY,
        *_CREATED,
    ),
    "ModelVersion": (
        ("id", "id"),
        *_OWNER,
        *_STATUS,
        ("concept_count", "active_concept_count"),
        ("input_count", "total_input_count"),
        ("description", "description"),
        *_same("created_at", "completed_at"),
    ),
    "Workflow": (
        *_same("id", "user_id", "app_id"),
        ("version_id", "version.id"),
        *_same("nodes", "description"),
        *_VISIBILITY,
        *_CREATED,
    ),
    "WorkflowVersion": (
        *_same("id", "workflow_id", "user_id", "app_id", "nodes", "description"),
        *_CREATED,
    ),
    "Module": (
        *_same("id", "user_id", "app_id"),
        ("version_id", "module_version.id"),
        ("description", "description"),
        *_VISIBILITY,
        *_CREATED,
    ),
    "ModuleVersion": (
        *_same("id", "module_id", "user_id", "app_id", "description", "git_commit_url"),
        *_CREATED,
    ),
    "InstalledModuleVersion": (
        *_same("id", "user_id", "app_id"),
        ("module_id", "module_version.module_id"),
        ("module_version_id", "module_version.id"),
        ("deploy_url", "deploy_url"),
        *_CREATED,
    ),
    "Runner": (
        *_same("id", "description", "labels"),
        ("model_id", "worker.model.id"),
        ("workflow_id", "worker.workflow.id"),
        *_CREATED,
    ),
    "Hit": (
        ("score", "score"),
        ("input_id", "input.id"),
        ("annotation_id", "annotation.id"),
        ("type", "input.data:media"),
        ("url", "input.data:url"),
        ("text", "input.data.text.raw"),
        ("concepts", "annotation.data:labels|input.data:labels"),
        ("metadata", "input.data.metadata|annotation.data.metadata"),
        ("longitude", f"annotation.data.{_PLACE[0]}|input.data.{_PLACE[0]}"),
        ("latitude", f"annotation.data.{_PLACE[1]}|input.data.{_PLACE[1]}"),
        ("dataset_ids", "input.dataset_ids"),
        ("status_code", "input.status.code:number"),
        ("created_at", "input.created_at"),
    ),
    "Output": (
        ("input_id", "input.id"),
        ("model_id", "model.id"),
        ("model_version_id", "model.model_version.id"),
        ("label", "data:best_label"),
        ("score", "data:best_score"),
        ("concepts", "data:labels"),
        ("regions", "data:region_kinds"),
        ("text", "data.text.raw"),
        *_STATUS,
    ),
    "EvalMetrics": (
        *_same("id", "user_id", "app_id"),
        ("model_id", "model.id"),
        ("model_version_id", "model.model_version.id"),
        ("dataset_id", "ground_truth_dataset.id"),
        ("dataset_version_id", "ground_truth_dataset.version.id"),
        *_STATUS,
        ("accuracy", "summary:accuracy"),
        ("precision", "summary.macro_avg_precision"),
        ("recall", "summary.macro_avg_recall"),
        ("f1", "summary.macro_avg_f1_score"),
        ("roc_auc", "summary:roc_auc"),
        ("mean_avg_precision_iou_50", "summary:mean_avg_precision"),
    ),
    "Search": _same("id", "name", "algorithm", "metric", "created_at"),
    "ModelType": _same("id", "title", "description", "trainable", "creatable"),
    # The id of a key and the value of a secret are what nobody may see.
    "Key": _same("description", "scopes", "created_at", "expires_at"),
    "Secret": _same("id", "user_id", "description", "version", "created_at", "expires_at"),
}
"""Name of a message of the platform -> its columns."""

IDS: dict[str, str] = {"Hit": "input.id", "DatasetInput": "input.id", "Output": "input.id"}
"""Name of a message -> the path of the id that further work needs, where that is not `id`."""

NAMELESS = frozenset({"Key"})
"""Messages whose id is never shown."""

PARTS: dict[str, str] = {"WorkflowResult": "outputs"}
"""Name of a message that is many rows -> the field that holds them."""
