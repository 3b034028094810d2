"""The README does what it says: its program runs, and its commands exist."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from clarifai_cli._demo import bundled
from clarifai_cli._demo.five_lines import five_lines
from clarifai_cli._frame import program
from tools.wheels import ROOT, workspace

README = (ROOT / "README.md").read_text("utf-8")
(PROGRAM,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"\bclarifai ((?:[a-z]+ ?)+(?: *--[a-z-]+)*)", README)

REVIEWS = """\
input,labels
I love this lamp,good
It is lovely and I love the colour,good
We love it and would buy it again,good
I love how well it works,good
It broke on the first day,bad
I hate the smell of it,bad
We hate it and sent it back,bad
It never worked and I hate that,bad
"""


def test_the_program_runs_as_printed(tmp_path: Path):
    (tmp_path / "reviews.csv").write_text(REVIEWS)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "good\n"), done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["platform", "reviews.csv"]


def test_the_program_has_five_lines():
    lines = [line for line in PROGRAM.splitlines() if line and not line.startswith("from ")]
    assert len(lines) == 5


def test_the_demo_prints_the_same_idea():
    printed = five_lines(bundled.texts(), "me", "local:./platform")
    assert _attributes(printed) == _attributes(PROGRAM)


def _attributes(code: str) -> list[str]:
    return [node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]


def test_the_two_commands_of_the_house_are_there():
    assert "pip install uv && uv run --no-dev clarifai demo" in README
    assert "pip install uv && uv run pytest" in README


@pytest.mark.parametrize("words", sorted(set(COMMANDS)))
def test_a_command_that_is_named_exists(words: str):
    command: click.Command = program
    names = [word for word in words.split() if not word.startswith("--")]
    for name in names:
        if isinstance(command, click.Group):
            found = command.get_command(click.Context(command), name)
            assert found is not None, words
            command = found
    options = [word for word in words.split() if word.startswith("--")]
    known = {flag for parameter in command.params for flag in parameter.opts}
    assert set(options) - {"--"} <= known


def test_every_extra_is_explained():
    named = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    assert named == set(workspace()["clarifai"].extras)
