"""The embedder that every installation has: no download, no GPU, the same vectors everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_local.engine._images import embed_images
from clarifai_local.engine._texts import embed_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_local.engine._images import Floats
    from clarifai_local.engine.contracts import Embedder

__all__ = ["FeatureEmbedder", "default_embedder", "embed_images", "embed_texts"]


class FeatureEmbedder:
    """Hand-made features: see `images` and `texts` for what they hold."""

    image_space = "local-image-v1"
    text_space = "local-text-v1"

    def embed_images(self, images: Sequence[bytes], /) -> Floats:
        """Return (n, 512) unit vectors of shape, edges and colour."""
        return embed_images(images)

    def embed_texts(self, texts: Sequence[str], /) -> Floats:
        """Return (n, 512) unit vectors of hashed words and pieces of words."""
        return embed_texts(texts)


def default_embedder() -> Embedder:
    """Return the embedder that is used unless a plugin brings one.

    Example:
        >>> default_embedder().embed_texts(["a red bus"]).shape
        (1, 512)
    """
    return FeatureEmbedder()
