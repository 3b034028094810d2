"""The words of the command line are one table: commands, groups, and the verbs of kinds."""

from __future__ import annotations

from typing import Any

import pytest

from clarifai_core.contracts import (
    ClauseSpec,
    CommandSpec,
    EndpointSpec,
    PolicySpec,
    ResourceSpec,
    Spec,
)
from clarifai_core.plugins import Plugins
from tests.core.test_plugin_identity import plugin
from tests.core.test_plugins import ALL, Point

KINDS = {
    ClauseSpec: "clarifai_register_search_clauses",
    CommandSpec: "clarifai_register_commands",
    EndpointSpec: "clarifai_register_endpoints",
    PolicySpec: "clarifai_register_policies",
    ResourceSpec: "clarifai_register_resources",
}


def of(*specs: Spec) -> Any:
    """Return what loads a plugin that registers these."""
    hooks: dict[str, list[Spec]] = {}
    for spec in specs:
        hooks.setdefault(KINDS[type(spec)], []).append(spec)
    return plugin(**{name: lambda given=given: given for name, given in hooks.items()})


def cmd(name: str) -> CommandSpec:
    return CommandSpec(name, "acme:run", "Run.")


def kind(name: str, *verbs: str) -> ResourceSpec:
    return ResourceSpec(name, "acme:Shelf", "Shelves.", verbs=verbs)


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        ([cmd("dataset upload")], cmd("dataset"), "dataset"),  # was: the whole group was gone
        ([kind("dataset", "list")], cmd("dataset"), "dataset"),
        ([kind("dataset", "list")], cmd("dataset list"), "dataset list"),
        ([kind("my_kind", "show")], cmd("my-kind show"), "my-kind show"),
        ([cmd("shelf list")], kind("shelf", "list"), "shelf list"),
        ([cmd("doctor")], kind("doctor", "list"), "doctor"),
        ([kind("my-kind", "list")], kind("my_kind", "list"), "my-kind list"),
        ([cmd("a"), cmd("dataset upload")], cmd("dataset upload"), "dataset upload"),
    ],
)
def test_a_command_that_would_hide_another_is_a_clash(ours, theirs, name):
    spy = PolicySpec("spy", "acme:spy")
    points = [Point("thief", of(theirs, spy)), Point("cli", of(*ours), "clarifai-cli")]

    plugins = Plugins(ALL, points)

    refused = plugins.list()[1]
    assert (refused.name, refused.state) == ("thief", "broken")
    assert refused.reason == (
        f"Both cli and thief register commands {name!r}; thief is left out. Block one: "
        "CLARIFAI_BLOCK_PLUGINS=clarifai-cli:cli or third-party:thief."
    )
    assert plugins.specs("policies") == ()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([cmd("plugins")], cmd("plugins new")),  # adds a word to a group
        ([cmd("dataset upload")], cmd("dataset count")),
        ([kind("dataset", "list")], cmd("dataset count")),
        ([cmd("shelf dust")], kind("shelf", "list")),
        ([kind("doctor")], cmd("doctor")),  # a kind without verbs has no words
        ([cmd("doctor")], kind("doctor")),
        ([cmd("data")], cmd("dataset upload")),
    ],
)
def test_commands_that_hide_nothing_stand_side_by_side(ours, theirs):
    points = [Point("acme", of(theirs)), Point("cli", of(*ours), "clarifai-cli")]
    assert [info.reason for info in Plugins(ALL, points).list()] == ["", ""]


def test_a_plugin_may_have_a_command_in_the_place_of_a_verb_of_its_own_kind():
    point = Point("acme", of(kind("shelf", "list", "show"), cmd("shelf list")))
    assert [info.state for info in Plugins(ALL, [point]).list()] == ["loaded"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (cmd("a b c"), "'a b c' is no name of a command: it must be one word, or two"),
        (cmd("a  b"), "'a  b' is no name of a command"),
        (cmd("--loud"), "'--loud' is no name of a command"),
        (cmd("dataset -x"), "'dataset -x' is no name of a command"),
        (kind("shelf", "lst"), "verbs of 'shelf' have 'lst': they may be list, show, create,"),
        (kind("shelf", "list", "List"), "verbs of 'shelf' have 'List'"),
        (ClauseSpec("x", "a:X", roles=("ranks",)), "roles of 'x' have 'ranks': they may be rank,"),
        (ClauseSpec("x", "a:X", roles=()), "roles of 'x' are empty: give rank or filter, or both"),
        (EndpointSpec("https", "a:x"), "'https' is no scheme that a plugin can have"),
        (EndpointSpec("Unix", "a:x"), "'Unix' is no scheme that a plugin can have"),
        (EndpointSpec("my-socket", "a:x"), "'my-socket' is no scheme that a plugin can have"),
        (EndpointSpec("unix:", "a:x"), "'unix:' is no scheme that a plugin can have"),
    ],
)
def test_a_spec_that_would_never_count_is_refused(spec, said):
    (info,) = Plugins(ALL, [Point("acme", of(spec))]).list()
    assert info.reason.startswith(f"{KINDS[type(spec)]}: {said}")
