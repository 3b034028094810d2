"""What this package adds: engines behind public models, as defaults that give way to others."""

from __future__ import annotations

from clarifai_core.contracts import EngineSpec
from clarifai_core.hookspecs import hookimpl

_MAIN = "clarifai/main"


def _spec(name: str, target: str, says: str) -> EngineSpec:
    here = "clarifai_models"
    facts = f"{here}._catalogue:facts"
    return EngineSpec(name, f"{here}.{target}", says, is_default=True, facts=facts)


@hookimpl
def clarifai_register_engines() -> list[EngineSpec]:
    """Put pretrained models behind the embedder and the public models they are good at."""
    return [
        _spec(
            "embedder",
            "_embedder:PretrainedEmbedder",
            "Images by EfficientNet-Lite0 (512 numbers), texts by all-MiniLM-L6-v2 (384 numbers).",
        ),
        _spec(
            f"{_MAIN}/general-image-recognition",
            "_recognition:general",
            "The classes of ImageNet and the kinds of things that they are, by EfficientNet-Lite0.",
        ),
        _spec(
            f"{_MAIN}/food-item-recognition",
            "_recognition:foods",
            "The foods among the classes of ImageNet, by EfficientNet-Lite0.",
        ),
        _spec(
            f"{_MAIN}/face-detection",
            "_faces:detector",
            "Faces by MTCNN; nobody is told apart.",
        ),
        _spec(
            f"{_MAIN}/ocr-scene-english-paddleocr",
            "_ocr:reader",
            "Lines of text by PP-OCRv6 (small), each with its box.",
        ),
        _spec(
            f"{_MAIN}/moderation-recognition",
            "_moderation:moderator",
            "How probably a picture is pornographic, by Open NSFW. Whether it is suggestive, and "
            "drugs and gore, it cannot tell, and leaves out.",
        ),
        _spec(
            f"{_MAIN}/nsfw-recognition",
            "_moderation:nsfw",
            "How probably a picture is pornographic, by Open NSFW.",
        ),
    ]
