"""One package is bumped, checked and built; tried in a copy of the repository."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path

import pytest
from packaging.version import Version

from tools.release import Refused, main, next_version, release
from tools.wheels import contents, workspace

EXACT = "clarifai-aio"
"""Shares private names with its siblings, and so requires exact versions of them."""

DAY = datetime.date(2031, 2, 3)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ["git", *who, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


RELEASED = ("core", "runner", "sdk")
"""Packages that are built here; of the others a release reads only what describes them."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of what a release reads and writes, committed."""
    root = tmp_path / "copy"
    for package in workspace().values():
        name = package.folder.name
        left_out = ("__pycache__",) if name in RELEASED else ("__pycache__", "src")
        ignored = shutil.ignore_patterns(*left_out)
        shutil.copytree(package.folder, root / "packages" / name, ignore=ignored)
    for name in ("tests/core", "tests/packaging"):
        (root / name).mkdir(parents=True)
    (root / "uv.lock").write_text("version = 1\n")
    (root / ".gitignore").write_text("dist/\n")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Copy"]):
        git(root, *command)
    return root


@pytest.fixture
def core(repository: Path) -> Path:
    return repository / "packages" / "core"


def version_of(package: Path) -> str:
    text = (package / "pyproject.toml").read_text("utf-8")
    return next(line for line in text.splitlines() if line.startswith("version")).split('"')[1]


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("patch", "1.2.4"), ("minor", "1.3.0"), ("major", "2.0.0"), ("1.2.10", "1.2.10")],
)
def test_a_part_or_a_version_is_asked_for(wanted: str, version: str):
    assert str(next_version(Version("1.2.3"), wanted, is_out=True)) == version


@pytest.mark.parametrize("wanted", ["1.2.3", "1.2.2", "newest", "0"])
def test_what_is_no_version_above_is_refused(wanted: str):
    with pytest.raises(Refused, match=r"is not above 1\.2\.3|is no version"):
        next_version(Version("1.2.3"), wanted, is_out=True)


def test_the_version_that_is_not_out_yet_can_be_released(repository: Path, core: Path):
    current = version_of(core)
    made = release("core", current, repository, DAY)
    assert (str(made.version), made.dependents) == (current, ())
    assert git(repository, "status", "--porcelain").split() == ["M", "packages/core/CHANGELOG.md"]
    assert f"## {current} (2031-02-03)\n" in (core / "CHANGELOG.md").read_text("utf-8")


def test_a_minor_version_moves_the_bounds_of_those_that_need_it(
    repository: Path, core: Path, capsys: pytest.CaptureFixture[str]
):
    made = release("clarifai-core", "0.7.0", repository, DAY)
    assert version_of(core) == "0.7.0"
    assert "clarifai-datasets" in made.dependents
    assert "clarifai-core" not in made.dependents
    for name in made.dependents:
        folder = repository / "packages" / workspace()[name].folder.name
        bound = "==0.7.0" if name == EXACT else ">=0.7,<0.8"
        assert f'"clarifai-core{bound}"' in (folder / "pyproject.toml").read_text("utf-8")
        assert version_of(folder) in ("0.1.0", "0.2.0", "13.0.0")
    said = capsys.readouterr().out
    assert "clarifai-datasets now needs clarifai-core 0.7.0" in said
    assert "uv run pytest tests/core tests/packaging tests/docs" in said
    assert "git tag clarifai-core-v0.7.0" in said


def test_extras_with_extras_keep_them(repository: Path):
    release("runner", "0.9.0", repository, DAY)
    sdk = (repository / "packages" / "sdk" / "pyproject.toml").read_text("utf-8")
    assert 'runner = ["clarifai-runner[metrics]>=0.9,<0.10"]' in sdk


def test_a_patch_moves_no_bounds(repository: Path, core: Path):
    made = release("core", "patch", repository, DAY)
    assert made.dependents == (EXACT,)
    (texts,) = (text for path, text in made.texts.items() if path.parent.name == "aio")
    assert '"clarifai-core==0.2.1"' in texts
    assert '"clarifai-inputs==0.2.0"' in texts
    assert {path.name for path in made.texts} == {"CHANGELOG.md", "pyproject.toml"}


@pytest.mark.parametrize("wanted", ["patch", "minor"])
def test_an_exact_version_in_an_extra_stays_exact(repository: Path, wanted: str):
    made = release("runner", wanted, repository, DAY)
    project = (repository / "packages" / "aio" / "pyproject.toml").read_text("utf-8")
    assert f'runner = ["clarifai-runner=={made.version}"]' in project


def test_wheel_and_source_are_built_with_the_new_version(repository: Path):
    release("clarifai", "14.0.0", repository, DAY)
    dist = repository / "dist"
    wheel = dist / "clarifai-14.0.0-py3-none-any.whl"
    assert sorted(path.name for path in dist.iterdir()) == [wheel.name, "clarifai-14.0.0.tar.gz"]
    assert "clarifai/client/user.py" in contents(wheel)
    init = (repository / "packages" / "sdk" / "src" / "clarifai" / "__init__.py").read_text()
    assert '__version__ = "14.0.0"' in init


def test_what_is_not_committed_stops_it(repository: Path, core: Path):
    (core / "README.md").write_text("new\n")
    with pytest.raises(Refused, match=r"1 files are not committed, such as packages/core/README"):
        release("core", "patch", repository, DAY)


def test_addresses_in_the_lock_do_not(repository: Path):
    lock = repository / "uv.lock"
    pinned = '[[package]]\nname = "a"\nsource = { registry = "pinned" }\n'
    lock.write_text(pinned)
    git(repository, "commit", "-qam", "Lock")
    lock.write_text(pinned.replace("pinned", "https://index.example/files"))
    assert str(release("core", "patch", repository, DAY).version) == "0.2.1"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (" (unreleased)", " (2030-01-01)", r"does not begin with `## VERSION \(unreleased\)`"),
        (
            "(unreleased)\n",
            "(unreleased)\n\n## 0.1.9 (2030-01-01)\n",
            "says nothing of what is new",
        ),
    ],
)
def test_a_changelog_that_says_nothing_stops_it(
    repository: Path, core: Path, old: str, new: str, fault: str
):
    rewrite(core / "CHANGELOG.md", old, new)
    git(repository, "commit", "-qam", "Edit")
    with pytest.raises(Refused, match=fault):
        release("core", "minor", repository, DAY)


@pytest.mark.parametrize(
    ("file", "fault"),
    [("src/clarifai_core/py.typed", "py.typed is missing"), ("README.md", "cannot be built: ")],
)
def test_a_package_that_breaks_a_rule_is_left_as_it_was(
    repository: Path, core: Path, file: str, fault: str
):
    (core / file).unlink()
    git(repository, "commit", "-qam", "Remove")
    with pytest.raises(Refused, match=fault):
        release("core", "minor", repository, DAY)
    assert git(repository, "status", "--porcelain") == ""


def test_the_command_says_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.setattr("tools.release.check_clean", lambda root: None)
    assert main(["no-such-package", "minor"]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("There is no package 'no-such-package': it is one of clarifai,")
