"""What makes an input the same as one that is there: its id and its content, not a name alone.

The right values come from the public reports that issue 13 names: images numbered from 1 in each
split (mmpose#1643), annotations that are overwritten (roboflow-python#214), rounds of export and
import (fiftyone#6454), `id-<label without spaces>` (clarifai-python#354).
"""

from __future__ import annotations

import itertools
import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import UserError
from clarifai_datasets.upload import _journal as journals
from clarifai_datasets.upload.features import (
    MediaFeatures,
    TextFeatures,
    VisualClassificationFeatures,
    VisualDetectionFeatures,
)
from clarifai_datasets.upload.loader import open_loader
from clarifai_datasets.upload.report import UploadReport
from clarifai_local._faults import Faults
from tests.datasets.list_loader import ListLoader


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """Keep the journals of each test apart."""
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(tmp_path / "state"))


def text(words, own=None, labels=()):
    return TextFeatures(words, list(labels), id=own)


def picture(content, own=None, labels=()):
    return VisualClassificationFeatures("a.png", list(labels), id=own, image_bytes=content)


def boxes(content, labels, places, own="a"):
    return VisualDetectionFeatures("a.png", labels, places, id=own, image_bytes=content)


def upload(world, items, task="text_classification", **how):
    return world.dataset.upload_dataset(ListLoader(task, items), **how)


def words(world):
    return {own: one.data.text.raw for own, one in world.inputs().items()}


def labels(world):
    found = world.inputs()
    return {own: sorted(c.name for c in one.data.concepts) for own, one in found.items()}


def regions(world):
    """(label, left edge) of each box."""
    found = (
        (region.data.concepts[0].name, round(region.region_info.bounding_box.left_col, 3))
        for _, region in world.regions()
    )
    return sorted(found)


# -- items without id ------------------------------------------------------------------------------


def test_items_without_id_of_two_calls_are_all_there(world, make_png):
    first = upload(world, [picture(make_png(1)), picture(make_png(2))], "visual_classification")
    second = upload(world, [picture(make_png(3)), picture(make_png(4))], "visual_classification")
    again = upload(world, [picture(make_png(4)), picture(make_png(1))], "visual_classification")
    assert (first.uploaded, second.uploaded) == (2, 2)
    assert (again.uploaded, len(again.already_there), again.failed) == (0, 2, [])
    assert len(world.inputs()) == 4


def test_equal_items_without_id_are_counted(world):
    items = [text("same"), text("same"), text("other"), text("same")]
    assert upload(world, items).uploaded == 4
    again = upload(world, items)
    assert (again.uploaded, len(again.already_there), again.failed) == (0, 4, [])
    assert sorted(words(world).values()) == ["other", "same", "same", "same"]


def test_files_addresses_and_users_own_classes_get_ids_of_their_content(world, tmp_path, make_png):
    class Frozen:
        """Features whose class takes no id."""

        __slots__ = ("image_bytes", "image_path", "labels")

        def __init__(self, content):
            self.image_path, self.labels, self.image_bytes = "x.png", ["cat"], content

    (tmp_path / "a.png").write_bytes(make_png(7))
    kind = "visual_classification"
    of_file = VisualClassificationFeatures(str(tmp_path / "a.png"), ["cat"])
    assert upload(world, [of_file, Frozen(make_png(8))], kind).uploaded == 2
    swapped = upload(world, [Frozen(make_png(7)), Frozen(make_png(8))], kind)
    assert (swapped.uploaded, len(swapped.already_there), swapped.failed) == (0, 2, [])


def test_workers_give_the_same_ids(world):
    items = [text(f"text {n % 7}") for n in range(20)]
    assert upload(world, items).uploaded == 20
    with ThreadPoolExecutor(2) as executor:
        again = upload(world, items, executor=executor)
    assert (again.uploaded, len(again.already_there), again.failed) == (0, 20, [])


def test_items_without_id_that_failed_are_tried_again(world):
    items = [text("same"), text("same"), text("fine")]
    world.platform.faults = Faults()
    refused = world.platform.faults.on("PostInputs", times=1)
    refused.status(11102)
    loader = ListLoader("text_classification", items)
    world.platform.faults.on("GetInputsAddJob")
    report = world.dataset.upload_dataset(loader)
    for _ in range(3):
        if report.ok:
            break
        report = world.dataset.retry_failed(report)
    assert report.ok
    assert sorted(words(world).values()) == ["fine", "same", "same"]


# -- other content under the same id ---------------------------------------------------------------


