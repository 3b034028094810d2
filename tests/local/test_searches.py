"""Searches: filters, ranks and pages, through raw RPCs."""

from __future__ import annotations

import functools
import io
import operator

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import struct_pb2
from PIL import Image

from clarifai_local import ManualClock, Platform
from clarifai_local._url_fetcher import UrlFetcher


def png(*color) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 12), color).save(out, "PNG")
    return out.getvalue()


RED, PINK, BLUE = png(250, 0, 0), png(240, 10, 15), png(0, 0, 250)


@pytest.fixture
def platform():
    fetcher = UrlFetcher(cache={"example.test/red.png": RED})
    with Platform(clock=ManualClock(), url_fetcher=fetcher) as platform:
        yield platform


def struct(**fields) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(fields)
    return made


def data(*concepts, where=None, **fields) -> resources_pb2.Data:
    made = resources_pb2.Data()
    for name in concepts:
        made.concepts.add(id=name, value=1)
    if "image" in fields:
        made.image.base64 = fields.pop("image")
    if "text" in fields:
        made.text.raw = fields.pop("text")
    if where:
        made.geo.geo_point.latitude, made.geo.geo_point.longitude = where
    if fields:
        made.metadata.CopyFrom(struct(**fields))
    return made


def post(api, app, platform, **inputs):
    reply = api.PostInputs(
        user_app_id=app,
        inputs=[resources_pb2.Input(id=name, data=made) for name, made in inputs.items()],
    )
    assert reply.status.code == codes.SUCCESS, reply
    assert platform.wait_idle()


def annotate(api, app, input_id, made, annotation_id=""):
    reply = api.PostAnnotations(
        user_app_id=app,
        annotations=[resources_pb2.Annotation(id=annotation_id, input_id=input_id, data=made)],
    )
    assert reply.status.code == codes.SUCCESS, reply


def region(*concepts) -> resources_pb2.Data:
    made = resources_pb2.Data()
    box = made.regions.add()
    box.region_info.bounding_box.right_col = 0.5
    for name in concepts:
        box.data.concepts.add(id=name, value=1)
    return made


def labelled(negate=False, **fields) -> resources_pb2.Filter:
    """A filter by annotation data."""
    made = resources_pb2.Filter(negate=negate)
    made.annotation.data.SetInParent()
    for name, value in fields.items():
        field = getattr(made.annotation.data, name)
        field.extend(value) if name == "concepts" else field.CopyFrom(value)
    return made


def concept(name, value=1.0) -> resources_pb2.Concept:
    return resources_pb2.Concept(id=name, value=value)


def rank(**fields) -> resources_pb2.Rank:
    made = resources_pb2.Rank(negate=fields.pop("negate", False))
    made.annotation.data.CopyFrom(data(**fields) if fields else resources_pb2.Data())
    return made


def search(api, app, *clauses, rpc="PostInputsSearches", page=0, per_page=0, **fields):
    query = resources_pb2.Query(
        filters=[c for c in clauses if isinstance(c, resources_pb2.Filter)],
        ranks=[c for c in clauses if isinstance(c, resources_pb2.Rank)],
    )
    only = {"only_count": fields.pop("only_count")} if "only_count" in fields else {}
    return getattr(api, rpc)(
        user_app_id=app,
        searches=[resources_pb2.Search(query=query, **fields)],
        pagination=service_pb2.Pagination(page=page, per_page=per_page),
        **only,
    )


def ids(reply) -> list[str]:
    assert reply.status.code == codes.SUCCESS, reply.status
    return [hit.input.id for hit in reply.hits]


@pytest.fixture
def zoo(api, app, platform):
    """Texts `cat`, `dog` (with a region `cat`), `both`, `none`."""
    post(
        api,
        app,
        platform,
        cat=data("cat", text="a cat", color="black", tags=["x", "y"], size={"w": 1, "h": 2}),
        dog=data("dog", text="a dog", color="white", tags=["y"]),
        both=data("cat", "dog", text="a cat and a dog", size={"w": 1}),
        none=data(text="nothing at all"),
    )
    annotate(api, app, "dog", region("cat"), "box")
    return app


def test_without_filters_every_input_comes_newest_first(api, zoo):
    empty = [labelled(), resources_pb2.Filter(), rank()]
    reply = search(api, zoo, *empty)
    assert ids(reply) == ["none", "both", "dog", "cat"]
    assert {hit.score for hit in reply.hits} == {1.0}
    assert reply.hits[3].input.data.text.raw == "a cat"
    assert reply.hits[3].annotation.data.concepts[0].id == "cat"
    assert ids(search(api, zoo, *empty, rpc="PostAnnotationsSearches")) == ids(reply)


