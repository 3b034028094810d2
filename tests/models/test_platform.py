"""The pretrained models as users meet them: through the SDK, on a platform of the process."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from PIL import Image

from clarifai.client import Inputs, Model, Search, User, Workflow
from clarifai_local.engine._embed import FeatureEmbedder
from clarifai_models._embedder import PretrainedEmbedder
from tests.models.conftest import encoded

URL = "https://clarifai.com/clarifai/main"


@pytest.fixture(scope="module")
def user(platform) -> User:
    return User("ann", base_url=platform.url)


def names(concepts, count):
    return [concept.name for concept in concepts[:count]]


def test_a_cup_of_espresso_is_recognized(platform, photographs):
    """coffee.png of scikit-image: a cup of it on a table."""
    model = Model(f"{URL}/models/general-image-recognition", base_url=platform.url)

    (output,) = model.predict_by_bytes(photographs["coffee"], "image").outputs

    assert "espresso" in names(output.data.concepts, 10)
    assert all(concept.name and concept.id for concept in output.data.concepts)
    values = [concept.value for concept in output.data.concepts]
    assert values == sorted(values, reverse=True)


def test_a_model_is_found_by_its_id_and_a_kind_is_as_sure_as_what_it_is_of(platform, photographs):
    model = Model(
        model_id="general-image-recognition",
        user_id="clarifai",
        app_id="main",
        base_url=platform.url,
    )
    options = {"max_concepts": 200}

    (output,) = model.predict_by_bytes(
        photographs["chelsea"], "image", output_config=options
    ).outputs

    sure = {concept.name: concept.value for concept in output.data.concepts}
    assert 1 >= sure["animal"] >= sure["cat"] > 0.8
    assert sure["cat"] >= sure["tabby"]


def test_a_food_is_recognized(platform, imagenet):
    (strawberry,) = [picture for number, picture in imagenet if number == 949]
    model = Model(f"{URL}/models/food-item-recognition", base_url=platform.url)

    (output,) = model.predict_by_bytes(strawberry, "image").outputs

    assert names(output.data.concepts, 1) == ["strawberry"]


@pytest.mark.parametrize(
    ("model_id", "says"),
    [
        ("general-image-recognition", "EfficientNet-Lite0"),
        ("general-image-embedding", "EfficientNet-Lite0"),
        ("multilingual-text-embedding", "MiniLM"),
        ("face-detection", "MTCNN"),
        ("ocr-scene-english-paddleocr", "PP-OCRv6"),
        ("moderation-recognition", "Open NSFW"),
    ],
)
def test_a_model_says_who_answers(platform, model_id, says):
    model = Model(f"{URL}/models/{model_id}", base_url=platform.url)

    model.load_info()

    assert says in model.model_info.description
    assert model.model_info.notes.startswith("The plugin clarifai_models.")
    assert "is not that model" in model.model_info.notes


def test_what_nothing_answers_for_stays_a_stand_in(platform):
    model = Model(f"{URL}/models/age-demographics-recognition", base_url=platform.url)

    model.load_info()

    assert model.model_info.notes.startswith("A stand-in of the embedded platform")


def test_the_general_workflow_answers_with_concepts_and_the_vector(platform, photographs):
    workflow = Workflow(f"{URL}/workflows/General", base_url=platform.url)

    (result,) = workflow.predict_by_bytes(photographs["coffee"], "image").results

    concepts, vector, cluster = (output.data for output in result.outputs)
    assert "espresso" in names(concepts.concepts, 10)
    expected = PretrainedEmbedder().embed_images([photographs["coffee"]])[0]
    np.testing.assert_allclose(vector.embeddings[0].vector, expected, atol=1e-5)
    assert cluster.clusters


@pytest.fixture(scope="module")
def gallery(platform, user, imagenet):
    """Searches of the twenty photographs of ImageNet; two of them are of one class: jeeps."""
    app = user.create_app("gallery", base_workflow="General")
    app.inputs().upload_inputs(
        [
            Inputs.get_input_from_bytes(f"{place:02}-{number}", image_bytes=picture)
            for place, (number, picture) in enumerate(imagenet)
        ]
    )
    assert platform.wait_idle(300)
    return Search(user_id="ann", app_id="gallery", top_k=2, base_url=platform.url)


def found_by(gallery, **rank):
    return [hit.input.id for page in gallery.query(ranks=[rank]) for hit in page.hits]


def test_a_picture_finds_the_other_of_its_class(gallery, imagenet):
    jeeps = [f"{place:02}-609" for place, (number, _) in enumerate(imagenet) if number == 609]
    (first, *_) = [picture for number, picture in imagenet if number == 609]

    assert found_by(gallery, image_bytes=first) == jeeps


@pytest.mark.parametrize(
    ("words", "classes"),
    [
        ("strawberry", {949}),
        ("a puppy", {243, 251}),
        ("bird of prey", {22}),
        ("insects", {317, 305}),
        ("off-road car", {609}),
        ("piece of furniture", {559}),
    ],
)
def test_words_find_pictures_that_nobody_labelled(gallery, words, classes):
    """A bull mastiff and a dalmatian, an eagle, a leafhopper and a dung beetle, jeeps, a chair."""
    first, second = (int(name.split("-")[1]) for name in found_by(gallery, text_raw=words))

    assert first in classes
    assert second in classes or len(classes) == 1


MATERIALS = ("brick", "coins", "grass", "gravel")
TILE, TRAINED = 96, 5


def tiles(photograph) -> Iterator[bytes]:
    picture = Image.open(io.BytesIO(photograph)).convert("L")
    for top in range(0, picture.height - TILE + 1, TILE):
        for left in range(0, picture.width - TILE + 1, TILE):
            yield encoded(picture.crop((left, top, left + TILE, top + TILE)))


@pytest.fixture(scope="module")
def cut(photographs):
    """Per material: tiles to train with, drawn by lot, and the others."""
    drawn = {}
    for material in MATERIALS:
        every = list(tiles(photographs[material]))
        order = np.random.default_rng(7).permutation(len(every)).tolist()
        drawn[material] = ([every[n] for n in order[:TRAINED]], [every[n] for n in order[TRAINED:]])
    return drawn


@pytest.fixture(scope="module")
def textures(platform, user, cut):
    """A classifier that was trained with five tiles of each."""
    app = user.create_app("textures", base_workflow="Universal")
    app.create_dataset("tiles")
    app.inputs().upload_inputs(
        [
            Inputs.get_input_from_bytes(
                f"{material}{n}", image_bytes=tile, labels=[material], dataset_id="tiles"
            )
            for material, (trained, _) in cut.items()
            for n, tile in enumerate(trained)
        ]
    )
    assert platform.wait_idle(300)
    model = app.create_model("textures", model_type_id="embedding-classifier")
    model.get_params(save_to=None)
    model.train()
    return model.wait_until_trained(timeout_seconds=60)


def test_five_tiles_of_each_texture_are_enough(textures, cut):
    others = [(material, tile) for material, (_, left) in cut.items() for tile in left]
    given = [Inputs.get_input_from_bytes(f"i{n}", tile) for n, (_, tile) in enumerate(others)]

    found = [
        output.data.concepts[0].name
        for start in range(0, len(given), 32)
        for output in textures.predict(given[start : start + 32]).outputs
    ]

    right = sum(name == material for name, (material, _) in zip(found, others, strict=True))
    assert right >= 0.9 * len(others)
    assert right > nearest(FeatureEmbedder(), cut)


def nearest(embedder, cut):
    """Return how many of the other tiles lie nearest to the mean of their material's five."""
    means = np.stack([embedder.embed_images(trained).mean(axis=0) for trained, _ in cut.values()])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return sum(
        int(((embedder.embed_images(left) @ means.T).argmax(axis=1) == number).sum())
        for number, (_, left) in enumerate(cut.values())
    )


