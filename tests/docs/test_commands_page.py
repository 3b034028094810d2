"""`docs/commands.md` and `docs/job-at-the-prompt.md` are what the program does."""

from __future__ import annotations

import re

import click
import pytest

from clarifai_cli._frame import program
from tools import command_reference, job_at_the_prompt
from tools.official_verbs import ABSENT, VERBS


def exists(words: list[str]) -> bool:
    command: click.Command | None = program
    for word in words:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        command = command.get_command(click.Context(command), word)
    return isinstance(command, click.Command) and command is not program


def test_the_page_of_commands_is_as_the_tool_writes_it():
    made = command_reference.page()
    assert command_reference.PAGE.read_text("utf-8") == made, "python -m tools.command_reference"


@pytest.mark.parametrize("verb", VERBS)
def test_each_official_verb_has_one_of_ours_or_a_reason(verb):
    ours = VERBS[verb]
    assert ours in ABSENT or exists(ours.split())


def typed(page: str) -> list[str]:
    lines = [line for line in page.splitlines() if line.startswith("$ ")]
    return [re.sub(r"\d{4,5}", "PORT", line) for line in lines]


def test_the_job_at_the_prompt_runs_as_it_is_printed(tmp_path):
    made = job_at_the_prompt.page(tmp_path)
    kept = job_at_the_prompt.PAGE.read_text("utf-8")
    assert typed(made) == typed(kept), "python -m tools.job_at_the_prompt"
    for line in ("accuracy            1", "count  11", "Did you mean 'colours'?"):
        assert line in made
        assert line in kept
