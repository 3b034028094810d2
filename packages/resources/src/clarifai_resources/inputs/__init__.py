"""Inputs of an app: making them, sending them, listing, changing, deleting and downloading them."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)

from clarifai_resources.inputs.inputs import Inputs  # noqa: E402  why: it imports its neighbours

__all__ = ["Inputs"]
