"""Doors to what the SDK offers: `from clarifai.client import User`.

Names are imported when they are first used; importing this package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clarifai.datasets.handle import Dataset
    from clarifai.resources.app import App
    from clarifai.resources.inputs import Inputs
    from clarifai.resources.lister import Lister
    from clarifai.resources.model import Model
    from clarifai.resources.module import Module
    from clarifai.resources.user import User
    from clarifai.resources.workflow import Workflow
    from clarifai.runner.handle import Runner
    from clarifai.search.handle import Search
else:
    from clarifai.core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        App="clarifai.resources.app:App",
        Dataset="clarifai.datasets.handle:Dataset",
        Inputs="clarifai.resources.inputs:Inputs",
        Lister="clarifai.resources.lister:Lister",
        Model="clarifai.resources.model:Model",
        Module="clarifai.resources.module:Module",
        Runner="clarifai.runner.handle:Runner",
        Search="clarifai.search.handle:Search",
        User="clarifai.resources.user:User",
        Workflow="clarifai.resources.workflow:Workflow",
    )

__all__ = [
    "App",
    "Dataset",
    "Inputs",
    "Lister",
    "Model",
    "Module",
    "Runner",
    "Search",
    "User",
    "Workflow",
]
