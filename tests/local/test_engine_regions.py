"""Detectors and segmenters: learned from synthetic pictures, measured on others."""

from __future__ import annotations

import io

import attrs
import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf import struct_pb2
from PIL import Image, ImageDraw

from clarifai_local.engine import CancelledError, Samples, TrainingError, TrainingJob, regions
from clarifai_local.engine._detector import VisualDetector
from clarifai_local.engine._embed import default_embedder
from clarifai_local.engine._region_metrics import Scene, evaluate_regions
from clarifai_local.engine._segmenter import VisualSegmenter
from clarifai_local.engine.contracts import ModelInputs
from clarifai_local.engine.model_types import ROWS
from clarifai_local.engine.pictures import look, size_of

WIDTH, HEIGHT = 120, 90
DETECTOR = {"template": "MMDetection_FasterRCNN"}
SEGMENTER = {"template": "MMSegmentation_SegFormer"}


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@attrs.frozen
class Drawn:
    """A picture with what is in it."""

    blob: bytes
    annotation: resources_pb2.Annotation


def noisy(random, colour, spread=12) -> Image.Image:
    pixels = np.array(colour) + random.normal(0, spread, (HEIGHT, WIDTH, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def add_box(annotation, concept, edges):
    region = annotation.data.regions.add()
    box = region.region_info.bounding_box
    box.top_row, box.left_col, box.bottom_row, box.right_col = edges
    region.data.concepts.add(id=concept, value=1)


def shapes_picture(random) -> Drawn:
    """A disc, a square and a triangle that is not labelled, in any colours, at any place."""
    ground = random.integers(60, 200, 3)
    image = noisy(random, ground)
    draw = ImageDraw.Draw(image)
    annotation = resources_pb2.Annotation()
    taken: list[tuple[int, int, int]] = []
    kinds = iter(("disc", "square", "triangle"))
    while len(taken) < 3:
        size = int(random.integers(18, 36))
        left, top = int(random.integers(0, WIDTH - size)), int(random.integers(0, HEIGHT - size))
        if any(abs(left - x) < max(size, s) and abs(top - y) < max(size, s) for x, y, s in taken):
            continue
        taken.append((left, top, size))
        colour = random.integers(0, 256, 3)
        while np.abs(colour - ground).max() < 80:
            colour = random.integers(0, 256, 3)
        fill, corners = tuple(colour.tolist()), (left, top, left + size, top + size)
        kind = next(kinds)
        if kind == "disc":
            draw.ellipse(corners, fill=fill)
        elif kind == "square":
            draw.rectangle(corners, fill=fill)
        else:
            peak = [(left, top + size), (left + size, top + size), (left + size / 2, top)]
            draw.polygon(peak, fill=fill)
            continue
        edges = (top / HEIGHT, left / WIDTH, (top + size) / HEIGHT, (left + size) / WIDTH)
        add_box(annotation, kind, edges)
    return Drawn(png(image), annotation)


def landscape(random) -> Drawn:
    """A rough field under a sky, marked by a polygon, with a ball, marked by a mask."""
    horizon = int(random.integers(30, 60))
    image = noisy(random, (120, 170, 230), 18)
    field = noisy(random, (90, 150, 60), 35).crop((0, horizon, WIDTH, HEIGHT))
    image.paste(field, (0, horizon))
    size = int(random.integers(16, 30))
    left, top = int(random.integers(0, WIDTH - size)), int(random.integers(0, HEIGHT - size))
    corners = (left, top, left + size, top + size)
    ImageDraw.Draw(image).ellipse(corners, fill=(200, 60, 40))
    mask = Image.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(mask).ellipse(corners, fill=255)
    annotation = resources_pb2.Annotation()
    ground = annotation.data.regions.add()
    ground.data.concepts.add(id="field", value=1)
    for row, column in ((horizon / HEIGHT, 0), (horizon / HEIGHT, 1), (1, 1), (1, 0)):
        ground.region_info.polygon.points.add(row=row, col=column)
    ball = annotation.data.regions.add()
    ball.data.concepts.add(id="ball", value=1)
    ball.region_info.mask.image.base64 = png(mask)
    return Drawn(png(image), annotation)


def drawn(make, count, seed):
    random = np.random.default_rng(seed)
    return [make(random) for _ in range(count)]


def job(pictures, row, params, **fields):
    part = Samples(
        "image",
        [str(n) for n in range(len(pictures))],
        np.zeros((len(pictures), 512), np.float32),
        [{}] * len(pictures),
        [[picture.annotation] for picture in pictures],
        lambda index: pictures[index].blob,
    )
    given = {
        "samples": [part],
        "params": ROWS[row].checked(params),
        "output_config": resources_pb2.OutputConfig(),
        "concepts": [],
        "embedder": default_embedder(),
    }
    return TrainingJob(**{**given, **fields})


def answers(predictor, pictures):
    blobs = [picture.blob for picture in pictures]
    return predictor.predict(ModelInputs("image", blobs, default_embedder()), {})


def boxes(marks):
    return np.array([mark.box for mark in marks]).reshape(-1, 4)


@pytest.fixture(scope="module")
def detector():
    lines: list[str] = []
    training = job(
        drawn(shapes_picture, 24, 1),
        "visual-detector",
        DETECTOR,
        report=lambda line, _: lines.append(line),
    )
    return VisualDetector().load(VisualDetector().train(training)), lines


def test_shapes_are_found_in_new_pictures(detector):
    predictor, lines = detector
    held_out = drawn(shapes_picture, 24, 2)
    concepts = [resources_pb2.Concept(id=name, name=name) for name in ("disc", "square")]
    scenes = []
    for picture, data in zip(held_out, answers(predictor, held_out), strict=True):
        true = list(regions.boxes_of([picture.annotation]))
        said = list(regions.boxes_of([best_of(data)], 0.0))
        scenes.append(
            Scene(
                truth=np.array([names(concepts).index(mark.concept) for mark in true]),
                truth_pixels=np.full(len(true), 2000.0),
                said=np.array([names(concepts).index(mark.concept) for mark in said], np.int64),
                said_pixels=np.full(len(said), 2000.0),
                values=np.array([mark.value for mark in said]),
                overlaps=regions.overlaps(boxes(said), boxes(true)),
            )
        )

    summary = evaluate_regions(concepts, scenes).summary

    assert summary.mean_avg_precision_iou_50 > 0.8
    assert any(line.startswith("epoch 30/30: loss") for line in lines)
    assert any("by mistake" in line for line in lines)


def names(concepts):
    return [concept.id for concept in concepts]


def best_of(data):
    kept = resources_pb2.Annotation()
    for region in data.regions:
        added = kept.data.regions.add(region_info=region.region_info)
        added.data.concepts.append(region.data.concepts[0])
    return kept


def test_regions_have_a_box_and_their_concepts_sorted(detector):
    predictor, _ = detector
    assert predictor.concepts == ("disc", "square")
    (data,) = answers(predictor, drawn(shapes_picture, 1, 5))
    assert data.regions
    assert [r.value for r in data.regions] == sorted((r.value for r in data.regions), reverse=True)
    for region in data.regions:
        values = [concept.value for concept in region.data.concepts]
        assert values == sorted(values, reverse=True)
        assert region.value == values[0]
        box = region.region_info.bounding_box
        assert 0 <= box.top_row < box.bottom_row <= 1
        assert 0 <= box.left_col < box.right_col <= 1
    assert len({region.id for region in data.regions}) == len(data.regions)


def test_areas_are_marked_in_new_pictures():
    made = VisualSegmenter().train(job(drawn(landscape, 10, 1), "visual-segmenter", SEGMENTER))
    predictor = VisualSegmenter().load(made)
    held_out = drawn(landscape, 8, 2)
    overlap: dict[str, list[float]] = {"field": [], "ball": []}
    for picture, data in zip(held_out, answers(predictor, held_out), strict=True):
        true = {m.concept: m.area for m in regions.areas_of([picture.annotation], HEIGHT, WIDTH)}
        true["field"] = true["field"] & ~true["ball"]
        said = {m.concept: m.area for m in regions.areas_of([best_of(data)], HEIGHT, WIDTH, 0.0)}
        for concept, area in true.items():
            found = said.get(concept, np.zeros_like(area))
            overlap[concept].append(regions.area_overlaps([area], [found])[0, 0])
        for region in data.regions:
            with Image.open(io.BytesIO(region.region_info.mask.image.base64)) as mask:
                assert mask.size == (WIDTH, HEIGHT)

    assert predictor.concepts == ("ball", "field")
    assert np.mean(overlap["field"]) > 0.95
    assert np.mean(overlap["ball"]) > 0.85


CHANGES = [
    {"batch_size": 8},
    {"flip_image": False},
    {"image_size": [48]},
    {"learning_rate": 0.05},
    {"num_epochs": 1},
    {"per_item_lrate": 0.01},
    {"seed": 3},
]


@pytest.mark.parametrize("change", [*CHANGES, {"template": "Clarifai_InceptionV4"}])
def test_each_parameter_changes_the_detector(change, usual):
    given = (VisualDetector(), "visual-detector", shapes_picture, DETECTOR)
    assert_changes(*given, change, usual)


@pytest.mark.parametrize("change", CHANGES)
def test_each_parameter_changes_the_segmenter(change, usual):
    given = (VisualSegmenter(), "visual-segmenter", landscape, SEGMENTER)
    assert_changes(*given, change, usual)


@pytest.fixture(scope="module")
def usual():
    """Answers without any change, by type and size: each is trained once."""
    return {}


def assert_changes(engine, row, make, template, change, usual):
    seen, asked = drawn(make, 3, 1), drawn(make, 1, 9)
    plain = {**template, "num_epochs": 2, "image_size": [64]}
    if "template" in change:
        del plain["image_size"]

    def answer(params):
        return answers(engine.load(engine.train(job(seen, row, params))), asked)[0]

    key = (row, "image_size" in plain)
    if key not in usual:
        usual[key] = answer(plain)
    assert usual[key] != answer({**plain, **change})


@pytest.mark.parametrize(
    ("engine", "row", "params", "make"),
    [
        (VisualDetector(), "visual-detector", DETECTOR, shapes_picture),
        (VisualSegmenter(), "visual-segmenter", SEGMENTER, landscape),
    ],
)
def test_trainings_repeat_stop_and_refuse(engine, row, params, make):
    pictures = drawn(make, 2, 1)
    quick = {**params, "num_epochs": 1}
    assert engine.train(job(pictures, row, quick)) == engine.train(job(pictures, row, quick))

    def stop():
        raise CancelledError

    with pytest.raises(CancelledError):
        engine.train(job(pictures, row, quick, check=stop))
    bare = [attrs.evolve(p, annotation=resources_pb2.Annotation()) for p in pictures]
    for given, more in ((bare, {}), (pictures, {"concepts": ["nowhere"]})):
        with pytest.raises(TrainingError, match="annotate some") as caught:
            engine.train(job(given, row, quick, **more))
        assert caught.value.code == codes.MODEL_TRAINING_NO_POSITIVES


def test_only_the_concepts_asked_for_are_detected():
    pictures = drawn(shapes_picture, 3, 1)
    training = job(pictures, "visual-detector", {**DETECTOR, "num_epochs": 1}, concepts=["square"])
    predictor = VisualDetector().load(VisualDetector().train(training))
    assert predictor.concepts == ("square",)


def test_boxes_overlap_as_computed_by_hand():
    one = np.array([[0, 0, 0.5, 0.5]])
    others = np.array([[0, 0, 0.5, 0.5], [0, 0.25, 0.5, 0.75], [0.5, 0.5, 1, 1]])
    assert regions.overlaps(one, others)[0] == pytest.approx([1, 1 / 3, 0])
    values = np.array([0.5, 0.9, 0.8])
    assert regions.suppress(others, values, 0.3) == [1, 2]
    assert regions.suppress(others, values, 0.4) == [1, 2, 0]


def test_boxes_come_from_polygons_and_masks_too():
    marks = {mark.concept: mark for mark in regions.boxes_of([landscape_at(10)])}
    assert marks["field"].box[2:] == pytest.approx([1, 1])
    assert marks["ball"].box[2] - marks["ball"].box[0] == pytest.approx(16 / HEIGHT, abs=0.2)


def landscape_at(seed):
    return landscape(np.random.default_rng(seed)).annotation


def scene(truth, said, values, overlaps, pixels=2000.0):
    return Scene(
        truth=np.array(truth, np.int64),
        truth_pixels=np.full(len(truth), pixels),
        said=np.array(said, np.int64),
        said_pixels=np.full(len(said), pixels),
        values=np.array(values, np.float64),
        overlaps=np.array(overlaps, np.float64).reshape(len(said), len(truth)),
    )


def test_average_precision_as_computed_by_hand():
    concepts = [resources_pb2.Concept(id="a", name="a")]
    # Sure and right, less sure and wrong, then right again, but with less overlap; one is missed.
    scenes = [
        scene([0, 0], [0, 0], [0.9, 0.7], [[0.95, 0], [0, 0]]),
        scene([0], [0], [0.6], [[0.65]]),
    ]
    found = evaluate_regions(concepts, scenes)

    def precision(iou, area="all"):
        (one,) = (
            m for m in found.metrics_by_class if m.area_name == area and m.iou == pytest.approx(iou)
        )
        return one.avg_precision

    assert precision(0.5) == pytest.approx((1 + 2 / 3) / 3)
    assert precision(0.9) == pytest.approx(1 / 3)
    assert (precision(0.5, "medium"), precision(0.5, "small")) == (precision(0.5), 0)
    assert found.summary.mean_avg_precision_iou_50 == pytest.approx((1 + 2 / 3) / 3)
    assert 1 / 3 < found.summary.mean_avg_precision_iou_range < (1 + 2 / 3) / 3
    first = found.metrics_by_class[0]
    assert (first.num_tot, len(first.precision_recall_curve.thresholds)) == (3, 101)
    assert first.precision_recall_curve.recall[50] == pytest.approx(2 / 3)
    assert first.precision_recall_curve.precision[65] == pytest.approx(1 / 2)
    assert {m.area_name for m in found.metrics_by_area} == {"all", "small", "medium", "large"}


def test_one_thing_is_not_found_twice():
    concepts = [resources_pb2.Concept(id="a", name="a")]
    twice = scene([0], [0, 0], [0.9, 0.8], [[0.8], [0.9]])
    summary = evaluate_regions(concepts, [twice]).summary
    assert summary.macro_avg_precision == pytest.approx(0.5)
    assert summary.macro_avg_recall == 1


@pytest.mark.parametrize(
    "edges",
    [(0, 0, 1, 1), (0.2, 0.1, 0.21, 0.9), (0, 0, 0.02, 0.02), (0.5, 0.5, 1.4, 0.7)],
)
def test_boxes_of_any_form_are_learned(edges):
    pictures = drawn(shapes_picture, 2, 1)
    odd = resources_pb2.Annotation()
    odd.CopyFrom(pictures[0].annotation)
    add_box(odd, "odd", edges)
    given = [attrs.evolve(pictures[0], annotation=odd), pictures[1]]
    training = job(given, "visual-detector", {**DETECTOR, "num_epochs": 1})
    predictor = VisualDetector().load(VisualDetector().train(training))
    assert predictor.concepts == ("disc", "odd", "square")


@pytest.mark.parametrize("size", [(1, 1), (300, 4), (64, 64)])
def test_where_nothing_is_nothing_is_found(detector, size):
    predictor, _ = detector
    blank = Drawn(png(Image.new("RGB", size, "grey")), resources_pb2.Annotation())
    (data,) = answers(predictor, [blank])
    assert all(region.value < 0.5 for region in data.regions)


def test_a_turned_photograph_is_seen_upright():
    lying = Image.new("RGB", (40, 20), "white")
    lying.paste("black", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    lying.save(out, "JPEG", exif=exif, quality=95)
    picture = look(out.getvalue(), 40)
    assert (picture.height, picture.width) == size_of(out.getvalue()) == (40, 20)
    assert picture.pixels.shape == (40, 20, 3)
    assert picture.pixels[:5].mean() < 0.1
    assert picture.pixels[20:].mean() > 0.9


def test_a_see_through_mask_is_what_is_not_see_through():
    mask = Image.new("RGBA", (20, 10), (255, 255, 255, 0))
    mask.paste((0, 0, 0, 255), (0, 0, 10, 10))
    info = resources_pb2.RegionInfo()
    info.mask.image.base64 = png(mask)
    area = regions.area_of(info, 10, 20)
    assert area[:, :10].all()
    assert not area[:, 10:].any()


# -- through the platform -----------------------------------------------------------------------


def version(params):
    struct = struct_pb2.Struct()
    struct.update(params)
    return resources_pb2.ModelVersion(train_info=resources_pb2.TrainInfo(params=struct))


def upload(api, app, platform, pictures, dataset=""):
    inputs = []
    for number, picture in enumerate(pictures):
        image = resources_pb2.Image(base64=picture.blob)
        given = resources_pb2.Input(
            id=f"{dataset or 'i'}-{number}", data=resources_pb2.Data(image=image)
        )
        given.dataset_ids.extend([dataset] if dataset else [])
        inputs.append(given)
    assert api.PostInputs(user_app_id=app, inputs=inputs).status.code == codes.SUCCESS
    assert platform.wait_idle(300)
    marks = []
    for given, picture in zip(inputs, pictures, strict=True):
        for region in picture.annotation.data.regions:
            data = resources_pb2.Data(regions=[region])
            marks.append(resources_pb2.Annotation(input_id=given.id, data=data))
    assert api.PostAnnotations(user_app_id=app, annotations=marks).status.code == codes.SUCCESS


def trained(api, app, platform, type_id, params):
    model = resources_pb2.Model(id="m", model_type_id=type_id)
    assert api.PostModels(user_app_id=app, models=[model]).status.code == codes.SUCCESS
    reply = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[version(params)])
    started = reply.model.model_version
    assert started.status.code == codes.MODEL_QUEUED_FOR_TRAINING, reply.status
    assert platform.wait_idle(300)
    return api.GetModelVersion(user_app_id=app, model_id="m", version_id=started.id).model_version


def evaluated(api, app, platform, version_id, dataset):
    asked = resources_pb2.EvalMetrics()
    asked.model.id, asked.model.model_version.id = "m", version_id
    asked.ground_truth_dataset.id = dataset
    reply = api.PostEvaluations(user_app_id=app, eval_metrics=[asked])
    assert platform.wait_idle(300)
    fields = resources_pb2.FieldsValue(
        binary_metrics=True,
        label_counts=True,
        test_set=True,
        metrics_by_area=True,
        metrics_by_class=True,
    )
    return api.GetEvaluation(
        user_app_id=app, evaluation_id=reply.eval_metrics[0].id, fields=fields
    ).eval_metrics


@pytest.mark.parametrize(
    ("type_id", "params", "make", "concepts"),
    [
        ("visual-detector", DETECTOR, shapes_picture, {"disc", "square"}),
        ("visual-segmenter", SEGMENTER, landscape, {"ball", "field"}),
    ],
)
def test_trained_evaluated_and_asked(api, app, platform, type_id, params, make, concepts):
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="truth")])
    upload(api, app, platform, drawn(make, 10, 1))
    held_out = drawn(make, 6, 2)

    made = trained(api, app, platform, type_id, params)
    assert made.status.code == codes.MODEL_TRAINED, made.status
    assert {c.id for c in made.output_info.data.concepts} == concepts
    upload(api, app, platform, held_out, "truth")
    found = evaluated(api, app, platform, made.id, "truth")

    assert found.status.code == codes.MODEL_EVALUATED, found.status
    assert 0.3 < found.summary.mean_avg_precision_iou_50 <= 1
    assert found.summary.mean_avg_precision_iou_range <= found.summary.mean_avg_precision_iou_50
    counts = {c.concept.id: c.count for c in found.label_counts.positive_label_counts}
    assert counts == dict.fromkeys(concepts, 6)
    assert {m.concept.id for m in found.metrics_by_class} == concepts
    assert len(found.metrics_by_area) == 20
    assert {entry.input.id for entry in found.test_set} == {f"truth-{n}" for n in range(6)}
    for entry in found.test_set:
        assert {c.id for c in entry.ground_truth_concepts} == concepts
        for annotation in (entry.predicted_annotation, entry.ground_truth_annotation):
            assert all(
                r.region_info.HasField("bounding_box") or r.region_info.polygon.points
                for r in annotation.data.regions
            )
    if type_id == "visual-segmenter":
        assert {m.concept.id: m.iou > 0.7 for m in found.binary_metrics} == dict.fromkeys(
            concepts, True
        )

    image = resources_pb2.Image(base64=held_out[0].blob)
    asked = resources_pb2.Input(data=resources_pb2.Data(image=image))

    def ask(**config):
        model = resources_pb2.Model()
        model.model_version.output_info.output_config.CopyFrom(resources_pb2.OutputConfig(**config))
        reply = api.PostModelOutputs(user_app_id=app, model_id="m", inputs=[asked], model=model)
        assert reply.status.code == codes.SUCCESS
        return reply.outputs[0].data.regions

    everything = ask()
    assert {r.data.concepts[0].id for r in everything} <= concepts
    sure = ask(min_value=0.9)
    assert all(r.data.concepts[0].value >= 0.9 for r in sure)
    assert len(sure) == sum(r.value >= 0.9 for r in everything)


