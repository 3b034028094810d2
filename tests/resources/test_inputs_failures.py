"""What one refused input, annotation or concept costs: itself, and nothing else.

What the platform refuses of a list is logged once each and told in what is returned, as the
official SDK does for the whole of it (issue 14, 3 and 4); an option raises. Errors that are not
about single ones stay errors: wrong arguments, credentials, an app that there is not, no answer.
"""

from __future__ import annotations

import logging

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import (
    AlreadyExists,
    ApiClientError,
    ApiError,
    InvalidArgument,
    MixedStatus,
    NotFound,
    PermissionDenied,
)
from clarifai_resources.inputs import Inputs

OK, MIXED, FAILED, DUPLICATE, UNKNOWN, INVALID = 10000, 10010, 10020, 30100, 11101, 11102
LOGGER = "clarifai.resources.inputs.uploads"


@pytest.fixture
def inputs(app) -> Inputs:
    return app.inputs()


@pytest.fixture
def warned(caplog):
    """Returns the warnings so far."""
    caplog.set_level(logging.INFO, LOGGER)
    return lambda: [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]


def text(name, words="words", **options):
    return Inputs.get_text_input(name, words, **options)


def texts(count):
    return [text(f"t{number}") for number in range(count)]


def box(input_id, label="dog", **ids):
    return Inputs.get_bbox_proto(input_id, label, [0.1, 0.2, 0.5, 0.75], **ids)


def codes(response):
    return [one.status.code for one in (*response.inputs,)]


def marks_of(inputs, *ids):
    """Return the annotations with a region; the platform has one more for each input as a whole."""
    return {one.id: one for one in inputs.list_annotations(ids) if one.data.regions}


# -- uploads of inputs -----------------------------------------------------------------------------


def test_an_id_that_is_taken_is_told_and_not_raised(inputs, warned):
    inputs.upload_text("a", "first")
    job_id, response = inputs.upload_text("a", "second")
    assert len(job_id) == 32
    assert response.status.code == FAILED
    assert codes(response) == [DUPLICATE]
    assert warned() == ["input 'a' was refused: Duplicate input: Input has a duplicate ID. [30100]"]
    assert inputs.get_input("a").data.text.raw == "first"


@pytest.mark.parametrize(
    "upload",
    [
        lambda inputs, **how: inputs.upload_inputs([text("a")], **how),
        lambda inputs, **how: inputs.upload_text("a", "x", **how),
        lambda inputs, **how: inputs.upload_from_bytes("a", text_bytes=b"x", **how),
        lambda inputs, **how: inputs.upload_from_url("a", text_url="http://127.0.0.1/a", **how),
    ],
)
def test_every_upload_raises_where_that_is_asked_for(inputs, upload):
    inputs.upload_text("a", "first")
    _, response = upload(inputs)
    assert codes(response) == [DUPLICATE]
    with pytest.raises(AlreadyExists) as caught:
        upload(inputs, raise_on_failure=True)
    assert caught.value.response.inputs[0].id == "a"


def test_a_file_raises_where_that_is_asked_for(inputs, tmp_path):
    (tmp_path / "a.txt").write_text("words")
    inputs.upload_from_file("a", text_file=tmp_path / "a.txt")
    with pytest.raises(AlreadyExists):
        inputs.upload_from_file("a", text_file=tmp_path / "a.txt", raise_on_failure=True)


def test_the_others_arrive_and_the_error_tells_which(inputs, warned):
    inputs.upload_text("t1", "first")
    _, response = inputs.upload_inputs(texts(3))
    assert response.status.code == MIXED
    assert [code == DUPLICATE for code in codes(response)] == [False, True, False]
    assert len(warned()) == 1
    with pytest.raises(MixedStatus) as caught:
        inputs.upload_inputs([*texts(2), text("new")], raise_on_failure=True)
    assert [code == DUPLICATE for code in codes(caught.value.response)] == [True, True, False]
    assert inputs.get_input("new").id == "new"


def test_a_dataset_that_there_is_not_costs_the_input_that_names_it(inputs):
    given = [text("a"), text("b", dataset_id="nowhere")]
    _, response = inputs.upload_inputs(given)
    assert (response.status.code, codes(response)[1]) == (MIXED, UNKNOWN)
    assert "'nowhere'" in response.inputs[1].status.details
    with pytest.raises(NotFound):
        inputs.upload_inputs(given[1:], raise_on_failure=True)


