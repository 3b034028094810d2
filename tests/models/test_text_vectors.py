"""Sentences that say the same in other words are near each other, and any text has a vector."""

from __future__ import annotations

import numpy as np
import pytest

from clarifai_models._text_vectors import DIMENSIONS, embed_texts

PAIRS = (
    ("Where can I park my car?", "Is there a parking lot nearby?"),
    ("The baby is crying again.", "Our infant won't stop weeping."),
    ("It is raining cats and dogs.", "There is a heavy downpour outside."),
    ("My phone battery is empty.", "I need to charge my mobile."),
    ("She plays the violin in an orchestra.", "She is a professional string musician."),
    ("The soup needs more salt.", "This broth tastes bland."),
    ("He broke his leg while skiing.", "He was injured in a winter sports accident."),
    ("The store closes at nine.", "What time does the shop shut?"),
    ("I forgot my password.", "I can't log in to my account."),
    ("Our flight was cancelled.", "The airline called off our plane."),
    ("The dog chased the postman.", "A hound ran after the mail carrier."),
    ("We planted tomatoes in the garden.", "We are growing vegetables in the yard."),
    ("The rent goes up next year.", "The landlord will charge us more for the flat."),
    ("I have a terrible headache.", "My head hurts badly."),
    ("The film was far too long.", "The movie dragged on forever."),
    ("Please send me the invoice.", "Could you email the bill?"),
    ("They got married last summer.", "Their wedding was in July."),
    ("The team won the championship.", "The players took the title."),
    ("He teaches mathematics at school.", "He gives algebra lessons to pupils."),
    ("The bridge is closed for repairs.", "You cannot cross the river while they fix it."),
    ("She lost her job.", "She was laid off from work."),
    ("The bread is fresh from the oven.", "The loaves were just baked."),
    ("The thief stole my bicycle.", "My bike was taken by a robber."),
    ("Turn the music down, please.", "Could you lower the volume of that song?"),
)
"""Written for this test; no pair shares the words that matter."""


def test_sentences_are_nearest_to_what_says_the_same():
    vectors = embed_texts([sentence for pair in PAIRS for sentence in pair])

    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1)
    partners = np.arange(len(vectors)) ^ 1
    found = (alike.argmax(axis=1) == partners).reshape(-1, 2).all(axis=1)

    assert found.sum() >= 22


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u3000"])
def test_a_text_of_nothing_is_zeros(text):
    assert not embed_texts([text]).any()


ODD = {
    "a megabyte": "word " * 200_000,
    "a megabyte without a space": "a" * 1_000_000,
    "NUL": "a\0b",
    "NUL alone": "\0",
    "a half character": "a\ud800b",
    "half characters alone": "\udfff\ud800",
    "emoji": "😀👩‍👩‍👧‍👦",
    "Chinese": "今天天气很好",
    "right to left": "مرحبا بالعالم",
    "marks on marks": "e" + "\u0301" * 1000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_any_text_has_an_answer(text):
    (vector,) = embed_texts([text])

    assert vector.shape == (DIMENSIONS,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_batches_give_what_singles_give():
    texts = [*(sentence for pair in PAIRS[:6] for sentence in pair), "", *ODD.values()]

    together = embed_texts(texts)

    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(embed_texts([text])[0], vector, atol=1e-3)


def test_no_text_is_no_row():
    assert embed_texts([]).shape == (0, DIMENSIONS)
