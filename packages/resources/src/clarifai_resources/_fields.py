"""The fields of the messages that handles carry, for editors; written by a tool.

These classes have annotations only: at run time a handle takes the values from its message. Change
`tools/handle_fields.py` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf import struct_pb2, timestamp_pb2, wrappers_pb2


class AppFields:
    """Fields of the `App` message."""

    name: str
    default_language: str
    default_workflow_id: str
    default_workflow: resources_pb2.Workflow
    created_at: timestamp_pb2.Timestamp
    modified_at: timestamp_pb2.Timestamp
    legal_consent_status: int
    metadata: struct_pb2.Struct
    description: str
    sample_ms: int
    visibility: resources_pb2.Visibility
    data_tier_id: str
    is_starred: bool
    star_count: int
    notes: str
    image: resources_pb2.Image
    is_template: wrappers_pb2.BoolValue
    extra_info: resources_pb2.AppExtraInfo
    embeddings_storage: int


class ModelFields:
    """Fields of the `Model` message."""

    name: str
    created_at: timestamp_pb2.Timestamp
    modified_at: timestamp_pb2.Timestamp
    output_info: resources_pb2.OutputInfo
    model_version: resources_pb2.ModelVersion
    display_name: str
    default_eval_info: resources_pb2.EvalInfo
    model_type_id: str
    task: str
    visibility: resources_pb2.Visibility
    description: str
    metadata: struct_pb2.Struct
    presets: struct_pb2.Struct
    notes: str
    toolkits: Sequence[str]
    use_cases: Sequence[str]
    languages: Sequence[str]
    languages_full: Sequence[resources_pb2.FullTag]
    check_consents: Sequence[str]
    is_starred: bool
    star_count: int
    workflow_recommended: wrappers_pb2.BoolValue
    bookmark_origin: resources_pb2.BookmarkOrigin
    image: resources_pb2.Image
    license_type: int
    source: int
    creator: str
    version_count: int
    billing_type: int
    featured_order: wrappers_pb2.Int32Value
    deploy_restriction: int
    replica_count: int
    open_router_info: resources_pb2.OpenRouterInfo


class ModuleFields:
    """Fields of the `Module` message."""

    description: str
    created_at: timestamp_pb2.Timestamp
    modified_at: timestamp_pb2.Timestamp
    visibility: resources_pb2.Visibility
    metadata: struct_pb2.Struct
    module_version: resources_pb2.ModuleVersion
    is_starred: bool
    star_count: int
    bookmark_origin: resources_pb2.BookmarkOrigin
    image: resources_pb2.Image


class UserFields:
    """Fields of the `User` message."""

    primary_email: str
    first_name: str
    last_name: str
    company_name: str
    job_title: str
    job_role: str
    intention: str
    referral_source: str
    bill_type: str
    created_at: timestamp_pb2.Timestamp
    date_gdpr_consent: timestamp_pb2.Timestamp
    date_tos_consent: timestamp_pb2.Timestamp
    date_marketing_consent: timestamp_pb2.Timestamp
    date_pii_consent: timestamp_pb2.Timestamp
    metadata: struct_pb2.Struct
    email_addresses: Sequence[resources_pb2.EmailAddress]
    two_factor_auth_enabled: bool
    teams_count: int
    is_starred: bool
    star_count: int
    visibility: resources_pb2.Visibility
    user_detail: resources_pb2.UserDetail
    image: resources_pb2.Image


class WorkflowFields:
    """Fields of the `Workflow` message."""

    created_at: timestamp_pb2.Timestamp
    nodes: Sequence[resources_pb2.WorkflowNode]
    metadata: struct_pb2.Struct
    visibility: resources_pb2.Visibility
    modified_at: timestamp_pb2.Timestamp
    version: resources_pb2.WorkflowVersion
    is_starred: bool
    star_count: int
    description: str
    notes: str
    use_cases: Sequence[str]
    check_consents: Sequence[str]
    bookmark_origin: resources_pb2.BookmarkOrigin
    image: resources_pb2.Image
