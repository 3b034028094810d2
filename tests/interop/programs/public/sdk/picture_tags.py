"""A web shop's tagger: public picture models by id, by URL and by old spelling, key in code."""

import os

from clarifai.client.model import Model

PAT = os.environ.pop("CLARIFAI_PAT")
IMAGE_URL = "https://samples.clarifai.com/red.png"


def tags(model, threshold=0.0):
    prediction = model.predict_by_url(url=IMAGE_URL, input_type="image")
    if not prediction.outputs:
        return {}
    return {
        concept.name: round(concept.value, 3)
        for concept in prediction.outputs[0].data.concepts
        if concept.value > threshold
    }


by_url = Model(url="https://clarifai.com/clarifai/main/models/general-image-recognition", pat=PAT)
by_id = Model(user_id="clarifai", app_id="main", model_id="general-image-recognition", pat=PAT)
pinned = Model(
    url="https://clarifai.com/clarifai/main/models/general-image-recognition/versions/"
    "aa7f35c01e0642fda5cf400f543e7c40",
    pat=PAT,
)
assert tags(by_url) == tags(by_id) == tags(pinned)
assert len(tags(by_url)) == 20
for name in (
    "moderation-recognition",
    "food-item-recognition",
    "apparel-recognition",
    "color-recognition",
):
    model = Model(url=f"https://clarifai.com/clarifai/main/models/{name}", pat=PAT)
    answer = model.predict_by_url(IMAGE_URL, input_type="image")
    data = answer.outputs[0].data
    assert answer.status.code == 10000
    assert data.concepts or data.colors, name
moderation = Model(
    model_id="moderation-recognition", user_id="clarifai", app_id="main", pat=PAT
).predict_by_filepath("materials/pictures/red/red0.png", input_type="image")
assert "safe" in {concept.name for concept in moderation.outputs[0].data.concepts}
