"""`clarifai plugins`: what there is, and a broken one that harms nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

BROKEN = "import yaml\nraise RuntimeError('no luck today')\n"
GREETER = """
import click
from clarifai_core.contracts import CommandSpec
from clarifai_core.hookspecs import hookimpl

@hookimpl
def clarifai_register_commands():
    return [CommandSpec("greet", "greeter_plugin:greet", "Say hello.")]

@click.command()
def greet():
    click.echo("Hello.")
"""


def test_plugins_are_listed_with_state_hooks_and_time(shell):
    rows = {row["name"]: row for row in json.loads(shell().run("plugins", "--json").stdout)}
    assert rows["cli"]["state"] == "loaded"
    assert rows["cli"]["hooks"] == ["commands"]
    assert rows["local"]["hooks"] == ["commands", "endpoints"]
    assert rows["local"]["import"].endswith(" ms")


def test_a_plugin_whose_import_raises_harms_no_command(shell, add_plugin):
    bad = shell(PYTHONPATH=add_plugin("bad", BROKEN))
    listed = bad.run("plugins")
    assert listed.returncode == 0
    (line,) = (line for line in listed.stdout.splitlines() if line.startswith("bad  "))
    assert line.split()[:4] == ["bad", "bad-plugin", "1.2", "broken"]
    assert "bad is broken: RuntimeError: no luck today" in listed.stderr
    for arguments in (
        ["--help"],
        ["whoami"],
        ["config", "list"],
        ["doctor", "--base-url", "local:"],
    ):
        done = bad.run(*arguments)
        assert done.returncode == 0, done.stderr
        assert "Plugin bad of bad-plugin is broken and left out" in done.stderr
    error = next(r for r in json.loads(bad.run("--json", "plugins").stdout) if r["name"] == "bad")
    assert "Traceback" in error["error"]


def test_a_plugin_adds_a_command_and_can_be_left_out(shell, add_plugin):
    path = add_plugin("greeter", GREETER)
    assert shell(PYTHONPATH=path).run("greet").stdout == "Hello.\n"
    assert "Say hello." in shell(PYTHONPATH=path).run("--help").stdout
    without = shell(PYTHONPATH=path).run("--no-plugins", "greet")
    assert without.returncode == 2
    assert "No such command 'greet'" in without.stderr
    blocked = shell(PYTHONPATH=path, CLARIFAI_BLOCK_PLUGINS="greeter").run("plugins", "--json")
    states = {row["name"]: row["state"] for row in json.loads(blocked.stdout)}
    assert states["greeter"] == "blocked"
    assert states["cli"] == "loaded"


def test_no_plugins_never_imports_what_it_leaves_out(shell, add_plugin):
    quiet = shell(PYTHONPATH=add_plugin("bad", BROKEN)).run("--no-plugins", "whoami")
    assert (quiet.returncode, quiet.stderr) == (0, "")


def test_trace_reports_the_hooks_that_a_command_calls(shell):
    done = shell().run("plugins", "trace", "--", "doctor", "--base-url", "local:")
    assert done.returncode == 0
    assert "hook clarifai_register_endpoints -> local" in done.stderr


GOOD = """
from clarifai_core.contracts import LoaderSpec
from clarifai_core.hookspecs import hookimpl

@hookimpl
def clarifai_register_loaders():
    return [LoaderSpec("good", "json:loads", "A good one.")]
