"""Door to handles on an event loop; they come with `pip install "clarifai[aio]>=13"`.

`from clarifai.aio import User`: methods are awaited, listings gone through by `async for`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_aio import App as App
    from clarifai_aio import Dataset as Dataset
    from clarifai_aio import Handle as Handle
    from clarifai_aio import Inputs as Inputs
    from clarifai_aio import Lister as Lister
    from clarifai_aio import Model as Model
    from clarifai_aio import Module as Module
    from clarifai_aio import Pager as Pager
    from clarifai_aio import Runner as Runner
    from clarifai_aio import Search as Search
    from clarifai_aio import Session as Session
    from clarifai_aio import User as User
    from clarifai_aio import Workflow as Workflow
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        App="clarifai_aio:App",
        Dataset="clarifai_aio:Dataset",
        Handle="clarifai_aio:Handle",
        Inputs="clarifai_aio:Inputs",
        Lister="clarifai_aio:Lister",
        Model="clarifai_aio:Model",
        Module="clarifai_aio:Module",
        Pager="clarifai_aio:Pager",
        Runner="clarifai_aio:Runner",
        Search="clarifai_aio:Search",
        Session="clarifai_aio:Session",
        User="clarifai_aio:User",
        Workflow="clarifai_aio:Workflow",
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
