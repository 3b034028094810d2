"""Clarifai on an event loop: `from clarifai.aio import User`.

Handles as those of `clarifai.client`, whose methods are awaited and whose listings are gone through
by `async for`. Names are imported when they are first used; importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.lazy import lazy_submodules

if TYPE_CHECKING:
    from clarifai_aio._core.handles import Handle
    from clarifai_aio._core.paging import Pager
    from clarifai_aio._core.session import Downloads, Session
    from clarifai_aio._datasets._upload_status import Stats, UploadStatus
    from clarifai_aio._datasets.handle import Dataset
    from clarifai_aio._resources.app import App
    from clarifai_aio._resources.inputs.inputs import Inputs
    from clarifai_aio._resources.lister import Lister
    from clarifai_aio._resources.model._streams import AnyIterable
    from clarifai_aio._resources.model._training import TrainingStatus
    from clarifai_aio._resources.model.model import Model
    from clarifai_aio._resources.module import Module
    from clarifai_aio._resources.user import User
    from clarifai_aio._resources.workflow.workflow import Workflow
    from clarifai_aio._runner.handle import Runner
    from clarifai_aio._search._hits import Hits
    from clarifai_aio._search._saving import SavedHits
    from clarifai_aio._search.handle import Search
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        AnyIterable="clarifai_aio._resources.model._streams:AnyIterable",
        App="clarifai_aio._resources.app:App",
        Dataset="clarifai_aio._datasets.handle:Dataset",
        Downloads="clarifai_aio._core.session:Downloads",
        Handle="clarifai_aio._core.handles:Handle",
        Hits="clarifai_aio._search._hits:Hits",
        Inputs="clarifai_aio._resources.inputs.inputs:Inputs",
        Lister="clarifai_aio._resources.lister:Lister",
        Model="clarifai_aio._resources.model.model:Model",
        Module="clarifai_aio._resources.module:Module",
        Pager="clarifai_aio._core.paging:Pager",
        Runner="clarifai_aio._runner.handle:Runner",
        SavedHits="clarifai_aio._search._saving:SavedHits",
        Search="clarifai_aio._search.handle:Search",
        Session="clarifai_aio._core.session:Session",
        Stats="clarifai_aio._datasets._upload_status:Stats",
        TrainingStatus="clarifai_aio._resources.model._training:TrainingStatus",
        UploadStatus="clarifai_aio._datasets._upload_status:UploadStatus",
        User="clarifai_aio._resources.user:User",
        Workflow="clarifai_aio._resources.workflow.workflow:Workflow",
    )

__all__ = [
    "AnyIterable",
    "App",
    "Dataset",
    "Downloads",
    "Handle",
    "Hits",
    "Inputs",
    "Lister",
    "Model",
    "Module",
    "Pager",
    "Runner",
    "SavedHits",
    "Search",
    "Session",
    "Stats",
    "TrainingStatus",
    "UploadStatus",
    "User",
    "Workflow",
]

lazy_submodules(__name__)