"""
POINT = "[clarifai.plugins]\nodd = odd_plugin\n"
METADATA = "Metadata-Version: 2.1\nName: odd-plugin\nVersion: 1.0\n"


def damaged(folder: Path, points: str | bytes, metadata: str | bytes | None) -> str:
    """Write a distribution by hand, and return the value for PYTHONPATH."""
    info = folder / "odd_plugin-1.0.dist-info"
    info.mkdir(parents=True)
    for name, content in (("entry_points.txt", points), ("METADATA", metadata)):
        if content is not None:
            raw = content if isinstance(content, bytes) else content.encode()
            (info / name).write_bytes(raw)
    (folder / "odd_plugin.py").write_text(GOOD.replace('"good"', '"odd"'))
    return str(folder)


@pytest.mark.parametrize(
    ("points", "metadata", "said"),
    [
        (POINT, None, "its metadata has no name"),
        (POINT, "Metadata-Version: 2.1\nVersion: 1.0\n", "its metadata has no name"),
        (POINT, "", "its metadata has no name"),
        (POINT, b"\xff\xfe\x00Name: x", "its metadata has no name"),
        (b"[clarifai.plugins]\n\xff\xfe = odd_plugin\n", METADATA, "cannot be read"),
        ("[clarifai.plugins]\nodd\n", METADATA, "cannot be read"),
        ("[clarifai.plugins]\nodd = 1 + 1\n", METADATA, "odd is broken"),
        ("[clarifai.plugins]\nodd = sys:exit()\n", METADATA, "odd is broken"),
    ],
)
def test_a_distribution_with_damaged_metadata_is_listed_and_harms_no_other(
    shell, add_plugin, tmp_path, points, metadata, said
):
    path = f"{damaged(tmp_path / 'damaged', points, metadata)}:{add_plugin('good', GOOD)}"
    listed = shell(PYTHONPATH=path).run("plugins")
    assert (listed.returncode, "Traceback" in listed.stdout + listed.stderr) == (0, False)
    (sentence,) = (line for line in listed.stderr.splitlines() if "is broken:" in line)
    assert said in sentence
    rows = json.loads(shell(PYTHONPATH=path).run("plugins", "--json").stdout)
    states = {row["distribution"]: row["state"] for row in rows}
    assert states["good-plugin"] == states["clarifai-cli"] == "loaded"


def test_of_two_copies_on_the_path_the_first_counts(shell, tmp_path):
    copies = [damaged(tmp_path / name, POINT, METADATA) for name in ("first", "second")]
    done = shell(PYTHONPATH=":".join(copies)).run("plugins", "--json")
    rows = [row for row in json.loads(done.stdout) if row["name"] == "odd"]
    assert sorted(row["state"] for row in rows) == ["broken", "loaded"]
    assert "another copy of odd-plugin" in next(r["reason"] for r in rows if r["reason"])


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.exit(3)",
        "raise BaseException('gone')",
        GOOD.replace('[LoaderSpec("good", "json:loads", "A good one.")]', "None"),
        GOOD.replace('[LoaderSpec("good", "json:loads", "A good one.")]', "[1]"),
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "raise RuntimeError('\\x1b[2Jred\\udc80 http://me:pw@proxy:1/?a=signed')",
    ],
)
def test_plugins_are_listed_whatever_one_of_them_does(shell, add_plugin, code):
    path = add_plugin("bad", code)
    for arguments in (["plugins"], ["plugins", "--json"], ["dataset", "formats"], ["--help"]):
        done = shell(PYTHONPATH=path).run(*arguments)
        assert done.returncode == 0, done.stderr
        text = done.stdout + done.stderr
        assert "\x1b" not in text
        assert "me:pw" not in text
        assert "signed" not in text
        assert "broken" in done.stdout or "bad-plugin is broken" in text


def test_a_command_whose_import_exits_is_one_sentence(shell, add_plugin):
    code = GREETER.replace("import click\n", "", 1).partition("@click")[0]
    path = add_plugin("greeter", code.replace("greeter_plugin:greet", "exits_at_once:x"))
    (Path(path) / "exits_at_once.py").write_text("import sys; sys.exit(3)")
    done = shell(PYTHONPATH=path).run("greet")
    assert done.returncode == 2
    assert "The command 'greet' cannot be imported: it ends the program" in done.stderr


def test_what_a_command_warns_of_is_fit_for_a_terminal(shell, add_plugin):
    warns = "import logging; logging.getLogger('acme').warning('\\x1b[2Jred http://me:pw@proxy:1/?a=signed')"
    path = add_plugin("greeter", GREETER.replace('click.echo("Hello.")', warns))
    done = shell(PYTHONPATH=path).run("greet")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "\\x1b[2Jred http://proxy:1/\n"


WORDS = """
from clarifai_core.contracts import CommandSpec
from clarifai_core.hookspecs import hookimpl

@hookimpl
def clarifai_register_commands():
    return [CommandSpec(f"{group} {word}", "words_plugin:say") for group, word in WORDS]

import click

@click.command()
def say():
    click.echo("Said by the plugin.")
"""


def test_a_word_that_a_group_has_itself_stays_its_own_and_it_says_so(shell, add_plugin):
    words = f"WORDS = [('plugins', 'list'), ('plugins', 'count')]\n{WORDS}"
    program = shell(PYTHONPATH=add_plugin("words", words))
    listed = program.run("plugins", "list")
    assert listed.stdout.startswith("name ")
    assert "'plugins list', which a plugin registers, is out of reach" in listed.stderr
    assert program.run("plugins", "count").stdout == "Said by the plugin.\n"


def test_a_word_behind_a_command_that_is_no_group_is_out_of_reach_and_it_says_so(shell, add_plugin):
    words = f"WORDS = [('whoami', 'now')]\n{WORDS}"
    done = shell(PYTHONPATH=add_plugin("words", words)).run("whoami")
    assert done.returncode == 0
    assert "'whoami now', which a plugin registers, is out of reach" in done.stderr
    assert "'whoami' is no group" in done.stderr


@pytest.mark.parametrize("variable", ["CLARIFAI_PLUGINS", "CLARIFAI_BLOCK_PLUGINS"])
def test_a_switch_that_names_nobody_is_told(shell, add_plugin, variable):
    path = add_plugin("greeter", GREETER)
    program = shell(PYTHONPATH=path, **{variable: "greter,greeter_plugin,cli:cli"})
    remarks = program.run("plugins").stderr.splitlines()
    assert [line.partition(" ")[0] for line in remarks] == ["'cli:cli'", "'greter'"]
    assert "is no plugin that is installed, and switches nothing" in remarks[0]


def test_what_a_plugin_brings_and_cannot_be_imported_names_the_plugin_and_the_remedy(
    shell, add_plugin
):
    code = GREETER.replace("greeter_plugin:greet", "greeter_plugin:gone")
    done = shell(PYTHONPATH=add_plugin("greeter", code)).run("greet")
    assert done.returncode != 0
    assert done.stderr.rstrip().endswith(
        "; update it, or block it: CLARIFAI_BLOCK_PLUGINS=greeter-plugin:greeter."
    )
