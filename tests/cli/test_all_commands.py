"""One contract for all registered commands, ours of whatever package: none is left out."""

from __future__ import annotations

import csv
import io
import json

import click
import pytest
import yaml

from clarifai_cli._frame import program
from clarifai_cli._options import CommonOption
from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform
from clarifai_resources.user import User
from tests.cli.command_cases import CASES, LONG
from tests.cli.world import (
    annotation,
    at_home,
    furnished,
    model_version,
    run,
    workflow_version,
)

FLAGS = (
    "--context", "--base-url", "-o, --output", "--json", "--limit", "-q, --quiet", "-y, --yes",
    "--debug", "-h, --help",
)  # fmt: skip
MADE_ANEW = {"model_version": model_version, "workflow_version": workflow_version}
"""Word of a case -> what makes one of it, that a command may delete."""


def commands(group: click.Group, ctx: click.Context, path: tuple[str, ...] = ()):
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from commands(command, ctx, (*path, name))
            if command.invoke_without_command:
                yield " ".join((*path, name))
        else:
            yield " ".join((*path, name))


REGISTERED = sorted(commands(program, click.Context(program)))

each_command = pytest.mark.parametrize("name", REGISTERED)
each_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("world")
        patch.setenv("CLARIFAI_STATE_DIR", str(folder / "state"))
        patch.setenv("CLARIFAI_CONTEXTS_FILE", str(folder / "none.yaml"))
        yield furnished(folder)
    close_sessions()


@pytest.fixture
def home(world, monkeypatch, tmp_path):
    at_home(world, monkeypatch, tmp_path)
    return tmp_path


@pytest.fixture
def line(world, home):
    """Make what a command needs, and return its arguments behind its name, and its stdin."""

    def make(name):
        case, new = CASES[name], world.new()
        world.words["kept"] = world.words.get("kept") or annotation(world, "kept")
        world.words["annotation"] = (
            annotation(world, new) if "{annotation}" in case.arguments else ""
        )
        for what, made in MADE_ANEW.items():
            if f"{{{what}}}" in case.arguments:
                world.words[what] = made(world)
        if "workflow create" in "".join(case.before):
            source = (world.folder / "flow.yml").read_text()
            (world.folder / f"{new}.yml").write_text(source.replace("id: flow", f"id: {new}"))
        for one in case.before:
            done = run(world.split(one, new))
            assert done.code == 0, done.err
        return world.split(case.arguments, new), case.stdin

    return make


def test_every_registered_command_has_a_case():
    assert set(REGISTERED) == set(CASES) | set(LONG)
    assert not set(CASES) & set(LONG)


@each_command
def test_help_names_the_options_of_every_command(name):
    words = name.split()
    long, short = run([*words, "--help"]), run([*words, "-h"])
    assert (long.code, long.err) == (0, "")
    assert long.out == short.out
    for flag in FLAGS:
        if not (name == "local reset" and flag == "-y, --yes"):  # it brings its own --yes
            assert flag in long.out
    group = run([*words[:-1], "-h"])
    assert words[-1] in group.out


@each_command
def test_an_option_that_there_is_not_is_a_mistake_of_the_user(name, home):
    if name == "plugins trace":
        pytest.skip("it hands on whatever stands behind it")
    done = run([*name.split(), "--no-such-option"])
    assert (done.code, done.out) == (2, "")
    assert "--no-such-option" in done.err
    assert f"clarifai {name} --help" in done.err


def parsed(form, text):
    if form == "json":
        return json.loads(text)
    if form == "jsonl":
        return [json.loads(one) for one in text.splitlines()]
    if form == "yaml":
        return yaml.safe_load(text)
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
        assert all(None not in row and None not in row.values() for row in rows)
        return rows
    assert all(text.splitlines())
    return text.splitlines()


@each_case
def test_every_form_is_read_by_others_and_nothing_else_is_on_stdout(name, line):
    found = {}
    for form in ("json", "jsonl", "yaml", "csv", "ids"):
        arguments, stdin = line(name)
        done = run([*name.split(), *arguments, "-o", form], stdin)
        assert done.code == 0, done.err
        found[form] = parsed(form, done.out)
    assert found["json"] is not None
    rows = found["json"] if isinstance(found["json"], list) else [found["json"]]
    assert len(rows) == len(found["jsonl"]) == len(found["csv"])
    assert isinstance(found["yaml"], type(found["json"]))