def test_other_content_under_an_id_is_a_failure_with_its_remedy(world, make_png):
    upload(world, [boxes(make_png(1), ["cat"], [[0.1, 0.1, 0.3, 0.3]])], "visual_detection")
    items = [
        boxes(make_png(2), ["dog"], [[0.5, 0.5, 0.7, 0.7]]),
        boxes(make_png(3), ["cow"], [[0.2, 0.2, 0.4, 0.4]], own="b"),
    ]
    report = upload(world, items, "visual_detection")
    [failed] = report.failed
    assert (failed.id, failed.what, failed.index) == ("train-a", "input", 0)
    assert "another image is there" in failed.reason
    assert "on_conflict='skip', 'replace' or 'suffix'" in failed.reason
    assert (report.uploaded, report.total) == (1, 2)
    assert regions(world) == [("cat", 0.1), ("cow", 0.2)]


def test_labels_of_another_kind_of_input_are_not_put_on_it(world, make_png):
    upload(world, [text("words", "a")])
    report = upload(world, [picture(make_png(1), "a", ["cat"])], "visual_classification")
    assert "a text is there, this is an image" in report.failed[0].reason
    assert labels(world) == {"train-a": []}


def test_skip_leaves_the_input_and_says_so(world):
    upload(world, [text("old", "a", ["x"])])
    report = upload(world, [text("new", "a", ["y"]), text("b", "b")], on_conflict="skip")
    assert (report.uploaded, report.failed, report.total) == (1, [], 2)
    assert [(one.what, one.id) for one in report.conflicts] == [("skipped", "train-a")]
    assert "1 skipped, as the app has another input" in str(report)
    assert words(world) == {"train-a": "old", "train-b": "b"}
    assert labels(world)["train-a"] == ["x"]


def test_replace_puts_content_and_labels_in_the_place_of_the_others(world, make_png):
    upload(world, [boxes(make_png(1), ["cat"], [[0.1, 0.1, 0.3, 0.3]])], "visual_detection")
    new = [boxes(make_png(2), ["dog"], [[0.5, 0.5, 0.7, 0.7]])]
    report = upload(world, new, "visual_detection", on_conflict="replace")
    assert (report.uploaded, report.failed, report.total) == (1, [], 1)
    assert [one.what for one in report.conflicts] == ["replaced"]
    assert regions(world) == [("dog", 0.5)]
    assert world.in_dataset() == {"train-a"}
    again = upload(world, new, "visual_detection", on_conflict="replace")
    assert (again.uploaded, len(again.already_there), again.conflicts) == (0, 1, [])


def test_suffix_sends_under_another_id_and_only_once(world):
    upload(world, [text("old", "a")])
    for uploaded, there in ((1, 0), (0, 1)):
        report = upload(world, [text("new", "a", ["y"])], on_conflict="suffix")
        assert (report.uploaded, len(report.already_there)) == (uploaded, there)
        assert (report.failed, [one.what for one in report.conflicts]) == ([], ["suffixed"])
    [other] = words(world).keys() - {"train-a"}
    assert other.startswith("train-a-")
    assert other in report.conflicts[0].reason
    assert words(world) == {"train-a": "old", other: "new"}
    assert labels(world) == {"train-a": [], other: ["y"]}


@pytest.mark.parametrize("how", ["fail", "skip", "replace", "suffix"])
def test_what_was_asked_for_is_done_by_workers_and_by_other_methods(world, make_csv, how):
    path = make_csv("inputid,input\na,old\n")
    assert world.dataset.upload_from_csv(path, csv_type="raw", labels=False).uploaded == 1
    path = make_csv("inputid,input\na,new\n")
    with ThreadPoolExecutor(1) as executor:
        report = world.dataset.upload_from_csv(
            path, csv_type="raw", labels=False, on_conflict=how, executor=executor
        )
    assert report.total == 1
    found = sorted(words(world).values())
    assert found == {"fail": ["old"], "skip": ["old"], "replace": ["new"]}.get(how, ["new", "old"])
    assert bool(report.failed) == (how == "fail")


def test_a_wrong_word_for_what_to_do_is_refused(world):
    with pytest.raises(UserError, match="on_conflict must be one of fail, skip, replace, suffix"):
        upload(world, [text("a")], on_conflict="overwrite")
    assert not world.faults.calls


