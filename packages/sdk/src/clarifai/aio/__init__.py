"""Door to handles on an event loop; they come with `pip install "clarifai[aio]>=13"`.

`from clarifai.aio import User`: methods are awaited, listings gone through by `async for`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_aio._core.handles import Handle as Handle
    from clarifai_aio._core.paging import Pager as Pager
    from clarifai_aio._core.session import Session as Session
    from clarifai_aio._datasets.handle import Dataset as Dataset
    from clarifai_aio._resources.app import App as App
    from clarifai_aio._resources.inputs.inputs import Inputs as Inputs
    from clarifai_aio._resources.lister import Lister as Lister
    from clarifai_aio._resources.model.model import Model as Model
    from clarifai_aio._resources.module import Module as Module
    from clarifai_aio._resources.user import User as User
    from clarifai_aio._resources.workflow.workflow import Workflow as Workflow
    from clarifai_aio._runner import Runner as Runner
    from clarifai_aio._search.handle import Search as Search
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        App="clarifai_aio._resources.app:App",
        Dataset="clarifai_aio._datasets.handle:Dataset",
        Handle="clarifai_aio._core.handles:Handle",
        Inputs="clarifai_aio._resources.inputs.inputs:Inputs",
        Lister="clarifai_aio._resources.lister:Lister",
        Model="clarifai_aio._resources.model.model:Model",
        Module="clarifai_aio._resources.module:Module",
        Pager="clarifai_aio._core.paging:Pager",
        Runner="clarifai_aio._runner:Runner",
        Search="clarifai_aio._search.handle:Search",
        Session="clarifai_aio._core.session:Session",
        User="clarifai_aio._resources.user:User",
        Workflow="clarifai_aio._resources.workflow.workflow:Workflow",
    )

__all__ = [
    "App",
    "Dataset",
    "Handle",
    "Inputs",
    "Lister",
    "Model",
    "Module",
    "Pager",
    "Runner",
    "Search",
    "Session",
    "User",
    "Workflow",
]
