"""Vectors of texts by all-MiniLM-L6-v2: sentences that mean the same are near each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from tokenizers import Tokenizer

from clarifai_models._catalogue import MINILM
from clarifai_models._onnx import Floats, Graph, converted, once

if TYPE_CHECKING:
    from collections.abc import Sequence

SPACE = "minilm-l6-v2-int8-v1"
"""Name of the vectors."""

DIMENSIONS = 384

MAX_TOKENS = 256
"""Pieces of words of a text that are looked at, as the model was trained."""

MAX_CHARACTERS = 20_000
"""What lies behind is not even cut into pieces."""

_BATCH = 32


@attrs.frozen(eq=False)
class _Reader:
    tokenizer: Tokenizer
    graph: Graph


def embed_texts(texts: Sequence[str]) -> Floats:
    """Return one unit vector per text.

    Args:
        texts: Any texts, best in English; the first 256 pieces of words count.

    Returns:
        Array (len(texts), 384), float32. A text of nothing but spaces is a row of zeros.

    Raises:
        UnusableWeightsError: The weights are not there, or not those that were measured.
    """
    vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
    # Texts of like length go together: a short one costs what the longest beside it does.
    order = sorted((i for i, text in enumerate(texts) if text.strip()), key=lambda i: len(texts[i]))
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        vectors[places] = _embed([texts[place][:MAX_CHARACTERS] for place in places])
    return vectors


def _embed(texts: list[str]) -> Floats:
    reader = _reader()
    encoded = reader.tokenizer.encode_batch([_whole(text) for text in texts])
    ids = np.array([one.ids for one in encoded], np.int64)
    mask = np.array([one.attention_mask for one in encoded], np.int64)
    states = reader.graph(
        "last_hidden_state", input_ids=ids, attention_mask=mask, token_type_ids=np.zeros_like(ids)
    )
    weights = mask[..., None].astype(np.float32)
    means = (states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    rows: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return rows


def _whole(text: str) -> str:
    """Return a text without NUL and halves of characters, which the tokenizer cannot take."""
    return text.replace("\0", " ").encode(errors="replace").decode()


@once
def _reader() -> _Reader:
    from tokenizers import Tokenizer

    model, words = MINILM.weights
    model.checked_path()
    tokenizer = Tokenizer.from_str(words.read().decode())
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    graph = converted("minilm.onnx", model.sha256, _graph)
    return _Reader(tokenizer, Graph(graph))


def _graph() -> bytes:
    from clarifai_models._onnx_graphs import lean_minilm

    return lean_minilm(MINILM.weights[0].read())
