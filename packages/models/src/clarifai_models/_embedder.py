"""The embedder of the platform, made of what sees and what understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_models import _image_vectors, _text_vectors, _zero_shot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_local.engine.contracts import VectorScores
    from clarifai_models._onnx import Floats


class PretrainedEmbedder:
    """Vectors of pictures and of texts, in a space of each; see `contracts.WordedEmbedder`."""

    image_space = _image_vectors.SPACE
    text_space = _text_vectors.SPACE

    def embed_images(self, images: Sequence[bytes], /) -> Floats:
        """Return (n, 512) unit vectors."""
        return _image_vectors.embed_images(images)

    def embed_texts(self, texts: Sequence[str], /) -> Floats:
        """Return (n, 384) unit vectors."""
        return _text_vectors.embed_texts(texts)

    def fit_to(self, text: str, /) -> VectorScores | None:
        """Return what scores vectors of pictures by a text."""
        return _zero_shot.fit_to(text)
