"""A request that is joined from parts is the request that a constructor would make."""

from __future__ import annotations

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from hypothesis import given
from hypothesis import strategies as st

from clarifai_core.transport import catalogue
from clarifai_core.transport.calls import RpcCall
from clarifai_core.wire.preserialized import JoinedRequest

SCOPE = resources_pb2.UserAppIDSet(user_id="u", app_id="a")
sizes = st.sampled_from([0, 1, 120, 127, 128, 16_383, 16_384, 40_000])


@given(st.lists(sizes, max_size=5))
def test_joined_bytes_are_those_of_the_whole_request(content_sizes):
    inputs = [resources_pb2.Input(id="i" * size) for size in content_sizes]
    head = service_pb2.PostModelOutputsRequest(user_app_id=SCOPE, model_id="m")
    whole = service_pb2.PostModelOutputsRequest(user_app_id=SCOPE, model_id="m", inputs=inputs)
    raw = JoinedRequest(head, "inputs", inputs).SerializeToString()
    assert service_pb2.PostModelOutputsRequest.FromString(raw) == whole


def test_errors_can_still_name_the_ids_of_a_joined_request():
    head = service_pb2.PostModelOutputsRequest(user_app_id=SCOPE, model_id="m")
    rpc = catalogue.rpc("PostModelOutputs")
    call = RpcCall(rpc, JoinedRequest(head, "inputs", [resources_pb2.Input()]), rpc.limits)
    assert call.asked() == {"user_id": "u", "app_id": "a", "model_id": "m"}
