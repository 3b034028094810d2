"""What a listing can be narrowed to, and the versions of things."""

from __future__ import annotations

import json
import zipfile

import pytest

from clarifai_core.errors import Interrupted
from clarifai_core.transport.session import close_sessions
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload import _outage
from clarifai_datasets.upload.report import FailedItem, UploadReport, UploadStopped
from tests.cli.world import at_home, furnished, run


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("world")
        patch.setenv("CLARIFAI_STATE_DIR", str(folder / "state"))
        patch.setenv("CLARIFAI_CONTEXTS_FILE", str(folder / "none.yaml"))
        made = furnished(folder)
        line = ["--base-url", made.base_url, "--app-id", "zoo", "--user-id", "me"]
        assert run(["input", "upload", made.words["picture"], "--id", "red", *line]).code == 0
        text = ["--text", "mooing", "--id", "cow", "--dataset-id", "other", "--concept", "farm"]
        assert run(["input", "upload", *text, *line]).code == 0
        yield made
    close_sessions()


@pytest.fixture(autouse=True)
def home(world, monkeypatch, tmp_path):
    at_home(world, monkeypatch, tmp_path)
    return tmp_path


def ids(*words):
    done = run([*" ".join(words).split(), "-o", "ids"])
    assert (done.code, done.err) == (0, "")
    return sorted(done.out.split())


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("", ["cat", "cow", "dog", "rat", "red"]),
        ("--dataset-id train", ["cat", "dog", "rat"]),
        ("--dataset-id other", ["cow"]),
        ("--type image", ["red"]),
        ("--dataset-id train --type text", ["cat", "dog", "rat"]),
        ('--filter ids=["cat","cow"]', ["cat", "cow"]),
        ('--dataset-id train --filter ids=["cat","cow"]', ["cat"]),
        ('--dataset-id train --filter status={"code":30000}', ["cat", "dog", "rat"]),
    ],
)
def test_inputs_are_listed_of_an_app_or_of_one_dataset(options, found):
    assert ids("input list", options) == found


def test_a_limit_counts_what_is_shown_not_what_is_passed_over():
    assert len(ids("input list --dataset-id train --limit 2")) == 2
    assert ids("input list --type image --limit 1") == ["red"]
    assert ids('input list --dataset-id train --filter ids=["cat"] --limit 1') == ["cat"]


def test_nothing_passes_that_is_not_there():
    for options in ('--filter ids=["nobody"]', '--filter status={"code":30001}'):
        done = run(["input", "list", "--dataset-id", "train", *options.split()])
        assert (done.code, done.out) == (0, "")
        assert done.err == "There are no such inputs in the dataset 'train'.\n"


@pytest.mark.parametrize("command", ["input list", "annotation list"])
def test_a_dataset_that_there_is_not_is_named_with_a_near_one(command):
    done = run([*command.split(), "--dataset-id", "trian"])
    assert (done.code, done.out) == (1, "")
    assert "There is no dataset 'trian'" in done.err
    assert "train" in done.err.replace("'trian'", "")


def test_an_unknown_filter_is_a_mistake_also_beside_a_dataset():
    done = run(["input", "list", "--dataset-id", "train", "--filter", "idz=cat"])
    assert done.code == 2
    assert "idz: unknown" in done.err


def inputs_of(options):
    return {one.partition("/")[0] for one in ids("annotation list", options)}


def test_annotations_are_listed_of_a_dataset_and_of_inputs():
    every = inputs_of("")
    assert {"cat", "cow", "dog", "rat"} <= every
    assert inputs_of("--dataset-id train") == {"cat", "dog", "rat"}
    assert inputs_of("--input-id cat --input-id cow") == {"cat", "cow"}
    assert inputs_of("--input-id cat --input-id cow --dataset-id train") == {"cat"}
    one = ids("annotation list --input-id cat")[0]
    assert ids(f'annotation list --filter ids=["{one.partition("/")[2]}"]') == [one]


def test_the_concepts_of_a_model_are_those_it_learned():
    assert ids("model concepts animals") == ["id-cat", "id-dog", "id-rat"]
    assert "farm" in run(["concept", "list", "-o", "csv"]).out


def test_a_concept_of_an_app_has_no_value_in_its_table():
    heading = run(["concept", "list"]).out.splitlines()[0].split()
    assert heading == ["id", "name", "language", "user_id", "app_id", "created_at"]


def test_an_evaluation_of_a_classifier_has_no_precision_of_boxes():
    assert "mean_avg_precision" not in run(["model", "evaluations", "animals"]).out
    (row,) = json.loads(run(["model", "evaluations", "animals", "-o", "json"]).out)
    assert (row["mean_avg_precision_iou_50"], row["accuracy"]) == (None, 1)