def test_a_report_with_conflicts_is_saved_and_read_again(world, tmp_path):
    upload(world, [text("old", "a")])
    report = upload(world, [text("new", "a")], on_conflict="skip")
    report.save(tmp_path / "r.jsonl")
    assert UploadReport.load(tmp_path / "r.jsonl").conflicts == report.conflicts


def test_an_address_that_was_signed_anew_is_the_same_and_another_one_is_not(world):
    def upload_url(url):
        item = MediaFeatures("image", url=url, id="a")
        return upload(world, [item], "media_classification")

    there = resources_pb2.Input(id="train-a")
    there.data.image.url = "https://h/a.png?X-Amz-Signature=1&size=2"
    # The platform in memory cannot fetch: what it has is put there by hand, as processed.
    store = world.platform.store
    world.call("PostInputs", inputs=[there])
    assert world.platform.wait_idle()
    with store.write() as db:
        db.execute("UPDATE inputs SET status = 30000, details = ''")
    assert upload_url("https://h/a.png?X-Amz-Signature=3&size=2").failed == []
    [failed] = upload_url("https://h/b.png?size=2").failed
    assert "came from https://h/a.png" in failed.reason


def test_a_copy_that_cannot_be_fetched_is_no_proof(world, make_png, monkeypatch):
    upload(world, [picture(make_png(1), "a", ["x"])], "visual_classification")
    report = upload(world, [picture(make_png(2), "a", ["y"])], "visual_classification")
    assert not report.ok
    monkeypatch.setattr(
        "clarifai_datasets.upload._requests.UploadRequests.read",
        lambda *_: (_ for _ in ()).throw(UserError("no way there")),
    )
    [failed] = upload(world, [picture(make_png(2), "a", ["y"])], "visual_classification").failed
    assert "cannot be fetched: no way there" in failed.reason
    assert labels(world) == {"train-a": ["x"]}


def test_what_was_there_before_a_lost_answer_is_not_taken_for_ours(world):
    """The answer is lost, so one looks; what is found under the id is another's."""
    upload(world, [text("old", "a")])
    world.platform.faults = Faults()
    world.platform.faults.on("PostInputs", times=1).unavailable(after_effect=True)
    report = upload(world, [text("new", "a", ["y"]), text("b", "b")])
    assert [one.id for one in report.failed] == ["train-a"]
    assert (report.uploaded, words(world)) == (1, {"train-a": "old", "train-b": "b"})
    assert labels(world)["train-a"] == []


def test_what_a_journal_says_was_sent_is_compared_too(world):
    """The run before wrote down that it sends, and died; another put its own there meanwhile."""
    loader = ListLoader("text_classification", [text("mine", "a", ["y"])])
    order = world.dataset._order(loader, {"id_prefix": "train-"})
    journal = journals.Journal(order.key)
    journal.sent(["train-a"])
    journal.close(finished=False)
    there = resources_pb2.Input(id="train-a")
    there.data.text.raw = "another's"
    world.call("PostInputs", inputs=[there])
    report = world.dataset.upload_dataset(
        ListLoader("text_classification", [text("mine", "a", ["y"])])
    )
    assert [one.id for one in report.failed] == ["train-a"]
    assert (labels(world), world.in_dataset()) == ({"train-a": []}, set())


def test_nothing_more_is_asked_when_nothing_is_there(world):
    upload(world, [text(f"text {n}", n, ["x"]) for n in range(300)])
    calls = world.faults.calls
    assert calls["ListConcepts"] == 1  # once per upload, for labels that would be one concept
    assert calls["ListInputs"] == calls["ListAnnotations"] == calls["PatchInputs"] == 0


# -- labels that were corrected --------------------------------------------------------------------

PLACES = [[0.1, 0.1, 0.3, 0.3], [0.5, 0.5, 0.7, 0.7]]


def test_corrected_labels_of_boxes_replace_those_before(world, make_png):
    content = make_png(1)
    upload(world, [boxes(content, ["cat", "cow"], PLACES)], "visual_detection")
    report = upload(world, [boxes(content, ["dog", "cow"], PLACES)], "visual_detection")
    assert regions(world) == [("cow", 0.5), ("dog", 0.1)]
    assert (report.failed, report.annotations) == ([], 1)
    assert [one.what for one in report.conflicts] == ["labels"]
    again = upload(world, [boxes(content, ["cow", "dog"], PLACES[::-1])], "visual_detection")
    assert (again.annotations, again.conflicts) == (0, [])  # the same, in another order
    upload(world, [boxes(content, [], [])], "visual_detection")
    assert regions(world) == []


