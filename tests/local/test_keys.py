"""Keys of apps, as the gRPC client's own tests make and use them, and what they are good for.

Which scopes an RPC takes, and which go along, stands in the wire contract (`cl_depending_scopes`);
that a key belongs to one app and requests need not name it: docs.clarifai.com, "App-Specific API
Keys", and the proto comments on `Key`.
"""

from __future__ import annotations

import grpc
import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import timestamp_pb2

from clarifai_local import ManualClock, Platform
from tests.local.pictures import picture

ME = resources_pb2.UserAppIDSet(user_id="me")
APP = resources_pb2.UserAppIDSet(user_id="me", app_id="zoo")
OTHER = resources_pb2.UserAppIDSet(user_id="me", app_id="other")


@pytest.fixture
def pat(platform: Platform, connect):
    """RPCs with the platform's own key."""
    key = platform.keys.first(None)
    api = connect(platform.channel(authenticate=True), (("authorization", f"Key {key}"),))
    api.PostApps(user_app_id=ME, apps=[resources_pb2.App(id=name) for name in ("zoo", "other")])
    return api


@pytest.fixture
def key_of(platform: Platform, connect, pat):
    """`key_of(scopes=..., ...)`: RPCs with a new key of the app `zoo`."""

    def make(**fields):
        fields.setdefault("apps", [resources_pb2.App(id="zoo", user_id="me")])
        answer = pat.PostKeys(user_app_id=ME, keys=[resources_pb2.Key(**fields)])
        assert answer.status.code == codes.SUCCESS, answer.status
        made = answer.keys[0]
        api = connect(platform.channel(authenticate=True), (("authorization", f"Key {made.id}"),))
        api.made = made
        return api

    return make


def test_a_request_that_names_no_app_means_the_keys_app(key_of, pat):
    api = key_of(scopes=["All"])
    made = api.PostInputs(
        inputs=[resources_pb2.Input(id="one", data={"image": {"base64": picture("red")}})]
    )
    assert (made.status.code, made.inputs[0].id) == (codes.SUCCESS, "one")
    assert [i.id for i in api.ListInputs().inputs] == ["one"]
    assert [i.id for i in pat.ListInputs(user_app_id=APP).inputs] == ["one"]
    assert api.PostModels(models=[resources_pb2.Model(id="sorter")]).status.code == codes.SUCCESS
    # Public models are found by their ids, public concepts by their names, as in every app.
    answered = api.PostModelOutputs(
        model_id="aaa03c23b3724a16a56b629203edc62c",
        inputs=[resources_pb2.Input(data={"image": {"base64": picture("red")}})],
    )
    assert len(answered.outputs[0].data.concepts) == 20
    found = api.PostConceptsSearches(concept_query={"name": "dog*"})
    assert found.concepts


def test_a_key_is_refused_for_another_app_wherever_it_is_named(key_of):
    api = key_of(scopes=["All"])
    assert api.ListInputs(user_app_id=APP).status.code == codes.SUCCESS
    refused = api.ListInputs(user_app_id=OTHER).status
    # The description is the contract's: it names the pair of key and application.
    assert refused.code == codes.CONN_KEY_INVALID
    assert "'local/zoo'" in refused.details
    assert api.GetApp(user_app_id={"user_id": "alice"}).status.code == codes.CONN_KEY_INVALID
    elsewhere = resources_pb2.WorkflowNode(id="n", model={"id": "m", "app_id": "other"})
    posted = api.PostWorkflows(workflows=[resources_pb2.Workflow(id="w", nodes=[elsewhere])])
    assert posted.status.code == codes.CONN_KEY_INVALID


def test_requests_about_all_apps_take_a_personal_access_token(key_of):
    refused = key_of(scopes=["All"]).ListApps().status
    assert refused.code == codes.CONN_INSUFFICIENT_SCOPES
    assert "personal access token" in refused.details


def test_scopes_are_enforced_as_the_contract_lists_them(key_of):
    api = key_of(scopes=["Inputs:Get", "Annotations:Get", "Concepts:Get", "Apps:Get"])
    assert api.ListInputs().status.code == codes.SUCCESS
    refused = api.DeleteInputs(ids=["one"]).status
    assert refused.code == codes.CONN_INSUFFICIENT_SCOPES
    assert "Inputs:Delete" in refused.details
    assert "Inputs:Get" not in refused.details.replace("Inputs:Delete", "")


def test_a_key_for_endpoints_may_call_those(key_of):
    api = key_of(endpoints=["/clarifai.api.V2/ListConcepts"])
    assert api.ListConcepts().status.code == codes.SUCCESS
    assert api.ListInputs().status.code == codes.CONN_INSUFFICIENT_SCOPES


