"""The visual embedder and the clusterer: what is alike comes together."""

from __future__ import annotations

import io

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import struct_pb2
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits

from clarifai_local.engine import CancelledError, Samples, TrainingError, TrainingJob
from clarifai_local.engine._clusterer import Clusterer
from clarifai_local.engine._embed import default_embedder
from clarifai_local.engine._visual_embedder import VisualEmbedder
from clarifai_local.engine.contracts import ModelInputs
from clarifai_local.engine.model_types import ROWS
from clarifai_local.media import Rejected

EMBEDDER = {"template": "Clarifai_ResNext"}


def png(pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(out, "PNG")
    return out.getvalue()


def digits(start, stop):
    loaded = load_digits()
    blobs = [png(image * 15.9) for image in loaded.images[start:stop]]
    return blobs, [f"digit-{label}" for label in loaded.target[start:stop]]


def job(blobs, labels, row, params, **fields):
    part = Samples(
        "image",
        [str(n) for n in range(len(blobs))],
        default_embedder().embed_images(blobs),
        [{label: 1.0} for label in labels],
        content=blobs.__getitem__,
    )
    given = {
        "samples": [part],
        "params": ROWS[row].checked(params),
        "output_config": resources_pb2.OutputConfig(),
        "concepts": [],
        "embedder": default_embedder(),
    }
    return TrainingJob(**{**given, **fields})


def vectors_of(answers):
    return np.array([data.embeddings[0].vector for data in answers])


def agreement(vectors, labels):
    """Share of inputs whose nearest other input has the same label."""
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -2)
    return np.mean(np.array(labels)[likeness.argmax(axis=1)] == np.array(labels))


def painted_shapes(count, seed):
    """Shapes on any ground, labelled by their colour; to the plain features, shape counts most."""
    random = np.random.default_rng(seed)
    blobs, labels = [], []
    for _ in range(count):
        ground = tuple(random.integers(0, 256, 3).tolist())
        image = Image.new("RGB", (48, 48), ground)
        draw = ImageDraw.Draw(image)
        left, top = random.integers(4, 16, 2).tolist()
        corners = (left, top, left + 26, top + 26)
        colour = ("red", "green", "blue", "yellow")[random.integers(4)]
        kind = random.integers(3)
        if kind == 0:
            draw.ellipse(corners, fill=colour)
        elif kind == 1:
            draw.rectangle(corners, fill=colour)
        else:
            peak = [(left, top + 26), (left + 26, top + 26), (left + 13, top)]
            draw.polygon(peak, fill=colour)
        blobs.append(png(np.asarray(image)))
        labels.append(colour)
    return blobs, labels


def test_neighbours_of_one_concept_come_nearer():
    blobs, labels = painted_shapes(160, 1)
    lines: list[str] = []
    training = job(
        blobs, labels, "visual-embedder", EMBEDDER, report=lambda line, _: lines.append(line)
    )
    predictor = VisualEmbedder().load(VisualEmbedder().train(training))
    held_out, truth = painted_shapes(160, 2)

    batch = ModelInputs("image", held_out, default_embedder())
    before, vectors = batch.vectors, vectors_of(predictor.predict(batch, {}))

    assert vectors.shape == (160, 128)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(160), abs=1e-4)
    assert agreement(vectors, truth) > agreement(before, truth) + 0.05
    same = np.equal.outer(np.array(truth), np.array(truth))
    apart = [
        (rows @ rows.T)[same].mean() - (rows @ rows.T)[~same].mean() for rows in (before, vectors)
    ]
    assert apart[1] > 1.3 * apart[0]
    assert any(line.startswith("epoch 65/65: loss") for line in lines)


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 32},
        {"flip_image": False},
        {"learning_rate": 0.05},
        {"num_epochs": 1},
        {"per_item_lrate": 0.01},
        {"seed": 3},
    ],
)
def test_each_parameter_changes_the_embedder(change):
    blobs, labels = digits(0, 40)
    asked = ModelInputs("image", blobs[:1], default_embedder())
    engine, plain = VisualEmbedder(), {**EMBEDDER, "num_epochs": 3}
    usual, other = (
        vectors_of(
            engine.load(
                engine.train(job(blobs, labels, "visual-embedder", {**plain, **more}))
            ).predict(asked, {})
        )
        for more in ({}, change)
    )
    assert not np.allclose(usual, other, atol=1e-4)