def test_a_version_keeps_what_a_dataset_held_when_it_was_made(home):
    made = run(["dataset", "create-version", "other", "--id", "before", "--description", "One"])
    assert (made.code, made.out) == (0, "")
    assert made.err == "Made the version before of the dataset 'other'.\n"
    run(["input", "upload", "--text", "neighing", "--id", "horse", "--dataset-id", "other"])
    exported = run(["dataset", "export", "now.zip", "--dataset-id", "other", "-q"])
    older = ["dataset", "export", "then.zip", "--dataset-id", "other", "--version-id", "before"]
    assert (exported.code, run([*older, "-q"]).code) == (0, 0)
    held = [
        {name.rpartition("/")[2] for name in zipfile.ZipFile(home / path).namelist()}
        for path in ("then.zip", "now.zip")
    ]
    assert held[1] - held[0] >= {"horse.txt"}
    assert "cow.txt" in held[0]
    (row,) = json.loads(run(["dataset", "versions", "other", "-o", "json"]).out)
    assert (row["id"], row["description"]) == ("before", "One")
    assert row["status"] == "DATASET_VERSION_READY"


def test_the_id_of_a_version_goes_to_the_next_command():
    made = run(["dataset", "create-version", "train", "-o", "ids"]).out
    assert made.strip() in ids("dataset versions train")
    gone = run(["dataset", "delete-version", "train", "-", "--yes", "-o", "json"], stdin=made)
    assert json.loads(gone.out) == [{"id": made.strip(), "status": "deleted"}]
    assert made.strip() not in ids("dataset versions train")


def test_who_does_not_wait_is_told_how_to_see_how_far_it_is():
    made = run(["dataset", "create-version", "train", "--id", "soon", "--no-wait"])
    assert made.err.startswith("Making the version soon of the dataset 'train': `clarifai dataset ")
    run(["dataset", "delete-version", "train", "soon", "--yes"])


@pytest.mark.parametrize(
    ("thing", "name"), [("dataset", "train"), ("model", "animals"), ("workflow", "flow")]
)
def test_a_version_that_there_is_not_is_not_deleted_in_silence(thing, name):
    before = ids(f"{thing} versions {name}")
    done = run([thing, "delete-version", name, "nope", "--yes"])
    assert (done.code, done.out) == (1, "")
    assert f"There is no version 'nope' of the {thing} '{name}'" in done.err
    assert f"clarifai {thing} versions {name}" in done.err
    assert ids(f"{thing} versions {name}") == before != []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("export x.zip --version-id v", "give --dataset-id"),
        ("export x.zip --version-id v --archive y.zip", "give --dataset-id"),
        (
            "export x.zip --dataset-id train --version-id nope",
            "There is no version 'nope' of the dataset 'train': `clarifai dataset versions train`",
        ),
        ("create-version trian", "train"),
    ],
)
def test_a_version_of_nothing_is_told(line, said):
    done = run(["dataset", *line.split()])
    assert done.code != 0
    assert said in done.err


@pytest.mark.parametrize("command", ["status", "logs", "concepts"])
def test_a_version_of_a_model_that_there_is_not_is_told(command):
    done = run(["model", command, "animals", "--version-id", "nope"])
    assert (done.code, done.out) == (1, "")
    assert "There is no version 'nope' of the model 'animals': `clarifai model ver" in done.err


def test_what_an_export_lacks_is_said_once(world, caplog):
    box = ["annotation", "create", "red-box", "--concept", "wall", "--box", "0.1,0.1,0.5,0.5"]
    assert run(["dataset", "create", "boxes"]).code == 0
    line = ["input", "upload", world.words["picture"], "--id", "red-box", "--dataset-id", "boxes"]
    assert run(line).code == 0
    assert run(box).code == 0
    done = run(["dataset", "export", "b.zip", "--dataset-id", "boxes", "--format", "csv"])
    assert done.code == 0, done.err
    assert done.out.count("the format cannot hold: 1 ") == 1
    assert not [one for one in caplog.records if "lacks" in one.getMessage()]
    assert "lacks" not in done.err


@pytest.mark.parametrize("end", ["stopped", "interrupted"])
def test_an_upload_that_ends_early_writes_its_report_and_knows_its_command(end, home, monkeypatch):
    (home / "texts.csv").write_text("input,concepts\nhello,a\n")
    seen = []

    def upload(self, *_, **__):
        seen.append(_outage.AGAIN.get())
        report = UploadReport(self.id, failed=[FailedItem("a", "no answer")])
        error = UploadStopped("The upload stopped", report)
        raise error if end == "stopped" else Interrupted("1 of 2", report)

    monkeypatch.setattr(Dataset, "upload_dataset", upload)
    line = [
        "dataset",
        "upload",
        "texts.csv",
        "--dataset-id",
        "train",
        "--report",
        "my report.jsonl",
    ]
    assert run(line).code == {"stopped": 1, "interrupted": 130}[end]
    assert UploadReport.load(home / "my report.jsonl").failed[0].reason == "no answer"
    assert seen == [
        "`clarifai dataset upload texts.csv --dataset-id train --report 'my report.jsonl'`"
    ]
