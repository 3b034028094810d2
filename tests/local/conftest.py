"""A platform in memory, and its RPCs by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from google.protobuf import message_factory

from clarifai_local import ManualClock, Platform


class Api:
    """Calls RPCs on a channel: `api.PostApps(user_app_id=..., apps=[...])`."""

    def __init__(self, channel: Any, metadata: tuple[tuple[str, str], ...] = ()) -> None:
        self.channel = channel
        self.metadata = metadata

    def __getattr__(self, name: str) -> Any:
        method = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name[name]
        request_type = message_factory.GetMessageClass(method.input_type)
        response_type = message_factory.GetMessageClass(method.output_type)
        call = self.channel.unary_unary(
            f"/clarifai.api.V2/{name}",
            request_serializer=request_type.SerializeToString,
            response_deserializer=response_type.FromString,
        )

        def invoke(request: Any = None, **fields: Any) -> Any:
            request = request_type(**fields) if request is None else request
            return call(request, metadata=self.metadata, timeout=60)

        return invoke


@pytest.fixture
def connect() -> type[Api]:
    """`connect(channel, metadata)`: its RPCs by name."""
    return Api


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform(clock=ManualClock()) as platform:
        yield platform


@pytest.fixture
def api(platform: Platform) -> Api:
    return Api(platform.channel())


@pytest.fixture
def app(api: Api) -> resources_pb2.UserAppIDSet:
    """The app `alice/zoo`."""
    api.PostApps(
        user_app_id=resources_pb2.UserAppIDSet(user_id="alice"),
        apps=[resources_pb2.App(id="zoo")],
    )
    return resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
