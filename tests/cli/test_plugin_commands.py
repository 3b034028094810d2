"""`clarifai plugins`: what there is, and a broken one that harms nobody."""

from __future__ import annotations

import json

BROKEN = "import yaml\nraise RuntimeError('no luck today')\n"
GREETER = """
import click
from clarifai.core.contracts import CommandSpec
from clarifai.core.hookspecs import hookimpl

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
    assert "bad is broken: RuntimeError: no luck today" in listed.stdout
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
