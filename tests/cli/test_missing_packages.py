"""Every command with the package that brings it away: one sentence says what to do about it."""

from __future__ import annotations

from importlib import metadata

import click
import pytest

from clarifai_cli._frame import program
from clarifai_core.errors import PluginError
from clarifai_core.kinds import resource_spec
from clarifai_core.plugins import Plugins, PluginSwitches, plugins, put_in_place
from tests.cli.command_cases import CASES, LONG
from tests.cli.world import run

COMMANDS = sorted([*CASES, *LONG])
GROUP = "clarifai.plugins"


def bringer(name):
    """Return the distribution of a command, or of the kind that has it as a verb."""
    word = name.partition(" ")[0]
    places = (("commands", name), ("commands", word), ("resources", word))
    owner = next(filter(None, (plugins().owner(*place) for place in places)))
    return owner.rpartition(" of ")[2]


BROUGHT = {name: bringer(name) for name in COMMANDS}
HOW = {
    "clarifai-resources": 'pip install "clarifai-resources<0.3,>=0.2"',
    "clarifai-testing": 'pip install "clarifai[testing]>=13"',
    "clarifai-datasets": 'pip install "clarifai[datasets]>=13"',
    "clarifai-search": 'pip install "clarifai[search]>=13"',
    "clarifai-runner": 'pip install "clarifai[runner]>=13"',
    "clarifai-local": 'pip install "clarifai[local]>=13"',
    "clarifai-cli": 'pip install "clarifai[cli]>=13"',
}


def installed_but(distribution):
    return [one for one in metadata.entry_points(group=GROUP) if one.dist.name != distribution]


def away(distribution, how):
    if how == "blocked":
        return Plugins(PluginSwitches.parse(None, f"clarifai-models,{distribution}"))
    return Plugins(PluginSwitches.parse(None, "clarifai-models"), installed_but(distribution))


@pytest.fixture(params=["missing", "blocked"])
def without(request):
    """Have the commands of a distribution be away until the test is over."""
    kept = []

    def take(distribution):
        found = away(distribution, request.param)
        found.load()
        kept.append(put_in_place(found))
        return request.param

    yield take
    put_in_place(kept[0])


def test_every_command_is_brought_by_a_package_of_ours():
    assert set(BROUGHT.values()) == set(HOW)


def test_a_word_that_another_package_adds_to_a_group_goes_with_it(without):
    assert run(["plugins", "new", "--help"]).code == 0
    without("clarifai-testing")
    assert run(["plugins", "new", "--help"]).code == 2


@pytest.mark.parametrize("distribution", HOW)
def test_what_is_away_says_what_brings_it_and_how(distribution, without):
    how = without(distribution)
    names = [name for name, brought_by in BROUGHT.items() if brought_by == distribution]
    for name in names:
        if name == "plugins":
            continue  # without the command there is still a group: `plugins new` is another's
        done = run(name.split())
        assert (done.code, done.out) == (2, ""), name
        assert done.err.startswith("Error: No such command "), name
        assert len(done.err.splitlines()) == 1, done.err
        sentence = done.err.rstrip()
        assert f": {distribution}, which brings it, is " in sentence, name
        if how == "blocked":
            assert "is blocked: leave it out of CLARIFAI_BLOCK_PLUGINS." in sentence
        else:
            assert f"is not installed: {HOW[distribution]}." in sentence


@pytest.mark.parametrize("distribution", ["clarifai-resources", "clarifai-datasets"])
def test_the_commands_of_others_go_on(distribution, without):
    without(distribution)
    for name in ("whoami", "plugins list", "app use"):
        assert run([*name.split(), "--help"]).code == 0


def test_a_wrong_word_of_a_package_that_is_there_is_just_wrong():
    for line, said in (("app lst", "list"), ("dataset xyz", "There are: "), ("serch", "search")):
        done = run(line.split())
        assert done.code == 2
        assert said in done.err
        assert "which brings it" not in done.err


def test_what_is_broken_is_told_so(monkeypatch, without):
    without("clarifai-search")
    for one in plugins().list():
        if one.distribution == "clarifai-datasets":
            monkeypatch.setattr(one, "state", "broken")
    done = run(["dataset", "nothing"])
    assert "is broken: `clarifai plugins` says why" in done.err


def test_a_kind_that_is_away_says_the_same(without):
    how = without("clarifai-datasets")
    with pytest.raises(PluginError, match="clarifai-datasets, which brings it, is ") as caught:
        resource_spec("dataset")
    assert ("CLARIFAI_BLOCK_PLUGINS" in str(caught.value)) == (how == "blocked")
    with pytest.raises(PluginError, match=r"No installed plugin brings 'nothing'\.$"):
        resource_spec("nothing")


def test_what_is_announced_can_be_installed():
    known = metadata.metadata("clarifai").get_all("Provides-Extra") or []
    needs = metadata.requires("clarifai") or []
    for point in metadata.entry_points(group="clarifai.extras"):
        package = point.value.replace("_", "-")
        assert point.value in known or any(one.startswith(package) for one in needs), point


def test_every_kind_and_no_other_word_of_ours_is_announced():
    announced = {
        point.name.partition(".")[2]
        for point in metadata.entry_points(group="clarifai.extras")
        if point.name.startswith("commands.")
    }
    words = set(COMMANDS) | {name.partition(" ")[0] for name in COMMANDS}
    assert announced <= words
    first = {name.partition(" ")[0] for name in announced}
    assert set(program.list_commands(click.Context(program))) <= announced | first


@pytest.mark.parametrize("group", ["dataset", "model", "workflow"])
def test_half_a_verb_names_the_whole_ones(group):
    done = run([group, "version", "create", "x"])
    assert done.code == 2
    assert "There are: versions, " in done.err
    assert "delete-version" in done.err
