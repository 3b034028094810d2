"""What becomes of an environment in which this SDK and the official one follow each other.

    python -m tools.installations             # with uv and with pip, and print the matrix
    python -m tools.installations --with uv   # with one of them
    python -m tools.installations --resolved  # each installation with libraries of its own: slow

Both own the import package `clarifai`, so each story must end with the one of them, whole, or with
one sentence that says what to do; never with half of each. The wheels are those of
`uv build --all-packages`; the official SDK and all libraries come from the index that uv and pip
are set up for. Unless `--resolved` asks for more, the libraries are those of one environment that
is made once and kept (tools/environments.py), and what is installed are the two SDKs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
from packaging.requirements import Requirement

from tools import environments
from tools.environments import Environment
from tools.wheels import PARALLEL_JOBS, ROOT, siblings, uv, workspace

PROBE = Path(__file__).with_name("installation_probe.py")
BUILD = ("build", "--all-packages")
"""What the README tells uv to do, in a copy of the repository."""

OURS = "clarifai[datasets,local]>=13"
OFFICIAL = "clarifai==12.5.0"
OFFICIAL_OLD = "clarifai==10.1.1"
LIBRARIES = "libraries"
"""Name of the environment with what both SDKs need."""


class Failed(Exception):
    """A step of a story failed; the text is what the installer said."""


@attrs.frozen
class Step:
    """One command of an installer."""

    verb: str
    """`"install"` or `"uninstall"`."""
    packages: tuple[str, ...]
    options: tuple[str, ...] = ()

    def alone(self) -> Step:
        """Return the same step without libraries: what it brings of the workspace is named."""
        if self.verb != "install":
            return self
        named = [name for package in self.packages for name in _brought(package)]
        return attrs.evolve(self, packages=tuple(named), options=("--no-deps", *self.options))


def _brought(package: str) -> list[str]:
    packages, wanted = workspace(), Requirement(package)
    if package in (OFFICIAL, OFFICIAL_OLD):
        return [package]
    extras = packages[wanted.name].extras
    needed = [need.name for extra in wanted.extras for need in extras[extra]]
    brought = {name for one in (wanted.name, *needed) for name in siblings(packages[one], packages)}
    return [package, *sorted(brought - {wanted.name})]


def install(*packages: str, options: tuple[str, ...] = ()) -> Step:
    """Return the step that installs packages."""
    return Step("install", packages, options)


def uninstall(*packages: str) -> Step:
    """Return the step that removes packages."""
    return Step("uninstall", packages)


OVER = ("--ignore-installed",)
"""Options with which pip leaves what is there, and writes over it."""


@attrs.frozen
class Story:
    """What somebody does, and what they have in the end."""

    title: str
    steps: tuple[Step, ...]
    ends_with: str
    """A row of `ENDINGS`."""
    rooms: tuple[str, ...] = ("clarifai_datasets", "clarifai_local")
    """Import packages that work in the end."""
    installers: tuple[str, ...] = ("uv", "pip")

    @property
    def takes_official(self) -> bool:
        """Whether the official SDK has a part in it."""
        named = {package for step in self.steps for package in step.packages}
        return bool(named & {OFFICIAL, OFFICIAL_OLD})


BOTH = (install(OURS), install(OFFICIAL, options=OVER))
STORIES = (
    Story("ours", (install(OURS),), "ours"),
    Story("official, then ours", (install(OFFICIAL), install(OURS)), "ours"),
    Story("an old official, then ours", (install(OFFICIAL_OLD), install(OURS)), "ours"),
    Story("ours, then official", (install(OURS), install(OFFICIAL)), "official"),
    Story(
        "official, with a room of ours",
        (install(OFFICIAL), install("clarifai-datasets")),
        "official",
        ("clarifai_datasets",),
    ),
    Story(
        "official, with the search of ours",
        (install(OFFICIAL), install("clarifai-core", "clarifai-search")),
        "official",
        ("clarifai_search",),
    ),
    Story(
        "official, with the platform of ours",
        (install(OFFICIAL), install("clarifai-local")),
        "official",
        ("clarifai_local",),
    ),
    Story(
        "official, then ours, both removed",
        (install(OFFICIAL), install(OURS), uninstall("clarifai")),
        "no doors",
    ),
    Story(
        "ours, then official, both removed",
        (install(OURS), install(OFFICIAL), uninstall("clarifai")),
        "no doors",
    ),
    Story("official written over ours", BOTH, "a mixture", installers=("pip",)),
    Story(
        "ours written over official",
        (install(OFFICIAL), install(OURS, options=OVER), install("clarifai-datasets")),
        "a mixture",
        ("clarifai_datasets",),
        installers=("pip",),
    ),
    Story(
        "a mixture, mended as it says",
        (*BOTH, uninstall("clarifai"), uninstall("clarifai"), install(OURS)),
        "ours",
        installers=("pip",),
    ),
)

Facts = Mapping[str, Any]


@attrs.frozen
class Ending:
    """What an installation is, told from the answers of the probe."""

    is_told_by: Callable[[Facts], bool]
    files_are_whole: bool = True


def _is_ours(facts: Facts) -> bool:
    lacks_an_extra = (
        'The command clarifai needs an extra that is not installed: pip install "clarifai[cli]>=13"'
    )
    return (
        _is_quiet(facts)
        and facts["documented"] == ["clarifai_resources.user"]
        and facts["fault"] == ""
        and facts["program"] == [1, lacks_an_extra, 1]
    )


def _is_official(facts: Facts) -> bool:
    says_so = "is that of another SDK" in str(facts["fault"])
    return _is_quiet(facts) and facts["documented"] == ["clarifai.client.user"] and says_so


def _is_quiet(facts: Facts) -> bool:
    """`import clarifai` warns of nothing, and is what is installed."""
    wanted = {"version": facts["files"]["distributions"][0], "warnings": []}
    return bool(facts["doors"] == wanted)


def _has_no_doors(facts: Facts) -> bool:
    missing = "ModuleNotFoundError: No module named 'clarifai'"
    return facts["doors"] == missing and not facts["files"]["folder"] and facts["fault"] == ""


def _is_mixture(facts: Facts) -> bool:
    """It says so: our core always, `import clarifai` where ours is what it imports."""
    doors = facts["doors"]
    warned = any("files of both are mixed" in text for text in doors["warnings"])
    return "so their files are mixed" in facts["fault"] and (
        warned or doors["version"] == OFFICIAL.partition("==")[2]
    )


ENDINGS = {
    "ours": Ending(_is_ours),
    "official": Ending(_is_official),
    "no doors": Ending(_has_no_doors),
    "a mixture": Ending(_is_mixture, files_are_whole=False),
}


def faults(story: Story, facts: Facts) -> list[str]:
    """Return what is not as the story ends."""
    ending = ENDINGS[story.ends_with]
    found = [] if ending.is_told_by(facts) else [f"it is not {story.ends_with}"]
    if ending.files_are_whole:
        found += [
            f"{len(facts['files'][what])} files are {what}, such as {facts['files'][what][0]}"
            for what in ("missing", "changed", "foreign")
            if facts["files"][what]
        ]
    answers = {"clarifai_datasets": 2, "clarifai_local": "a", "clarifai_search": 2, "upload": 2}
    asked = [*story.rooms, *(["upload"] if story.ends_with == "ours" and story.rooms else [])]
    wrong = [what for what in asked if facts[what] != answers[what]]
    return found + [f"{what}: {facts[what]}" for what in wrong]


def build(folder: Path) -> Path:
    """Build the wheels of all packages, as the README says; return the folder that has them."""
    dist = folder / "dist"
    _run([*uv(), *BUILD, "--quiet", "--out-dir", str(dist)], folder)
    return dist


def libraries() -> Environment:
    """Return the environment that holds what both SDKs need, and neither of them.

    Raises:
        Unavailable: They cannot be installed.
    """
    python = environments.old_python()
    official = environments.make(*environments.OFFICIAL_12, python=python)
    (site,) = official.folder.rglob("site-packages")
    (found,) = metadata.distributions(name="clarifai", path=[str(site)])
    theirs = [need for need in found.requires or () if "extra ==" not in need]
    packages = workspace()
    ours = [str(need) for one in packages.values() for need in one.requirements]
    wanted = {need for need in ours if Requirement(need).name not in packages} | set(theirs)
    # The libraries of the official SDK need it themselves.
    return environments.make(LIBRARIES, sorted(wanted), python=python, without=("clarifai",))


def tell(
    story: Story, installer: str, dist: Path, folder: Path, shared: Environment | None
) -> Facts:
    """Do what a story tells in a fresh environment in `folder`, and ask what it can do.

    Args:
        story: The story.
        installer: `"uv"` or `"pip"`.
        dist: The folder of our wheels.
        folder: Where the environment is made.
        shared: An environment whose libraries it uses; None to install them, too.

    Raises:
        Failed: A step failed.
    """
    environment = Environment(folder / "environment")
    seed = ["--seed"] if installer == "pip" else []
    python = environments.old_python()
    _run([*uv(), "venv", *seed, "--python", python, str(environment.folder)], folder)
    if shared is not None:
        _share(shared, environment)
    for step in story.steps:
        told = step if shared is None else step.alone()
        carry_out(told, installer, environment, dist)
    answers = _run([str(environment.python), "-I", str(PROBE)], folder)
    facts: Facts = json.loads(answers.splitlines()[-1])
    return facts


def carry_out(step: Step, installer: str, environment: Environment, dist: Path) -> None:
    """Run one step of a story.

    Raises:
        Failed: The installer said no.
    """
    _run(_command(step, installer, environment, dist), environment.folder.parent)


def _share(libraries: Environment, environment: Environment) -> None:
    """Let an environment find the libraries of another one, behind its own."""
    (site,) = environment.folder.rglob("site-packages")
    (behind,) = libraries.folder.rglob("site-packages")
    (site / "libraries.pth").write_text(f"{behind}\n", "utf-8")


def _command(step: Step, installer: str, environment: Environment, dist: Path) -> list[str]:
    python = str(environment.python)
    start = [*uv(), "pip"] if installer == "uv" else [python, "-m", "pip"]
    target = ["--python", python] if installer == "uv" else []
    if step.verb == "install":
        # As uv does by itself: compiling all of it, as our own pyproject.toml wants, takes longer
        # than what is asked of it once or twice.
        plain = ["--no-compile-bytecode"] if installer == "uv" else []
        more = [*step.options, *plain, "--find-links", str(dist)]
    else:
        more = [] if installer == "uv" else ["--yes"]
    return [*start, step.verb, *target, *more, *step.packages]


def _run(command: list[str], home: Path) -> str:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "VIRTUAL_ENV" and not name.startswith(("CLARIFAI_", "PYTHON"))
    }
    variables = {**inherited, "CLARIFAI_STATE_DIR": str(home / "state")}
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def matrix(installers: tuple[str, ...], *, resolved: bool) -> int:
    """Tell every story with every installer; print a row for each and every fault."""
    cells = [(story, one) for story in STORIES for one in installers if one in story.installers]
    shared = None if resolved else libraries()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="installations-") as name:
        folder = Path(name)
        dist = build(folder)

        def told(number: int) -> list[str]:
            story, installer = cells[number]
            try:
                return faults(story, tell(story, installer, dist, folder / str(number), shared))
            except Failed as error:
                return [str(error)]

        with ThreadPoolExecutor(PARALLEL_JOBS) as pool:
            rows = zip(cells, pool.map(told, range(len(cells))), strict=True)
            for (story, installer), found in rows:
                what = "; ".join(found) or story.ends_with
                print(f"{installer:<4} {story.title:<38} {what}", flush=True)
                bad += bool(found)
    print(f"{len(cells) - bad} of {len(cells)} installations end as they should")
    return 1 if bad else 0


def main(arguments: list[str] | None = None) -> int:
    """Print the matrix."""
    parser = argparse.ArgumentParser(description="Install two SDKs in turn; see what is left.")
    parser.add_argument("--with", dest="installer", choices=("uv", "pip"))
    parser.add_argument("--resolved", action="store_true", help="install all libraries each time")
    asked = parser.parse_args(arguments)
    installers = (asked.installer,) if asked.installer else ("uv", "pip")
    return matrix(installers, resolved=asked.resolved)


if __name__ == "__main__":
    sys.exit(main())
