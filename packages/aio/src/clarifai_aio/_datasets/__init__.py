"""Datasets, on an event loop; they come with the extra `datasets`."""

from clarifai_aio._core.extras import need
from clarifai_core.lazy import lazy_submodules

need("clarifai_datasets", "datasets")
lazy_submodules(__name__)
