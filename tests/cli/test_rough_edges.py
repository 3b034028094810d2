"""What people who work at the prompt stumbled over: pipes, full disks, ids, keys, completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clarifai_core.contexts import Contexts
from clarifai_core.settings import contexts_path
from clarifai_core.transport.session import close_sessions
from tests.cli.command_cases import PAT
from tests.cli.world import at_home, furnished, run

FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    yield furnished(tmp_path_factory.mktemp("world"))
    close_sessions()


@pytest.fixture(autouse=True)
def home(world, monkeypatch, tmp_path):
    at_home(world, monkeypatch, tmp_path)


def typed(line, world, stdin=""):
    return run(world.split(line, world.new()), stdin)


@pytest.mark.parametrize(
    "line",
    [
        "concept create -",
        "input delete - --yes",
        "input download - --to {folder}",
        "input upload -",
        "model predict animals -",
        "workflow predict flow -",
    ],
)
def test_a_pipe_that_brings_nothing_is_said_to(line, world):
    done = typed(line, world)
    assert "Nothing came from stdin." in done.err
    assert "Created" not in done.err


def test_ids_are_read_as_windows_writes_them(world):
    done = typed("concept create - -o ids", world, "\ufeffone\r\n\r\ntwo\r\n")
    assert done.out.split() == ["one", "two"]


def test_a_line_of_stdin_that_is_no_text_is_named(world):
    done = typed("concept create -", world, "cat\n\udcff\udcfe\n")
    assert done.code == 2
    assert "Line 2 of stdin is not in UTF-8" in done.err


@pytest.mark.parametrize("line", ["", "dataset"])
def test_the_bare_program_shows_its_help(line, world):
    done = typed(line, world)
    assert done.code == 2
    assert done.err.startswith("Usage: clarifai")
    assert not done.out


def test_the_id_that_a_workflow_was_given_is_told(world):
    done = typed("workflow create {workflow} --new-id", world)
    assert done.code == 0
    assert "***" not in done.err
    assert "Created the workflow '" in done.err


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is full")
@pytest.mark.parametrize("line", ["--version", "--help", "config list -o json"])
def test_a_disk_that_is_full_is_said_in_one_sentence(line):
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "clarifai_cli", *line.split()],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "Error: The result cannot be written: No space left on device.\n"


def test_a_new_key_of_the_same_user_leaves_the_app(world):
    line = "login --no-try --user-id ann --base-url https://h.example --context mine"
    for more in (" --app-id zoo", ""):
        assert typed(f"{line}{more}", world, PAT).code == 0
    assert Contexts.read(contexts_path()).get("mine")["app_id"] == "zoo"


def test_a_key_is_forgotten_once(world):
    line = "login --no-try --user-id ann --base-url https://h.example --context mine"
    typed(line, world, PAT)
    assert "Forgot the key of 'mine'." in typed("logout --context mine", world).err
    assert "There is no key in 'mine'." in typed("logout --context mine", world).err


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        ("clarifai --context on", ["plain,one"]),
        ("clarifai config use on", ["plain,one"]),
        ("clarifai context delete on", ["plain,one"]),
        ("clarifai frob x", []),
        ("clarifai app list --frob x", []),
        ("clarifai app list -o xml x", []),
    ],
)
def test_the_shell_gets_proposals_or_nothing(words, proposed):
    asked = {"_CLARIFAI_COMPLETE": "bash_complete", "COMP_WORDS": words}
    place = {"COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-m", "clarifai_cli"],
        env={**os.environ, **asked, **place}, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == proposed
    assert not done.stderr


def test_the_predictions_that_succeed_are_shown_beside_those_that_fail(world):
    done = typed("model predict animals --text purring {picture} -o jsonl", world)
    assert done.code == 1
    statuses = [json.loads(line)["status"] for line in done.out.splitlines()]
    assert len(statuses) == 2
    assert statuses.count("SUCCESS") == 1
    assert "Error: No prediction for '" in done.err
    assert "red.png" in done.err


def test_a_search_says_that_there_may_be_more_than_the_first_ten(world):
    typed("concept create many", world)
    texts = " ".join(f"--text {number}{world.new()}" for number in range(11))
    assert typed(f"input upload {texts} --concept many", world).code == 0
    remark = "the first 10; there may be more: give --all, or --limit N."
    for more, said in (
        ("", True),
        ("--save-as some", True),
        ("--all", False),
        ("--limit 11", False),
    ):
        done = typed(f"search --concept many {more}", world)
        assert done.code == 0
        assert (remark in done.err) is said


def test_ids_of_a_pipe_are_shown(world):
    done = typed("input show - -o ids", world, "dog\ncat\n")
    assert done.out.split() == ["dog", "cat"]


def test_the_results_of_a_workflow_that_succeed_are_shown_beside_those_that_fail(world):
    done = typed("workflow predict flow --text purring {picture} -o jsonl", world)
    assert done.code == 1
    assert '"input_id": "purring"' in done.out
    assert "Error: No prediction for '" in done.err
