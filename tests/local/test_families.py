"""The table of families against the wire contract, and what all of them have in common."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform
from clarifai_local._services.families import FAMILIES

RPCS = [pytest.param(family, rpc, id=rpc) for family in FAMILIES for rpc in family.rpcs]
USER_APP_ID = {"user_id": "alice", "app_id": "zoo"}


@pytest.fixture(scope="module")
def served():
    with Platform() as platform:
        yield platform


@pytest.fixture
def ask(served):
    """`ask(rpc, field=value)` in an empty app."""

    def ask(rpc, **fields):
        method = served.dispatcher.methods[f"/clarifai.api.V2/{rpc}"]
        payload = method.request_type(**fields).SerializeToString()
        answer = served.dispatcher.unary(method, payload, {}, trusted=True)
        return method.response_type.FromString(answer)

    ask("PostApps", user_app_id={"user_id": "alice"}, apps=[{"id": "zoo"}])
    return ask


def fields_of(served, rpc):
    """Return the fields of an RPC's request and of its answer."""
    method = served.dispatcher.methods[f"/clarifai.api.V2/{rpc}"]
    return (
        method.request_type.DESCRIPTOR.fields_by_name,
        method.response_type.DESCRIPTOR.fields_by_name,
    )


def test_a_kind_is_described_once():
    kinds = [family.kind for family in FAMILIES]
    assert len(kinds) == len(set(kinds))
    assert all(f.parent is None or f.parent in FAMILIES for f in FAMILIES)


@pytest.mark.parametrize(("family", "rpc"), RPCS)
def test_names_of_fields_follow_from_the_kind(served, family, rpc):
    request, answer = fields_of(served, rpc)
    if family.parent is not None:
        assert family.parent.id_field in request
    if rpc.startswith(("Post", "Patch")) and not rpc.endswith("Searches"):
        assert request[family.plural].message_type is family.message.DESCRIPTOR
    if rpc.startswith("Get"):
        assert family.id_field in request
    if rpc.startswith("Delete"):
        assert {family.id_field, f"{family.kind}_ids", "ids"} & set(request)
    else:
        assert {family.kind, family.plural, "model"} & set(answer)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.kind)
def test_fields_that_the_platform_sets_are_fields(family):
    # `featured_order`, `version_count` and their like come and go with releases of the contract.
    known = set(family.message.DESCRIPTOR.fields_by_name)
    assert known.issuperset(family.patched_fields)
    assert not set(family.own) & {"id"}


@pytest.mark.parametrize(
    ("family", "rpc"),
    [
        pytest.param(f, rpc, id=rpc)
        for f in FAMILIES
        for rpc in f.rpcs
        if rpc.startswith(("Get", "Delete")) and f.parent is None
    ],
)
def test_what_is_not_there_is_refused_by_name(served, ask, family, rpc):
    request, _ = fields_of(served, rpc)
    one = family.id_field in request
    many = f"{family.kind}_ids" if f"{family.kind}_ids" in request else "ids"
    named = {family.id_field: "nowhere"} if one else {many: ["nowhere"]}
    refused = ask(rpc, user_app_id=USER_APP_ID, **named).status
    assert refused.code == family.absent_code
    assert "'nowhere'" in refused.details


@pytest.mark.parametrize(
    ("family", "rpc"),
    [
        pytest.param(f, rpc, id=rpc)
        for f in FAMILIES
        for rpc in f.rpcs
        if rpc.startswith("Post") and f.parent is None and rpc != "PostModelsSearches"
    ],
)
def test_nothing_to_create_is_refused(ask, family, rpc):
    refused = ask(rpc, user_app_id=USER_APP_ID).status
    assert refused.code == codes.CONN_INVALID_REQUEST
    assert refused.details == f"{family.plural} is empty: send at least one to create"