def test_labels_of_others_stay_and_equal_ones_are_not_doubled(world, make_png):
    content = make_png(1)
    upload(world, [boxes(content, ["cat"], PLACES[:1])], "visual_detection")
    theirs = resources_pb2.Annotation(input_id="train-a")
    region = theirs.data.regions.add()
    region.region_info.bounding_box.CopyFrom(
        resources_pb2.BoundingBox(left_col=0.5, top_row=0.5, right_col=0.7, bottom_row=0.7)
    )
    region.data.concepts.add(id="id-cow", name="cow", value=1)
    world.call("PostAnnotations", annotations=[theirs])
    report = upload(world, [boxes(content, ["dog", "cow"], PLACES)], "visual_detection")
    assert (report.failed, regions(world)) == ([], [("cow", 0.5), ("dog", 0.1)])
    upload(world, [boxes(content, ["dog"], PLACES[:1])], "visual_detection")
    assert regions(world) == [("cow", 0.5), ("dog", 0.1)]

    contrary = boxes(content, ["dog", "horse"], PLACES)
    [failed] = upload(world, [contrary], "visual_detection").failed
    assert failed.what == "annotation"
    assert "'horse' somebody else's label is 'cow'" in failed.reason
    assert regions(world) == [("cow", 0.5), ("dog", 0.1)]
    assert upload(world, [contrary], "visual_detection", on_conflict="replace").ok
    assert regions(world) == [("dog", 0.1), ("horse", 0.5)]


def test_another_source_of_the_same_pictures_adds_its_labels(world, tmp_path, make_png):
    """Boxes of cats from one file, of dogs from another one: both are there afterwards."""
    for name, left in (("cats", 2), ("dogs", 6)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.png").write_bytes(make_png(1, size=20))
        content = {
            "images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 20}],
            "categories": [{"id": 1, "name": name}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [left, 2, 4, 4]}],
        }
        (folder / "_annotations.coco.json").write_text(json.dumps(content))
        report = world.dataset.upload_dataset(open_loader(str(folder), "coco_detection"))
        assert report.failed == []
    assert regions(world) == [("cats", 0.1), ("dogs", 0.3)]


@pytest.mark.parametrize("task", ["text_classification", "visual_classification"])
def test_corrected_labels_of_the_whole_replace_those_before(world, make_png, task):
    def item(label):
        return text("t", "a", label) if task[0] == "t" else picture(make_png(1), "a", label)

    upload(world, [item(["cat", "pet"])], task)
    report = upload(world, [item(["dog", "pet"])], task)
    assert (report.failed, labels(world)) == ([], {"train-a": ["dog", "pet"]})
    assert "labelled 'cat', 'pet', 'dog', 'pet' in this source: changed" in str(report)
    assert upload(world, [item(["dog", "pet"])], task).conflicts == []
    assert upload(world, [item([])], task).conflicts == []  # it says nothing of labels
    assert labels(world) == {"train-a": ["dog", "pet"]}


def test_labels_that_somebody_changed_are_not_taken_away(world):
    upload(world, [text("t", "a", ["cat"])])
    theirs = resources_pb2.Input(id="train-a")
    theirs.data.concepts.add(id="id-good", name="good", value=1)
    world.call("PatchInputs", inputs=[theirs], action="merge")
    same = upload(world, [text("t", "a", ["cat"])])
    assert (same.failed, labels(world)) == ([], {"train-a": ["cat", "good"]})
    assert "it has 'good', too, which stays" in str(same)
    [failed] = upload(world, [text("t", "a", ["dog"])]).failed
    assert failed.what == "annotation"
    assert "on_conflict='replace'" in failed.reason
    assert labels(world) == {"train-a": ["cat", "good"]}
    assert upload(world, [text("t", "a", ["dog"])], on_conflict="skip").ok
    assert labels(world) == {"train-a": ["cat", "good"]}
    assert upload(world, [text("t", "a", ["dog"])], on_conflict="replace").ok
    assert labels(world) == {"train-a": ["dog"]}


def test_labels_that_came_later_are_added(world):
    upload(world, [text("t", "a")])
    assert upload(world, [text("t", "a", ["cat"])]).ok
    assert labels(world) == {"train-a": ["cat"]}


