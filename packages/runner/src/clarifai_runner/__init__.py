"""A long-running worker that gets inputs from the platform and posts what a model makes of them."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
