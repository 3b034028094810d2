"""Embedders: what is alike is near, whatever the format; the same everywhere."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits, load_sample_images
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from clarifai_local.engine._embed import default_embedder, embed_images, embed_texts
from clarifai_local.engine._images import UndecodableImageError


def encode(image: Image.Image, file_format: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def shape(kind: str, color: str, at: int = 20, size: int = 64) -> Image.Image:
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    (draw.ellipse if kind == "circle" else draw.rectangle)((at, at, at + 26, at + 26), fill=color)
    return image


@pytest.mark.parametrize("scale", [1, 8])
def test_handwritten_digits_are_told_apart(scale):
    digits = load_digits()
    pictures = [
        Image.fromarray((pixels * 15.9).astype(np.uint8)).resize((8 * scale, 8 * scale))
        for pixels in digits.images
    ]
    vectors = embed_images([encode(picture) for picture in pictures])
    seen, held_out, known, truth = train_test_split(
        vectors, digits.target, test_size=0.25, random_state=0, stratify=digits.target
    )
    classifier = LogisticRegression(C=50, max_iter=2000).fit(seen, known)
    assert classifier.score(held_out, truth) >= 0.97


def test_vectors_are_unit_float32_and_repeatable():
    blobs = [encode(shape("circle", "red")), encode(Image.new("RGB", (7, 5), "gray"))]
    first, second = embed_images(blobs), embed_images(blobs[::-1])[::-1]
    assert first.dtype == np.float32
    assert first.shape == (2, 512)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)
    assert np.array_equal(first, second)
    texts = embed_texts(["one text", ""])
    assert texts.shape == (2, 512)
    assert np.linalg.norm(texts, axis=1) == pytest.approx([1, 0], abs=1e-6)


def test_format_and_size_hardly_matter():
    picture = Image.fromarray(load_sample_images().images[0])
    vectors = embed_images(
        [
            encode(picture),
            encode(picture, "JPEG", quality=80),
            encode(picture.resize((320, 214))),
            encode(picture.convert("RGBA")),
        ]
    )
    assert (vectors @ vectors[0]).min() > 0.97


def test_shape_and_colour_both_count():
    blobs = [
        encode(shape("circle", "red")),
        encode(shape("circle", "red", at=22)),
        encode(shape("square", "red")),
        encode(shape("circle", "blue")),
    ]
    likeness = embed_images(blobs) @ embed_images(blobs[:1])[0]
    assert likeness[1] > likeness[2]
    assert likeness[1] > likeness[3]


def test_photographs_find_their_other_parts():
    pieces, names = [], []
    for name, pixels in enumerate(load_sample_images().images):
        for top in (0, 120, 200):
            for left in (0, 150, 300):
                pieces.append(encode(Image.fromarray(pixels[top : top + 220, left : left + 320])))
                names.append(name)
    vectors = embed_images(pieces)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    right = np.array(names)[likeness.argmax(axis=1)] == np.array(names)
    assert right.all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I", "I;16", "F"])
def test_every_mode_decodes(mode):
    levels = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8) * 8
    picture = Image.fromarray(levels)
    picture = Image.fromarray(levels.astype(np.uint16)) if mode == "I;16" else picture.convert(mode)
    blob = encode(picture, "TIFF" if mode in {"CMYK", "F", "I"} else "PNG")
    assert np.linalg.norm(embed_images([blob])[0]) == pytest.approx(1, abs=1e-5)


def test_what_is_no_picture_is_named():
    with pytest.raises(UndecodableImageError, match="image 1 cannot be decoded"):
        embed_images([encode(shape("circle", "red")), b"no picture"])


def test_texts_are_near_when_they_share_words():
    question, same, typo, other = embed_texts(
        [
            "a photo of a sleeping cat",
            "photo: the cat is sleeping!",
            "a phto of a sleping cat",
            "the stock market fell today",
        ]
    )
    assert question @ same > 0.5
    assert question @ typo > 0.4
    assert abs(question @ other) < 0.2


def test_words_of_any_script_count():
    first, same, other = embed_texts(["погода в Берлине", "Погода, Берлин!", "東京の天気"])
    assert first @ same > 0.4 > first @ other


def test_the_spaces_have_names_with_a_version():
    embedder = default_embedder()
    assert embedder.image_space != embedder.text_space
    assert embedder.image_space.endswith("-v1")
