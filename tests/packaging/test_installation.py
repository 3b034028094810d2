"""What the README says about installing is true, alone and where the official SDK was or comes.

Everything happens in fresh environments, with wheels that are built as the README says. The whole
matrix, with pip and with mixtures, is `python -m tools.installations`, which CI runs.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tools import environments, installations
from tools.environments import Environment
from tools.installations import STORIES, Failed, Story, carry_out, faults, tell
from tools.wheels import ROOT, uv, workspace

SWITCH = "CLARIFAI_INTEROP"
IN_THE_SUITE = ("official, then ours", "ours, then official", "official, then ours, both removed")


def readme_commands() -> list[str]:
    """The commands of the README's section about installing, without the prompt."""
    section = (ROOT / "README.md").read_text("utf-8").partition("## Install")[2].partition("\n## ")
    return re.findall(r"^\$ (.+)$", section[0], re.MULTILINE)


@pytest.fixture(scope="module")
def libraries() -> Environment:
    """What both SDKs need, from the index."""
    if os.environ.get(SWITCH) == "off":
        pytest.skip(f"{SWITCH}=off: asked for, where no index has the official SDK")
    try:
        return installations.libraries()
    except environments.Unavailable as error:
        pytest.skip(f"no index has what both SDKs need: {error}")


@pytest.fixture(scope="module")
def dist(libraries: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels of all packages, built once with the README's own command.

    uv builds in environments of its own, so it needs the index, too.
    """
    return installations.build(tmp_path_factory.mktemp("build"))


def test_the_readme_builds_and_installs_as_the_tests_do():
    build, install = readme_commands()
    assert build.split()[:3] == ["uv", *installations.BUILD]
    assert install == f'pip install --find-links dist "{installations.OURS}"'


def test_there_is_a_wheel_and_a_source_of_every_package(dist: Path):
    built = {path.name.partition("-")[0] for path in dist.iterdir()}
    assert built - {".gitignore"} == {name.replace("-", "_") for name in workspace()}
    assert len(list(dist.glob("*.whl"))) == len(list(dist.glob("*.tar.gz"))) == len(workspace())


def test_it_installs_from_the_wheels_as_the_readme_says(
    dist: Path, libraries: Environment, tmp_path: Path
):
    """With its libraries resolved anew: a requirement that cannot be met would show here.

    That they can be had at all is what the fixture `libraries` is for.
    """
    command = readme_commands()[1].removeprefix("pip install --find-links dist ").strip('"')
    environment = Environment(tmp_path / "environment")
    make = [*uv(), "venv", "--quiet", "--python", environments.old_python()]
    subprocess.run([*make, str(environment.folder)], check=True, cwd=ROOT)
    carry_out(installations.install(command), "uv", environment, dist)
    code = "import clarifai, clarifai_datasets, clarifai_local; print(clarifai.__version__)"
    done = subprocess.run(
        [str(environment.python), "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == workspace()["clarifai"].project["version"]


@pytest.mark.parametrize(
    "story", [one for one in STORIES if one.title in IN_THE_SUITE], ids=lambda one: one.title
)
def test_one_sdk_after_the_other_is_one_of_them_whole(
    story: Story, dist: Path, libraries: Environment, tmp_path: Path
):
    facts = tell(story, "uv", dist, tmp_path, libraries)
    assert faults(story, facts) == []


@pytest.fixture(scope="module")
def bare(dist: Path, libraries: Environment, tmp_path_factory: pytest.TempPathFactory):
    """An environment with the doors and no extra, and what it can do."""
    folder = tmp_path_factory.mktemp("bare")
    story = Story("ours", (installations.install("clarifai>=13"),), "ours", ())
    return Environment(folder / "environment"), tell(story, "uv", dist, folder, libraries)


def test_a_half_of_each_would_be_found(bare):
    """The probe's answers and the endings can fail."""
    _, facts = bare
    changed = {**facts, "files": {**facts["files"], "changed": ["clarifai/client/user.py"]}}
    story = Story("", (), "official", ())
    assert faults(story, changed) == [
        "it is not official",
        "1 files are changed, such as clarifai/client/user.py",
    ]


def test_a_step_that_fails_says_what_the_installer_said(tmp_path: Path, libraries: Environment):
    story = Story("none", (installations.install("clarifai>=99"),), "ours")
    with pytest.raises(Failed, match="clarifai"):
        tell(story, "uv", tmp_path, tmp_path / "folder", libraries)


def test_the_command_says_which_extra_it_lacks(bare, dist: Path):
    environment, facts = bare
    sentence = (
        'The command clarifai needs an extra that is not installed: pip install "clarifai[cli]>=13"'
    )
    assert facts["program"] == [1, sentence, 1]
    program = environment.python.with_name("clarifai")
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sentence}\n")


def test_with_the_extra_it_is_the_program(bare, dist: Path):
    environment, _ = bare
    carry_out(installations.install("clarifai[cli]>=13").alone(), "uv", environment, dist)
    program = environment.python.with_name("clarifai")
    for command in ([program], [environment.python, "-m", "clarifai"]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "clarifai 13.0.0\n")