def test_an_embedder_needs_two_concepts_and_can_be_stopped():
    blobs, labels = digits(0, 20)
    one = job(blobs, ["one"] * 20, "visual-embedder", EMBEDDER)
    none = job(blobs, labels, "visual-embedder", EMBEDDER, samples=[])
    for training, code in (
        (one, codes.MODEL_TRAINING_ONE_VS_N_SINGLE_CLASS),
        (none, codes.MODEL_TRAINING_NO_DATA),
    ):
        with pytest.raises(TrainingError) as caught:
            VisualEmbedder().train(training)
        assert caught.value.code == code

    def stop():
        raise CancelledError

    for engine, row, params in (
        (VisualEmbedder(), "visual-embedder", EMBEDDER),
        (Clusterer(), "clusterer", {}),
    ):
        with pytest.raises(CancelledError):
            engine.train(job(blobs, labels, row, params, check=stop))


def clustered(params, blobs, labels):
    made = Clusterer().train(job(blobs, labels, "clusterer", params))
    operator = Clusterer().load(made)
    vectors = default_embedder().embed_images(blobs)
    return [operator.apply(embedded(vector), {}).clusters[0] for vector in vectors]


def embedded(vector):
    return resources_pb2.Data(
        embeddings=[resources_pb2.Embedding(vector=vector, num_dimensions=len(vector))]
    )


def colours(count):
    """Discs in four colours."""
    random = np.random.default_rng(3)
    blobs, labels = [], []
    for _ in range(count):
        colour = ("red", "green", "blue", "yellow")[random.integers(4)]
        image = Image.new("RGB", (40, 40), "white")
        corner = random.integers(6, 9, 2).tolist()
        ImageDraw.Draw(image).ellipse((*corner, corner[0] + 24, corner[1] + 24), fill=colour)
        blobs.append(png(np.asarray(image)))
        labels.append(colour)
    return blobs, labels


def test_what_is_alike_shares_a_cluster():
    blobs, labels = colours(80)
    found = clustered({"coarse_clusters": 4}, blobs, labels)

    groups = {cluster.id: set() for cluster in found}
    for cluster, label in zip(found, labels, strict=True):
        groups[cluster.id].add(label)
    assert sorted(map(list, groups.values())) == [["blue"], ["green"], ["red"], ["yellow"]]
    sizes = {cluster.id: cluster.count for cluster in found}
    assert sum(sizes.values()) == 80
    assert all(cluster.count == sum(c.id == cluster.id for c in found) for cluster in found)
    assert all(0 <= cluster.score <= 1 for cluster in found)
    assert all(len(cluster.projection) == 2 for cluster in found)
    # The map puts those of a cluster near each other.
    places = np.array([cluster.projection for cluster in found])
    ids = np.array([cluster.id for cluster in found])
    inner = np.mean([places[ids == number].std(axis=0).mean() for number in sizes])
    assert inner < places.std(axis=0).mean() / 2


def test_parameters_change_the_clusters():
    blobs, labels = digits(0, 120)
    usual = clustered({}, blobs, labels)
    assert len({cluster.id for cluster in usual}) > 20
    assert len({cluster.id for cluster in clustered({"coarse_clusters": 5}, blobs, labels)}) == 5
    other = clustered({"query_batch": 120}, blobs, labels)
    assert [cluster.score for cluster in other] != [cluster.score for cluster in usual]
    assert clustered({}, blobs, labels) == usual


def test_more_clusters_than_inputs_are_as_many_as_there_are():
    blobs, labels = digits(0, 3)
    lines: list[str] = []
    made = Clusterer().train(
        job(blobs, labels, "clusterer", {}, report=lambda line, _: lines.append(line))
    )
    with pytest.raises(Rejected, match="embeddings of 512 numbers, got 3"):
        Clusterer().load(made).apply(embedded([1, 0, 0]), {})
    assert any("more than there are" in line for line in lines)


# -- through the platform -----------------------------------------------------------------------


def upload(api, app, platform, blobs, labels=None):
    inputs = [
        resources_pb2.Input(
            data=resources_pb2.Data(
                image=resources_pb2.Image(base64=blob),
                concepts=[{"id": labels[number], "value": 1}] if labels else [],
            )
        )
        for number, blob in enumerate(blobs)
    ]
    assert api.PostInputs(user_app_id=app, inputs=inputs).status.code == codes.SUCCESS
    assert platform.wait_idle(300)


def trained(api, app, platform, model_id, type_id, params):
    model = resources_pb2.Model(id=model_id, model_type_id=type_id)
    assert api.PostModels(user_app_id=app, models=[model]).status.code == codes.SUCCESS
    struct = struct_pb2.Struct()
    struct.update(params)
    given = resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))
    reply = api.PostModelVersions(user_app_id=app, model_id=model_id, model_versions=[given])
    assert reply.status.code == codes.SUCCESS, reply.status
    assert platform.wait_idle(300)
    return api.GetModelVersion(
        user_app_id=app, model_id=model_id, version_id=reply.model.model_version.id
    ).model_version