def test_concepts_are_alternatives_found_in_regions_too(api, zoo):
    assert ids(search(api, zoo, labelled(concepts=[concept("cat")]))) == ["both", "dog", "cat"]
    assert ids(search(api, zoo, labelled(concepts=[concept("dog")]))) == ["both", "dog"]
    either = [concept("cat"), resources_pb2.Concept(name="dog", value=1)]
    assert ids(search(api, zoo, labelled(concepts=either))) == ["both", "dog", "cat"]
    assert not ids(search(api, zoo, labelled(concepts=[concept("horse")])))


def test_filters_are_anded_and_negated(api, zoo):
    cat, dog = labelled(concepts=[concept("cat")]), labelled(concepts=[concept("dog")])
    assert ids(search(api, zoo, cat, dog)) == ["both", "dog"]
    no_dog = labelled(negate=True, concepts=[concept("dog")])
    assert ids(search(api, zoo, cat, no_dog)) == ["cat"]
    assert ids(search(api, zoo, no_dog)) == ["none", "cat"]


def test_a_concept_of_value_0_means_without_it(api, zoo):
    assert ids(search(api, zoo, labelled(concepts=[concept("dog", 0)]))) == ["none", "cat"]


def test_annotation_searches_want_one_annotation_to_pass_all_filters(api, zoo):
    cat, dog = labelled(concepts=[concept("cat")]), labelled(concepts=[concept("dog")])
    rpc = "PostAnnotationsSearches"
    assert ids(search(api, zoo, cat, dog, rpc=rpc)) == ["both"]
    found = search(api, zoo, cat, rpc=rpc)
    assert ids(found) == ["dog", "both", "cat"]
    assert found.hits[0].annotation.id == "box"
    assert found.hits[0].annotation.data.regions[0].data.concepts[0].id == "cat"


def test_negated_filters_also_find_inputs_without_annotations(api, zoo):
    bare = api.ListAnnotations(user_app_id=zoo, input_ids=["none"]).annotations[0]
    api.DeleteAnnotations(user_app_id=zoo, input_ids=["none"], ids=[bare.id])
    no_cat = labelled(negate=True, concepts=[concept("cat")])
    assert set(ids(search(api, zoo, no_cat, rpc="PostAnnotationsSearches"))) == {"none", "dog"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"color": "black"}, ["cat"]),
        ({"color": "black", "missing": 1}, ["cat"]),
        ({"size": {"w": 1}}, ["both", "cat"]),
        ({"size": {"w": 1, "h": 2}}, ["cat"]),
        ({"size": {}}, ["both", "cat"]),
        ({"tags": ["y"]}, ["dog", "cat"]),
        ({"tags": ["y", "x"]}, ["cat"]),
        ({"tags": ["y", "z"]}, []),
        ({"color": "blue"}, []),
        ({"size": {"w": True}}, []),
    ],
)
def test_metadata_is_contained(api, zoo, asked, expected):
    assert ids(search(api, zoo, labelled(metadata=struct(**asked)))) == expected


def test_metadata_lists_of_objects_match_within_one_item(api, app, platform):
    post(api, app, platform, i=data(text="t", boxes=[{"a": 1, "b": 1}, {"a": 2, "b": 2}]))
    assert ids(search(api, app, labelled(metadata=struct(boxes=[{"a": 1, "b": 1}])))) == ["i"]
    assert not ids(search(api, app, labelled(metadata=struct(boxes=[{"a": 1, "b": 2}]))))


def geo(latitude, longitude, value, kind="withinKilometers") -> resources_pb2.Geo:
    made = resources_pb2.Geo()
    made.geo_point.latitude, made.geo_point.longitude = latitude, longitude
    made.geo_limit.type, made.geo_limit.value = kind, value
    return made