def test_labels_corrected_between_a_broken_run_and_the_next_are_sent(world):
    """Of what the journal calls done, the labels are compared with what the source says now."""
    items = [text(f"t{n}", n, ["cat"]) for n in range(2000)]
    sent = itertools.count()
    refused = status_pb2.Status(code=11002, description="Invalid API key")
    world.faults.on_before["PostInputs"] = lambda: refused if next(sent) >= 9 else None
    with pytest.raises(Exception, match="Invalid API key"):
        upload(world, items)
    world.faults.on_before.clear()
    items[0].labels = ["dog"]
    report = upload(world, items)
    assert (report.failed, report.resumed > 0) == ([], True)
    assert labels(world)["train-0"] == ["dog"]


# -- exports that come back ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "loader", "target"),
    [
        ("jsonl", "jsonl", "out"),
        ("coco", "coco_detection", "out"),
        ("clarifai", "clarifai", "out.zip"),
        ("parquet", "parquet", "out"),
        ("yolo", "yolo", "out"),
        ("voc", "voc_detection", "out"),
    ],
)
def test_an_export_that_comes_back_is_the_same_inputs(
    world, tmp_path, make_png, name, loader, target
):
    if name == "parquet":
        pytest.importorskip("pyarrow", reason="extra arrow")
    items = [boxes(make_png(n, size=20), ["cat"], [[0.1, 0.1, 0.3, 0.3]], own=n) for n in (1, 2)]
    upload(world, items, "visual_detection")
    path = tmp_path / target
    world.dataset.export(str(path), format=name)
    before = regions(world)
    report = world.dataset.upload_dataset(open_loader(str(path), loader))
    assert (report.uploaded, sorted(report.already_there)) == (0, ["train-1", "train-2"])
    assert (report.failed, regions(world)) == ([], before)


def test_an_export_as_csv_comes_back(world, tmp_path):
    upload(world, [text("one", "a", ["x"]), text("two", "b", ["y"])])
    world.dataset.export(str(tmp_path / "out"), format="csv")
    (source,) = (tmp_path / "out").rglob("*.csv")
    report = world.dataset.upload_dataset(open_loader(str(source), "csv", csv_type="raw"))
    assert (report.uploaded, report.failed, len(world.inputs())) == (0, [], 2)


# -- labels that would be one concept --------------------------------------------------------------


def test_labels_that_would_be_one_concept_are_refused_by_name(world, make_png):
    items = [text("a", "a", ["hot dog"]), text("b", "b", ["hotdog"]), text("c", "c", ["hot  dog"])]
    report = upload(world, items)
    [failed] = report.failed
    assert (failed.id, failed.attempts) == ("train-b", 0)
    assert "the labels 'hotdog' and 'hot dog' would be one concept, id-hotdog" in failed.reason
    later = upload(world, [boxes(make_png(1), ["hotdog"], PLACES[:1], own="d")], "visual_detection")
    assert "'hotdog' and 'hot  dog'" in later.failed[0].reason  # what another call brought
    with ThreadPoolExecutor(2) as executor:
        spread = upload(world, items, executor=executor)
    assert [one.id for one in spread.failed] == ["train-b"]
    assert words(world).keys() == {"train-a", "train-c"}


def test_a_concept_that_was_renamed_is_still_that_of_its_label(world):
    concept = resources_pb2.Concept(id="id-dog", name="Good Dog")
    request = service_pb2.PostConceptsRequest(
        user_app_id=world.dataset.user_app_id, concepts=[concept]
    )
    world.dataset.session.call("PostConcepts", request)
    assert upload(world, [text("a", "a", ["dog"])]).ok


def test_case_makes_two_labels_and_the_form_of_characters_does_not(world):
    """NFC and NFD of a text are canonically equivalent: Unicode Standard Annex #15."""
    composed = "caf\u00e9"
    items = [
        text("a", "a", ["Dog"]),
        text("b", "b", ["dog"]),
        text("c", "c", [composed]),
        text("d", "d", [unicodedata.normalize("NFD", composed)]),
    ]
    report = upload(world, items)
    assert report.failed == []
    assert any("'Dog' and 'dog'" in note for note in report.notes)
    found = {own: one.data.concepts[0] for own, one in world.inputs().items()}
    assert (found["train-a"].id, found["train-b"].id) == ("id-Dog", "id-dog")
    assert found["train-c"].id == found["train-d"].id
    assert found["train-d"].name == composed


# -- as documented ---------------------------------------------------------------------------------


def test_a_larger_batch_size_means_128(world):
    report = upload(world, [text(f"t{n}", n) for n in range(200)], batch_size=1000)
    assert (report.uploaded, world.faults.calls["PostInputs"]) == (200, 2)
    with pytest.raises(UserError, match="batch_size"):
        upload(world, [text("t")], batch_size=0)
