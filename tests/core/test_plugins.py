import types

import pytest

from clarifai_core.contracts import LoaderSpec
from clarifai_core.hookspecs import hookimpl
from clarifai_core.plugins import Plugins, PluginSwitches


class Point:
    """An entry point of a distribution that is not installed."""

    def __init__(self, name, load, distribution="third-party"):
        self.name, self._load = name, load
        self.dist = types.SimpleNamespace(metadata={"Name": distribution}, version="1.0")
        self.loads = 0

    def load(self):
        self.loads += 1
        return self._load()


def loader_plugin(*names):
    module = types.ModuleType("plugin")

    @hookimpl
    def clarifai_register_loaders():
        return [LoaderSpec(name, "json:loads", "help") for name in names]

    module.clarifai_register_loaders = clarifai_register_loaders
    return lambda: module


def broken():
    raise RuntimeError("no luck at import")


ALL = PluginSwitches.parse(None, "")


def test_a_spec_is_found_by_name_and_loaded_when_asked():
    found = Plugins(ALL, [Point("a", loader_plugin("json"))]).find("loaders", "json")

    assert found.load()("[1]") == [1]


def test_nothing_is_imported_before_it_is_needed():
    point = Point("a", loader_plugin("json"))

    plugins = Plugins(ALL, [point])

    assert point.loads == 0
    plugins.list()
    assert point.loads == 1


def test_a_broken_plugin_is_listed_and_harms_no_other():
    plugins = Plugins(ALL, [Point("bad", broken), Point("good", loader_plugin("json"))])

    states = {info.name: info for info in plugins.list()}

    assert states["bad"].state == "broken"
    assert "no luck at import" in states["bad"].error
    assert [spec.name for spec in plugins.specs("loaders")] == ["json"]


def test_a_plugin_whose_hook_raises_is_broken_too():
    module = types.ModuleType("plugin")

    @hookimpl
    def clarifai_register_loaders():
        raise RuntimeError("no luck at registering")

    module.clarifai_register_loaders = clarifai_register_loaders
    plugins = Plugins(ALL, [Point("bad", lambda: module), Point("ok", loader_plugin("json"))])

    assert len(plugins.specs("loaders")) == 1
    assert next(i for i in plugins.list() if i.name == "bad").state == "broken"


def test_an_unknown_hook_breaks_its_plugin_only():
    module = types.ModuleType("plugin")

    @hookimpl
    def clarifai_register_wishes():
        return []

    module.clarifai_register_wishes = clarifai_register_wishes
    plugins = Plugins(ALL, [Point("odd", lambda: module), Point("ok", loader_plugin("json"))])

    assert {i.name: i.state for i in plugins.list()} == {"odd": "broken", "ok": "loaded"}


@pytest.mark.parametrize(
    ("only", "blocked", "allowed"),
    [
        (None, "", True),
        ("", "", False),
        ("a", "", True),
        ("third-party", "", True),
        (None, "a", False),
    ],
)
def test_plugins_are_allowed_or_blocked_before_they_are_imported(only, blocked, allowed):
    point = Point("a", loader_plugin("json"))

    Plugins(PluginSwitches.parse(only, blocked), [point]).list()

    assert point.loads == int(allowed)


def test_our_own_packages_stay_when_third_parties_are_left_out():
    ours = Point("datasets", loader_plugin("csv"), "clarifai-datasets")
    plugins = Plugins(PluginSwitches.parse("", ""), [ours, Point("a", loader_plugin("x"))])

    assert [spec.name for spec in plugins.specs("loaders")] == ["csv"]


def test_a_plugin_that_takes_a_name_of_another_is_left_out_and_listed():
    ours = Point("datasets", loader_plugin("csv"), "clarifai-datasets")
    plugins = Plugins(ALL, [Point("a", loader_plugin("csv", "x")), ours])

    assert [spec.name for spec in plugins.specs("loaders")] == ["csv"]
    broken_one = next(info for info in plugins.list() if info.name == "a")
    assert broken_one.state == "broken"
    assert "Both datasets and a register loaders 'csv'" in broken_one.error