def test_a_key_expires(platform, key_of, pat):
    soon = timestamp_pb2.Timestamp(seconds=platform.clock.now_us() // 1_000_000 + 60)
    api = key_of(scopes=["All"], expires_at=soon)
    assert api.ListConcepts().status.code == codes.SUCCESS
    clock = platform.clock
    assert isinstance(clock, ManualClock)
    clock.advance(61)
    assert api.ListConcepts().status.code == codes.CONN_KEY_INVALID
    assert len(pat.ListKeys(user_app_id=ME).keys) == 1
    assert not pat.ListKeys(user_app_id=ME, not_expired=True).keys


def test_keys_are_listed_got_changed_and_deleted(key_of, pat):
    api = key_of(scopes=["Inputs:Add"], description="uploader")
    key = api.made
    assert list(key.scopes) == ["Inputs:Add", "Inputs:Get"]  # what goes along comes along
    assert pat.GetKey(user_app_id=ME, key_id=key.id).key == key
    assert list(pat.ListAppKeys(user_app_id=APP).keys) == [key]
    assert not pat.ListAppKeys(user_app_id=OTHER).keys
    assert not pat.ListKeys(user_app_id=ME, scopes=["Predict"]).keys
    assert not pat.ListKeys(user_app_id=ME, type="personal_access_token").keys
    changed = pat.PatchKeys(
        user_app_id=ME, action="overwrite", keys=[{"id": key.id, "scopes": ["All"]}]
    ).keys[0]
    assert (list(changed.scopes), changed.description) == (["All"], "uploader")
    assert api.ListConcepts().status.code == codes.SUCCESS
    assert pat.DeleteKey(user_app_id=ME, key_id=key.id).status.code == codes.SUCCESS
    assert pat.GetKey(user_app_id=ME, key_id=key.id).status.code == codes.CONN_KEY_NOT_FOUND
    assert api.ListConcepts().status.code == codes.CONN_KEY_INVALID


def test_an_app_takes_its_keys_along(key_of, pat):
    api = key_of(scopes=["All"])
    pat.DeleteApp(user_app_id=APP)
    pat.PostApps(user_app_id=ME, apps=[resources_pb2.App(id="zoo")])
    assert api.ListInputs().status.code == codes.CONN_KEY_INVALID
    assert not pat.ListKeys(user_app_id=ME).keys


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"scopes": ["Inputs:Ad"]}, "'Inputs:Add'"),
        ({"scopes": []}, "scopes is empty"),
        ({"scopes": ["All"], "type": "secret"}, "'secret'"),
        ({"scopes": ["All"], "apps": [{"id": "nowhere"}]}, "nowhere"),
        ({"scopes": ["All"], "apps": [{"id": "zoo"}, {"id": "other"}]}, "one app"),
        ({"scopes": ["All"], "apps": []}, "apps is empty"),
        ({"scopes": ["All"], "organization_id": "o"}, "organization_id"),
        ({"scopes": ["All"], "authorized_idp_ids": ["o"]}, "authorized_idp_ids"),
        ({"endpoints": ["/clarifai.api.V2/ListApps"]}, "ListApps"),
        ({"scopes": ["All"], "type": "personal_access_token"}, "apps"),
    ],
)
def test_keys_that_mean_nothing_are_refused_by_name(pat, fields, named):
    fields = {"apps": [{"id": "zoo", "user_id": "me"}], **fields}
    answer = pat.PostKeys(user_app_id=ME, keys=[fields])
    assert answer.status.code != codes.SUCCESS
    assert named in answer.status.details


def test_a_personal_access_token_may_have_fewer_scopes_and_makes_no_better_one(key_of, pat):
    api = key_of(
        type="personal_access_token", apps=[], scopes=["Apps:Get", "Workflows:Get", "Keys:Add"]
    )
    assert len(api.ListApps(user_app_id=ME).apps) == 2
    assert api.DeleteApp(user_app_id=APP).status.code == codes.CONN_INSUFFICIENT_SCOPES
    better = api.PostKeys(user_app_id=APP, keys=[{"scopes": ["All"]}])
    assert better.status.code == codes.CONN_INSUFFICIENT_SCOPES
    assert api.PostKeys(user_app_id=APP, keys=[{"scopes": ["Apps:Get"]}]).keys


