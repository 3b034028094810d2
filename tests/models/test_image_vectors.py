"""What pictures show, and vectors of them, by photographs whose classes are known."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from clarifai_local.engine._images import UndecodableImageError
from clarifai_models._image_vectors import DIMENSIONS, class_shares, embed_images
from clarifai_models._imagenet import kinds
from tests.models.conftest import encoded


@pytest.fixture(scope="module")
def vectors(imagenet):
    return embed_images([picture for _, picture in imagenet])


def test_photographs_of_imagenet_are_recognized(imagenet, vectors):
    """foolbox names the class of each; Google's table has 75 % first for EfficientNet-Lite0."""
    ranks = (-class_shares(vectors)).argsort(axis=1)

    classes = np.array([[number] for number, _ in imagenet])
    assert (ranks[:, :1] == classes).sum() >= 17
    assert (ranks[:, :5] == classes).sum() >= 19


def test_shares_are_probabilities(vectors):
    shares = class_shares(vectors)

    assert shares.shape == (20, 1000)
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)


def test_vectors_have_unit_length(vectors):
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_batches_give_what_singles_give(imagenet, vectors):
    singles = np.concatenate([embed_images([picture]) for _, picture in imagenet])

    np.testing.assert_allclose(singles, vectors, atol=1e-4)


def test_no_picture_is_no_row():
    assert embed_images([]).shape == (0, DIMENSIONS)


@pytest.fixture(scope="module")
def chelsea(photographs):
    """A cat."""
    return Image.open(io.BytesIO(photographs["chelsea"])).convert("RGB")


def test_one_picture_in_two_formats_has_one_vector(chelsea):
    png, webp = embed_images([encoded(chelsea), encoded(chelsea, "WEBP", lossless=True)])

    np.testing.assert_array_equal(png, webp)


MODES = {
    "1": "PNG", "L": "PNG", "LA": "PNG", "P": "GIF", "PA": "TIFF", "RGB": "BMP", "RGBA": "PNG",
    "CMYK": "JPEG", "YCbCr": "TIFF", "LAB": "TIFF", "I;16": "PNG", "I": "TIFF", "F": "TIFF",
}  # fmt: skip
"""Pillow's modes, each in a format that holds it."""


def in_mode(picture, mode):
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        return Image.new("LAB", picture.size, (120, 20, 20))
    if mode == "PA":
        return picture.convert("P").convert("PA")
    return picture.convert(mode)


def a_cat(vector):
    """Return how sure it is that a vector is one of a cat."""
    return class_shares(vector[None])[0, list(kinds().below("cat"))].sum()


@pytest.mark.parametrize("mode", MODES)
def test_pictures_of_every_mode_have_an_answer(chelsea, mode):
    try:
        content = encoded(in_mode(chelsea, mode), MODES[mode])
    except OSError as error:
        pytest.skip(f"this Pillow writes none: {error}")

    (vector,) = embed_images([content])

    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_a_cat_is_a_cat_in_every_mode(chelsea, mode):
    (vector,) = embed_images([encoded(in_mode(chelsea, mode), MODES[mode])])

    assert a_cat(vector) > 0.5


def test_a_picture_is_turned_as_its_exif_data_say(chelsea):
    exif = Image.Exif()
    exif[0x0112] = 6  # Exif 2.3, 4.6.4: turned left by a quarter
    turned = encoded(chelsea.transpose(Image.Transpose.ROTATE_90), exif=exif)

    upright, seen = embed_images([encoded(chelsea), turned])

    assert upright @ seen > 0.99


def test_an_animation_is_its_first_picture(chelsea):
    frames = [Image.new("RGB", chelsea.size, colour) for colour in ("red", "blue")]
    animated = encoded(chelsea, "GIF", save_all=True, append_images=frames)

    (vector,) = embed_images([animated])

    assert a_cat(vector) > 0.5


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (10_000, 8_000)])
def test_pictures_of_every_size_have_an_answer(size):
    (vector,) = embed_images([encoded(Image.new("L", size, 128), compress_level=1)])

    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("bad", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_what_is_no_picture_is_named_by_its_position(chelsea, bad):
    good = encoded(chelsea)

    with pytest.raises(UndecodableImageError, match="image 17 cannot be decoded"):
        embed_images([good] * 17 + [bad, good])


def test_a_picture_that_was_cut_off_is_none(chelsea):
    with pytest.raises(UndecodableImageError, match="image 0 cannot be decoded"):
        embed_images([encoded(chelsea)[:-2000]])
