"""Door to runners; they come with `pip install "clarifai[runner]>=13"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_runner.handle import Runner
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__, Runner="clarifai_runner.handle:Runner")

__all__ = ["Runner"]
