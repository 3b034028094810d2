"""Models, on an event loop."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