MANUAL = {
    "tyres": "Inflate the wheels to 2.4 bar when the car is cold.",
    "oil": "Lubricant is drained through the plug below the engine every 15,000 kilometres.",
    "radio": "Hold the dial for three seconds to store the station that is playing.",
    "lights": "The beam of the headlamps is lowered with the lever at the left of the wheel.",
}


def test_a_rag_workflow_finds_the_passage_by_what_it_means(platform, user):
    """As the documentation has it: a rag-prompter before a language model, and no word in common.

    The language model is a stand-in that repeats its prompt: what was found is in the answer.
    """
    app = user.create_app("manual", base_workflow="Text")
    app.inputs().upload_inputs([Inputs.get_text_input(name, raw) for name, raw in MANUAL.items()])
    assert platform.wait_idle(300)
    prompter = app.create_model("p", model_type_id="rag-prompter")
    info = resources_pb2.OutputInfo()
    info.params.update({"prompt_template": "{data.hits}\n?{data.text.raw}", "max_results": 1})
    version = prompter.create_version(output_info=info)
    where = resources_pb2.UserAppIDSet(user_id="ann", app_id="manual")
    request = service_pb2.PostModelOutputsRequest(
        user_app_id=where,
        model_id="p",
        version_id=version.model_version.id,
        inputs=[Inputs.get_text_input("q", "How do I save my favourite broadcast channel?")],
    )

    (output,) = app.session.call("PostModelOutputs", request).outputs

    assert output.data.text.raw.startswith(MANUAL["radio"])
