"""Searches, on an event loop; they come with the extra `search`."""

from clarifai_aio._core.extras import need
from clarifai_core.lazy import lazy_submodules

need("clarifai_search", "search")
lazy_submodules(__name__)
