"""Bulk data in and out of Clarifai apps."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
