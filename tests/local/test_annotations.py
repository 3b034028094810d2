"""Annotations: posting, listing, patching and deleting."""

from __future__ import annotations

import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes


@pytest.fixture
def inputs(api, app):
    items = [
        resources_pb2.Input(
            id=input_id,
            data=resources_pb2.Data(
                text=resources_pb2.Text(raw=input_id),
                concepts=[resources_pb2.Concept(id="cat", value=1)],
            ),
        )
        for input_id in ("a", "b")
    ]
    api.PostInputs(user_app_id=app, inputs=items)


def box(region_id="", label="cat", top=0.1):
    return resources_pb2.Region(
        id=region_id,
        region_info=resources_pb2.RegionInfo(
            bounding_box=resources_pb2.BoundingBox(
                top_row=top, left_col=0.2, bottom_row=0.8, right_col=0.9
            )
        ),
        data=resources_pb2.Data(concepts=[resources_pb2.Concept(id=label, value=1)]),
    )


def annotation(input_id, annotation_id="", **data):
    return resources_pb2.Annotation(
        id=annotation_id, input_id=input_id, data=resources_pb2.Data(**data)
    )


def post(api, app, *annotations):
    return api.PostAnnotations(user_app_id=app, annotations=annotations)


def listed(api, app, **wanted):
    response = api.ListAnnotations(user_app_id=app, **wanted)
    assert response.status.code == codes.SUCCESS
    return [(a.input_id, a.id) for a in response.annotations]


def test_a_region_is_annotated_and_its_concept_created(api, app, inputs):
    response = post(api, app, annotation("a", regions=[box(label="dog")]))
    [made] = response.annotations
    assert (response.status.code, made.status.code) == (codes.SUCCESS, codes.ANNOTATION_SUCCESS)
    assert len(made.id) == 32
    assert made.data.regions[0].id
    assert made.user_id == "alice"
    assert {c.id for c in api.ListConcepts(user_app_id=app).concepts} == {"cat", "dog"}
    got = api.GetAnnotation(user_app_id=app, input_id="a", annotation_id=made.id).annotation
    assert got.data == made.data


def test_listing_is_newest_first_and_includes_the_input_level(api, app, inputs):
    post(api, app, annotation("a", "r1", regions=[box()]))
    post(api, app, annotation("b", "r2", regions=[box()]))
    found = api.ListAnnotations(user_app_id=app).annotations
    assert [a.id for a in found[:2]] == ["r2", "r1"]
    assert [a.input_id for a in found if a.input_level] == ["b", "a"]


def test_listing_filters_by_input_pair_and_user(api, app, inputs):
    post(api, app, annotation("a", "x", regions=[box()]), annotation("b", "x", regions=[box()]))
    post(api, app, annotation("a", "y", regions=[box()]))
    assert listed(api, app, input_ids=["a", "b"], ids=["y", "x"]) == [("a", "y"), ("b", "x")]
    assert set(listed(api, app, ids=["x"])) == {("a", "x"), ("b", "x")}
    assert len(listed(api, app, input_ids=["a"])) == 3
    assert listed(api, app, user_ids=["nobody"]) == []
    assert listed(api, app, input_ids=["unknown"]) == []
    assert listed(api, app, per_page=1, page=2, input_ids=["b"])[0][0] == "b"


def test_what_models_made_is_listed_on_request_only(api, app, inputs):
    by_model = annotation("a", "m", concepts=[resources_pb2.Concept(id="cat", value=0.7)])
    by_model.model_version_id = "v1"
    post(api, app, by_model)
    assert ("a", "m") not in listed(api, app)
    assert ("a", "m") in listed(api, app, list_all_annotations=True)
    assert listed(api, app, model_version_ids=["v1"]) == [("a", "m")]


def test_each_annotation_answers_for_itself(api, app, inputs):
    response = post(
        api,
        app,
        annotation("a", "ok", regions=[box()]),
        annotation("zzz", regions=[box()]),
        annotation("a", "two", regions=[box(), box()]),
        annotation("a", "ok", regions=[box()]),
    )
    assert response.status.code == codes.MIXED_STATUS
    assert [a.status.code for a in response.annotations] == [
        codes.ANNOTATION_SUCCESS,
        codes.CONN_DOES_NOT_EXIST,
        codes.ANNOTATION_INVALID_ARGUMENT,
        codes.DATABASE_DUPLICATE_KEY,
    ]
    alone = post(api, app, annotation("zzz", regions=[box()]))
    assert alone.status.code == codes.CONN_DOES_NOT_EXIST
    assert "zzz" in alone.status.details


