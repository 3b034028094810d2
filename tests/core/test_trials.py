"""Plugins that a program tries without installing them, seen from its calls."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest

from clarifai_core.contracts import CommandSpec, LoaderSpec, PolicySpec, ResourceSpec
from clarifai_core.credentials import Credentials
from clarifai_core.errors import PluginError
from clarifai_core.handles import Handle, open_class
from clarifai_core.hookspecs import hookimpl
from clarifai_core.plugins import Plugins, plugins, put_in_place, switches
from clarifai_core.registration import registered
from clarifai_core.trials import _Object, on_trial
from clarifai_local import Platform
from clarifai_resources.user import User

CALLS: list[str] = []


class Shelf(Handle):
    kind = "shelf"


class OtherShelf(Handle):
    kind = "shelf"


def noting(settings: Any) -> Any:
    def policy(call: Any, proceed: Any) -> Any:
        CALLS.append(call.rpc.name)
        return (yield from proceed(call))

    return policy


class Plugin:
    """A plugin whose hooks are given."""

    def __init__(self, **hooks: Any) -> None:
        vars(self).update(hooks)


def giving(**specs: Any) -> Plugin:
    """A plugin that registers these, by the hooks' names behind `clarifai_register_`."""

    def hook(what: str, given: Any) -> Any:
        def register() -> Any:
            return given

        register.__name__ = f"clarifai_register_{what}"
        return hookimpl(register)

    return Plugin(**{f"clarifai_register_{w}": hook(w, g) for w, g in specs.items()})


def here(name: str) -> str:
    return f"{__name__}:{name}"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    CALLS.clear()
    before = plugins()
    yield
    assert plugins() is before
    assert registered() == ()


def test_it_stands_beside_those_that_are_installed():
    with on_trial(giving(loaders=[LoaderSpec("odd", here("Shelf"))])) as info:
        assert (info.state, info.hooks) == ("loaded", ("clarifai_register_loaders",))
        assert plugins().find("loaders", "odd") is not None
        assert plugins().find("loaders", "csv") is not None
        assert plugins().owner("loaders", "odd") == "trial"
    assert plugins().find("loaders", "odd") is None


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        ("no.such_module", r"trial is broken: ModuleNotFoundError: No module named 'no'"),
        (giving(loaders=None), "must return a list of LoaderSpec, and returned None"),
        (giving(loaders=[LoaderSpec("csv", "a:b")]), "Both datasets and trial register loaders"),
    ],
)
def test_what_is_wrong_with_it_is_said(plugin: Any, said: str):
    with pytest.raises(PluginError, match=said) as caught, on_trial(plugin):
        raise AssertionError("it is not tried")
    assert "\n" not in str(caught.value)


def test_a_module_is_named_as_an_entry_point_names_it(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "tried_by_name.py").write_text(
        "from clarifai_core.hookspecs import hookimpl\n"
        "from clarifai_core.contracts import LoaderSpec\n"
        "@hookimpl\n"
        "def clarifai_register_loaders():\n"
        "    return [LoaderSpec('by_name', 'a:b')]\n"
    )
    with on_trial("tried_by_name", name="mine"):
        assert plugins().owner("loaders", "by_name") == "mine"
        module = sys.modules["tried_by_name"]
    with on_trial(module):
        assert plugins().find("loaders", "by_name") is not None


def test_one_that_is_installed_gives_way():
    with on_trial("clarifai_search.plugin", name="mine"):
        assert [info.name for info in plugins().list() if info.name == "search"] == []
        assert plugins().owner("search_clauses", "concepts") == "mine"
    assert plugins().owner("search_clauses", "concepts") == "search of clarifai-search"


def test_what_others_made_of_the_plugins_is_made_anew():
    with on_trial(giving(resources=[ResourceSpec("shelf", here("Shelf"))])):
        assert open_class("shelf") is Shelf
    with on_trial(giving(resources=[ResourceSpec("shelf", here("OtherShelf"))])):
        assert open_class("shelf") is OtherShelf
    with pytest.raises(PluginError, match="No installed plugin brings 'shelf'"):
        open_class("shelf")


def test_commands_are_those_of_the_block(capsys: pytest.CaptureFixture[str]):
    from clarifai_cli.main import main

    with on_trial(giving(commands=[CommandSpec("shelve", here("Shelf"), "Put away.")])):
        main(["--help"])
        assert "Put away." in capsys.readouterr().out
    main(["--help"])
    assert "Put away." not in capsys.readouterr().out


def test_sessions_of_the_block_are_its_own():
    with Platform() as platform:
        with on_trial(giving(policies=[PolicySpec("noting", here("noting"))])):
            User("me", base_url=platform.url).list_apps().all()
            assert CALLS == ["ListApps"]
        User("me", base_url=platform.url).list_apps().all()
        assert CALLS == ["ListApps"]


def test_credentials_are_asked_for_in_the_block(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CLARIFAI_PAT", raising=False)

    def clarifai_credentials(settings: Any) -> Credentials:
        return Credentials("pat", "k3y0f7h3t3st5", settings.endpoint.origin)

    vault = Plugin(clarifai_credentials=hookimpl(clarifai_credentials))
    with Platform(pats=["k3y0f7h3t3st5"]) as platform, platform.serve() as server, on_trial(vault):
        assert User("me", base_url=server.address).list_apps().all() == []


def test_those_that_are_installed_are_asked_once_for_all_trials():
    """Even when nobody but trials asks for plugins, as where a contract is a file of tests."""
    CALLS.clear()
    names = ["first", "second"]

    def clarifai_register_loaders() -> list[LoaderSpec]:
        CALLS.append("asked")
        return [LoaderSpec("installed", "a:b")]

    tried = [giving(loaders=[LoaderSpec(name, "a:b")]) for name in names]
    installed = Plugin(clarifai_register_loaders=hookimpl(clarifai_register_loaders))
    before = put_in_place(Plugins(switches(), [_Object("acme", "acme", installed)]))
    try:
        for name, plugin in zip(names, tried, strict=True):
            with on_trial(plugin):
                found = [one for one in ("installed", *names) if plugins().find("loaders", one)]
                assert found == ["installed", name]
    finally:
        put_in_place(before)
    assert CALLS == ["asked"]


def test_nothing_of_a_plugin_is_kept_behind_its_trial():
    plugin = giving(loaders=[LoaderSpec("odd", "a:b")])
    with on_trial(plugin):
        pass
    gone = weakref.ref(plugin)
    del plugin
    gc.collect()
    assert gone() is None


def test_blocks_within_each_other():
    first, second = (giving(loaders=[LoaderSpec(name, "a:b")]) for name in ("first", "second"))
    with on_trial(first, name="one"):
        with on_trial(second, name="two"):
            assert plugins().find("loaders", "second") is not None
            assert plugins().find("loaders", "first") is not None
        assert plugins().find("loaders", "second") is None
        assert plugins().find("loaders", "first") is not None