def test_show_log_says_whether_it_is_logged(inputs, warned):
    inputs.upload_text("a", "first")
    inputs.upload_inputs([text("a")], show_log=False)
    assert warned() == []


def test_the_status_on_top_tells_of_all_requests(scripted_app, scripted):
    taken = status_pb2.Status(code=30001)
    doubled = status_pb2.Status(code=DUPLICATE, description="Duplicate input")

    def answer(request):
        refused = len(scripted.asked) > 1
        made = service_pb2.MultiInputResponse(
            status=status_pb2.Status(code=FAILED if refused else OK, description="as it was")
        )
        for one in request.inputs:
            made.inputs.add(id=one.id, status=doubled if refused else taken)
        return made

    scripted.queue("PostInputs", answer)
    _, response = scripted_app.inputs().upload_inputs(texts(130))
    assert response.status.code == MIXED
    assert response.status.details.endswith("of 130 were refused: Duplicate input")


def test_an_app_that_there_is_not_stays_an_error(user):
    nowhere = Inputs("ann", "nowhere", base_url=user.settings.base_url)
    change = text("a")
    for call in (
        lambda: nowhere.upload_text("a", "words"),
        lambda: nowhere.upload_annotations([box("a")]),
        lambda: nowhere.patch_inputs([change]),
        lambda: nowhere.patch_annotations([box("a", annot_id="m")]),
        lambda: nowhere.patch_concepts(["c"]),
        lambda: nowhere.delete_annotations(["a"]),
        lambda: nowhere.get_input("a"),
    ):
        with pytest.raises(NotFound, match="nowhere"):
            call()


def test_wrong_credentials_and_no_answer_stay_errors(scripted_app, scripted):
    inputs = scripted_app.inputs()
    calls = {
        "PostInputs": lambda: inputs.upload_text("a", "words"),
        "PostAnnotations": lambda: inputs.upload_annotations([box("a")]),
        "PatchInputs": lambda: inputs.patch_inputs([text("a")]),
        "PatchAnnotations": lambda: inputs.patch_annotations([box("a", annot_id="m")]),
        "PatchConcepts": lambda: inputs.patch_concepts(["c"]),
        "DeleteAnnotations": lambda: inputs.delete_annotations(["a"]),
    }
    for name, call in calls.items():
        scripted.queue(
            name, (grpc.StatusCode.UNAUTHENTICATED, "no"), (grpc.StatusCode.INTERNAL, "broken")
        )
        with pytest.raises(PermissionDenied):
            call()
        with pytest.raises(ApiClientError):
            call()


# -- uploads of annotations ------------------------------------------------------------------------


def test_annotations_that_are_refused_come_back(inputs, warned):
    inputs.upload_inputs(texts(2))
    lost = box("nowhere")
    assert inputs.upload_annotations([box("t0"), lost, box("t1")]) == [lost]
    assert warned() == [
        "annotation of input 'nowhere' was refused: Resource does not exist: input 'nowhere' does "
        "not exist [11101]"
    ]
    with pytest.raises(NotFound) as caught:
        inputs.upload_annotations([lost], raise_on_failure=True)
    assert caught.value.response.annotations[0].input_id == "nowhere"


def test_an_annotation_id_that_is_taken_comes_back(inputs, warned):
    inputs.upload_text("a", "words")
    first = box("a", annot_id="mark")
    assert inputs.upload_annotations([first]) == []
    assert inputs.upload_annotations([first, box("a")]) == [first]
    assert inputs.upload_annotations([first]) == [first]
    assert len(warned()) == 2
    with pytest.raises(AlreadyExists):
        inputs.upload_annotations([first], raise_on_failure=True)
    assert len(marks_of(inputs, "a")) == 2


def annotation_answers(scripted, *, stop_at, how):
    """Have the first requests taken, and the others end as `how` says."""
    seen = []

    def answer(request):
        seen.append(len(request.annotations))
        if len(seen) > stop_at:
            return how
        status = status_pb2.Status(code=OK)
        done = status_pb2.Status(code=24150)
        made = [resources_pb2.Annotation(id=one.id, status=done) for one in request.annotations]
        return service_pb2.MultiAnnotationResponse(status=status, annotations=made)

    scripted.queue("PostAnnotations", answer)
    return seen


REFUSAL = service_pb2.MultiAnnotationResponse(
    status=status_pb2.Status(code=11007, description="Insufficient scopes")
)


