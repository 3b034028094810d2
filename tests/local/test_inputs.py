"""Uploading, listing, patching and deleting inputs."""

from __future__ import annotations

import io

import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image

from clarifai_local import Platform, UrlFetcher
from clarifai_local.engine._embed import FeatureEmbedder


def picture(size=(8, 6), color="red", kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


def text_input(input_id, raw="hello", **fields):
    data = resources_pb2.Data(text=resources_pb2.Text(raw=raw), **fields)
    return resources_pb2.Input(id=input_id, data=data)


def image_input(input_id, data):
    image = resources_pb2.Image(base64=data)
    return resources_pb2.Input(id=input_id, data=resources_pb2.Data(image=image))


def concept(concept_id, value=1.0):
    return resources_pb2.Concept(id=concept_id, value=value)


def get(api, app, input_id):
    return api.GetInput(user_app_id=app, input_id=input_id)


def test_an_upload_answers_in_order_as_pending_and_is_processed_later(api, app, platform):
    response = api.PostInputs(user_app_id=app, inputs=[text_input("b"), text_input("a")])
    assert response.status.code == codes.SUCCESS
    assert [i.id for i in response.inputs] == ["b", "a"]
    assert {i.status.code for i in response.inputs} == {codes.INPUT_DOWNLOAD_PENDING}
    assert platform.wait_idle()
    done = get(api, app, "a").input.status
    assert (done.code, done.description) == (codes.INPUT_DOWNLOAD_SUCCESS, "Download complete")


def test_an_input_without_id_gets_one(api, app):
    [made] = api.PostInputs(user_app_id=app, inputs=[text_input("")]).inputs
    assert len(made.id) == 32
    assert get(api, app, made.id).input.data.text.raw == "hello"


def test_a_duplicate_id_is_refused_and_the_stored_input_stays(api, app):
    api.PostInputs(user_app_id=app, inputs=[text_input("i", "first")])
    mixed = api.PostInputs(user_app_id=app, inputs=[text_input("i", "second"), text_input("j")])
    assert mixed.status.code == codes.MIXED_STATUS
    assert mixed.inputs[0].status.code == codes.INPUT_DUPLICATE
    assert mixed.inputs[0].status.details == "Input has a duplicate ID."
    failed = api.PostInputs(user_app_id=app, inputs=[text_input("i", "third")])
    assert failed.status.code == codes.FAILURE
    assert get(api, app, "i").input.data.text.raw == "first"


def test_two_inputs_of_one_request_cannot_share_an_id(api, app):
    response = api.PostInputs(user_app_id=app, inputs=[text_input("i", "x"), text_input("i", "y")])
    assert [i.status.code for i in response.inputs] == [
        codes.INPUT_DOWNLOAD_PENDING,
        codes.INPUT_DUPLICATE,
    ]


def test_a_conflicting_id_gets_a_suffix_when_asked_for(api, app):
    for _ in range(3):
        api.PostInputs(
            user_app_id=app,
            inputs=[text_input("i")],
            input_id_conflict_resolution=resources_pb2.SUFFIX,
        )
    listed = api.ListInputs(user_app_id=app).inputs
    assert {i.id for i in listed} == {"i", "i-1", "i-2"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (resources_pb2.Data(), "no data"),
        (resources_pb2.Data(image=resources_pb2.Image()), "neither url nor base64"),
        (resources_pb2.Data(text=resources_pb2.Text()), "neither raw text nor url"),
        (
            resources_pb2.Data(
                image=resources_pb2.Image(url="https://x/y"),
                video=resources_pb2.Video(url="https://x/y"),
            ),
            "image and video",
        ),
    ],
)
def test_an_input_without_usable_data_is_refused(api, app, data, said):
    response = api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=data)])
    assert response.status.code == codes.FAILURE
    assert response.inputs[0].status.code == codes.INPUT_INVALID_ARGUMENT
    assert said in response.inputs[0].status.details
    assert get(api, app, "i").status.code == codes.CONN_DOES_NOT_EXIST


