"""Faces in the photographs of scikit-image: where they are, and that there are none elsewhere."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageOps

from clarifai.client import Model, Workflow
from clarifai_models._faces import FaceDetector, find_faces

FACE = (175, 65, 272, 182)
"""Left, top, right and bottom of the face in astronaut.png, measured by eye: cheeks, hair, chin."""


def overlap(one, other):
    """Return the area that two boxes share over the area of both."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)


@pytest.fixture
def astronaut(photographs):
    return Image.open(io.BytesIO(photographs["astronaut"])).convert("RGB")


def test_a_face_is_where_it_is(astronaut):
    (face,) = find_faces(astronaut)

    assert overlap(face, FACE) > 0.75
    assert face[4] > 0.99


def test_a_mirrored_face_is_where_the_mirror_puts_it(astronaut):
    (face,) = find_faces(ImageOps.mirror(astronaut))

    left, top, right, bottom = FACE
    assert overlap(face, (512 - right, top, 512 - left, bottom)) > 0.75


def test_two_faces_are_two(astronaut):
    twice = Image.new("RGB", (1024, 512))
    twice.paste(astronaut, (0, 0))
    twice.paste(ImageOps.mirror(astronaut), (512, 0))

    assert len(find_faces(twice)) == 2


def test_the_photographer_has_one_face(photographs):
    (data,) = FaceDetector().predict([photographs["camera"]], {})

    (region,) = data.regions
    box = region.region_info.bounding_box
    # By eye: his nose is at (238, 165) of 512.
    assert box.left_col < 238 / 512 < box.right_col
    assert box.top_row < 165 / 512 < box.bottom_row


WITHOUT = (
    "brick", "cell", "chelsea", "clock_motion", "coffee", "coins", "grass", "gravel", "horse",
    "hubble_deep_field", "moon", "motorcycle_left", "motorcycle_right", "page", "phantom", "rocket",
    "text",
)  # fmt: skip
"""What scikit-image's documentation says of these names nobody; chelsea is a cat."""


@pytest.mark.parametrize("name", WITHOUT)
def test_what_is_no_face_is_none(photographs, name):
    (data,) = FaceDetector().predict([photographs[name]], {})

    assert not data.regions


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (11, 11), (13, 12)])
def test_pictures_without_room_for_a_face(size):
    assert len(find_faces(Image.new("RGB", size))) == 0


def test_the_detector_answers_on_the_platform(platform, photographs):
    model = Model("https://clarifai.com/clarifai/main/models/face-detection", base_url=platform.url)

    reply = model.predict_by_bytes(photographs["astronaut"], "image")

    (region,) = reply.outputs[0].data.regions
    assert [concept.name for concept in region.data.concepts] == ["face"]
    box = region.region_info.bounding_box
    sides = (box.left_col, box.top_row, box.right_col, box.bottom_row)
    assert overlap([512 * side for side in sides], FACE) > 0.75


def test_the_workflow_cuts_faces_out(platform, photographs):
    workflow = Workflow("https://clarifai.com/clarifai/main/workflows/Face", base_url=platform.url)

    result = workflow.predict_by_bytes(photographs["astronaut"], "image").results[0]

    crops = [o for o in result.outputs if o.model.model_type_id == "image-crop"]
    (region,) = crops[0].data.regions
    width, height = Image.open(io.BytesIO(region.data.image.base64)).size
    # A margin of a tenth around the face.
    assert 80 < width < 130
    assert 90 < height < 150