def test_too_many_are_refused(api, app, inputs):
    response = post(api, app, *[annotation("a", regions=[box()])] * 129)
    assert response.status.code == codes.CONN_INVALID_REQUEST


def patch(api, app, action, given, **options):
    response = api.PatchAnnotations(user_app_id=app, annotations=[given], action=action, **options)
    assert response.status.code == codes.SUCCESS, response.status
    return response.annotations[0]


def test_an_idless_region_of_a_merge_replaces_the_only_one(api, app, inputs):
    post(api, app, annotation("a", "r", regions=[box("region", top=0.1)]))
    changed = patch(api, app, "merge", annotation("a", "r", regions=[box(top=0.5)]))
    [region] = changed.data.regions
    assert region.id == "region"
    assert region.region_info.bounding_box.top_row == 0.5


def test_concepts_of_annotations_merge_and_overwrite(api, app, inputs):
    cat, dog = (resources_pb2.Concept(id=name, value=1) for name in ("cat", "dog"))
    post(api, app, annotation("a", "c", concepts=[cat]))
    assert len(patch(api, app, "merge", annotation("a", "c", concepts=[dog])).data.concepts) == 2
    left = patch(api, app, "remove", annotation("a", "c", concepts=[cat])).data.concepts
    assert [c.id for c in left] == ["dog"]


def test_an_annotation_without_data_is_deleted_when_asked(api, app, inputs):
    cat = resources_pb2.Concept(id="cat", value=1)
    post(api, app, annotation("a", "c", concepts=[cat]))
    patch(api, app, "remove", annotation("a", "c", concepts=[cat]), delete_if_empty_data=True)
    assert ("a", "c") not in listed(api, app)


def test_the_input_shows_what_its_input_level_annotation_says(api, app, inputs):
    [level] = api.ListAnnotations(user_app_id=app, input_ids=["a"]).annotations
    dog = resources_pb2.Concept(id="dog", value=1)
    patch(api, app, "overwrite", annotation("a", level.id, concepts=[dog]))
    got = api.GetInput(user_app_id=app, input_id="a").input
    assert [c.id for c in got.data.concepts] == ["dog"]
    api.DeleteAnnotations(user_app_id=app, input_ids=["a"])
    got = api.GetInput(user_app_id=app, input_id="a").input
    assert not got.data.concepts


def test_deleting_needs_input_ids(api, app, inputs):
    post(api, app, annotation("a", "x", regions=[box()]), annotation("b", "y", regions=[box()]))
    refused = api.DeleteAnnotations(user_app_id=app, ids=["x"])
    assert refused.status.code == codes.CONN_INVALID_REQUEST
    assert len(listed(api, app)) == 4
    api.DeleteAnnotations(user_app_id=app, input_ids=["a"], ids=["x"])
    assert ("a", "x") not in listed(api, app)
    api.DeleteAnnotations(user_app_id=app, input_ids=["b"])
    assert [i for i, _ in listed(api, app)] == ["a"]


def test_masks_are_served_by_address_and_not_listed_as_bytes(api, app, inputs, platform):
    region = box()
    region.region_info.mask.image.base64 = b"\x89PNG\r\n\x1a\n..."
    post(api, app, annotation("a", "m", regions=[region]))
    got = api.GetAnnotation(user_app_id=app, input_id="a", annotation_id="m").annotation
    image = got.data.regions[0].region_info.mask.image
    assert image.base64 == b""
    with httpx.Client(transport=platform.http_transport()) as client:
        served = client.get(image.url)
    assert served.content == b"\x89PNG\r\n\x1a\n..."
    assert served.headers["content-type"] == "image/png"


def test_regions_of_an_upload_become_annotations(api, app):
    data = resources_pb2.Data(text=resources_pb2.Text(raw="x"), regions=[box(label="dog")])
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=data)])
    found = api.ListAnnotations(user_app_id=app, input_ids=["i"]).annotations
    assert sorted(len(a.data.regions) for a in found) == [0, 1]
    assert not api.GetInput(user_app_id=app, input_id="i").input.data.regions
