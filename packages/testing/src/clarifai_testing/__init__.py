r"""Conformance tests and fixtures for plugins: a contract for each hook.

    from clarifai_testing import LoaderContract

    class TestTsvLoader(LoaderContract):
        plugin = "acme.plugin"
        name = "tsv"

        def source(self, folder):
            path = folder / "notes.tsv"
            path.write_text("good\tsunny all day\n")
            return path

pytest runs what the contract holds. The plugin need not be installed. Each failure is one sentence
that says what to change. Importing this costs nothing; each name is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.lazy import lazy_submodules

if TYPE_CHECKING:
    from clarifai_testing._clauses import ClauseContract
    from clarifai_testing._commands_contract import CommandContract
    from clarifai_testing._credentials import CredentialsContract
    from clarifai_testing._endpoints import EndpointContract
    from clarifai_testing._engines import EngineContract
    from clarifai_testing._exporters import Example, ExporterContract
    from clarifai_testing._loaders import LoaderContract
    from clarifai_testing._mixins import MixinContract
    from clarifai_testing._policies import PolicyContract
    from clarifai_testing._pollers import PollerContract
    from clarifai_testing._predictors import PredictorContract
    from clarifai_testing._resources import ResourceContract
    from clarifai_testing._services import ServiceContract
    from clarifai_testing._views import ViewContract
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        ClauseContract="clarifai_testing._clauses:ClauseContract",
        CommandContract="clarifai_testing._commands_contract:CommandContract",
        CredentialsContract="clarifai_testing._credentials:CredentialsContract",
        EndpointContract="clarifai_testing._endpoints:EndpointContract",
        EngineContract="clarifai_testing._engines:EngineContract",
        Example="clarifai_testing._exporters:Example",
        ExporterContract="clarifai_testing._exporters:ExporterContract",
        LoaderContract="clarifai_testing._loaders:LoaderContract",
        MixinContract="clarifai_testing._mixins:MixinContract",
        PolicyContract="clarifai_testing._policies:PolicyContract",
        PollerContract="clarifai_testing._pollers:PollerContract",
        PredictorContract="clarifai_testing._predictors:PredictorContract",
        ResourceContract="clarifai_testing._resources:ResourceContract",
        ServiceContract="clarifai_testing._services:ServiceContract",
        ViewContract="clarifai_testing._views:ViewContract",
    )

__all__ = [
    "ClauseContract",
    "CommandContract",
    "CredentialsContract",
    "EndpointContract",
    "EngineContract",
    "Example",
    "ExporterContract",
    "LoaderContract",
    "MixinContract",
    "PolicyContract",
    "PollerContract",
    "PredictorContract",
    "ResourceContract",
    "ServiceContract",
    "ViewContract",
]

lazy_submodules(__name__)
