"""Apps, users and the rules that hold for every RPC."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

USER = resources_pb2.UserAppIDSet(user_id="alice")


def post_app(api, app_id, **fields):
    return api.PostApps(user_app_id=USER, apps=[resources_pb2.App(id=app_id, **fields)])


def test_an_app_is_created_with_its_fields_and_defaults(api):
    made = post_app(api, "zoo", description="animals").apps[0]
    got = api.GetApp(user_app_id=resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")).app
    assert got == made
    assert (got.id, got.name, got.user_id, got.description) == ("zoo", "zoo", "alice", "animals")
    assert got.default_workflow_id == "Universal"
    assert got.created_at.nanos
    assert got.modified_at.nanos


def test_a_duplicate_id_is_refused_and_nothing_of_the_request_is_made(api):
    post_app(api, "zoo")
    response = api.PostApps(
        user_app_id=USER, apps=[resources_pb2.App(id="new"), resources_pb2.App(id="zoo")]
    )
    assert response.status.code == codes.CONN_INVALID_REQUEST
    assert "already exists" in response.status.details
    assert [app.id for app in api.ListApps(user_app_id=USER).apps] == ["zoo"]


def test_me_is_the_owner(api):
    api.PostApps(
        user_app_id=resources_pb2.UserAppIDSet(user_id="me"), apps=[resources_pb2.App(id="mine")]
    )
    me = api.GetUser(user_app_id=resources_pb2.UserAppIDSet(user_id="me")).user.id
    listed = api.ListApps(user_app_id=resources_pb2.UserAppIDSet(user_id=me)).apps
    assert [app.id for app in listed] == ["mine"]


@pytest.mark.parametrize("app_id", ["a b", "-a", "a--b", "../x", "é", "a" * 49])
def test_an_impossible_id_is_refused_by_name(api, app_id):
    status = post_app(api, app_id).status
    assert status.code == codes.CONN_INVALID_REQUEST
    assert repr(app_id) in status.details


def test_an_unknown_base_workflow_is_refused(api):
    workflow = resources_pb2.Workflow(id="Nope")
    status = post_app(api, "zoo", default_workflow=workflow).status
    assert status.code == codes.CONN_INVALID_REQUEST
    assert "Universal" in status.details


def test_listing_is_newest_first_in_stable_pages_that_hold_nothing_else(api):
    for number in range(5):
        post_app(api, f"app{number}")
    pages = [api.ListApps(user_app_id=USER, page=page, per_page=2) for page in (1, 2, 3, 4)]
    assert [[a.id for a in page.apps] for page in pages] == [
        ["app4", "app3"],
        ["app2", "app1"],
        ["app0"],
        [],
    ]
    assert [field.name for field, _ in pages[3].ListFields()] == ["status"]
    assert [field.name for field, _ in pages[0].ListFields()] == ["status", "apps"]


def test_listing_sorts_and_searches(api):
    for app_id, name in (("b", "Birds"), ("a", "Ants"), ("c", "Cats")):
        post_app(api, app_id, name=name, description=f"about {name}")
    by_name = api.ListApps(user_app_id=USER, sort_by_name=True, sort_ascending=True).apps
    assert [a.name for a in by_name] == ["Ants", "Birds", "Cats"]
    assert [a.id for a in api.ListApps(user_app_id=USER, search="bird").apps] == ["b"]
    assert [a.id for a in api.ListApps(user_app_id=USER, name="Cat*").apps] == ["c"]
    assert [a.id for a in api.ListApps(user_app_id=USER, id="A").apps] == ["a"]


def test_a_page_over_the_limit_is_refused(api):
    assert api.ListApps(user_app_id=USER, per_page=1001).status.code == codes.CONN_INVALID_REQUEST


def test_a_patch_overwrites_what_is_given_and_remove_takes_only_the_image(api, app):
    api.PatchApp(
        user_app_id=app,
        app=resources_pb2.App(description="new", image=resources_pb2.Image(url="https://x/y.png")),
        action="overwrite",
    )
    changed = api.GetApp(user_app_id=app).app
    assert (changed.name, changed.description, changed.image.url) == (
        "zoo",
        "new",
        "https://x/y.png",
    )
    api.PatchApp(user_app_id=app, app=resources_pb2.App(description="new"), action="remove")
    removed = api.GetApp(user_app_id=app).app
    assert (removed.description, removed.HasField("image")) == ("new", False)


def test_a_deleted_app_is_gone_with_its_content(api, app, platform):
    text = resources_pb2.Data(text=resources_pb2.Text(raw="hello"))
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=text)])
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="d")])
    assert api.DeleteApp(user_app_id=app).status.code == codes.SUCCESS
    assert api.GetApp(user_app_id=app).status.code == codes.CONN_DOES_NOT_EXIST
    assert platform.wait_idle()
    post_app(api, "zoo")
    assert not api.ListInputs(user_app_id=app).inputs
    assert not api.ListDatasets(user_app_id=app).datasets
    with platform.store.read() as db:
        assert db.execute("SELECT COUNT(*) FROM inputs").fetchone() == (0,)


def test_public_content_can_be_read_and_not_written(api):
    main = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
    assert api.GetApp(user_app_id=main).app.visibility.gettable == 50
    dogs = api.ListConcepts(user_app_id=main, id="dog").concepts
    assert ("ai_8S2Vq3cR", "dog") in {(c.id, c.name) for c in dogs}
    for response in (
        api.DeleteApp(user_app_id=main),
        api.PostConcepts(user_app_id=main, concepts=[resources_pb2.Concept(id="mine")]),
        api.PostApps(user_app_id=main, apps=[resources_pb2.App(id="mine")]),
    ):
        assert response.status.code == codes.CONN_DOES_NOT_EXIST


def test_a_missing_app_is_named(api):
    status = api.GetApp(user_app_id=resources_pb2.UserAppIDSet(user_id="bob", app_id="x")).status
    assert status.code == codes.CONN_DOES_NOT_EXIST
    assert status.description == "Resource does not exist"
    assert "bob/x" in status.details
    assert len(status.req_id) == 32


def test_an_rpc_that_is_not_implemented_names_itself(api, app):
    status = api.PostTasks(user_app_id=app).status
    assert status.code == codes.NOT_IMPLEMENTED
    assert "PostTasks" in status.details


def test_a_malformed_request_gets_a_status(api):
    call = api.channel.unary_unary("/clarifai.api.V2/GetApp")
    answer = service_pb2.SingleAppResponse.FromString(call(b"\xff\xff\xff"))
    assert answer.status.code == codes.CONN_BAD_REQUEST_FORMAT


def test_status_codes_are_listed_with_their_texts(api):
    texts = {s.code: s.description for s in api.ListStatusCodes().statuses}
    assert texts[codes.SUCCESS] == "Ok"
    assert texts[codes.CONN_DOES_NOT_EXIST] == "Resource does not exist"
    assert texts[codes.INPUT_DOWNLOAD_SUCCESS] == "Download complete"