def test_what_was_taken_before_a_refusal_is_told(scripted_app, scripted, warned):
    """Issue 14, 4: the second request fails, and 128 were accepted."""
    seen = annotation_answers(scripted, stop_at=1, how=REFUSAL)
    given = [box(f"t{number}") for number in range(300)]
    assert scripted_app.inputs().upload_annotations(given) == given[128:]
    assert seen == [128, 128]
    assert len(warned()) == 300 - 128
    assert "Insufficient scopes" in warned()[0]
    assert "not sent" in warned()[-1]


def test_the_error_tells_what_was_taken_before_a_refusal(scripted_app, scripted):
    annotation_answers(scripted, stop_at=1, how=REFUSAL)
    given = [box(f"t{number}") for number in range(300)]
    with pytest.raises(MixedStatus) as caught:
        scripted_app.inputs().upload_annotations(given, raise_on_failure=True)
    found = [one.status.code for one in caught.value.response.annotations]
    assert found.count(24150) == 128
    assert found[:128] == [24150] * 128
    assert isinstance(caught.value.__cause__, PermissionDenied)


def test_a_refusal_of_the_first_request_is_an_error(scripted_app, scripted):
    annotation_answers(scripted, stop_at=0, how=REFUSAL)
    with pytest.raises(PermissionDenied):
        scripted_app.inputs().upload_annotations([box("a")])


def test_no_answer_to_a_later_request_leaves_its_annotations_and_those_behind(
    scripted_app, scripted
):
    seen = []

    def answer(request):
        seen.append(request)
        if len(seen) > 1:
            raise RuntimeError("the server breaks")
        return service_pb2.MultiAnnotationResponse(status=status_pb2.Status(code=OK))

    scripted.queue("PostAnnotations", answer)
    given = [box(f"t{number}") for number in range(130)]
    assert scripted_app.inputs().upload_annotations(given) == given[128:]


def test_of_an_annotation_with_several_regions_those_come_back_that_are_not_there(inputs):
    inputs.upload_text("a", "words")
    outline = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]
    mask = Inputs.get_mask_proto("a", "cat", [outline, outline[::-1]], annot_id="m")
    taken = Inputs.get_mask_proto("a", "cat", [outline], annot_id="m-2")
    assert inputs.upload_annotations([taken]) == []
    (left,) = inputs.upload_annotations([mask])
    assert left.data.regions[0] == mask.data.regions[1]
    assert len(left.data.regions) == 1
    assert marks_of(inputs, "a").keys() == {"m", "m-2"}


def test_labels_and_annotations_may_have_ids_of_their_own(inputs):
    inputs.upload_text("a", "words", labels=["cat", "dog"], label_ids=["c-1", "d-1"])
    assert [one.id for one in inputs.get_input("a").data.concepts] == ["c-1", "d-1"]
    inputs.upload_annotations([box("a", label_id="d-1", annot_id="mark")])
    found = {one.id: one for one in inputs.list_annotations(["a"])}
    concept = found["mark"].data.regions[0].data.concepts[0]
    assert (concept.id, concept.name) == ("d-1", "dog")
    assert box("a", label_id="", annot_id=None) == box("a")


# -- patches ---------------------------------------------------------------------------------------


def changed(name, **metadata):
    return text(name, metadata=metadata)


def test_an_input_that_there_is_not_is_told_and_the_others_are_changed(inputs, warned):
    inputs.upload_inputs(texts(3))
    given = [changed("t0", n=1), changed("nowhere", n=2), changed("t2", n=3)]
    response = inputs.patch_inputs(given)
    assert response.status.code == MIXED
    assert [one.id for one in response.inputs] == ["t0", "nowhere", "t2"]
    assert response.inputs[1].status.code == UNKNOWN
    assert dict(response.inputs[2].data.metadata) == {"n": 3}
    assert dict(inputs.get_input("t0").data.metadata) == {"n": 1}
    assert warned() == [
        "input 'nowhere' was refused: Resource does not exist: input 'nowhere' does not exist "
        "[11101]"
    ]
    with pytest.raises(NotFound) as caught:
        inputs.patch_inputs(given[1:2], raise_on_failure=True)
    assert caught.value.response.inputs[0].id == "nowhere"
    with pytest.raises(MixedStatus):
        inputs.patch_inputs(given, raise_on_failure=True)


def test_inputs_of_which_there_is_none_are_told(inputs):
    response = inputs.patch_inputs([changed("x", n=1), changed("y", n=1)])
    assert response.status.code == FAILED
    assert codes(response) == [UNKNOWN, UNKNOWN]


