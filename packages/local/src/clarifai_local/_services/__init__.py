"""The RPCs of the platform, one module per family of resources.

Families of resources that are created, listed, changed and deleted alike are data: `families`. All
else is a service: a class made with a `ServiceContext`, whose methods marked `@rpc` answer RPCs. A
method `resume`, if it has one, is called at the end of the start to pick up unfinished work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext

SERVICES: tuple[str, ...] = (
    "clarifai_local._services.users:UserService",
    "clarifai_local._services.apps:AppService",
    "clarifai_local._services.scopes:KeyScopeService",
    "clarifai_local._services.concepts:ConceptService",
    "clarifai_local._services.concept_relations:ConceptRelationService",
    "clarifai_local._services.inputs:InputService",
    "clarifai_local._services.input_jobs:InputJobService",
    "clarifai_local._services.annotations:AnnotationService",
    "clarifai_local._services.dataset_inputs:DatasetInputService",
    "clarifai_local._services.dataset_version_metrics:DatasetMetricsService",
    "clarifai_local._services.dataset_exports:DatasetExportService",
    "clarifai_local._services.model_types:ModelTypeService",
    "clarifai_local._services.training_logs:TrainingLogs",
    "clarifai_local._services.predictions:PredictionService",
    "clarifai_local._services.workflow_results:WorkflowResultService",
    "clarifai_local._services.runner_items:RunnerItemService",
    "clarifai_local._services.evaluations:EvaluationService",
    "clarifai_local._services.searches:SearchService",
    "clarifai_local._services.status_codes:StatusCodeService",
)
"""`"module:Class"` of every built-in service."""


def load_services(context: ServiceContext) -> list[object]:
    """Return the built-in services of a platform, in the order of the table."""
    return [_load(target)(context) for target in SERVICES]


def _load(target: str) -> type:
    module, _, name = target.partition(":")
    service: type = getattr(import_module(module), name)
    return service
