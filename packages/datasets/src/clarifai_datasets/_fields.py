"""The fields of the messages that handles carry, for editors; written by a tool.

These classes have annotations only: at run time a handle takes the values from its message. Change
`tools/handle_fields.py` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf import struct_pb2, timestamp_pb2


class DatasetFields:
    """Fields of the `Dataset` message."""

    created_at: timestamp_pb2.Timestamp
    modified_at: timestamp_pb2.Timestamp
    description: str
    metadata: struct_pb2.Struct
    visibility: resources_pb2.Visibility
    default_annotation_filter: resources_pb2.AnnotationFilter
    default_processing_info: resources_pb2.DatasetVersionProcessingInfo
    notes: str
    version: resources_pb2.DatasetVersion
    is_starred: bool
    star_count: int
    bookmark_origin: resources_pb2.BookmarkOrigin
    image: resources_pb2.Image
