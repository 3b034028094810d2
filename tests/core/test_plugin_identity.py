"""Plugins are known by distribution and entry point: names that coincide switch nothing off."""

from __future__ import annotations

import threading
import types
from typing import Any

import attrs
import pytest

from clarifai_core._entry_points import AnnouncedPlugin
from clarifai_core._own_plugins import doors_requirements, is_family
from clarifai_core.contracts import CommandSpec, LoaderSpec, PolicySpec
from clarifai_core.credentials import Credentials
from clarifai_core.hookspecs import hookimpl
from clarifai_core.plugins import Plugins, PluginSwitches
from clarifai_core.settings import Settings
from tests.core.test_plugins import ALL, Point, loader_plugin


def plugin(**hooks: Any) -> Any:
    """Return what loads a plugin with these hooks, each given as a function."""
    module = types.ModuleType("plugin")
    for name, function in hooks.items():
        function.__name__ = name
        setattr(module, name, hookimpl(function))
    return lambda: module


def states(plugins: Plugins) -> dict[str, str]:
    return {info.identity: info.state for info in plugins.list()}


def test_a_third_party_named_like_ours_switches_neither_off():
    ours = Point("search", loader_plugin("ours"), "clarifai-search")
    theirs = Point("search", loader_plugin("theirs"), "acme-tools")

    plugins = Plugins(ALL, [theirs, ours])

    assert states(plugins) == {"clarifai-search:search": "loaded", "acme-tools:search": "loaded"}
    assert [spec.name for spec in plugins.specs("loaders")] == ["ours", "theirs"]


def test_three_third_parties_of_one_name_all_work():
    points = [Point("plug", loader_plugin(name), f"dist-{name}") for name in "abc"]

    assert [spec.name for spec in Plugins(ALL, points).specs("loaders")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("blocked", "left"),
    [
        ("search", []),
        ("acme-tools", ["clarifai-search:search"]),
        ("acme.tools : Search", ["clarifai-search:search"]),
        ("clarifai-search:search", ["acme-tools:search"]),
        ("acme-tools:else", ["clarifai-search:search", "acme-tools:search"]),
    ],
)
def test_one_of_two_is_blocked_by_distribution_or_by_both_names(blocked, left):
    points = [
        Point("search", loader_plugin("ours"), "clarifai-search"),
        Point("search", loader_plugin("theirs"), "Acme_Tools"),
    ]

    plugins = Plugins(PluginSwitches.parse(None, blocked), points)

    assert [info.identity for info in plugins.list() if info.state == "loaded"] == left


def test_only_one_of_two_is_let_in_by_both_names():
    points = [Point("plug", loader_plugin(name), f"dist-{name}") for name in "ab"]

    plugins = Plugins(PluginSwitches.parse("dist-b:plug", ""), points)

    assert states(plugins) == {"dist-a:plug": "blocked", "dist-b:plug": "loaded"}


def test_a_clash_of_two_with_one_name_says_which_and_how_to_block_one():
    points = [Point("plug", loader_plugin("csv"), f"dist-{name}") for name in "ab"]

    refused = Plugins(ALL, points).list()[1]

    assert refused.reason == (
        "Both plug of dist-a and plug of dist-b register loaders 'csv'; plug of dist-b is left "
        "out. Block one: CLARIFAI_BLOCK_PLUGINS=dist-a:plug or dist-b:plug."
    )


SETTINGS = Settings.resolve(base_url="api.example.com")


@pytest.mark.parametrize("first", ["policies", "credentials", "loaders", "commands"])
def test_nothing_of_a_plugin_that_clashes_runs_whatever_is_asked_for_first(first):
    asked: list[str] = []

    def credentials(settings: Settings) -> Credentials:
        asked.append("credentials")
        return Credentials("pat", "stolen")

    thief = plugin(
        clarifai_register_policies=lambda: [PolicySpec("spy", "acme:spy")],
        clarifai_credentials=credentials,
        clarifai_register_loaders=lambda: [LoaderSpec("mine", "json:loads")],
        clarifai_register_commands=lambda: [CommandSpec("whoami", "acme:whoami")],
    )
    ours = plugin(clarifai_register_commands=lambda: [CommandSpec("whoami", "cli:whoami")])
    plugins = Plugins(ALL, [Point("thief", thief), Point("cli", ours, "clarifai-cli")])

    if first == "credentials":
        assert plugins.credentials(SETTINGS) is None
    else:
        assert all(spec.target == "cli:whoami" for spec in plugins.specs(first))

    assert plugins.specs("policies") == plugins.specs("loaders") == ()
    assert plugins.hook.clarifai_credentials(settings=SETTINGS) is None
    assert plugins.credentials(SETTINGS) is None
    assert asked == []
    assert states(plugins)["third-party:thief"] == "broken"


def test_a_name_that_only_a_refused_plugin_took_is_free():
    greedy = plugin(
        clarifai_register_loaders=lambda: [LoaderSpec("x", "json:loads")],
        clarifai_register_commands=lambda: None,
    )

    plugins = Plugins(ALL, [Point("a", greedy), Point("b", loader_plugin("x"))])

    assert plugins.owner("loaders", "x") == "b of third-party"


