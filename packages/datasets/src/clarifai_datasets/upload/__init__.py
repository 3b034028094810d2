"""From files and features to inputs of a dataset, through one bounded pipeline."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
