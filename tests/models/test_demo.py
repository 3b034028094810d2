"""The demo's photographs with pretrained models; tests/e2e has what the stand-ins make of it."""

from __future__ import annotations

from clarifai.client import User
from clarifai_cli._demo import bundled
from clarifai_cli._demo.job import DemoRun
from clarifai_cli._demo.progress import Narrator


def test_parts_of_photographs_are_told_apart_and_found_by_words(platform, tmp_path):
    data = bundled.photographs(tmp_path)
    assert data is not None
    app = User("me", base_url=platform.url).create_app("demo", base_workflow="Universal")
    try:
        found = DemoRun(data, app, Narrator()).run().document()
    finally:
        User("me", base_url=platform.url).delete_app("demo")
    assert found["accuracy"] >= 0.9
    assert found["evaluated_accuracy"] == found["accuracy"]
    # A stranger, asked what a photograph called "chelsea", "coffee" or "motorcycle" shows.
    shown = {"a kitten": "cat", "espresso": "coffee", "a motor scooter": "motorcycle"}
    for words in found["words"]:
        assert [hit["label"] for hit in words["hits"]] == [shown.pop(words["text"])] * 3
    assert not shown
