"""What every installation has: public models and workflows, and what answers for them."""

from __future__ import annotations

import io
import random

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image, ImageDraw

from clarifai.client.model import Model
from clarifai.client.workflow import Workflow
from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform, _public_models, _public_workflows
from clarifai_local._standins import drawings, texts
from clarifai_local.engine.embed import FeatureEmbedder

MAIN = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")

KNOWN = [
    ("general-image-recognition", "visual-classifier", ["aa7f35c01e0642fda5cf400f543e7c40"]),
    ("general-image-embedding", "visual-embedder", ["bb186755eda04f9cbb6fe32e816be104"]),
    ("general-clusterering", "clusterer", ["cc2074cff6dc4c02b6f4e1b8606dcb54"]),
    (
        "face-detection",
        "visual-detector",
        ["45fb9a671625463fa646c3523a3087d5", "fe995da8cb73490f8556416ecf25cea3"],
    ),
    (
        "moderation-recognition",
        "visual-classifier",
        ["7cde8e92896340b0998b8260d47f1502", "aa8be956dbaa4b7a858826a84253cab9"],
    ),
    ("face-sentiment-recognition", "visual-classifier", ["a5d7776f0c064a41b48c3ce039049f65"]),
    ("margin-110-image-crop", "image-crop", ["b9987421b40a46649566826ef9325303"]),
    ("multimodal-clip-embed", "multimodal-embedder", []),
]

ALIASES = [
    ("aaa03c23b3724a16a56b629203edc62c", "general-image-recognition", ""),
    (
        "a403429f2ddf4b49b307e318f00e528b",
        "face-detection",
        "34ce21a40cc24b6b96ffee54aabff139",
    ),
    ("d16f390eb32cad478c7ae150069bd2c6", "moderation-recognition", ""),
]


def scope(user_id, app_id):
    return resources_pb2.UserAppIDSet(user_id=user_id, app_id=app_id)


def picture(blob):
    return resources_pb2.Input(data=resources_pb2.Data(image=resources_pb2.Image(base64=blob)))


def text(raw):
    return resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw=raw)))