@each_case
def test_the_form_may_stand_before_the_verb(name, line):
    arguments, stdin = line(name)
    done = run(["-o", "json", *name.split(), *arguments], stdin)
    assert done.code == 0, done.err
    json.loads(done.out)


@each_case
def test_quiet_says_nothing_but_the_result(name, line):
    arguments, stdin = line(name)
    done = run([*name.split(), *arguments, "-q"], stdin)
    said = [one for one in done.err.splitlines() if not one.startswith("hook ")]  # of a trace
    assert (done.code, said) == (0, [])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.streams])
def test_the_limit_is_kept_to(name, line):
    arguments, _ = line(name)
    every = run([*name.split(), *arguments, "-o", "jsonl"]).out.splitlines()
    one = run([*name.split(), *arguments, "-o", "jsonl", "--limit", "1"]).out.splitlines()
    assert one == every[:1]
    assert run(["--limit", "1", *name.split(), *arguments, "-o", "ids"]).out.count("\n") == 1


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.offline])
def test_the_context_decides_before_and_behind_the_verb(name, line):
    for option in (["--context", "nowhere"], ["--base-url", "nowhere:x"]):
        arguments, _ = line(name)
        words = name.split()
        for told in ([*option, *words, *arguments], [*words, *arguments, *option],
                     [words[0], *option, *words[1:], *arguments]):  # fmt: skip
            done = run(told)
            if name == "whoami":
                assert "nowhere:x" in done.out
                continue
            assert done.code == 2, done.out
            assert "no plugin opens 'nowhere:'" in done.err


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_deletion_hits_the_platform_of_the_context(place, world, home, tmp_path):
    from clarifai_core.contexts import Contexts

    other = f"local:{tmp_path / 'other'}"
    for base_url in (world.base_url, other):
        User("me", base_url=base_url).create_app(f"twin-{place}")
    path = home / "contexts.yaml"
    Contexts.read(path).with_context("two", {"base_url": other, "user_id": "me"}).write()
    words, option = ["app", "delete", f"twin-{place}", "--yes"], ["--context", "two"]
    done = run([*option, *words] if place == "before" else [*words, *option])
    assert done.code == 0, done.err
    left = [
        [app.id for app in User("me", base_url=one).list_apps()] for one in (world.base_url, other)
    ]
    assert [f"twin-{place}" in ids for ids in left] == [True, False]


DELETIONS = [name for name in CASES if name.endswith(("delete", "delete-version", "reset"))]


@pytest.mark.parametrize("name", DELETIONS)
def test_what_deletes_asks_and_without_a_terminal_it_is_refused(name, line):
    arguments, _ = line(name)
    refused = run([*name.split(), *(one for one in arguments if one != "--yes")])
    assert (refused.code, refused.out) == (2, "")
    assert "give --yes" in refused.err
    allowed = run(["--yes", *name.split(), *(one for one in arguments if one != "--yes")])
    assert allowed.code == 0, allowed.err


def test_the_common_options_are_those_of_every_command():
    ctx = click.Context(program)
    for name in REGISTERED:
        command: click.Command = program
        for word in name.split():
            command = command.get_command(ctx, word)
        common = [one for one in command.params if isinstance(one, CommonOption)]
        assert len(common) == len([one for one in program.params if isinstance(one, CommonOption)])


def test_a_platform_that_is_served_answers_as_well(home, tmp_path):
    with Platform(tmp_path / "served") as platform, platform.serve(0) as server:
        told = ["--base-url", server.base_url, "--context", "served"]
        made = run(["login", *told], f"{server.pat}\n")
        assert made.code == 0, made.err
        assert "It is good" in made.err
        assert run(["app", "create", "farm", "--context", "served"]).code == 0
        assert run(["app", "list", "-o", "ids", "--context", "served"]).out == "farm\n"
        wrong = run(["login", *told], "0123456789abcdef0123456789abcdef\n")
        assert wrong.code == 2
        assert "refuses the key, so it was not stored" in wrong.err
        close_sessions()
