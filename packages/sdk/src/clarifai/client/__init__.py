"""Doors to what the SDK offers: `from clarifai.client import User`.

Names are imported when they are first used; importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_compat.auth_helper import create_stub as create_stub
    from clarifai_compat.base_client import BaseClient as BaseClient
    from clarifai_compat.stub import V2Stub as V2Stub
    from clarifai_datasets.handle import Dataset
    from clarifai_resources.app import App
    from clarifai_resources.inputs import Inputs
    from clarifai_resources.lister import Lister
    from clarifai_resources.model import Model
    from clarifai_resources.module import Module
    from clarifai_resources.user import User
    from clarifai_resources.workflow import Workflow
    from clarifai_runner.handle import Runner
    from clarifai_search.handle import Search
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        App="clarifai_resources.app:App",
        BaseClient="clarifai_compat.base_client:BaseClient",
        Dataset="clarifai_datasets.handle:Dataset",
        Inputs="clarifai_resources.inputs:Inputs",
        Lister="clarifai_resources.lister:Lister",
        Model="clarifai_resources.model:Model",
        Module="clarifai_resources.module:Module",
        Runner="clarifai_runner.handle:Runner",
        Search="clarifai_search.handle:Search",
        User="clarifai_resources.user:User",
        V2Stub="clarifai_compat.stub:V2Stub",
        Workflow="clarifai_resources.workflow:Workflow",
        create_stub="clarifai_compat.auth_helper:create_stub",
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