def test_something_else_that_there_is_not_costs_the_input_that_names_it(scripted_app, scripted):
    """All inputs exist, one names something that does not: it is found by halves."""

    def patch(request):
        made = service_pb2.MultiInputResponse(status=status_pb2.Status(code=OK))
        made.inputs.extend(request.inputs)
        if any("nowhere" in one.dataset_ids for one in request.inputs):
            made = service_pb2.MultiInputResponse(status=status_pb2.Status(code=UNKNOWN))
        return made

    def look(request):
        made = service_pb2.MultiInputResponse(status=status_pb2.Status(code=OK))
        made.inputs.extend(resources_pb2.Input(id=one) for one in request.ids)
        return made

    scripted.queue("PatchInputs", patch)
    scripted.queue("ListInputs", look)
    given = texts(4)
    given[2].dataset_ids.append("nowhere")
    response = scripted_app.inputs().patch_inputs(given)
    assert response.status.code == MIXED
    assert [code == UNKNOWN for code in codes(response)] == [False, False, True, False]
    sent = [len(request.inputs) for name, request in scripted.asked if name == "PatchInputs"]
    assert sent == [4, 2, 2, 1, 1]


def test_a_change_that_cannot_be_costs_itself(inputs, warned):
    inputs.upload_inputs(texts(4))
    given = [changed(f"t{number}", n=number) for number in range(4)]
    given[1].data.geo.geo_point.latitude = 300
    response = inputs.patch_inputs(given)
    assert response.status.code == MIXED
    assert response.inputs[1].status.code != OK
    assert dict(inputs.get_input("t3").data.metadata) == {"n": 3}
    assert len(warned()) == 1


def test_many_changes_go_in_several_requests(inputs):
    inputs.upload_inputs(texts(300))
    response = inputs.patch_inputs([changed(f"t{n}", n=n) for n in range(300)])
    assert response.status.code == OK
    assert [one.data.metadata["n"] for one in response.inputs] == list(range(300))


def test_annotations_are_changed_and_an_unknown_one_is_told(inputs, warned):
    inputs.upload_inputs(texts(2))
    inputs.upload_annotations([box("t0", annot_id="m0"), box("t1", annot_id="m1")])
    given = [
        box("t0", "cat", annot_id="m0"),
        box("t0", "cat", annot_id="none"),
        box("t1", "cat", annot_id="m1"),
    ]
    response = inputs.patch_annotations(given, action="overwrite")
    assert response.status.code == MIXED
    assert [one.status.code == UNKNOWN for one in response.annotations] == [False, True, False]
    found = marks_of(inputs, "t0", "t1")
    names = {name: one.data.regions[0].data.concepts[0].name for name, one in found.items()}
    assert names == {"m0": "cat", "m1": "cat"}
    assert warned() == [
        "annotation 'none' of input 't0' was refused: Resource does not exist: annotation 'none' "
        "of input 't0' does not exist [11101]"
    ]
    with pytest.raises(NotFound):
        inputs.patch_annotations(given[1:2], raise_on_failure=True)


def test_patches_are_sent_as_the_official_sdk_sends_them(scripted_app, scripted):
    ok = status_pb2.Status(code=OK)
    scripted.queue("PatchAnnotations", service_pb2.MultiAnnotationResponse(status=ok))
    scripted.queue("PatchConcepts", service_pb2.MultiConceptResponse(status=ok))
    scripted.queue("DeleteAnnotations", status_pb2.BaseResponse(status=ok))
    inputs, scope = scripted_app.inputs(), scripted_app.user_app_id
    mark = box("a", annot_id="m")
    inputs.patch_annotations([mark])
    inputs.patch_concepts(["c", "d"], ["cat", "dog"], [0.5, 1])
    inputs.patch_concepts(["c"])
    inputs.delete_annotations(["a", "b"])
    inputs.delete_annotations(["a", "b"], ["m", "n"])
    named = [("c", "cat", 0.5), ("d", "dog", 1.0)]
    assert [request for _, request in scripted.asked] == [
        service_pb2.PatchAnnotationsRequest(user_app_id=scope, annotations=[mark], action="merge"),
        service_pb2.PatchConceptsRequest(
            user_app_id=scope,
            concepts=[resources_pb2.Concept(id=i, name=n, value=v) for i, n, v in named],
            action="overwrite",
        ),
        service_pb2.PatchConceptsRequest(
            user_app_id=scope,
            concepts=[resources_pb2.Concept(id="c", name="c", value=1.0)],
            action="overwrite",
        ),
        service_pb2.DeleteAnnotationsRequest(user_app_id=scope, input_ids=["a", "b"]),
        service_pb2.DeleteAnnotationsRequest(
            user_app_id=scope, input_ids=["a", "b"], ids=["m", "n"]
        ),
    ]