def with_unmarked_hook() -> Any:
    return types.SimpleNamespace(clarifai_register_loaders=loader_plugin)


class Acme:
    @hookimpl
    def clarifai_register_loaders(self):
        return [LoaderSpec("x", "json:loads")]


@pytest.mark.parametrize(
    ("load", "said"),
    [
        (
            plugin(clarifai_register_loader=lambda: None),
            "clarifai_register_loader is no hook (did you mean 'clarifai_register_loaders'?): re",
        ),
        (
            plugin(clarifai_credentials=lambda origin: None),
            "clarifai_credentials asks for origin: it gets only settings, so change",
        ),
        (
            plugin(clarifai_register_loaders=lambda config: None),
            "clarifai_register_loaders asks for config: it gets no parameters, so change",
        ),
        (with_unmarked_hook, "clarifai_register_loaders has no @hookimpl"),
        (lambda: Acme, "its entry point names the class Acme: name a module, or an instance"),
    ],
)
def test_a_hook_that_is_misused_is_one_sentence_with_the_remedy(load, said):
    plugins = Plugins(ALL, [Point("bad", load), Point("good", loader_plugin("json"))])

    bad, good = plugins.list()
    assert bad.reason.startswith(said)
    assert not {"{", "\n"} & set(bad.reason)
    assert bad.reason.endswith("; update it, or block it: CLARIFAI_BLOCK_PLUGINS=third-party:bad.")
    assert (bad.state, good.state) == ("broken", "loaded")


def test_an_instance_is_a_plugin():
    assert Plugins(ALL, [Point("acme", Acme)]).find("loaders", "x") is not None


def test_two_that_share_one_module_are_told_apart_in_a_sentence():
    load = loader_plugin("json")

    refused = Plugins(ALL, [Point("a", load, "dist-a"), Point("a", load, "dist-b")]).list()[1]

    assert refused.reason == (
        "a of dist-b names the same module as a of dist-a; give it one of its own."
    )


def test_one_identity_that_is_announced_twice_counts_once():
    points = [Point("a", loader_plugin("x")), Point("a", loader_plugin("y"))]

    first, second = Plugins(ALL, points).list()

    assert (first.state, second.state) == ("loaded", "broken")
    assert "announced twice" in second.reason


def test_a_plugin_that_asks_for_specs_while_it_is_imported_gets_what_there_is():
    def nosy() -> Any:
        seen.append([spec.name for spec in plugins.specs("loaders")])
        return loader_plugin("nosy")()

    seen: list[list[str]] = []
    plugins = Plugins(ALL, [Point("a", loader_plugin("first")), Point("b", nosy)])

    assert [spec.name for spec in plugins.specs("loaders")] == ["first", "nosy"]
    assert seen == [["first"]]


def test_other_threads_wait_until_all_plugins_are_asked():
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> Any:
        begun.set()
        assert go_on.wait(60)
        return loader_plugin("slow")()

    plugins = Plugins(ALL, [Point("a", slow), Point("b", loader_plugin("quick"))])
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(plugins.specs("loaders"))))
        for _ in range(3)
    ]
    threads[0].start()
    assert begun.wait(60)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(30)

    assert found == [2, 2, 2]


@attrs.frozen
class Installed:
    """A distribution by its requirements."""

    requires: list[str] | None


OURS = Installed(["clarifai-core>=0.2,<0.3", 'Clarifai_Search[x]>=0.2; extra == "search"'])
OFFICIAL = Installed(["clarifai-grpc>=12.1", "PyYAML>=6.0"])


@pytest.mark.parametrize(
    ("installed", "named"),
    [
        ([OURS], {"clarifai-core", "clarifai-search"}),
        ([OFFICIAL, OURS], {"clarifai-core", "clarifai-search"}),
        ([OFFICIAL], None),
        ([Installed(None)], None),
        ([], None),
    ],
)
def test_the_doors_that_stand_on_core_name_the_family(installed, named):
    assert doors_requirements(installed) == named


@pytest.mark.parametrize(
    ("distribution", "name", "target", "with_doors", "without"),
    [
        ("clarifai-search", "search", "clarifai_search.plugin", True, True),
        ("Clarifai.Search", "search", "clarifai_search.plugin", True, True),
        ("clarifai-weather", "weather", "clarifai_weather.plugin", False, True),
        ("clarifai-search", "search", "evil", True, False),
        ("clarifai-weather", "search", "clarifai_weather.plugin", False, False),
        ("acme", "search", "clarifai_search.plugin", False, False),
        ("", "search", "clarifai_search.plugin", False, False),
    ],
)
def test_who_is_of_the_family(distribution, name, target, with_doors, without):
    one = AnnouncedPlugin(name, distribution, target=target)

    assert is_family(one, doors_requirements([OURS])) is with_doors
    assert is_family(one, doors_requirements([OFFICIAL])) is without


def test_our_installed_rooms_are_of_the_family():
    rooms = {
        info.distribution for info in Plugins(PluginSwitches.parse("", "")).list() if info.is_ours
    }

    assert {"clarifai-datasets", "clarifai-search", "clarifai-cli"} <= rooms
