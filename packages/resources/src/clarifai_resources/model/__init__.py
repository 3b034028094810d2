"""Models: predicting, training, evaluating, and their versions."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)

from clarifai_resources.model.model import Model  # noqa: E402  why: it imports its neighbours

__all__ = ["Model"]
