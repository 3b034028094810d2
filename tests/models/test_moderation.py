"""What may be shown. There is nothing else among the photographs that packages bring."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai.client import Model

HARMLESS = ("astronaut", "brick", "camera", "chelsea", "coffee", "coins", "horse", "moon", "rocket")


@pytest.fixture
def moderation(platform):
    url = "https://clarifai.com/clarifai/main/models/moderation-recognition"
    return Model(url, base_url=platform.url)


def test_harmless_photographs_are_safe(moderation, photographs, imagenet):
    pictures = [*(photographs[name] for name in HARMLESS), *(picture for _, picture in imagenet)]

    for picture in pictures:
        (output,) = moderation.predict_by_bytes(picture, "image").outputs
        values = {concept.name: concept.value for concept in output.data.concepts}
        assert set(values) == {"safe", "explicit"}
        assert values["explicit"] < 0.5
        assert sum(values.values()) == pytest.approx(1, abs=1e-5)


def test_what_it_cannot_tell_is_not_among_its_concepts(moderation):
    """Suggestive, drug and gore are concepts of the hosted model, and of the stand-in."""
    where = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
    request = service_pb2.GetModelRequest(user_app_id=where, model_id=moderation.id)

    version = moderation.session.call("GetModel", request).model.model_version

    assert [c.name for c in version.output_info.data.concepts] == ["safe", "explicit"]
    assert version.active_concept_count == 2


def test_the_older_name_has_its_own_words(platform, photographs):
    url = "https://clarifai.com/clarifai/main/models/nsfw-recognition"
    model = Model(url, base_url=platform.url)

    (output,) = model.predict_by_bytes(photographs["coffee"], "image").outputs

    assert [concept.name for concept in output.data.concepts] == ["sfw", "nsfw"]