@pytest.mark.parametrize(
    ("type_id", "params", "words"),
    [("visual-detector", DETECTOR, "box"), ("visual-segmenter", SEGMENTER, "polygon or mask")],
)
def test_without_regions_the_training_fails_with_a_reason(
    api, app, platform, type_id, params, words
):
    (picture,) = drawn(shapes_picture, 1, 1)
    data = resources_pb2.Data(
        image=resources_pb2.Image(base64=picture.blob), concepts=[{"id": "disc", "value": 1}]
    )
    api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(data=data)])
    assert platform.wait_idle()

    failed = trained(api, app, platform, type_id, params)

    assert failed.status.code == codes.MODEL_TRAINING_NO_POSITIVES
    assert words in failed.status.details


def test_an_evaluation_without_regions_says_so(api, app, platform):
    api.PostDatasets(user_app_id=app, datasets=[resources_pb2.Dataset(id="void")])
    upload(api, app, platform, drawn(shapes_picture, 2, 1))
    made = trained(api, app, platform, "visual-detector", {**DETECTOR, "num_epochs": 1})
    failed = evaluated(api, app, platform, made.id, "void")
    assert failed.status.code == codes.MODEL_EVALUATION_FAILED
    assert "labelled region" in failed.status.details


@pytest.mark.parametrize(
    ("type_id", "params", "make"),
    [
        ("visual-detector", DETECTOR, shapes_picture),
        ("visual-segmenter", SEGMENTER, landscape),
    ],
)
def test_deleting_the_version_stops_the_training(api, app, platform, type_id, params, make):
    upload(api, app, platform, drawn(make, 2, 1))
    model = resources_pb2.Model(id="m", model_type_id=type_id)
    api.PostModels(user_app_id=app, models=[model])
    endless = version({**params, "num_epochs": 10_000, "batch_size": 1})
    started = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[endless])

    api.DeleteModelVersion(user_app_id=app, model_id="m", version_id=started.model.model_version.id)

    assert platform.wait_idle(300)
    assert not api.ListModelVersions(user_app_id=app, model_id="m").model_versions
