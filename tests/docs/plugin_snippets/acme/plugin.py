"""The plugin module of the examples in docs/plugins.md: what a third party would ship."""

# --8<-- [start:imports]
from __future__ import annotations

from typing import TYPE_CHECKING

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
from clarifai_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from clarifai_core.credentials import Credentials
    from clarifai_core.settings import Settings
# --8<-- [end:imports]


# --8<-- [start:resources]
@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    return [
        ResourceSpec(
            "collector",
            "acme.collectors:Collector",
            "Collectors.",
            kind="acme.collectors:KIND",
            verbs=("list", "show", "delete"),
        ),
    ]


# --8<-- [end:resources]


# --8<-- [start:mixins]
@hookimpl
def clarifai_register_mixins() -> list[MixinSpec]:
    return [
        MixinSpec(
            "labels",
            "acme.labels:CountsLabels",
            "How often each label was given.",
            names=("label_counts", "most_frequent_label"),
            kinds=("inputs",),
        )
    ]


# --8<-- [end:mixins]


# --8<-- [start:loaders]
@hookimpl
def clarifai_register_loaders() -> list[LoaderSpec]:
    return [
        LoaderSpec("tsv", "acme.loaders:TsvLoader", "Texts.", detect="acme.detection:tsv"),
    ]


# --8<-- [end:loaders]


# --8<-- [start:exporters]
@hookimpl
def clarifai_register_exporters() -> list[ExporterSpec]:
    return [ExporterSpec("tsv", "acme.exporters:TsvExporter", "Texts and labels.")]


# --8<-- [end:exporters]


# --8<-- [start:search_clauses]
@hookimpl
def clarifai_register_search_clauses() -> list[ClauseSpec]:
    return [
        ClauseSpec("language", "acme.clauses:Language", "Inputs in a language.", roles=("filter",)),
    ]


# --8<-- [end:search_clauses]


# --8<-- [start:pollers]
@hookimpl
def clarifai_register_pollers() -> list[PollerSpec]:
    return [PollerSpec("memory", "acme.pollers:MemoryPoller", "Work from a queue in memory.")]


# --8<-- [end:pollers]


# --8<-- [start:commands]
@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    return [
        CommandSpec("acme hello", "acme.commands:hello", "Greet somebody."),
        CommandSpec("acme clean", "acme.commands:clean", "Delete what was made for a while."),
    ]


# --8<-- [end:commands]


# --8<-- [start:endpoints]
@hookimpl
def clarifai_register_endpoints() -> list[EndpointSpec]:
    return [EndpointSpec("unix", "acme.endpoints:open_socket", "A platform behind a socket file.")]


# --8<-- [end:endpoints]


# --8<-- [start:policies]
@hookimpl
def clarifai_register_policies() -> list[PolicySpec]:
    return [PolicySpec("count", "acme.policies:counting", "Counts calls by RPC.", order=50)]


# --8<-- [end:policies]


# --8<-- [start:credentials]
@hookimpl
def clarifai_credentials(settings: Settings) -> Credentials | None:
    from acme.vault import read_pat  # only here: the plugin module itself must cost nothing

    return read_pat(settings.endpoint.origin)


# --8<-- [end:credentials]


# --8<-- [start:engines]
@hookimpl
def clarifai_register_engines() -> list[EngineSpec]:
    return [
        EngineSpec("majority-classifier", "acme.engines:MajorityEngine", "Answers the mode."),
        EngineSpec("clarifai/main/moderation-recognition", "acme.moderation:Brightness", "Acme's."),
    ]


# --8<-- [end:engines]


# --8<-- [start:services]
@hookimpl
def clarifai_register_services() -> list[ServiceSpec]:
    return [ServiceSpec("collectors", "acme.services:Collectors", "Keeps collectors.")]


# --8<-- [end:services]


# --8<-- [start:views]
@hookimpl
def clarifai_register_views() -> list[ViewSpec]:
    return [ViewSpec("html", "acme.pages:page", "Things with links to Acme's console.")]


# --8<-- [end:views]