@pytest.mark.parametrize(
    "data",
    [
        {"concepts": [concept("cat", float("nan"))]},
        {"concepts": [resources_pb2.Concept(value=1)]},
        {"geo": {"geo_point": {"latitude": 91, "longitude": 0}}},
        {"geo": {"geo_point": {"latitude": float("nan"), "longitude": 0}}},
    ],
)
def test_labels_and_places_that_mean_nothing_are_refused(api, app, data):
    response = api.PostInputs(user_app_id=app, inputs=[text_input("i", **data)])
    assert response.inputs[0].status.code == codes.CONN_INVALID_REQUEST
    assert not api.ListInputs(user_app_id=app).inputs


def test_too_many_inputs_are_refused_as_a_whole(api, app):
    response = api.PostInputs(user_app_id=app, inputs=[text_input(f"i{n}") for n in range(129)])
    assert response.status.code == codes.INPUT_INVALID_REQUEST
    assert not api.ListInputs(user_app_id=app).inputs


def test_an_unknown_dataset_refuses_its_input_only(api, app):
    stray = text_input("i")
    stray.dataset_ids.append("nope")
    response = api.PostInputs(user_app_id=app, inputs=[stray, text_input("j")])
    assert response.status.code == codes.MIXED_STATUS
    assert response.inputs[0].status.code == codes.CONN_DOES_NOT_EXIST


def test_path_characters_in_ids_are_refused(api, app):
    response = api.PostInputs(user_app_id=app, inputs=[text_input("../../etc/passwd")])
    assert response.inputs[0].status.code == codes.CONN_INVALID_REQUEST


def test_concepts_are_created_and_named_after_their_id(api, app):
    labels = [concept("cat"), resources_pb2.Concept(name="a dog", value=1), concept("bird", 0)]
    api.PostInputs(user_app_id=app, inputs=[text_input("i", concepts=labels)])
    known = {(c.id, c.name) for c in api.ListConcepts(user_app_id=app).concepts}
    assert known == {("cat", "cat"), ("a dog", "a dog"), ("bird", "bird")}
    stored = get(api, app, "i").input.data.concepts
    assert [(c.id, c.name, c.value) for c in stored] == [
        ("cat", "cat", 1),
        ("a dog", "a dog", 1),
        ("bird", "bird", 0),
    ]


def test_listing_is_newest_first_and_filters_by_id_and_status(api, app, platform):
    api.PostInputs(user_app_id=app, inputs=[text_input("a"), image_input("bad", b"no image")])
    api.PostInputs(user_app_id=app, inputs=[text_input("c")])
    assert platform.wait_idle()
    assert [i.id for i in api.ListInputs(user_app_id=app).inputs] == ["c", "bad", "a"]
    good = api.ListInputs(
        user_app_id=app,
        ids=["a", "bad", "zzz"],
        status={"code": codes.INPUT_DOWNLOAD_SUCCESS},
        per_page=10,
    )
    assert [i.id for i in good.inputs] == ["a"]
    paged = [api.ListInputs(user_app_id=app, page=p, per_page=2) for p in (1, 2, 3)]
    assert [[i.id for i in page.inputs] for page in paged] == [["c", "bad"], ["a"], []]


def test_bytes_that_are_no_image_fail_with_the_reason(api, app, platform):
    cut = picture((200, 200), kind="JPEG")[:500]
    api.PostInputs(user_app_id=app, inputs=[image_input("junk", b"hello"), image_input("cut", cut)])
    assert platform.wait_idle()
    for input_id in ("junk", "cut"):
        status = get(api, app, input_id).input.status
        assert status.code == codes.INPUT_UNSUPPORTED_FORMAT
        assert "image" in status.details


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(api, app, platform):
    out = io.BytesIO()
    Image.new("1", (10_000, 9_000)).save(out, "PNG")
    api.PostInputs(user_app_id=app, inputs=[image_input("bomb", out.getvalue())])
    assert platform.wait_idle()
    status = get(api, app, "bomb").input.status
    assert status.code == codes.INPUT_OVER_LIMIT
    assert "10000 x 9000" in status.details


