"""The table of families: apps, datasets, models, workflows, modules, runners and their versions.

What a record does not say is as in `family`; what answers its RPCs is in `family_rpcs`, or a plain
function of the family's own module.
"""

from __future__ import annotations

from typing import Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._services import (
    apps,
    dataset_versions,
    datasets,
    installed_modules,
    keys,
    model_versions,
    models,
    modules,
    runners,
    workflow_versions,
    workflows,
)
from clarifai_local._services.family import Family, in_app_or_main, of_user
from clarifai_local._services.family_rpcs import (
    delete,
    delete_one,
    delete_some,
    get,
    list_everywhere,
    list_newest_first,
    list_sorted,
    patch,
    post,
)
from clarifai_local._wire_versions import module_messages
from clarifai_local.auth import KEY_KIND

APPS = Family(
    kind="app",
    message=resources_pb2.App,
    rpcs={"PostApps": post, "ListApps": list_sorted},
    owner=of_user,
    draft=apps.draft,
    show=apps.show,
)

DATASETS = Family(
    kind="dataset",
    message=resources_pb2.Dataset,
    rpcs={
        "PostDatasets": post,
        "GetDataset": get,
        "ListDatasets": list_sorted,
        "PatchDatasets": patch,
        "DeleteDatasets": delete,
    },
    # Never with a version, which old clients trip over.
    own=("created_at", "modified_at", "app_id", "user_id", "version", "bookmark_origin"),
    remove=datasets.remove,
)

DATASET_VERSIONS = Family(
    kind="dataset_version",
    parent=DATASETS,
    message=resources_pb2.DatasetVersion,
    rpcs={
        "PostDatasetVersions": post,
        "GetDatasetVersion": dataset_versions.get,
        "ListDatasetVersions": dataset_versions.list_wanted,
        "PatchDatasetVersions": patch,
        "DeleteDatasetVersions": delete,
    },
    own=dataset_versions.OWN,
    patched_fields=dataset_versions.PATCHED,
    draft=dataset_versions.draft,
    added=dataset_versions.start,
    show=dataset_versions.show,
    remove=dataset_versions.remove,
)

MODELS = Family(
    kind="model",
    message=resources_pb2.Model,
    owner=in_app_or_main,
    rpcs={
        "PostModels": models.post,
        "GetModel": models.get,
        "GetModelOutputInfo": models.get_output_info,
        "ListModels": models.list_wanted,
        "PostModelsSearches": models.search,
        "PatchModels": patch,
        "DeleteModel": delete_one,
        "DeleteModels": delete_some,
    },
    own=(
        "created_at", "modified_at", "app_id", "user_id", "model_version", "bookmark_origin",
        "featured_order", "star_count", "version_count",
    ),
    absent="model {id!r} does not exist in app {app!r}",
    absent_code=codes.MODEL_DOES_NOT_EXIST,
    draft=models.draft,
    change=models.change,
    show=models.show,
    remove=models.remove,
    to_read=models.find,
)  # fmt: skip

MODEL_VERSIONS = Family(
    kind="model_version",
    parent=MODELS,
    message=resources_pb2.ModelVersion,
    owner=in_app_or_main,
    rpcs={
        "PostModelVersions": model_versions.post,
        "GetModelVersion": model_versions.get,
        "ListModelVersions": model_versions.list_wanted,
        "PatchModelVersions": patch,
        "DeleteModelVersion": delete_one,
    },
    id_field="version_id",
    own=model_versions.OWN,
    patched_fields=model_versions.PATCHED,
    absent="model {parent!r} has no version {id!r}",
    absent_code=codes.MODEL_DOES_NOT_EXIST,
    draft=model_versions.draft,
    added=model_versions.start,
    show=model_versions.show,
    remove=model_versions.remove,
    to_read=model_versions.find,
)

WORKFLOWS = Family(
    kind="workflow",
    message=resources_pb2.Workflow,
    owner=in_app_or_main,
    rpcs={
        "PostWorkflows": workflows.post,
        "GetWorkflow": get,
        "ListWorkflows": list_everywhere,
        "PatchWorkflows": workflows.patch,
        "DeleteWorkflow": delete_one,
        "DeleteWorkflows": delete_some,
    },
    absent="workflow {id!r} does not exist in app {app!r}",
    absent_code=codes.WORKFLOW_DOES_NOT_EXIST,
    duplicate_code=codes.WORKFLOW_DUPLICATE,
    draft=workflows.draft,
    added=workflows.add_version,
    change=workflows.change,
    show=workflows.show,
    remove=workflows.remove,
    to_read=workflows.find,
)

