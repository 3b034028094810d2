"""The whole job of a model on a loop: filled, trained, waited for, asked, evaluated."""

from __future__ import annotations

import pytest

from clarifai.aio import App, Inputs
from clarifai_core.errors import ApiError, NotFound

TEXTS = {"cat": "the cat purrs and meows", "dog": "a dog barks at the mailman"}


@pytest.fixture
async def model(clarifai_platform, clarifai_app):
    app = App(app_id=clarifai_app)
    await app.create_dataset("pets")
    items = [
        Inputs.get_text_input(f"{label}{n}", f"{text} {n}", "pets", labels=[label])
        for label, text in TEXTS.items()
        for n in range(8)
    ]
    await app.inputs().upload_inputs(items, show_log=False)
    return await app.create_model("pets", model_type_id="embedding-classifier")


@pytest.fixture
async def trained(model):
    await model.get_params(save_to=None)
    await model.train()
    return await model.wait_until_trained(timeout_seconds=60)


async def test_a_model_is_trained_and_asked(model, trained):
    answer = await trained.predict_by_bytes(b"my cat meows", "text")
    assert answer.outputs[0].data.concepts[0].name == "cat"
    (version,) = await model.list_versions().all()
    assert version.model_version.id == trained.model_version.id
    assert (await model.training_status()).code == 21100
    await model.delete_version(version.model_version.id)
    with pytest.raises(NotFound):
        await model.training_status(version.model_version.id)


async def test_files_are_asked_about_too(trained, tmp_path):
    (tmp_path / "a.txt").write_text("the mailman and a dog")
    answer = await trained.predict_by_filepath(tmp_path / "a.txt")
    assert answer.outputs[0].data.concepts[0].name == "dog"


async def test_contents_are_classified(trained, tmp_path):
    (tmp_path / "a.txt").write_text("the mailman and a dog")

    one = await trained.classify("my cat meows")
    several = await trained.classify(["a cat", tmp_path / "a.txt", tmp_path / "none.txt"])

    assert one.top.label == "cat"
    assert [found.top and found.top.label for found in several] == ["cat", "dog", None]
    assert "none.txt" in str(several[2].error)
    many = await trained.classify([f"a dog {n}" for n in range(300)], max_labels=1)
    assert {found.top.label for found in many} == {"dog"}


async def test_an_evaluation_is_a_table(trained):
    (started,) = await trained.evaluate("pets", eval_id="first")
    await trained.wait_until_evaluated(started.id, 60)
    assert (await trained.evaluation()).summary


async def test_listings_are_tables(model, clarifai_app):
    app = App(app_id=clarifai_app)
    rows = await app.inputs().list_inputs().to_records()
    assert len(rows) == 16
    frame = await app.list_datasets().to_pandas()
    assert len(frame) == 1


async def test_a_model_is_evaluated(trained):
    assert await trained.get_latest_eval() is None
    (started,) = await trained.evaluate("pets", eval_id="first")
    done = await trained.wait_until_evaluated(started.id, 60, confusion_matrix=True)
    assert done.confusion_matrix.matrix
    assert (await trained.get_latest_eval()).id == "first"


async def test_answers_come_in_parts(trained):
    text = Inputs.get_text_input("", "my cat meows")
    parts = [part async for part in trained.generate([text])]
    by_bytes = [part async for part in trained.generate_by_bytes(b"my cat", "text")]
    assert [len(part.outputs) for part in (*parts, *by_bytes)] == [1, 1]


async def test_inputs_are_streamed_as_they_come(trained):
    async def made():
        for word in ("cat", "dog", "cat"):
            yield [Inputs.get_text_input("", f"a {word}")]

    answers = [one async for one in trained.stream(made())]
    plain = [one async for one in trained.stream_by_bytes([b"a cat", b"a dog"], "text")]

    found = [one.outputs[0].data.concepts[0].name for one in (*answers, *plain)]
    assert found == ["cat", "dog", "cat", "cat", "dog"]


async def test_a_failed_training_says_why(clarifai_platform, clarifai_app):
    model = await App(app_id=clarifai_app).create_model("e", model_type_id="embedding-classifier")
    await model.get_params(save_to=None)
    await model.train()
    with pytest.raises(ApiError) as caught:
        await model.wait_until_trained(timeout_seconds=60)
    assert 21105 <= caught.value.code < 21200


async def test_a_search_is_saved_and_counted(model, clarifai_app):
    from clarifai_search import Query, concept

    search = App(app_id=clarifai_app).search(top_k=100)
    query = Query().where(concept("cat"))

    assert await search.count(query) == 8
    assert len(await search.hits(query).to_records()) == 8
    saved = await search.save_as_dataset(query, "cats")
    assert (saved.added, saved.failed) == (8, [])
    dataset = await App(app_id=clarifai_app).dataset("cats")
    assert len(await dataset.list_inputs().all()) == 8


@pytest.mark.parametrize("how", ["skip", "replace", "suffix", "fail"])
async def test_conflicts_are_those_of_blocking_uploads(how, clarifai_platform, clarifai_app):
    dataset = await App(app_id=clarifai_app).create_dataset("d")
    rows = [{"id": f"r{n}", "text": f"text {n}", "label": "a"} for n in range(4)]
    await dataset.upload_dataset(rows, progress=False)
    rows[0] = {"id": "r0", "text": "another text", "label": "a"}

    report = await dataset.upload_dataset(rows, progress=False, resume=False, on_conflict=how)

    assert len(report.failed) == (how == "fail")
    assert len(report.conflicts) == (how != "fail")