def test_media_are_served_byte_for_byte_and_never_listed_as_bytes(api, app, platform):
    original = picture((900, 300), kind="JPEG")
    api.PostInputs(user_app_id=app, inputs=[image_input("i", original), text_input("t", "grüße")])
    assert platform.wait_idle()
    image = get(api, app, "i").input.data.image
    assert (image.base64, image.image_info.width, image.image_info.format) == (b"", 900, "JPEG")
    with httpx.Client(transport=platform.http_transport()) as client:
        got = client.get(f"{image.hosted.prefix}/orig/{image.hosted.suffix}")
        assert (got.content, got.headers["content-type"]) == (original, "image/jpeg")
        assert client.get(image.url).content == original
        small = client.get(f"{image.hosted.prefix}/tiny/{image.hosted.suffix}").content
        text = get(api, app, "t").input.data.text
        assert client.get(text.url).text == "grüße"
        assert client.get(f"{image.hosted.prefix}/huge/{image.hosted.suffix}").status_code == 404
    with Image.open(io.BytesIO(small)) as tiny:
        assert max(tiny.size) <= 80
    assert set(image.hosted.sizes) == {"orig", "tiny", "small", "large"}


class Fragile(FeatureEmbedder):
    """An embedder that fails on one text."""

    def embed_texts(self, texts):
        if "boom" in texts:
            raise ValueError("boom is too much")
        return super().embed_texts(texts)


def test_an_input_that_cannot_be_embedded_fails_alone(connect):
    with Platform(embedder=Fragile()) as platform:
        api = connect(platform.channel())
        app = resources_pb2.UserAppIDSet(user_id="me", app_id="a")
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="a")])
        api.PostInputs(
            user_app_id=app, inputs=[text_input("x"), text_input("y", "boom"), text_input("z")]
        )
        assert platform.wait_idle()
        statuses = {i.id: i.status for i in api.ListInputs(user_app_id=app).inputs}
    assert {i: s.code for i, s in statuses.items()} == {
        "x": codes.INPUT_DOWNLOAD_SUCCESS,
        "y": codes.INPUT_DOWNLOAD_FAILED,
        "z": codes.INPUT_DOWNLOAD_SUCCESS,
    }
    assert "boom is too much" in statuses["y"].details


def embedded(platform, app_id):
    with platform.store.read() as db:
        app = platform.scopes.find(db, "alice", app_id).app
    return platform.store.vectors.count(app, platform.embedder.text_space)


def test_inputs_are_embedded_unless_the_base_workflow_is_empty(api, app, platform):
    empty = resources_pb2.UserAppIDSet(user_id="alice", app_id="empty")
    workflow = resources_pb2.Workflow(id="Empty")
    api.PostApps(user_app_id=empty, apps=[resources_pb2.App(id="empty", default_workflow=workflow)])
    for where in (app, empty):
        api.PostInputs(user_app_id=where, inputs=[text_input("i"), text_input("j", "other")])
    assert platform.wait_idle()
    assert (embedded(platform, "zoo"), embedded(platform, "empty")) == (2, 0)
    api.DeleteInputs(user_app_id=app, ids=["i"])
    assert embedded(platform, "zoo") == 1
    general = resources_pb2.App(default_workflow=resources_pb2.Workflow(id="General"))
    api.PatchApp(user_app_id=empty, app=general, action="overwrite", reindex=True)
    assert platform.wait_idle()
    assert embedded(platform, "empty") == 2


def test_features_of_inputs_are_computed_when_they_are_missing(api, platform):
    empty = resources_pb2.UserAppIDSet(user_id="alice", app_id="empty")
    workflow = resources_pb2.Workflow(id="Empty")
    api.PostApps(user_app_id=empty, apps=[resources_pb2.App(id="empty", default_workflow=workflow)])
    api.PostInputs(user_app_id=empty, inputs=[text_input("t"), image_input("i", picture())])
    assert platform.wait_idle()
    with platform.store.read() as db:
        app = platform.scopes.find(db, "alice", "empty").app
        numbers = platform.store.inputs.numbers(db, app, ["t", "i"])
    space = platform.embedder.text_space
    rows = platform.store.vectors.features(app, space, [numbers["i"], numbers["t"]])
    assert not rows[0].any()
    assert rows[1] == pytest.approx(platform.embedder.embed_texts(["hello"])[0])
    assert platform.store.vectors.count(app, space) == 1