def test_keys_tell_what_they_may_do(key_of, pat):
    api = key_of(scopes=["Search"])
    mine = api.MyScopes()
    assert (list(mine.scopes), mine.app.id) == (["Search"], "zoo")
    assert list(pat.MyScopes(user_app_id=APP).scopes) == ["All"]
    assert list(pat.MyScopesUser(user_app_id=ME).scopes) == ["All"]
    assert list(pat.MyScopesRoot().scopes) == ["All"]
    known = pat.ListScopes(user_app_id=ME)
    along = {one.scope: list(one.depending_scopes) for one in known.scope_deps}
    assert along["Inputs:Delete"] == ["Inputs:Add", "Inputs:Get"]
    endpoints = {one.endpoint for one in known.endpoint_deps}
    assert "/clarifai.api.V2/ListInputs" in endpoints
    assert "/clarifai.api.V2/ListApps" not in endpoints
    tokens = pat.ListScopes(user_app_id=ME, key_type="personal_access_token")
    assert "/clarifai.api.V2/ListApps" in {one.endpoint for one in tokens.endpoint_deps}


def test_nobody_else_works_on_an_app(pat):
    answer = pat.ListCollaborators(user_app_id=APP)
    assert (answer.status.code, len(answer.collaborators)) == (codes.SUCCESS, 0)
    assert pat.ListCollaborations(user_app_id=ME).status.code == codes.SUCCESS
    gone = resources_pb2.UserAppIDSet(user_id="me", app_id="nowhere")
    assert pat.ListCollaborators(user_app_id=gone).status.code == codes.CONN_DOES_NOT_EXIST


def test_a_model_is_asked_by_its_id_alone_with_a_personal_access_token(pat):
    """As the gRPC client's tests of videos do: no user, no app, the id of a public model."""
    answer = pat.PostModelOutputs(
        model_id="aaa03c23b3724a16a56b629203edc62c",
        inputs=[{"data": {"image": {"base64": picture("red")}}}],
    )
    assert answer.status.code == codes.SUCCESS
    assert pat.GetModel(model_id="general-image-recognition").model.user_id == "clarifai"
    assert pat.GetWorkflow(workflow_id="General").status.code == codes.SUCCESS
    assert pat.PostModels(models=[{"id": "m"}]).status.code == codes.CONN_INVALID_REQUEST


def test_media_are_fetched_with_the_keys_of_their_app_also_in_cookies(connect):
    """Cookies: `x-clarifai-api-key` and `x_clarifai_session_token`, as the gRPC client's tests."""
    with Platform() as platform, platform.serve() as server:
        channel = grpc.insecure_channel(server.address)
        pat = connect(channel, (("authorization", f"Key {server.pat}"),))
        pat.PostApps(user_app_id=ME, apps=[{"id": "zoo"}, {"id": "other"}])
        made = pat.PostInputs(
            user_app_id=APP, inputs=[{"id": "one", "data": {"image": {"base64": picture("red")}}}]
        )
        assert platform.wait_idle()
        keys = {
            name: pat.PostKeys(
                user_app_id=ME, keys=[{"scopes": ["All"], "apps": [{"id": name}]}]
            ).keys[0]
            for name in ("zoo", "other")
        }
        url = made.inputs[0].data.image.url
        for header in (
            {"authorization": f"Key {keys['zoo'].id}"},
            {"cookie": f"x-clarifai-api-key={keys['zoo'].id}"},
            {"cookie": f"a=b; x_clarifai_session_token={server.pat}"},
        ):
            assert httpx.get(url, headers=header).content == picture("red")
        foreign = httpx.get(url, headers={"authorization": f"Key {keys['other'].id}"})
        assert foreign.status_code == 404
        assert (
            httpx.get(url, headers={"cookie": f"x-clarifai-api-key={'0' * 32}"}).status_code == 401
        )
        assert httpx.get(url).status_code == 404
        channel.close()


def test_snapshots_hold_no_keys(tmp_path, connect):
    from clarifai_local._snapshots.exporting import export_state
    from clarifai_local._snapshots.importing import import_state

    with Platform(tmp_path / "old") as platform:
        api = connect(platform.channel())
        api.PostApps(user_app_id=ME, apps=[{"id": "zoo"}])
        key = api.PostKeys(user_app_id=APP, keys=[{"scopes": ["All"]}]).keys[0].id
        assert platform.keys.accepts(key)
    export_state(tmp_path / "old", tmp_path / "state.zip")
    import_state(tmp_path / "state.zip", tmp_path / "new")
    with Platform(tmp_path / "new") as platform:
        assert not platform.keys.accepts(key)
        assert not connect(platform.channel()).ListKeys(user_app_id=ME).keys
