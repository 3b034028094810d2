"""What every installation has: public models and workflows, and what answers for them."""

from __future__ import annotations

import io
import random
import wave

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image, ImageDraw

from clarifai.client.model import Model
from clarifai.client.workflow import Workflow
from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform, _public_content, _public_models, _public_workflows
from clarifai_local._standins import drawings, texts
from clarifai_local.engine._embed import FeatureEmbedder

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
    # Versions that public programs pin, each in several repositories.
    ("color-recognition", "image-color-recognizer", ["dd9458324b4b45c2be1a7ba84d27cd04"]),
    ("gender-demographics-recognition", "visual-classifier", ["ff83d5baac004aafbe6b372ffa6f8227"]),
    (
        "ethnicity-demographics-recognition",
        "visual-classifier",
        ["b2897edbda314615856039fb0c489796"],
    ),
    ("food-item-recognition", "visual-classifier", ["1d5fd481e0cf4826aa72ec3ff049e044"]),
    ("apparel-recognition", "visual-classifier", ["dc2cd6d9bff5425a80bfe0c4105583c1"]),
    ("apparel-detection", "visual-detector", ["1ed35c3d176f45d69d2aa7971e6ab9fe"]),
    ("person-vehicle-detection-yolov5", "visual-detector", ["05845a4f7c534cd78243224a93e4178c"]),
    ("celebrity-face-recognition", "visual-classifier", ["0676ebddd5d6413ebdaa101570295a39"]),
    ("nsfw-recognition", "visual-classifier", ["aa47919c9a8d4d94bfa283121281bcc4"]),
    ("image-subject-segmentation", "visual-segmenter", ["55b2051b75f14577b6fdd5a4fa3fd5a7"]),
]

ALIASES = [
    ("aaa03c23b3724a16a56b629203edc62c", "general-image-recognition", ""),
    (
        "a403429f2ddf4b49b307e318f00e528b",
        "face-detection",
        "34ce21a40cc24b6b96ffee54aabff139",
    ),
    ("d16f390eb32cad478c7ae150069bd2c6", "moderation-recognition", ""),
    # Constants of the official JavaScript client.
    ("bd367be194cf45149e75f01d59f77ba7", "food-item-recognition", ""),
    ("e0be3b9d6a454f0493ac3a30784001ff", "apparel-recognition", ""),
    ("e9576d86d2004ed1a38ba0cf39ecb4b1", "nsfw-recognition", ""),
    ("e466caa0619f444ab97497640cefc4dc", "celebrity-face-recognition", ""),
    ("c0c0ac362b03416da06ab3fa36fb58e3", "c0c0ac362b03416da06ab3fa36fb58e3", ""),
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
    assert {m.user_id for m in everything} >= {"clarifai", "openai", "anthropic", "mistralai"}
    assert len(everything) == len(_public_models.MODELS)
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


ANSWERING = _public_models.MODELS


@pytest.mark.parametrize("model", ANSWERING, ids=lambda model: model.id)
def test_every_model_answers_the_same_each_time(api, model):
    version = api.GetModel(user_app_id=scope(*model.app), model_id=model.id).model.model_version
    known = {c.id: c.name for c in version.output_info.data.concepts}
    for given in taken(api, model.type):
        first = ask(api, model.id, given, scope(*model.app))

        assert first.ListFields()
        assert first == ask(api, model.id, given, scope(*model.app))
        assert {concept.id for concept in first.concepts} <= set(known)
        assert all(c.name == known[c.id] and c.app_id == model.app[1] for c in first.concepts)


def taken(api, type_id):
    """Inputs of all that a type takes: one for a picture, one for a sound, as none holds both."""
    fields = set(
        ",".join(api.GetModelType(model_type_id=type_id).model_type.input_fields).split(",")
    )
    if "any" in fields:
        fields = {"image", "text"}
    media = [medium for medium in ("image", "audio") if medium in fields]
    assert fields <= {"image", "audio", "text", "embeddings", "regions"}
    for medium in media or [""]:
        data = resources_pb2.Data()
        if medium == "image":
            data.image.base64 = drawings.draw(drawings.OBJECTS["face"])
        if medium == "audio":
            data.audio.base64 = b"RIFF"
        if "text" in fields:
            data.text.raw = "Dogs bark. Cats do not bark."
        if "embeddings" in fields:
            data.embeddings.add(vector=[0.6, 0.8], num_dimensions=2)
        if "regions" in fields:
            box = data.regions.add(id="r").region_info.bounding_box
            box.top_row, box.left_col, box.bottom_row, box.right_col = 0.2, 0.2, 0.6, 0.6
        yield resources_pb2.Input(data=data)


def test_every_public_resource_is_in_an_app(api):
    """`clarifai/ml` too: what is kept is in an app that is there, not only answered for."""
    listed = {
        (a.user_id, a.id)
        for u in _public_content.PUBLIC_USERS
        for a in api.ListApps(user_app_id=scope(u, ""), per_page=1000).apps
    }
    assert {model.app for model in _public_models.MODELS} <= listed
    apps = api.ListApps(user_app_id=scope("clarifai", "")).apps
    assert [one.id for one in apps] == ["main", "ml"]


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
    "model", [m for m in ANSWERING if m.description.startswith("Undecided")], ids=lambda m: m.id
)
def test_what_cannot_be_measured_is_left_undecided(api, model):
    is_text = model.type == "text-classifier"
    given = text("hello") if is_text else picture(drawings.draw(drawings.OBJECTS["face"]))
    answer = ask(api, model.id, given, scope(*model.app))
    assert len({concept.value for concept in answer.concepts}) == 1


