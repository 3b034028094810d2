"""The hooks of the SDK: everything that a plugin can add.

A plugin is a module (or object) named by an entry point in the group `clarifai.plugins`. It
implements hooks with the marker `hookimpl`; all hooks but one return specs, which cost nothing
until the named thing is asked for.

    from clarifai_core.contracts import LoaderSpec
    from clarifai_core.hookspecs import hookimpl

    @hookimpl
    def clarifai_register_loaders():
        return [LoaderSpec("parquet", "my_package.parquet:ParquetLoader", "Parquet files")]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_core.contracts import (
        ClauseSpec,
        CommandSpec,
        EndpointSpec,
        EngineSpec,
        ExporterSpec,
        LoaderSpec,
        MixinSpec,
        PolicySpec,
        PollerSpec,
        ResourceSpec,
        ServiceSpec,
        ViewSpec,
    )
    from clarifai_core.credentials import Credentials
    from clarifai_core.settings import Settings

PROJECT = "clarifai"
"""The pluggy project name."""

ENTRY_POINT_GROUP = "clarifai.plugins"
"""The entry-point group in which plugins announce themselves."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """Every hook, with what it returns."""

    @staticmethod
    @hookspec
    def clarifai_register_resources() -> Iterable[ResourceSpec]:  # type: ignore[empty-body]
        """Add resource kinds and their handles, such as what `App.dataset()` opens.

        Returns:
            One spec per kind; its target is the handle class.
        """

    @staticmethod
    @hookspec
    def clarifai_register_mixins() -> Iterable[MixinSpec]:  # type: ignore[empty-body]
        """Add attributes to handles of other packages, such as a method to every `Dataset`.

        Returns:
            One spec per class that has them; it is imported when one of the names is asked for.
        """

    @staticmethod
    @hookspec
    def clarifai_register_loaders() -> Iterable[LoaderSpec]:  # type: ignore[empty-body]
        """Add dataset loaders by name.

        Returns:
            One spec per loader; its target is called with the source and the options.
        """

    @staticmethod
    @hookspec
    def clarifai_register_exporters() -> Iterable[ExporterSpec]:  # type: ignore[empty-body]
        """Add export formats by name.

        Returns:
            One spec per format; its target is called with what it writes into.
        """

    @staticmethod
    @hookspec
    def clarifai_register_search_clauses() -> Iterable[ClauseSpec]:  # type: ignore[empty-body]
        """Add keys that ranks and filters of a search may have.

        Returns:
            One spec per key; its target knows the key's schema and its protobuf.
        """

    @staticmethod
    @hookspec
    def clarifai_register_pollers() -> Iterable[PollerSpec]:  # type: ignore[empty-body]
        """Add ways for a runner to get work and to return results.

        Returns:
            One spec per way.
        """

    @staticmethod
    @hookspec
    def clarifai_register_commands() -> Iterable[CommandSpec]:  # type: ignore[empty-body]
        """Add commands and groups to the `clarifai` program.

        Returns:
            One spec per command; the help line shows without importing the target.
        """

    @staticmethod
    @hookspec
    def clarifai_register_endpoints() -> Iterable[EndpointSpec]:  # type: ignore[empty-body]
        """Add URL schemes that `base_url` may have, such as `local:`.

        Returns:
            One spec per scheme; its target opens a connection.
        """

    @staticmethod
    @hookspec
    def clarifai_register_policies() -> Iterable[PolicySpec]:  # type: ignore[empty-body]
        """Add code around every call: metrics, tracing, audit.

        Returns:
            One spec per policy; its target makes the sans-IO step.
        """

    @staticmethod
    @hookspec(firstresult=True)
    def clarifai_credentials(settings: Settings) -> Credentials | None:
        """Supply credentials from a keyring or vault; the first plugin that has some wins.

        Asked only when neither an argument, the environment nor the context has any.

        Args:
            settings: What is resolved so far; `settings.base_url` names the platform.

        Returns:
            The credentials for that platform, or None to let the next plugin try.
        """

    @staticmethod
    @hookspec
    def clarifai_register_engines() -> Iterable[EngineSpec]:  # type: ignore[empty-body]
        """Add model types, embedders or models to the local platform.

        Returns:
            One spec per engine.
        """

    @staticmethod
    @hookspec
    def clarifai_register_services() -> Iterable[ServiceSpec]:  # type: ignore[empty-body]
        """Add or replace RPCs of the local platform.

        Returns:
            One spec per service.
        """

    @staticmethod
    @hookspec
    def clarifai_register_views() -> Iterable[ViewSpec]:  # type: ignore[empty-body]
        """Say how things are shown: in notebooks, by `print`, as data frames.

        Returns:
            One spec per form; its target is called with the thing, when it is asked for.
        """
