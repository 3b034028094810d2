"""Runners, on an event loop; they come with the extra `runner`."""

from clarifai_aio._core.extras import need
from clarifai_core.lazy import lazy_submodules

need("clarifai_runner", "runner")
lazy_submodules(__name__)