def test_a_patch_without_an_answer_is_not_sent_again(scripted_app, scripted):
    scripted.queue("PatchInputs", (grpc.StatusCode.INTERNAL, "broken"))
    with pytest.raises(ApiClientError):
        scripted_app.inputs().patch_inputs([text("a")])
    assert len(scripted.asked) == 1


# -- deletions -------------------------------------------------------------------------------------


def test_annotations_of_inputs_are_deleted_all_or_by_id(inputs):
    inputs.upload_inputs(texts(2))
    marks = [box("t0", annot_id="a"), box("t0", annot_id="b"), box("t1", annot_id="c")]
    inputs.upload_annotations(marks)
    inputs.delete_annotations(["t0"], ["a"])
    assert marks_of(inputs, "t0", "t1").keys() == {"b", "c"}
    inputs.delete_annotations(inputs.list_inputs(), [])
    assert inputs.list_annotations(["t0", "t1"]).all() == []
    with pytest.raises(NotFound):
        inputs.delete_annotations(["t0"], ["a"])


def test_what_was_deleted_before_a_refusal_is_logged(scripted_app, scripted, warned):
    ok = status_pb2.BaseResponse(status=status_pb2.Status(code=OK))
    no = status_pb2.BaseResponse(status=status_pb2.Status(code=INVALID, description="no"))
    inputs = scripted_app.inputs()
    ids = [f"t{number}" for number in range(200)]
    scripted.queue("DeleteInputs", ok, no)
    scripted.queue("DeleteAnnotations", ok, no)
    with pytest.raises(InvalidArgument):
        inputs.delete_inputs(ids)
    with pytest.raises(ApiError):
        inputs.delete_annotations(ids, ids)
    assert warned() == [
        "only the first 128 of 200 inputs were deleted",
        "only the first 128 of 200 annotations were deleted",
    ]


def test_nothing_is_sent_for_wrong_arguments(scripted_app, scripted):
    inputs = scripted_app.inputs()
    nameless = box("a")
    homeless = resources_pb2.Annotation(id="m")
    calls = {
        "batch_annot": [
            lambda: inputs.patch_annotations([]),
            lambda: inputs.patch_annotations(box("a", annot_id="m")),
            lambda: inputs.patch_annotations([text("a")]),
        ],
        r"batch_annot\[0\] has no id": [lambda: inputs.patch_annotations([nameless])],
        r"batch_annot\[0\] has no input_id": [lambda: inputs.patch_annotations([homeless])],
        "action must be one of merge": [
            lambda: inputs.patch_annotations([box("a", annot_id="m")], action="replace")
        ],
        "action must be one of overwrite": [lambda: inputs.patch_concepts(["c"], action="merge")],
        "concept_ids": [
            lambda: inputs.patch_concepts([]),
            lambda: inputs.patch_concepts("c"),
            lambda: inputs.patch_concepts(["c", "c"]),
            lambda: inputs.patch_concepts([""]),
        ],
        "labels must have an entry": [lambda: inputs.patch_concepts(["c", "d"], ["cat"])],
        "values must have an entry": [lambda: inputs.patch_concepts(["c"], [], [1, 2])],
        r"values\[0\] must be a number": [lambda: inputs.patch_concepts(["c"], ["cat"], ["1"])],
        "input_ids": [
            lambda: inputs.delete_annotations("a"),
            lambda: inputs.delete_annotations([1]),
        ],
        "annotation_ids must name": [lambda: inputs.delete_annotations(["a"], ["m", "n"])],
        r"annotation_ids\[0\] must be an Annotation": [
            lambda: inputs.delete_annotations(["a"], [""])
        ],
        "input_id must be": [lambda: inputs.get_input("")],
        "label_ids must be a list": [lambda: text("a", labels=["x"], label_ids="x")],
        "label_ids must name an id for each": [
            lambda: text("a", labels=["x"], label_ids=["1", "2"]),
            lambda: text("a", label_ids=["1"]),
        ],
        "label_id must be a text": [lambda: box("a", label_id=3)],
        "annot_id must be a text": [lambda: box("a", annot_id=3)],
    }
    for said, some in calls.items():
        for call in some:
            with pytest.raises(ValueError, match=said):
                call()
    inputs.delete_annotations([])
    assert scripted.asked == []