# Each is named by a program or page in public; none of them is in the list of public models.
ANY_MODEL = [
    (("openai", "chat-completion", "o3-mini"), "text-to-text"),
    (("openai", "embed", "text-embedding-3-large"), "text-embedder"),
    (("openai", "dall-e", "dall-e-2"), "text-to-image"),
    (("anthropic", "completion", "claude-3_5-sonnet"), "multimodal-to-text"),
    (("meta", "Llama-3", "llama-3_2-3b-instruct"), "text-to-text"),
    (("qwen", "qwen-VL", "Qwen2-VL-7B-Instruct"), "multimodal-to-text"),
    (("stability-ai", "stable-diffusion-2", "stable-diffusion-2-1"), "text-to-image"),
    (("salesforce", "blip", "general-english-image-caption-blip-2"), "image-to-text"),
    (("cohere", "embed", "cohere-embed-english-v3_0"), "text-embedder"),
    (("minimaxai", "chat-completion", "MiniMax-M2"), "text-to-text"),
    (("moonshotai", "chat-completion", "Kimi-K2-Thinking"), "text-to-text"),
    (("deepseek-ai", "deepseek-ocr", "DeepSeek-OCR"), "optical-character-recognizer"),
]


@pytest.mark.parametrize(("name", "type_id"), ANY_MODEL, ids=lambda given: given[-1])
def test_any_model_of_a_well_known_user_is_stood_in_for(api, name, type_id):
    user_id, app_id, model_id = name
    where = scope(user_id, app_id)
    before = len(api.ListModels(per_page=1000).models)

    found = api.GetModel(user_app_id=where, model_id=model_id).model
    pinned = api.GetModel(user_app_id=where, model_id=model_id, version_id="0123abcd" * 4).model

    assert (found.user_id, found.app_id, found.id) == name
    assert found.model_type_id == type_id
    assert "stand-in" in found.notes
    assert found.model_version.status.code == codes.MODEL_TRAINED
    assert pinned.model_version.id == "0123abcd" * 4
    (listed,) = api.ListModelVersions(user_app_id=where, model_id=model_id).model_versions
    assert listed == found.model_version
    blob = drawings.draw(drawings.OBJECTS["cat"])
    given = text("Cats purr.") if type_id.startswith(("text", "multi")) else picture(blob)
    answer = ask(api, model_id, given, where)
    assert answer == ask(api, model_id, given, where, version_id="0123abcd" * 4)
    assert answer.ListFields()
    # What was asked for is not kept: a listing stays as it is.
    assert len(api.ListModels(per_page=1000).models) == before


def test_pictures_are_described_by_what_they_are_like(api):
    cat = picture(drawings.draw(drawings.OBJECTS["cat"]))
    for where, model_id in (
        (scope("salesforce", "blip"), "general-english-image-caption-blip"),
        (scope("openai", "chat-completion"), "gpt-4o"),
    ):
        raw = ask(api, model_id, cat, where).text.raw
        assert raw.startswith(texts.NOTICE)
        assert "cat" in raw


def test_pictures_are_painted_as_large_as_asked(api):
    options = resources_pb2.Model()
    options.model_version.output_info.params.update({"width": 64, "height": 32})
    where = scope("openai", "dall-e")
    painted = [
        ask(api, "dall-e-3", text(prompt), where, model=options).image.base64
        for prompt in ("a cat", "a cat", "a dog")
    ]
    assert painted[0] == painted[1] != painted[2]
    with Image.open(io.BytesIO(painted[0])) as image:
        assert image.size == (64, 32)


def test_texts_are_sounded_and_sounds_are_answered(api):
    (tone, longer) = (
        ask(api, "openai-tts-1", text(words), scope("openai", "tts")).audio.base64
        for words in ("one", "one two three")
    )
    with wave.open(io.BytesIO(tone)) as one, wave.open(io.BytesIO(longer)) as three:
        assert three.getnframes() == 3 * one.getnframes() > 0
    heard = resources_pb2.Input(data=resources_pb2.Data(audio=resources_pb2.Audio(base64=tone)))
    for where, model_id in (
        (scope("openai", "transcription"), "whisper"),
        (scope("facebook", "asr"), "asr-wav2vec2-base-960h-english"),
    ):
        assert "stand-in" in ask(api, model_id, heard, where).text.raw
    reply = api.PostModelOutputs(
        user_app_id=scope("openai", "transcription"), model_id="whisper", inputs=[text("x")]
    )
    assert reply.status.code == codes.INPUT_INVALID_ARGUMENT


