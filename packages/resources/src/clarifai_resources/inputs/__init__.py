"""Inputs of an app: making them, sending them, listing, changing, deleting and downloading them."""

from __future__ import annotations

from clarifai_resources.inputs.inputs import Inputs

__all__ = ["Inputs"]