def test_a_job_counts_its_inputs(api, app, platform):
    api.PostInputs(
        user_app_id=app,
        inputs=[text_input("a"), image_input("bad", b"junk")],
        inputs_add_job_id="job",
    )
    assert api.GetInputsAddJob(user_app_id=app, id="job").status.code == codes.SUCCESS
    api.PostInputs(user_app_id=app, inputs=[text_input("b")], inputs_add_job_id="job")
    assert platform.wait_idle()
    job = api.GetInputsAddJob(user_app_id=app, id="job").inputs_add_job
    assert job.status.code == codes.JOB_COMPLETED
    progress = job.progress
    assert (progress.pending_count, progress.in_progress_count) == (0, 0)
    assert (progress.success_count, progress.failed_count) == (2, 1)


def test_a_job_can_be_cancelled_and_unknown_ones_are_missing(api, app):
    api.PostInputs(user_app_id=app, inputs=[text_input("a")], inputs_add_job_id="job")
    cancelled = api.CancelInputsAddJob(user_app_id=app, id="job").inputs_add_job
    assert cancelled.status.code == codes.JOB_CANCELLED
    assert api.GetInputsAddJob(user_app_id=app, id="x").status.code == codes.CONN_DOES_NOT_EXIST


def test_the_input_count_tells_what_was_processed(api, app, platform):
    api.PostInputs(user_app_id=app, inputs=[text_input("a"), image_input("bad", b"junk")])
    assert platform.wait_idle()
    counts = api.GetInputCount(user_app_id=app).counts
    assert (counts.processed, counts.errors, counts.to_process) == (1, 1, 0)


def patched(api, app, action, **data):
    given = resources_pb2.Input(id="i", data=resources_pb2.Data(**data))
    response = api.PatchInputs(user_app_id=app, inputs=[given], action=action)
    assert response.status.code == codes.SUCCESS
    return response.inputs[0].data


def test_merge_appends_concepts_and_keeps_metadata(api, app):
    api.PostInputs(
        user_app_id=app,
        inputs=[text_input("i", concepts=[concept("cat")], metadata={"a": {"x": 1}})],
    )
    data = patched(api, app, "merge", concepts=[concept("dog")], metadata={"a": {"y": 2}})
    assert [c.id for c in data.concepts] == ["cat", "dog"]
    assert dict(data.metadata["a"]) == {"x": 1, "y": 2}
    assert data.text.raw == "hello"


def test_overwrite_leaves_only_the_new(api, app):
    api.PostInputs(
        user_app_id=app, inputs=[text_input("i", concepts=[concept("cat")], metadata={"a": 1})]
    )
    data = patched(api, app, "overwrite", concepts=[concept("dog")])
    assert [c.id for c in data.concepts] == ["dog"]
    assert dict(data.metadata) == {"a": 1}


def test_remove_deletes_by_id(api, app):
    api.PostInputs(
        user_app_id=app,
        inputs=[text_input("i", concepts=[concept("cat"), concept("dog")], metadata={"a": 1})],
    )
    data = patched(api, app, "remove", concepts=[concept("cat")], metadata={"a": 1})
    assert [c.id for c in data.concepts] == ["dog"]
    assert dict(data.metadata) == {}


def test_a_patch_shows_in_the_input_level_annotation(api, app):
    api.PostInputs(user_app_id=app, inputs=[text_input("i", concepts=[concept("cat")])])
    patched(api, app, "overwrite", concepts=[concept("dog")])
    [annotation] = api.ListAnnotations(user_app_id=app, input_ids=["i"]).annotations
    assert annotation.input_level
    assert [c.id for c in annotation.data.concepts] == ["dog"]


def test_a_patch_of_a_missing_input_changes_nothing(api, app):
    api.PostInputs(user_app_id=app, inputs=[text_input("i")])
    given = [
        resources_pb2.Input(id=input_id, data=resources_pb2.Data(concepts=[concept("cat")]))
        for input_id in ("i", "nope")
    ]
    response = api.PatchInputs(user_app_id=app, inputs=given, action="merge")
    assert response.status.code == codes.CONN_DOES_NOT_EXIST
    assert not get(api, app, "i").input.data.concepts


