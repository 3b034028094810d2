"""What a forge and a commit hook run is what .ci/run holds; nothing there goes its own way."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import yaml

from tools.wheels import ROOT

RUN = (ROOT / ".ci" / "run").read_text("utf-8")


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_forge_runs_our_checks_and_no_others():
    (job,) = read(".github/workflows/ci.yml")["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands == ["bash .ci/run"]


def test_actions_are_pinned_by_a_whole_version():
    (job,) = read(".github/workflows/ci.yml")["jobs"].values()
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", one)] == []


def test_a_forge_may_only_read():
    assert read(".github/workflows/ci.yml")["permissions"] == {"contents": "read"}


def test_the_hooks_fetch_nothing_and_run_what_ci_runs():
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        command = hook["entry"].removeprefix("uv run --no-sync ").removeprefix("python3 ")
        tool = " ".join(command.split()[: 2 if command.startswith("ruff") else 1])
        assert tool in RUN or tool == "python", tool


def test_ci_says_which_tests_are_slow():
    assert re.search(r"run pytest --durations=\d+$", RUN, re.MULTILINE)


STEPS = RUN[RUN.index("failed=()") : RUN.index("find_uv() {")]
LISTS = """
one() { step "first" true; step "second" sh -c 'echo said by second; exit 3'; }
two() { step "third" true; step "fourth, with words" false; }
gone() { step "fifth" true; kill -9 "$BASHPID"; }
"""


def carried_out(first: str, second: str) -> tuple[int, list[str]]:
    program = f"set -uo pipefail\n{STEPS}\n{LISTS}\nbeside {first} {second}\nsummary"
    done = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, re.findall(r"^(?:===|FAILED:) .*|^said.*", done.stdout, re.MULTILINE)


def test_steps_side_by_side_are_told_one_after_the_other_with_their_failures():
    code, told = carried_out("one", "two")
    assert code == 1
    steps = ["first", "second", "third", "fourth, with words"]
    assert [line for line in told if line.startswith("===")][:4] == [f"=== {one}" for one in steps]
    assert told.index("said by second") == 2
    assert told[-2:] == ["FAILED: second", "FAILED: fourth, with words"]


def test_a_list_of_steps_that_breaks_off_is_a_failure():
    code, told = carried_out("two", "gone")
    assert code == 1
    assert told[-1] == "FAILED: gone did not come to its end"


def test_nothing_failed():
    code, told = carried_out("true", "true")
    assert (code, told[-1].startswith("=== Summary after")) == (0, True)