def test_an_ocr_model_answers_with_regions_of_text(api):
    data = ask(api, "ocr-scene-english-paddleocr", picture(noise()))
    assert ["stand-in" in region.data.text.raw for region in data.regions] == [True]


def test_language_models_are_found_by_what_they_are(api):
    """The documentation lists them with `{"query": "LLM", "model_type_id": "text-to-text"}`."""
    found = api.ListModels(query="LLM", model_type_id="text-to-text", per_page=1000).models
    assert {"GPT-4", "claude-v2", "mistral-7B-Instruct"} <= {model.id for model in found}
    assert all(model.model_version.id for model in found)


def test_who_names_no_app_is_shown_what_is_public_behind_the_own(api, app):
    """`App().list_models(only_in_app=False)` of both official clients sends a user and no app."""
    api.PostModels(user_app_id=app, models=[resources_pb2.Model(id="mine")])
    alone = resources_pb2.UserAppIDSet(user_id="alice")
    models = api.ListModels(user_app_id=alone, per_page=1000).models
    assert [models[0].id, len(models)] == ["mine", len(_public_models.MODELS) + 1]
    workflows = api.ListWorkflows(user_app_id=alone, per_page=1000).workflows
    assert "General" in {workflow.id for workflow in workflows}
    theirs = api.ListModels(user_app_id=resources_pb2.UserAppIDSet(user_id="openai")).models
    assert {model.user_id for model in theirs} == {"openai"}


def test_what_is_no_id_and_whose_user_nobody_knows_does_not_exist(api, app):
    for where, model_id, version_id in (
        (scope("openai", "chat-completion"), "a b", ""),
        (scope("openai", "chat-completion"), "gpt-4o", "nothing"),
        (scope("openai", "chat-completion"), "../gpt-4o", ""),
        (app, "gpt-4o", ""),
        (MAIN, "gpt-4o", ""),
        (MAIN, "face-detection", "0123abcd" * 4),
    ):
        reply = api.GetModel(user_app_id=where, model_id=model_id, version_id=version_id)
        assert reply.status.code == codes.MODEL_DOES_NOT_EXIST
        assert reply.status.description == "Model does not exist"
    nowhere = api.GetModel(user_app_id=scope("nobody", "x"), model_id="gpt-4o")
    assert nowhere.status.code == codes.CONN_DOES_NOT_EXIST


def test_a_workflow_takes_any_model_of_a_well_known_user(api, app):
    """As `prompter_llm.yml` of the public examples does."""
    node = resources_pb2.WorkflowNode(id="llm")
    node.model.id, node.model.user_id, node.model.app_id = "phi-9", "microsoft", "text-generation"
    made = api.PostWorkflows(
        user_app_id=app, workflows=[resources_pb2.Workflow(id="w", nodes=[node])]
    )
    assert made.status.code == codes.SUCCESS, made.status
    (shown,) = api.GetWorkflow(user_app_id=app, workflow_id="w").workflow.nodes
    assert (shown.model.model_type_id, shown.model.user_id) == ("text-to-text", "microsoft")
    ran = api.PostWorkflowResults(user_app_id=app, workflow_id="w", inputs=[text("Dogs bark.")])
    assert "Dogs bark." in ran.results[0].outputs[0].data.text.raw


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


def rows(platform):
    """All that is stored, but for the facts about the platform itself: it has a key of its own."""
    with platform.store.read() as db:
        return [line for line in db.iterdump() if not line.startswith('INSERT INTO "meta"')]


def test_content_that_was_kept_is_the_content_that_is_made(tmp_path, monkeypatch):
    """Making it takes most of the time in which a platform opens, so a process makes it once."""
    monkeypatch.setattr(_public_content, "_kept", ("", {}))
    with Platform() as platform:
        made = rows(platform)
    assert sum(line.startswith('INSERT INTO "resources"') for line in made) > 200
    monkeypatch.setattr(_public_content, "_make", None)
    for path in (None, tmp_path):
        with Platform(path) as platform:
            assert rows(platform) == made


def test_numbers_of_a_store_that_was_used_are_not_used_again(tmp_path):
    with Platform(tmp_path) as platform, platform.store.write() as db:
        (last,) = db.execute("SELECT max(seq) FROM resources").fetchone()
        platform.store.set_meta("public", "older")
    with Platform(tmp_path) as platform, platform.store.read() as db:
        assert db.execute("SELECT min(seq) FROM resources").fetchone()[0] > last