def test_an_unknown_action_is_refused(api, app):
    response = api.PatchInputs(user_app_id=app, inputs=[text_input("i")], action="explode")
    assert "merge, overwrite, remove" in response.status.details


def test_deleted_inputs_are_gone_at_the_next_call_and_concepts_stay(api, app):
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="d")])
    member = text_input("i", concepts=[concept("cat")])
    member.dataset_ids.append("d")
    api.PostInputs(user_app_id=app, inputs=[member, text_input("j")])
    assert api.DeleteInputs(user_app_id=app, ids=["i", "zzz"]).status.code == codes.SUCCESS
    assert [i.id for i in api.ListInputs(user_app_id=app).inputs] == ["j"]
    assert not api.ListDatasetInputs(user_app_id=app, dataset_id="d").dataset_inputs
    assert not api.ListAnnotations(user_app_id=app, input_ids=["i"]).annotations
    assert [c.id for c in api.ListConcepts(user_app_id=app).concepts] == ["cat"]


def test_deleting_without_ids_deletes_nothing(api, app):
    api.PostInputs(user_app_id=app, inputs=[text_input("i")])
    assert api.DeleteInputs(user_app_id=app).status.code == codes.CONN_INVALID_REQUEST
    assert len(api.ListInputs(user_app_id=app).inputs) == 1


def test_inputs_can_be_streamed_from_the_last_one_seen(api, app):
    api.PostInputs(user_app_id=app, inputs=[text_input(f"i{n}") for n in range(5)])
    first = api.StreamInputs(user_app_id=app, per_page=2).inputs
    rest = api.StreamInputs(user_app_id=app, per_page=9, last_id=first[-1].id).inputs
    assert [i.id for i in [*first, *rest]] == ["i0", "i1", "i2", "i3", "i4"]
    back = api.StreamInputs(user_app_id=app, per_page=2, descending=True).inputs
    assert [i.id for i in back] == ["i4", "i3"]


def test_urls_are_served_from_the_cache_and_refused_otherwise(connect):
    cache = {"pics.example.com/a b.png": picture(), "pics.example.com/t.txt": b"from afar"}
    with Platform(url_fetcher=UrlFetcher(cache=cache)) as platform:
        api = connect(platform.channel())
        app = resources_pb2.UserAppIDSet(user_id="me", app_id="web")
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="web")])
        image = resources_pb2.Image(url="https://pics.example.com/a%20b.png")
        text = resources_pb2.Text(url="https://pics.example.com/t.txt")
        stray = resources_pb2.Image(url="https://pics.example.com/none.png")
        local = resources_pb2.Image(url="file:///etc/passwd")
        api.PostInputs(
            user_app_id=app,
            inputs=[
                resources_pb2.Input(id="image", data=resources_pb2.Data(image=image)),
                resources_pb2.Input(id="text", data=resources_pb2.Data(text=text)),
                resources_pb2.Input(id="stray", data=resources_pb2.Data(image=stray)),
                resources_pb2.Input(id="local", data=resources_pb2.Data(image=local)),
            ],
        )
        assert platform.wait_idle()
        got = get(api, app, "image").input
        assert got.status.code == codes.INPUT_DOWNLOAD_SUCCESS
        assert got.data.image.url == image.url
        with httpx.Client(transport=platform.http_transport()) as client:
            hosted = got.data.image.hosted
            assert client.get(f"{hosted.prefix}/orig/{hosted.suffix}").content == picture()
        assert get(api, app, "text").input.data.text.raw == "from afar"
        failed = get(api, app, "stray").input.status
        assert failed.code == codes.INPUT_DOWNLOAD_FAILED
        assert "none.png" in failed.details
        assert get(api, app, "local").input.status.code == codes.INPUT_DOWNLOAD_FAILED


def test_private_addresses_are_refused():
    fetcher = UrlFetcher(allow_network=True, timeout_seconds=5)
    for url in ("http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]/x", "http://10.0.0.1/"):
        with pytest.raises(Exception, match="not a public address"):
            fetcher.fetch(url)
