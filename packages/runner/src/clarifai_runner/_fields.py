"""The fields of the messages that handles carry, for editors; written by a tool.

These classes have annotations only: at run time a handle takes the values from its message. Change
`tools/handle_fields.py` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf import struct_pb2, timestamp_pb2


class RunnerFields:
    """Fields of the `Runner` message."""

    description: str
    created_at: timestamp_pb2.Timestamp
    modified_at: timestamp_pb2.Timestamp
    metadata: struct_pb2.Struct
    labels: Sequence[str]
    worker: resources_pb2.Worker
    nodepool: resources_pb2.Nodepool
    compute_info: resources_pb2.ComputeInfo
    num_replicas: int
    special_handling: Sequence[resources_pb2.SpecialHandling]
    runner_metrics: resources_pb2.RunnerMetrics