WORKFLOW_VERSIONS = Family(
    kind="workflow_version",
    parent=WORKFLOWS,
    message=resources_pb2.WorkflowVersion,
    owner=in_app_or_main,
    rpcs={
        "GetWorkflowVersion": workflow_versions.get,
        "ListWorkflowVersions": list_newest_first,
        "PatchWorkflowVersions": patch,
        "DeleteWorkflowVersions": workflow_versions.delete,
    },
    own=("created_at", "modified_at", "app_id", "user_id", "workflow_id"),
    patched_fields=("description", "license", "metadata", "visibility", "is_deprecated"),
    duplicate_code=codes.WORKFLOW_DUPLICATE,
    draft=workflows.draft_version,
    show=workflow_versions.show,
    to_read=workflow_versions.find,
    to_change=workflow_versions.find,
)

MODULES = Family(
    kind="module",
    message=module_messages.Module,
    rpcs={
        "PostModules": post,
        "GetModule": get,
        "ListModules": list_everywhere,
        "PatchModules": patch,
        "DeleteModules": delete,
    },
    own=(
        "created_at", "modified_at", "user_id", "app_id", "module_version", "star_count",
        "bookmark_origin",
    ),
    absent="module {id!r} does not exist in app {app!r}",
    absent_code=codes.MODULE_DOES_NOT_EXIST,
    show=modules.show,
    remove=modules.remove,
)  # fmt: skip

MODULE_VERSIONS = Family(
    kind="module_version",
    parent=MODULES,
    message=module_messages.ModuleVersion,
    rpcs={
        "PostModuleVersions": post,
        "GetModuleVersion": get,
        "ListModuleVersions": list_newest_first,
        "PatchModuleVersions": patch,
        "DeleteModuleVersions": delete,
    },
    own=("module_id", "app_id", "user_id", "created_at", "modified_at", "approved"),
    absent="module {parent!r} has no version {id!r}",
    absent_code=codes.MODULE_DOES_NOT_EXIST,
)

INSTALLED_MODULES = Family(
    kind="installed_module_version",
    message=module_messages.InstalledModuleVersion,
    rpcs={
        "PostInstalledModuleVersions": post,
        "GetInstalledModuleVersion": get,
        "ListInstalledModuleVersions": list_newest_first,
        "DeleteInstalledModuleVersions": delete,
    },
    draft=installed_modules.draft,
)

RUNNERS = Family(
    kind="runner",
    message=resources_pb2.Runner,
    rpcs={
        "PostRunners": post,
        "GetRunner": get,
        "ListRunners": runners.list_wanted,
        "PatchRunners": patch,
        "DeleteRunners": delete,
    },
    owner=of_user,
    own=("created_at", "modified_at", "runner_metrics"),
    absent="user {user!r} has no runner {id!r}",
    absent_code=codes.RUNNER_DOES_NOT_EXIST,
    to_read=runners.find,
    to_change=runners.find,
    draft=runners.draft,
    added=runners.admit,
    change=runners.change,
    remove=runners.remove,
)

KEYS = Family(
    kind=KEY_KIND,
    message=resources_pb2.Key,
    rpcs={
        "PostKeys": post,
        "GetKey": get,
        "ListKeys": keys.list_wanted,
        "ListAppKeys": keys.list_of_app,
        "PatchKeys": patch,
        "DeleteKey": delete_one,
    },
    owner=of_user,
    absent="user {user!r} has no key {id!r}",
    absent_code=codes.CONN_KEY_NOT_FOUND,
    draft=keys.draft,
    change=keys.change,
    show=keys.show,
)

FAMILIES: tuple[Family[Any], ...] = (
    APPS,
    KEYS,
    DATASETS,
    DATASET_VERSIONS,
    MODELS,
    MODEL_VERSIONS,
    WORKFLOWS,
    WORKFLOW_VERSIONS,
    MODULES,
    MODULE_VERSIONS,
    INSTALLED_MODULES,
    RUNNERS,
)
