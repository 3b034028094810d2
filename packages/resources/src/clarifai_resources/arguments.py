"""The keyword arguments of handles, for type checkers and editors; written by a tool.

Change `tools/keywords.py` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from clarifai_core.arguments import ConnectionArguments, InApp, OfUser, ReachArguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_grpc.grpc.api import resources_pb2
    from clarifai_grpc.grpc.api.status import status_pb2
    from google.protobuf import struct_pb2, timestamp_pb2, wrappers_pb2


class UserValues(TypedDict, total=False):
    """Fields of a new user."""

    primary_email: str
    first_name: str
    last_name: str
    company_name: str
    job_title: str
    job_role: str
    intention: str
    referral_source: str
    bill_type: str
    created_at: timestamp_pb2.Timestamp | str
    date_gdpr_consent: timestamp_pb2.Timestamp | str
    date_tos_consent: timestamp_pb2.Timestamp | str
    date_marketing_consent: timestamp_pb2.Timestamp | str
    date_pii_consent: timestamp_pb2.Timestamp | str
    metadata: struct_pb2.Struct | Mapping[str, Any]
    email_addresses: Sequence[resources_pb2.EmailAddress | Mapping[str, Any]]
    two_factor_auth_enabled: bool
    teams_count: int
    is_starred: bool
    star_count: int
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    user_detail: resources_pb2.UserDetail | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]


class UserArguments(ConnectionArguments, UserValues, total=False):
    """What `User` takes besides."""


class AppValues(TypedDict, total=False):
    """Fields of a new app."""

    name: str
    default_language: str
    default_workflow_id: str
    default_workflow: resources_pb2.Workflow | Mapping[str, Any]
    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    legal_consent_status: int
    metadata: struct_pb2.Struct | Mapping[str, Any]
    description: str
    sample_ms: int
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    data_tier_id: str
    is_starred: bool
    star_count: int
    notes: str
    image: resources_pb2.Image | Mapping[str, Any]
    is_template: wrappers_pb2.BoolValue | bool
    extra_info: resources_pb2.AppExtraInfo | Mapping[str, Any]
    embeddings_storage: int | str


class AppArguments(ConnectionArguments, OfUser, AppValues, total=False):
    """What `App` takes besides."""


class ExistingApp(ReachArguments, OfUser, AppValues, total=False):
    """Where an existing app is, and fields to set on its handle."""


class AppChanges(TypedDict, total=False):
    """Fields to change of an existing app."""

    visibility: resources_pb2.Visibility | Mapping[str, Any] | str | int
    image_url: str
    base_workflow: str
    name: str
    default_language: str
    default_workflow_id: str
    default_workflow: resources_pb2.Workflow | Mapping[str, Any]
    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    legal_consent_status: int
    metadata: struct_pb2.Struct | Mapping[str, Any]
    description: str
    sample_ms: int
    data_tier_id: str
    is_starred: bool
    star_count: int
    notes: str
    image: resources_pb2.Image | Mapping[str, Any]
    is_template: wrappers_pb2.BoolValue | bool
    extra_info: resources_pb2.AppExtraInfo | Mapping[str, Any]
    embeddings_storage: int | str


class ModelValues(TypedDict, total=False):
    """Fields of a new model."""

    name: str
    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    output_info: resources_pb2.OutputInfo | Mapping[str, Any]
    display_name: str
    default_eval_info: resources_pb2.EvalInfo | Mapping[str, Any]
    model_type_id: str
    task: str
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    description: str
    metadata: struct_pb2.Struct | Mapping[str, Any]
    presets: struct_pb2.Struct | Mapping[str, Any]
    notes: str
    toolkits: Sequence[str]
    use_cases: Sequence[str]
    languages: Sequence[str]
    languages_full: Sequence[resources_pb2.FullTag | Mapping[str, Any]]
    check_consents: Sequence[str]
    is_starred: bool
    star_count: int
    workflow_recommended: wrappers_pb2.BoolValue | bool
    bookmark_origin: resources_pb2.BookmarkOrigin | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]
    license_type: int | str
    source: int | str
    creator: str
    version_count: int
    billing_type: int | str
    featured_order: wrappers_pb2.Int32Value | int
    deploy_restriction: int | str
    replica_count: int
    open_router_info: resources_pb2.OpenRouterInfo | Mapping[str, Any]


class ModelArguments(ConnectionArguments, InApp, ModelValues, total=False):
    """What `Model` takes besides."""

    output_config: resources_pb2.OutputConfig | Mapping[str, Any]
    compute_cluster_id: str | None
    nodepool_id: str | None
    deployment_id: str | None
    deployment_user_id: str | None


class ExistingModel(ReachArguments, InApp, ModelValues, total=False):
    """Where an existing model is, and fields to set on its handle."""

    model_version: resources_pb2.ModelVersion | Mapping[str, Any]


class NewModel(ModelValues, total=False):
    """Fields of a new model."""

    model_version: resources_pb2.ModelVersion | Mapping[str, Any]


class ModelVersionValues(TypedDict, total=False):
    """Fields of a new version of a model."""

    id: str
    created_at: timestamp_pb2.Timestamp | str
    status: status_pb2.Status | Mapping[str, Any]
    active_concept_count: int
    metrics: resources_pb2.EvalMetrics | Mapping[str, Any]
    total_input_count: int
    pretrained_model_config: resources_pb2.PretrainedModelConfig | Mapping[str, Any]
    completed_at: timestamp_pb2.Timestamp | str
    description: str
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    modified_at: timestamp_pb2.Timestamp | str
    metadata: struct_pb2.Struct | Mapping[str, Any]
    license: str
    output_info: resources_pb2.OutputInfo | Mapping[str, Any]
    input_info: resources_pb2.InputInfo | Mapping[str, Any]
    train_info: resources_pb2.TrainInfo | Mapping[str, Any]
    import_info: resources_pb2.ImportInfo | Mapping[str, Any]
    train_log: str
    inference_compute_info: resources_pb2.ComputeInfo | Mapping[str, Any]
    build_info: resources_pb2.BuildInfo | Mapping[str, Any]
    method_signatures: Sequence[resources_pb2.MethodSignature | Mapping[str, Any]]
    special_handling: Sequence[resources_pb2.SpecialHandling | Mapping[str, Any]]
    num_threads: int


class ModelChanges(TypedDict, total=False):
    """Fields to change of an existing model."""

    visibility: resources_pb2.Visibility | Mapping[str, Any] | str | int
    image_url: str
    name: str
    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    output_info: resources_pb2.OutputInfo | Mapping[str, Any]
    model_version: resources_pb2.ModelVersion | Mapping[str, Any]
    display_name: str
    default_eval_info: resources_pb2.EvalInfo | Mapping[str, Any]
    model_type_id: str
    task: str
    description: str
    metadata: struct_pb2.Struct | Mapping[str, Any]
    presets: struct_pb2.Struct | Mapping[str, Any]
    notes: str
    toolkits: Sequence[str]
    use_cases: Sequence[str]
    languages: Sequence[str]
    languages_full: Sequence[resources_pb2.FullTag | Mapping[str, Any]]
    check_consents: Sequence[str]
    is_starred: bool
    star_count: int
    workflow_recommended: wrappers_pb2.BoolValue | bool
    bookmark_origin: resources_pb2.BookmarkOrigin | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]
    license_type: int | str
    source: int | str
    creator: str
    version_count: int
    billing_type: int | str
    featured_order: wrappers_pb2.Int32Value | int
    deploy_restriction: int | str
    replica_count: int
    open_router_info: resources_pb2.OpenRouterInfo | Mapping[str, Any]


class ModuleValues(TypedDict, total=False):
    """Fields of a new module."""

    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    metadata: struct_pb2.Struct | Mapping[str, Any]
    is_starred: bool
    star_count: int
    bookmark_origin: resources_pb2.BookmarkOrigin | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]


class ModuleArguments(ConnectionArguments, InApp, ModuleValues, total=False):
    """What `Module` takes besides."""

    description: str


class ExistingModule(ReachArguments, InApp, ModuleValues, total=False):
    """Where an existing module is, and fields to set on its handle."""

    description: str


class WorkflowValues(TypedDict, total=False):
    """Fields of a new workflow."""

    created_at: timestamp_pb2.Timestamp | str
    nodes: Sequence[resources_pb2.WorkflowNode | Mapping[str, Any]]
    metadata: struct_pb2.Struct | Mapping[str, Any]
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    modified_at: timestamp_pb2.Timestamp | str
    version: resources_pb2.WorkflowVersion | Mapping[str, Any]
    is_starred: bool
    star_count: int
    description: str
    notes: str
    use_cases: Sequence[str]
    check_consents: Sequence[str]
    bookmark_origin: resources_pb2.BookmarkOrigin | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]


class WorkflowArguments(ConnectionArguments, InApp, WorkflowValues, total=False):
    """What `Workflow` takes besides."""


class ExistingWorkflow(ReachArguments, InApp, WorkflowValues, total=False):
    """Where an existing workflow is, and fields to set on its handle."""


class WorkflowChanges(TypedDict, total=False):
    """Fields to change of an existing workflow."""

    visibility: resources_pb2.Visibility | Mapping[str, Any] | str | int
    image_url: str
    created_at: timestamp_pb2.Timestamp | str
    nodes: Sequence[resources_pb2.WorkflowNode | Mapping[str, Any]]
    metadata: struct_pb2.Struct | Mapping[str, Any]
    modified_at: timestamp_pb2.Timestamp | str
    version: resources_pb2.WorkflowVersion | Mapping[str, Any]
    is_starred: bool
    star_count: int
    description: str
    notes: str
    use_cases: Sequence[str]
    check_consents: Sequence[str]
    bookmark_origin: resources_pb2.BookmarkOrigin | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]
