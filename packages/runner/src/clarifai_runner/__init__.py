"""A long-running worker that gets inputs from the platform and posts what a model makes of them.

What a runner hands out is named by `from clarifai_runner import Metrics`, for annotations.
Importing this costs nothing; each name is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.lazy import lazy_submodules

if TYPE_CHECKING:
    from clarifai_runner._metrics import Latency, Metrics
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        Latency="clarifai_runner._metrics:Latency",
        Metrics="clarifai_runner._metrics:Metrics",
    )

__all__ = [
    "Latency",
    "Metrics",
]

lazy_submodules(__name__)
