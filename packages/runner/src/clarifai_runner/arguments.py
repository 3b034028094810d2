"""The keyword arguments of handles, for type checkers and editors; written by a tool.

Change `tools/keywords.py` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from clarifai_core.arguments import ConnectionArguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf import struct_pb2, timestamp_pb2


class RunnerValues(TypedDict, total=False):
    """Fields of a new runner."""

    description: str
    created_at: timestamp_pb2.Timestamp | str
    modified_at: timestamp_pb2.Timestamp | str
    metadata: struct_pb2.Struct | Mapping[str, Any]
    labels: Sequence[str]
    worker: resources_pb2.Worker | Mapping[str, Any]
    nodepool: resources_pb2.Nodepool | Mapping[str, Any]
    compute_info: resources_pb2.ComputeInfo | Mapping[str, Any]
    num_replicas: int
    special_handling: Sequence[resources_pb2.SpecialHandling | Mapping[str, Any]]
    runner_metrics: resources_pb2.RunnerMetrics | Mapping[str, Any]


class RunnerArguments(ConnectionArguments, RunnerValues, total=False):
    """What `Runner` takes besides."""
