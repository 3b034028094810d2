"""The keyword arguments of handles, for type checkers and editors; written by a tool.

Change `tools/keywords.py` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from clarifai_core.arguments import ConnectionArguments, InApp, ReachArguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_grpc.grpc.api import resources_pb2
    from clarifai_grpc.grpc.api.status import status_pb2
    from google.protobuf import struct_pb2, timestamp_pb2


class DatasetValues(TypedDict, total=False):
    """Fields of a new dataset."""

    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    description: str
    metadata: struct_pb2.Struct | Mapping[str, Any]
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    default_annotation_filter: resources_pb2.AnnotationFilter | Mapping[str, Any]
    default_processing_info: resources_pb2.DatasetVersionProcessingInfo | Mapping[str, Any]
    notes: str
    version: resources_pb2.DatasetVersion | Mapping[str, Any]
    is_starred: bool
    star_count: int
    bookmark_origin: resources_pb2.BookmarkOrigin | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]


class DatasetArguments(ConnectionArguments, InApp, DatasetValues, total=False):
    """What `Dataset` takes besides."""


class ExistingDataset(ReachArguments, InApp, DatasetValues, total=False):
    """Where an existing dataset is, and fields to set on its handle."""


class DatasetChanges(TypedDict, total=False):
    """Fields to change of an existing dataset."""

    visibility: resources_pb2.Visibility | Mapping[str, Any] | str | int
    image_url: str
    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    description: str
    metadata: struct_pb2.Struct | Mapping[str, Any]
    default_annotation_filter: resources_pb2.AnnotationFilter | Mapping[str, Any]
    default_processing_info: resources_pb2.DatasetVersionProcessingInfo | Mapping[str, Any]
    notes: str
    version: resources_pb2.DatasetVersion | Mapping[str, Any]
    is_starred: bool
    star_count: int
    bookmark_origin: resources_pb2.BookmarkOrigin | Mapping[str, Any]
    image: resources_pb2.Image | Mapping[str, Any]


class DatasetVersionValues(TypedDict, total=False):
    """Fields of a new version of a dataset."""

    id: str
    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    dataset_id: str
    annotation_filter_config: resources_pb2.AnnotationFilterConfig | Mapping[str, Any]
    model_predict_config: resources_pb2.ModelPredictConfig | Mapping[str, Any]
    status: status_pb2.Status | Mapping[str, Any]
    description: str
    processing_info: resources_pb2.DatasetVersionProcessingInfo | Mapping[str, Any]
    metrics: Mapping[str, resources_pb2.DatasetVersionMetrics]
    export_info: resources_pb2.DatasetVersionExportInfo | Mapping[str, Any]
    metadata: struct_pb2.Struct | Mapping[str, Any]
    visibility: resources_pb2.Visibility | Mapping[str, Any]
    embed_model_version_ids: Sequence[str]
    request_origin: int | str