@pytest.fixture
def cities(api, app, platform):
    places = {
        "berlin": (52.52, 13.405),
        "potsdam": (52.39, 13.06),
        "paris": (48.857, 2.352),
        "suva": (-18.14, 178.44),
        "nowhere": None,
    }
    post(api, app, platform, **{k: data(text=k, where=v) for k, v in places.items()})
    return app


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (geo(52.52, 13.405, 1), ["berlin"]),
        (geo(52.52, 13.405, 30), ["potsdam", "berlin"]),
        (geo(52.52, 13.405, 18, "withinMiles"), ["potsdam", "berlin"]),
        (geo(52.52, 13.405, 0.2, "withinDegrees"), ["berlin"]),
        (geo(52.52, 13.405, 0.14, "withinRadians"), ["paris", "potsdam", "berlin"]),
        (geo(-18.0, -179.0, 400), ["suva"]),
        (geo(0, 0, 30_000), ["suva", "paris", "potsdam", "berlin"]),
    ],
)
def test_places_within_a_distance(api, cities, asked, expected):
    assert ids(search(api, cities, labelled(geo=asked))) == expected


def test_places_within_a_box(api, cities):
    box = resources_pb2.Geo()
    for latitude, longitude in ((53, 14), (48, 13)):
        corner = box.geo_box.add()
        corner.geo_point.latitude, corner.geo_point.longitude = latitude, longitude
    assert ids(search(api, cities, labelled(geo=box))) == ["potsdam", "berlin"]


def test_kinds_statuses_and_datasets_of_inputs_are_alternatives(api, app, platform):
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="set")])
    post(api, app, platform, text=data(text="t"), image=data(image=RED))
    bad = resources_pb2.Input(id="bad", data={"image": {"base64": b"no picture"}})
    api.PostInputs(user_app_id=app, inputs=[bad])
    dataset_input = resources_pb2.DatasetInput(input=resources_pb2.Input(id="text"))
    api.PostDatasetInputs(user_app_id=app, dataset_id="set", dataset_inputs=[dataset_input])
    assert platform.wait_idle()

    def found(**fields):
        asked = resources_pb2.Filter(input=resources_pb2.Input(**fields))
        return ids(search(api, app, asked))

    assert found(data={"text": {}}) == ["text"]
    assert found(data={"text": {}, "image": {}}) == ["bad", "image", "text"]
    assert found(status={"code": codes.INPUT_DOWNLOAD_SUCCESS}) == ["image", "text"]
    assert found(dataset_ids=["set"]) == ["text"]
    assert found(dataset_ids=["set"], data={"image": {}}) == ["bad", "image", "text"]
    assert not found(dataset_ids=["unknown"])


@pytest.fixture
def pictures(api, app, platform):
    post(
        api,
        app,
        platform,
        red=data("warm", image=RED),
        pink=data(image=PINK),
        blue=data("cold", image=BLUE),
        rain=data("wet", text="rain and wind"),
        storm=data(text="heavy rain, strong wind"),
        goal=data(text="a late goal"),
    )
    return app


@pytest.mark.parametrize("metric", [0, 1, 2])
@pytest.mark.parametrize("rpc", ["PostInputsSearches", "PostAnnotationsSearches"])
def test_pictures_are_ranked_by_likeness(api, pictures, metric, rpc):
    reply = search(api, pictures, rank(image=RED), metric=metric, rpc=rpc)
    assert ids(reply) == ["red", "pink", "blue"]
    scores = [hit.score for hit in reply.hits]
    assert scores[0] == pytest.approx(1, abs=1e-3)
    assert scores == sorted(scores, reverse=True)
    assert scores[2] < 0.7
    assert all(0 <= score <= 1 for score in scores)


def test_a_picture_by_url(api, pictures):
    asked = resources_pb2.Rank()
    asked.annotation.data.image.url = "https://example.test/red.png"
    assert ids(search(api, pictures, asked))[0] == "red"
    asked.annotation.data.image.url = "https://example.test/nothing.png"
    assert search(api, pictures, asked).status.code == codes.INPUT_DOWNLOAD_FAILED


def test_texts_are_ranked_by_likeness(api, pictures):
    reply = search(api, pictures, rank(text="wind and rain"))
    assert ids(reply)[:2] == ["rain", "storm"]
    assert reply.hits[2].score == pytest.approx(0.5, abs=0.1)
    assert ids(search(api, pictures, rank(text="wind and rain", negate=True)))[0] == "goal"


def test_rank_by_input_and_by_vector(api, pictures, platform):
    asked = resources_pb2.Rank()
    asked.annotation.input_id = "pink"
    assert ids(search(api, pictures, asked)) == ["pink", "red", "blue"]
    asked.annotation.input_id = "gone"
    assert search(api, pictures, asked).status.code == codes.SEARCH_INVALID_REQUEST

    vector = platform.embedder.embed_images([BLUE])[0]
    by_vector = resources_pb2.Rank()
    by_vector.annotation.data.embeddings.add(vector=vector.tolist())
    assert ids(search(api, pictures, by_vector))[0] == "blue"
    by_vector.annotation.data.embeddings[0].vector.append(1)
    refused = search(api, pictures, by_vector).status
    assert refused.code == codes.SEARCH_INVALID_REQUEST
    assert "513" in refused.details


