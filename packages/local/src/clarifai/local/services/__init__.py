"""The RPCs of the platform, one module per family of resources.

A service is a class made with the platform; its methods marked `@rpc` answer RPCs. A method
`resume`, if it has one, is called at the end of the start to pick up unfinished work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai.local.platform import Platform

SERVICES: tuple[str, ...] = (
    "clarifai.local.services.users:Users",
    "clarifai.local.services.apps:Apps",
    "clarifai.local.services.concepts:Concepts",
    "clarifai.local.services.concept_relations:ConceptRelations",
    "clarifai.local.services.inputs:Inputs",
    "clarifai.local.services.input_jobs:InputJobs",
    "clarifai.local.services.annotations:Annotations",
    "clarifai.local.services.datasets:Datasets",
    "clarifai.local.services.dataset_inputs:DatasetInputs",
    "clarifai.local.services.dataset_versions:DatasetVersions",
    "clarifai.local.services.dataset_exports:DatasetExports",
    "clarifai.local.services.model_types:ModelTypes",
    "clarifai.local.services.models:Models",
    "clarifai.local.services.model_versions:ModelVersions",
    "clarifai.local.services.predictions:Predictions",
    "clarifai.local.services.workflows:Workflows",
    "clarifai.local.services.workflow_versions:WorkflowVersions",
    "clarifai.local.services.workflow_results:WorkflowResults",
    "clarifai.local.services.modules:Modules",
    "clarifai.local.services.module_versions:ModuleVersions",
    "clarifai.local.services.installed_modules:InstalledModules",
    "clarifai.local.services.runners:Runners",
    "clarifai.local.services.runner_items:RunnerItems",
    "clarifai.local.services.evaluations:Evaluations",
    "clarifai.local.services.searches:Searches",
    "clarifai.local.services.status_codes:StatusCodes",
)
"""`"module:Class"` of every built-in service."""


def load_services(platform: Platform) -> list[object]:
    """Return the built-in services of a platform, in the order of the table."""
    return [_load(target)(platform) for target in SERVICES]


def _load(target: str) -> type:
    module, _, name = target.partition(":")
    service: type = getattr(import_module(module), name)
    return service
