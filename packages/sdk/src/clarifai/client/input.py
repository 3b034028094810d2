"""Door to inputs; `Input` is the name that some documented examples import."""

from __future__ import annotations

from clarifai_resources.inputs import Inputs
from clarifai_resources.inputs import Inputs as Input

__all__ = ["Input", "Inputs"]