def test_rank_by_concept_puts_labelled_inputs_first_then_those_like_them(api, pictures):
    asked = resources_pb2.Rank()
    asked.annotation.data.concepts.add(id="warm", value=1)
    reply = search(api, pictures, asked)
    assert ids(reply)[:3] == ["red", "pink", "blue"]
    assert reply.hits[0].score == 1


def test_filters_run_before_ranks_and_min_value_cuts(api, pictures):
    cold = labelled(concepts=[concept("cold")])
    assert ids(search(api, pictures, rank(image=RED), cold)) == ["blue"]
    rpc = "PostAnnotationsSearches"
    assert ids(search(api, pictures, rank(image=RED), cold, rpc=rpc)) == ["blue"]
    assert ids(search(api, pictures, rank(image=RED), min_value=0.9)) == ["red", "pink"]


def test_an_app_on_the_empty_workflow_has_no_ranks(api, platform):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="bare")
    made = resources_pb2.App(id="bare", default_workflow={"id": "Empty"})
    api.PostApps(user_app_id=app, apps=[made])
    post(api, app, platform, i=data(text="t"))
    assert ids(search(api, app)) == ["i"]
    assert not search(api, app, rank(text="t")).hits


def test_pages_are_disjoint_and_stable(api, app, platform):
    post(api, app, platform, **{f"i{n}": data(text=f"text {n % 3}") for n in range(20)})
    for clauses in ((), (rank(text="text 1"),)):
        pages = [ids(search(api, app, *clauses, page=p, per_page=6)) for p in (1, 2, 3, 4, 5)]
        assert [len(page) for page in pages] == [6, 6, 6, 2, 0]
        assert len({i for page in pages for i in page}) == 20
        assert functools.reduce(operator.iadd, pages, []) == ids(search(api, app, *clauses))
    counted = search(api, app, only_count=True)
    assert (counted.hit_counts[0].estimated_total, len(counted.hits)) == (20, 0)


def test_deleted_inputs_are_found_no_more(api, pictures):
    api.DeleteInputs(user_app_id=pictures, ids=["red"])
    assert ids(search(api, pictures, rank(image=RED))) == ["pink", "blue"]
    assert "red" not in ids(search(api, pictures))


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        (labelled(geo=geo(1, 1, 1, "withinFeet")), "withinFeet"),
        (
            labelled(geo=resources_pb2.Geo(geo_point=resources_pb2.GeoPoint(latitude=1))),
            "geo_limit",
        ),
        (labelled(concepts=[resources_pb2.Concept(value=1)]), "no id"),
        (
            resources_pb2.Filter(annotation=resources_pb2.Annotation(task_id="t")),
            "annotation.task_id",
        ),
        (rank(color="black"), "metadata"),
    ],
)
def test_what_cannot_be_asked_is_refused(api, app, clause, words):
    status = search(api, app, clause).status
    assert status.code == codes.SEARCH_INVALID_REQUEST
    assert words in status.details


def test_paging_has_a_limit_that_clients_know(api, app):
    status = search(api, app, page=10_000_000, per_page=1000).status
    assert status.details.startswith("page * perPage cannot exceed")


def test_nearest_is_exact(api, app, platform):
    """Every rank agrees with the definition, on vectors of one's own."""
    texts = {f"i{n}": f"words {n} and {n * 7 % 5}" for n in range(40)}
    post(api, app, platform, **{name: data(text=raw) for name, raw in texts.items()})
    query = platform.embedder.embed_texts(["words 3 and 1"])[0]
    for metric in (1, 2):
        reply = search(api, app, rank(text="words 3 and 1"), metric=metric)
        for hit in reply.hits:
            vector = platform.embedder.embed_texts([texts[hit.input.id]])[0]
            cosine = float(vector @ query)
            distance = float(np.linalg.norm(vector - query))
            expected = (1 + cosine) / 2 if metric == 2 else 1 / (1 + distance**2 / 2)
            assert hit.score == pytest.approx(expected, abs=1e-3)
        scores = [hit.score for hit in reply.hits]
        assert len(scores) == 40
        assert scores == sorted(scores, reverse=True)
