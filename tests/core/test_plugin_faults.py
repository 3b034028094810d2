"""Plugins that fail in every way: each is listed as broken in one sentence, and harms no other."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from clarifai_grpc.grpc.api import service_pb2

from clarifai_core.contracts import CommandSpec, LoaderSpec, PolicySpec
from clarifai_core.credentials import Credentials
from clarifai_core.errors import PluginError
from clarifai_core.hookspecs import hookimpl
from clarifai_core.plugins import Plugins, PluginSwitches
from clarifai_core.settings import Settings
from clarifai_core.transport import catalogue
from clarifai_core.transport._flow import drive
from clarifai_core.transport._plugin_policies import policies_of
from clarifai_core.transport.calls import RpcCall, Sleep
from clarifai_core.transport.catalogue import CallLimits
from tests.core.test_plugins import ALL, Point, loader_plugin

KEY = "SECRETPAT0123456789abcdef"

WRONG_HELP: dict[str, Any] = {"help": 5}
WRONG_SUFFIXES: dict[str, Any] = {"suffixes": (1,)}


def plugin_with(hook, function):
    module = types.ModuleType("plugin")
    function.__name__ = hook
    setattr(module, hook, hookimpl(function))
    return lambda: module


def endless():
    while True:
        yield LoaderSpec("x", "json:loads")


def raises_midway():
    yield LoaderSpec("x", "json:loads")
    raise RuntimeError("no luck in the middle")


class Nameless(LoaderSpec):
    def __init__(self):
        pass


class Exits(BaseException):
    pass


def raising(error):
    raise error


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (lambda: None, "returned None"),
        (lambda: 5, "returned a int"),
        (lambda: "loader", "item 1 is a str"),
        (lambda: [1], "item 1 is a int"),
        (lambda: [LoaderSpec("a", "m:a"), None], "item 2 is a NoneType"),
        (lambda: [CommandSpec("a", "m:a")], "item 1 is a CommandSpec"),
        (lambda: LoaderSpec("a", "m:a"), "returned a LoaderSpec"),
        (lambda: [LoaderSpec], "item 1 is a type"),
        (lambda: [Nameless()], "has no name"),
        (lambda: [LoaderSpec(" a\x1b[2J", "m:a")], "has no name"),
        (lambda: [LoaderSpec("a", "m:a", **WRONG_HELP)], "help of 'a' is a int"),
        (lambda: [LoaderSpec("a", "m:a", **WRONG_SUFFIXES)], "suffixes of 'a' is a tuple"),
        (lambda: [LoaderSpec("a", "m:a"), LoaderSpec("a", "m:b")], "gives 'a' twice"),
        (endless, "more than 1000 specs"),
        (raises_midway, "no luck in the middle"),
        (lambda: sys.exit(3), "ends the program"),
        (lambda: raising(Exits("gone")), "Exits: gone"),
    ],
)
def test_a_hook_that_gives_no_specs_is_broken_and_harms_no_other(gives, said):
    bad = Point("bad", plugin_with("clarifai_register_loaders", lambda: gives()))
    plugins = Plugins(ALL, [bad, Point("good", loader_plugin("json"))])

    assert [spec.name for spec in plugins.specs("loaders")] == ["json"]
    (info,) = (one for one in plugins.list() if one.name == "bad")
    assert info.state == "broken"
    assert said in info.reason
    assert "\n" not in info.reason


@pytest.mark.parametrize(
    "error",
    [SystemExit(3), SystemExit(), Exits("gone"), GeneratorExit(), MemoryError(), RecursionError()],
    ids=repr,
)
def test_an_import_that_ends_in_any_way_is_broken(error):
    plugins = Plugins(
        ALL, [Point("bad", lambda: raising(error)), Point("good", loader_plugin("json"))]
    )

    assert {one.name: one.state for one in plugins.list()} == {"bad": "broken", "good": "loaded"}


def test_an_interrupt_while_a_plugin_is_imported_is_an_interrupt():
    plugins = Plugins(ALL, [Point("slow", lambda: raising(KeyboardInterrupt()))])

    with pytest.raises(KeyboardInterrupt):
        plugins.list()


@pytest.mark.parametrize(
    ("distribution", "blocked"),
    [
        ("dotted.name", "dotted-name"),
        ("dotted.name", "Dotted__Name"),
        ("dotted-name", "dotted.-_name"),
        ("Under_Score", "under.score"),
        ("a--b", "a-b"),
    ],
)
def test_a_blocked_name_is_known_in_every_spelling(distribution, blocked):
    by_distribution = Point("plug", loader_plugin("json"), distribution)
    by_entry_point = Point(distribution, loader_plugin("json"), "third-party")

    plugins = Plugins(PluginSwitches.parse(None, blocked), [by_distribution, by_entry_point])

    assert [one.state for one in plugins.list()] == ["blocked", "blocked"]
    assert (by_distribution.loads, by_entry_point.loads) == (0, 0)


def test_two_plugins_of_one_name_both_work():
    first = Point("plug", loader_plugin("one"), "dist-a")
    second = Point("plug", loader_plugin("two"), "dist-b")

    plugins = Plugins(ALL, [first, second])

    assert [spec.name for spec in plugins.specs("loaders")] == ["one", "two"]


def test_what_is_refused_is_refused_whole():
    module = types.ModuleType("plugin")

    @hookimpl
    def clarifai_register_loaders():
        return [LoaderSpec("mine", "json:loads")]

    @hookimpl
    def clarifai_register_commands():
        return None

    module.clarifai_register_loaders = clarifai_register_loaders
    module.clarifai_register_commands = clarifai_register_commands
    plugins = Plugins(ALL, [Point("half", lambda: module)])

    assert plugins.find("loaders", "mine") is None
    assert plugins.list()[0].state == "broken"


@pytest.mark.parametrize(
    ("target", "said"),
    [("no_such_module:x", "ModuleNotFoundError"), ("json:nothing", "AttributeError")],
)
def test_a_target_that_cannot_be_imported_is_one_sentence(target, said):
    with pytest.raises(PluginError, match=said):
        LoaderSpec("mine", target).load()


def test_a_target_whose_import_exits_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "exits_at_once.py").write_text("import sys; sys.exit(3)")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(PluginError, match="it ends the program"):
        LoaderSpec("mine", "exits_at_once:x").load()


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (lambda: KEY, "returns a str instead of Credentials"),
        (lambda: ("authorization", KEY), "returns a tuple"),
        (lambda: raising(RuntimeError(f"the vault refuses {KEY}")), "fails with RuntimeError"),
        (lambda: raising(ValueError(KEY)), "fails with ValueError"),
    ],
)
def test_credentials_that_are_none_name_the_plugin_and_no_secret(gives, said):
    import traceback

    hook = plugin_with("clarifai_credentials", lambda settings: gives())
    plugins = Plugins(ALL, [Point("vault", hook, "acme-vault")])

    with pytest.raises(PluginError, match=said) as caught:
        plugins.credentials(Settings.resolve(base_url="api.example.com"))

    assert "vault of acme-vault" in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_the_next_plugin_is_asked_when_one_has_no_credentials():
    found = Credentials("pat", KEY)
    none = plugin_with("clarifai_credentials", lambda settings: None)
    some = plugin_with("clarifai_credentials", lambda settings: found)
    settings = Settings.resolve(base_url="api.example.com")

    for points in ([Point("a", none), Point("b", some)], [Point("a", some), Point("b", none)]):
        assert Plugins(ALL, points).credentials(settings) is found


MADE: dict[str, Any] = {}


def make_policy(settings):
    made = MADE["policy"]
    return made() if MADE.get("fails") else made


def through(policy):
    """Return what a call through one policy comes to."""
    MADE.update(policy=policy, fails=False)
    spec = PolicySpec("audit", f"{__name__}:make_policy")
    hook = plugin_with("clarifai_register_policies", lambda: [spec])
    plugins = Plugins(ALL, [Point("audit", hook, "acme-audit")])
    (guarded,) = policies_of(plugins, Settings.resolve(base_url="api.example.com", pat=KEY))
    call = RpcCall(catalogue.rpc("ListApps"), b"", CallLimits(1, 1))

    def proceed(_):
        yield Sleep(0)
        return service_pb2.MultiAppResponse()

    return drive(guarded(call, proceed), lambda step: None, lambda seconds: None)


def test_a_policy_that_goes_on_changes_nothing():
    def policy(call, proceed):
        return (yield from proceed(call))

    assert isinstance(through(policy), service_pb2.MultiAppResponse)


def no_generator(call, proceed):
    return 5


def yields_nonsense(call, proceed):
    yield "now"


def returns_nothing(call, proceed):
    yield from proceed(call)


def fails_before(call, proceed):
    raise RuntimeError(KEY)
    yield


def fails_after(call, proceed):
    yield from proceed(call)
    raise RuntimeError(KEY)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (no_generator, "is no generator function: it returns a int"),
        (yields_nonsense, "yields a str"),
        (returns_nothing, "returns a NoneType instead of the answer"),
        (fails_before, "fails at ListApps: RuntimeError in .*test_plugin_faults.py, line"),
        (fails_after, "fails at ListApps: RuntimeError in .*test_plugin_faults.py, line"),
        (5, "is a int, which cannot be called"),
    ],
)
def test_a_policy_that_makes_no_sense_is_named(policy, said):
    import traceback

    with pytest.raises(PluginError, match=said) as caught:
        through(policy)

    assert "'audit' of the plugin audit of acme-audit" in str(caught.value)
    assert str(caught.value).endswith("or block it: CLARIFAI_BLOCK_PLUGINS=acme-audit:audit.")
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_a_policy_that_cannot_be_made_is_named():
    MADE.update(policy=lambda: raising(RuntimeError(KEY)), fails=True)
    spec = PolicySpec("audit", f"{__name__}:make_policy")
    hook = plugin_with("clarifai_register_policies", lambda: [spec])
    plugins = Plugins(ALL, [Point("audit", hook, "acme-audit")])

    with pytest.raises(PluginError, match="cannot be made: RuntimeError") as caught:
        policies_of(plugins, Settings.resolve(base_url="api.example.com", pat=KEY))

    assert KEY not in str(caught.value)