def test_pictures_are_embedded_by_the_trained_model(api, app, platform):
    blobs, labels = colours(24)
    upload(api, app, platform, blobs, labels)
    made = trained(api, app, platform, "e", "visual-embedder", EMBEDDER)
    assert (made.status.code, made.active_concept_count) == (codes.MODEL_TRAINED, 0)

    inputs = [
        resources_pb2.Input(data=resources_pb2.Data(image=resources_pb2.Image(base64=blob)))
        for blob in blobs[:2]
    ]
    reply = api.PostModelOutputs(user_app_id=app, model_id="e", inputs=inputs)

    assert [o.data.embeddings[0].num_dimensions for o in reply.outputs] == [128, 128]
    assert reply.outputs[0].data != reply.outputs[1].data


def test_unlabelled_inputs_are_clustered_and_a_workflow_asks_the_model(api, app, platform):
    blobs, labels = colours(24)
    upload(api, app, platform, blobs)
    made = trained(api, app, platform, "c", "clusterer", {"coarse_clusters": 4})
    assert (made.status.code, made.total_input_count) == (codes.MODEL_TRAINED, 24)
    embed = resources_pb2.WorkflowNode(
        id="embed",
        model=resources_pb2.Model(id="general-image-embedding", user_id="clarifai", app_id="main"),
    )
    group = resources_pb2.WorkflowNode(
        id="group",
        model=resources_pb2.Model(id="c"),
        node_inputs=[resources_pb2.NodeInput(node_id="embed")],
    )
    made = api.PostWorkflows(
        user_app_id=app, workflows=[resources_pb2.Workflow(id="w", nodes=[embed, group])]
    )
    assert made.status.code == codes.SUCCESS, made.status
    asked = [
        resources_pb2.Input(data=resources_pb2.Data(image=resources_pb2.Image(base64=blob)))
        for blob in blobs
    ]

    reply = api.PostWorkflowResults(user_app_id=app, workflow_id="w", inputs=asked)

    assert reply.status.code == codes.SUCCESS, reply.status
    ids = [result.outputs[1].data.clusters[0].id for result in reply.results]
    assert len(set(ids)) == len(set(labels))
    assert len(set(zip(ids, labels, strict=True))) == len(set(labels))


def test_a_clusterer_alone_says_what_it_needs(api, app, platform):
    blobs, _ = colours(8)
    upload(api, app, platform, blobs)
    trained(api, app, platform, "c", "clusterer", {"coarse_clusters": 2})
    image = resources_pb2.Input(data=resources_pb2.Data(image=resources_pb2.Image(base64=blobs[0])))

    reply = api.PostModelOutputs(user_app_id=app, model_id="c", inputs=[image])

    assert reply.status.code == codes.INPUT_INVALID_ARGUMENT
    assert "behind an embedder" in reply.status.details
    vector = default_embedder().embed_images(blobs[:1])[0]
    asked = resources_pb2.Input(data=embedded(vector))
    reply = api.PostModelOutputs(user_app_id=app, model_id="c", inputs=[asked])
    assert reply.status.code == codes.SUCCESS, reply.status
    assert reply.outputs[0].data.clusters[0].id in {"0", "1"}


@pytest.mark.parametrize(
    ("type_id", "params"), [("visual-embedder", EMBEDDER), ("clusterer", {"coarse_clusters": 2})]
)
def test_what_gives_no_concepts_is_not_evaluated(api, app, platform, type_id, params):
    blobs, labels = colours(16)
    upload(api, app, platform, blobs, labels)
    version = trained(api, app, platform, "m", type_id, params)
    asked = resources_pb2.EvalMetrics()
    asked.model.id, asked.model.model_version.id = "m", version.id

    reply = api.PostEvaluations(user_app_id=app, eval_metrics=[asked])
    assert platform.wait_idle()

    found = api.GetEvaluation(user_app_id=app, evaluation_id=reply.eval_metrics[0].id)
    assert found.eval_metrics.status.code == codes.MODEL_EVALUATION_FAILED
    assert f"a {type_id} gives neither" in found.eval_metrics.status.details


def test_a_clusterer_of_an_empty_app_has_nothing_to_learn(api, app, platform):
    failed = trained(api, app, platform, "c", "clusterer", {})
    assert failed.status.code == codes.MODEL_TRAINING_NO_DATA