def png(image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def noise() -> bytes:
    return png(Image.frombytes("RGB", (64, 64), random.Random(1).randbytes(64 * 64 * 3)))


def ask(api, model_id, given, where=MAIN, **fields):
    """Return the data of the one output."""
    reply = api.PostModelOutputs(user_app_id=where, model_id=model_id, inputs=[given], **fields)
    assert reply.status.code == codes.SUCCESS, reply.status
    return reply.outputs[0].data


def names(data, count=1):
    return [concept.name for concept in data.concepts[:count]]


@pytest.mark.parametrize(("model_id", "type_id", "version_ids"), KNOWN)
def test_known_models_have_their_ids_versions_and_types(api, model_id, type_id, version_ids):
    model = api.GetModel(user_app_id=MAIN, model_id=model_id).model
    assert (model.user_id, model.app_id, model.model_type_id) == ("clarifai", "main", type_id)
    assert model.visibility.gettable == resources_pb2.Visibility.Gettable.PUBLIC
    assert model.model_version.status.code == codes.MODEL_TRAINED
    assert "stand-in" in model.notes
    if version_ids:
        assert model.model_version.id == version_ids[0]
    for version_id in version_ids:
        found = api.GetModel(user_app_id=MAIN, model_id=model_id, version_id=version_id).model
        assert found.model_version.id == version_id


def test_the_general_model_has_exactly_one_older_version(api):
    listed = api.ListModelVersions(user_app_id=MAIN, model_id="general-image-recognition")
    assert len(listed.model_versions) == 2


@pytest.mark.parametrize(("alias", "model_id", "version_id"), ALIASES)
def test_older_names_are_found_from_every_app(api, app, alias, model_id, version_id):
    for where in (MAIN, app):
        found = api.GetModel(user_app_id=where, model_id=alias).model
        assert (found.id, found.app_id) == (model_id, "main")
        if version_id:
            assert found.model_version.id == version_id


def test_an_own_model_comes_before_the_public_one(api, app):
    api.PostModels(user_app_id=app, models=[resources_pb2.Model(id="face-detection")])
    assert api.GetModel(user_app_id=app, model_id="face-detection").model.app_id == "zoo"
    other = api.GetModel(user_app_id=app, model_id="color-recognition").model
    assert other.app_id == "main"


def test_public_models_and_workflows_are_listed(api):
    models = api.ListModels(user_app_id=MAIN, per_page=1000).models
    assert len(models) >= 16
    assert models[0].id == "general-image-recognition"
    assert all(model.HasField("model_version") for model in models)
    workflows = api.ListWorkflows(user_app_id=MAIN, per_page=1000).workflows
    assert len(workflows) >= 10
    assert {w.id for w in workflows} >= {
        *("Empty", "Universal", "General", "Text", "Language-Understanding", "Face"),
        *("Face-Sentiment", "Demographics"),
    }
    everything = api.ListModels(per_page=1000).models
    assert {m.user_id for m in everything} == {"clarifai", "openai", "anthropic", "mistralai"}
    assert api.ListModels(user_app_id=scope("openai", "chat-completion")).models


def test_the_general_workflow_has_its_known_nodes(api):
    workflow = api.GetWorkflow(user_app_id=MAIN, workflow_id="General").workflow
    assert [n.id for n in workflow.nodes] == [
        "general-v1.5-concept",
        "general-v1.5-embed",
        "general-v1.5-cluster",
    ]
    assert [n.node_id for n in workflow.nodes[2].node_inputs] == ["general-v1.5-embed"]


def test_nobody_can_change_public_content(api):
    model = resources_pb2.Model(id="face-detection", description="mine")
    for reply in (
        api.PatchModels(user_app_id=MAIN, models=[model], action="overwrite"),
        api.DeleteModels(user_app_id=MAIN, ids=["face-detection"]),
        api.DeleteWorkflows(user_app_id=MAIN, ids=["General"]),
    ):
        assert reply.status.code == codes.CONN_DOES_NOT_EXIST


@pytest.mark.parametrize("model", _public_models.MODELS, ids=lambda model: model.id)
def test_every_model_answers_the_same_each_time(api, model):
    data = resources_pb2.Data()
    data.image.base64 = drawings.draw(drawings.OBJECTS["face"])
    data.text.raw = "Dogs bark. Cats do not bark."
    data.embeddings.add(vector=[0.6, 0.8], num_dimensions=2)
    box = data.regions.add(id="r").region_info.bounding_box
    box.top_row, box.left_col, box.bottom_row, box.right_col = 0.2, 0.2, 0.6, 0.6
    given = resources_pb2.Input(data=data)

    first = ask(api, model.id, given, scope(*model.app))

    assert first.ListFields()
    assert first == ask(api, model.id, given, scope(*model.app))
    ids = {concept.id for concept in first.concepts}
    version = api.GetModel(user_app_id=scope(*model.app), model_id=model.id).model.model_version
    known = {c.id: c.name for c in version.output_info.data.concepts}
    assert ids <= set(known)
    assert all(c.name == known[c.id] and c.app_id == "main" for c in first.concepts)


@pytest.mark.parametrize("workflow", _public_workflows.WORKFLOWS, ids=lambda workflow: workflow.id)
def test_every_workflow_runs(api, workflow):
    is_text = "text" in workflow.id.lower() or "Language" in workflow.id
    given = text("hello") if is_text else picture(drawings.draw(drawings.OBJECTS["face"]))
    reply = api.PostWorkflowResults(user_app_id=MAIN, workflow_id=workflow.id, inputs=[given])
    if not workflow.nodes:
        assert reply.status.code == codes.WORKFLOW_INVALID_GRAPH
        return
    assert reply.status.code == codes.SUCCESS, reply.status
    assert len(reply.results[0].outputs) == len(workflow.nodes)
    assert all(output.data.ListFields() for output in reply.results[0].outputs)


@pytest.mark.parametrize("name", drawings.OBJECTS)
def test_a_drawing_is_recognised_when_it_is_changed_a_little(api, name):
    with Image.open(io.BytesIO(drawings.draw(drawings.OBJECTS[name]))) as image:
        changed = image.resize((70, 70)).point(lambda value: int(value * 0.9 + 12))
    data = ask(api, "general-image-recognition", picture(png(changed)))
    assert name in names(data, 8)


def test_concepts_have_known_ids_and_noise_has_none_of_them(api):
    dog = ask(api, "general-image-recognition", picture(drawings.draw(drawings.OBJECTS["dog"])))
    values = {concept.id: concept.value for concept in dog.concepts}
    assert values["ai_8S2Vq3cR"] > 0.9
    nothing = ask(api, "general-image-recognition", picture(noise()))
    assert nothing.concepts[0].value < 0.1


@pytest.mark.parametrize("tone", [(255, 219, 190), (198, 134, 104), (141, 85, 60), (92, 58, 42)])
def test_faces_are_upright_blobs_in_the_colours_of_skin(api, tone):
    image = Image.new("RGB", (300, 200), (40, 80, 60))
    pen = ImageDraw.Draw(image)
    pen.ellipse((30, 40, 90, 120), fill=tone)
    pen.rectangle((120, 180, 290, 190), fill=tone)
    pen.ellipse((200, 40, 260, 120), fill=(30, 60, 200))

    data = ask(api, "face-detection", picture(png(image)))

    (region,) = data.regions
    box = region.region_info.bounding_box
    found = (box.left_col * 300, box.top_row * 200, box.right_col * 300, box.bottom_row * 200)
    assert found == pytest.approx((30, 40, 90, 120), abs=6)
    assert [c.name for c in region.data.concepts] == ["face"]
    assert not ask(api, "face-detection", picture(noise())).regions


@pytest.mark.parametrize("feeling", drawings.FEELINGS)
def test_a_drawn_face_shows_its_feeling(api, feeling):
    data = ask(
        api, "face-sentiment-recognition", picture(drawings.draw(drawings.FEELINGS[feeling]))
    )
    assert names(data) == [feeling]


@pytest.mark.parametrize(
    "model_id", [m.id for m in _public_models.MODELS if m.description.startswith("Undecided")]
)
def test_what_cannot_be_measured_is_left_undecided(api, model_id):
    given = (
        text("hello") if "text" in model_id else picture(drawings.draw(drawings.OBJECTS["face"]))
    )
    values = {concept.value for concept in ask(api, model_id, given).concepts}
    assert len(values) == 1


def test_a_crop_is_the_region_with_its_margin(api):
    image = Image.new("RGB", (100, 100), "white")
    ImageDraw.Draw(image).rectangle((40, 40, 59, 59), fill="red")
    given = picture(png(image))
    given.data.regions.add(id="r").region_info.bounding_box.CopyFrom(
        resources_pb2.BoundingBox(top_row=0.4, left_col=0.4, bottom_row=0.6, right_col=0.6)
    )
    options = resources_pb2.Model()
    options.model_version.output_info.params.update({"margin": 2})

    plain = ask(api, "margin-100-image-crop", given)
    wide = ask(api, "margin-100-image-crop", given, model=options)

    for data, side, corner in ((plain, 20, (255, 0, 0)), (wide, 40, (255, 255, 255))):
        with Image.open(io.BytesIO(data.regions[0].data.image.base64)) as cut:
            assert (cut.size, cut.getpixel((0, 0))) == ((side, side), corner)
    options.model_version.output_info.params.update({"margin": "wide"})
    reply = api.PostModelOutputs(
        user_app_id=MAIN, model_id="margin-100-image-crop", inputs=[given], model=options
    )
    assert reply.status.code == codes.MODEL_INVALID_ARGUMENT
    assert "'wide'" in reply.outputs[0].status.details


@pytest.mark.parametrize(
    ("edges", "code"),
    [
        ((float("inf"), 0, 1, 1), codes.INPUT_INVALID_ARGUMENT),
        ((0, 0, float("nan"), 1), codes.INPUT_INVALID_ARGUMENT),
        ((-3e38, 0, 3e38, 3e38), codes.SUCCESS),
        ((5, 5, 6, 6), codes.SUCCESS),
    ],
)
def test_a_box_beside_the_picture_is_no_trouble(api, edges, code):
    given = picture(png(Image.new("RGB", (10, 10), "white")))
    box = given.data.regions.add(id="r").region_info.bounding_box
    box.top_row, box.left_col, box.bottom_row, box.right_col = edges
    model = "margin-110-image-crop"
    reply = api.PostModelOutputs(user_app_id=MAIN, model_id=model, inputs=[given])
    assert reply.outputs[0].status.code == code


def test_colours_are_measured(api):
    image = Image.new("RGB", (100, 100), "navy")
    ImageDraw.Draw(image).rectangle((0, 0, 99, 24), fill="gold")
    colors = ask(api, "color-recognition", picture(png(image))).colors
    assert [(c.w3c.name, round(c.value, 2)) for c in colors] == [("navy", 0.75), ("gold", 0.25)]
    assert colors[1].raw_hex == colors[1].w3c.hex == "#ffd700"


def test_embeddings_are_those_of_the_platform(api, platform):
    blob = drawings.draw(drawings.OBJECTS["car"])
    for model_id in ("general-image-embedding", "multimodal-clip-embed"):
        (embedding,) = ask(api, model_id, picture(blob)).embeddings
        assert embedding.num_dimensions == 512
        assert list(embedding.vector) == platform.embedder.embed_images([blob])[0].tolist()
    (embedding,) = ask(api, "multimodal-clip-embed", text("a red car")).embeddings
    assert list(embedding.vector) == platform.embedder.embed_texts(["a red car"])[0].tolist()


def test_near_pictures_share_a_cluster_and_a_picture_alone_has_none(api):
    def cluster(blob):
        reply = api.PostWorkflowResults(
            user_app_id=MAIN, workflow_id="General", inputs=[picture(blob)]
        )
        return reply.results[0].outputs[2].data.clusters[0]

    car = drawings.draw(drawings.OBJECTS["car"])
    with Image.open(io.BytesIO(car)) as image:
        darker = png(image.point(lambda value: int(value * 0.95)))
    assert cluster(car).id == cluster(darker).id
    assert len(cluster(car).projection) == 2
    alone = api.PostModelOutputs(
        user_app_id=MAIN, model_id="general-clusterering", inputs=[picture(car)]
    )
    assert alone.status.code == codes.INPUT_INVALID_ARGUMENT
    assert "embedder" in alone.outputs[0].status.details


def test_a_language_model_says_that_it_is_none(api):
    prompt = "Dogs bark at cats. It was noon. Cats and dogs fight."
    said = ask(api, "claude-v2", text(prompt), scope("anthropic", "completion")).text.raw
    assert said.startswith(texts.NOTICE)
    options = resources_pb2.Model()
    options.model_version.output_info.params.update({"max_tokens": 5})
    short = ask(api, "GPT-4", text(prompt), scope("openai", "chat-completion"), model=options)
    assert short.text.raw == f"{texts.NOTICE} Dogs bark at cats."
    refused = api.PostModelOutputs(
        user_app_id=scope("openai", "chat-completion"), model_id="GPT-4", inputs=[picture(noise())]
    )
    assert refused.status.code == codes.INPUT_INVALID_ARGUMENT


class Counting(FeatureEmbedder):
    """Counts the pictures that it embeds."""

    def __init__(self):
        self.pictures = 0

    def embed_images(self, images, /):
        self.pictures += len(images)
        return super().embed_images(images)


def test_drawings_are_embedded_once_and_not_before_they_are_needed(connect):
    embedder = Counting()
    with Platform(embedder=embedder) as platform:
        api = connect(platform.channel())
        assert embedder.pictures == 0
        ask(api, "general-image-recognition", picture(noise()))
        drawn = embedder.pictures - 1
        assert drawn >= len(drawings.OBJECTS)
        ask(api, "general-image-recognition", picture(noise()))
        assert embedder.pictures == drawn + 2


def test_a_directory_with_older_public_content_gets_the_new_one(tmp_path, connect):
    with Platform(tmp_path) as platform:
        before = connect(platform.channel()).ListModels(per_page=1000).models
        with platform.store.write() as db:
            db.execute("DELETE FROM resources WHERE kind = 'model' AND id = 'GPT-4'")
            platform.store.set_meta("public", "1")
    with Platform(tmp_path) as platform:
        after = connect(platform.channel()).ListModels(per_page=1000).models
    assert [model.id for model in after] == [model.id for model in before]


def test_through_the_handles(tmp_path):
    base_url = f"local:{tmp_path / 'platform'}"
    claude = Model("https://clarifai.com/anthropic/completion/models/claude-v2", base_url=base_url)
    reply = claude.predict_by_bytes(b"Write a tweet on the future of AI.", "text")
    assert "future of AI" in reply.outputs[0].data.text.raw

    general = Model(
        "https://clarifai.com/clarifai/main/models/general-image-recognition", base_url=base_url
    )
    cat = drawings.draw(drawings.OBJECTS["cat"])
    reply = general.predict_by_bytes(
        cat, "image", output_config={"max_concepts": 3, "min_value": 0.6}
    )
    assert "cat" in names(reply.outputs[0].data, 3)
    workflow = Workflow(
        "https://clarifai.com/clarifai/main/workflows/Demographics", base_url=base_url
    )
    face = drawings.draw(drawings.OBJECTS["face"])
    result = workflow.predict_by_bytes(face, "image").results[0]
    assert [len(output.data.regions) for output in result.outputs] == [1] * 5
    close_sessions()
