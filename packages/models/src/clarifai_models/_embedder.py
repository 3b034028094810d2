"""The embedder of the platform, made of what sees and what understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_models import _seeing, _understanding, _words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_local.engine.contracts import VectorScores
    from clarifai_models._running import Floats


class PretrainedEmbedder:
    """Vectors of pictures and of texts, in a space of each; see `contracts.WordedEmbedder`."""

    image_space = _seeing.SPACE
    text_space = _understanding.SPACE

    def embed_images(self, images: Sequence[bytes], /) -> Floats:
        """Return (n, 512) unit vectors."""
        return _seeing.embed_images(images)

    def embed_texts(self, texts: Sequence[str], /) -> Floats:
        """Return (n, 384) unit vectors."""
        return _understanding.embed_texts(texts)

    def fit_to(self, text: str, /) -> VectorScores | None:
        """Return what scores vectors of pictures by a text."""
        return _words.fit_to(text)
