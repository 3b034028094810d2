"""The modules that take long to import, each run when it is first used.

This is the one file that names them twice: type checkers and editors see the modules themselves.
Everything else imports them from here, in the plain way: `from clarifai_core.heavy import grpc`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc
    import httpcore
    import httpx
    import yaml
    from clarifai_grpc.grpc.api import resources_pb2, service_pb2
    from clarifai_grpc.grpc.api.status import status_code_pb2, status_pb2
    from google.protobuf import descriptor as protobuf_descriptor
    from google.protobuf import (
        json_format,
        message_factory,
        struct_pb2,
        timestamp_pb2,
    )
    from google.protobuf import message as protobuf_message
else:
    from clarifai_core.lazy import lazy_module

    grpc = lazy_module("grpc")
    httpcore = lazy_module("httpcore")
    httpx = lazy_module("httpx")
    json_format = lazy_module("google.protobuf.json_format")
    message_factory = lazy_module("google.protobuf.message_factory")
    protobuf_descriptor = lazy_module("google.protobuf.descriptor")
    protobuf_message = lazy_module("google.protobuf.message")
    resources_pb2 = lazy_module("clarifai_grpc.grpc.api.resources_pb2")
    service_pb2 = lazy_module("clarifai_grpc.grpc.api.service_pb2")
    status_code_pb2 = lazy_module("clarifai_grpc.grpc.api.status.status_code_pb2")
    status_pb2 = lazy_module("clarifai_grpc.grpc.api.status.status_pb2")
    struct_pb2 = lazy_module("google.protobuf.struct_pb2")
    timestamp_pb2 = lazy_module("google.protobuf.timestamp_pb2")
    yaml = lazy_module("yaml")

__all__ = [
    "grpc",
    "httpcore",
    "httpx",
    "json_format",
    "message_factory",
    "protobuf_descriptor",
    "protobuf_message",
    "resources_pb2",
    "service_pb2",
    "status_code_pb2",
    "status_pb2",
    "struct_pb2",
    "timestamp_pb2",
    "yaml",
]
