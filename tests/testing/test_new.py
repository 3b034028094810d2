"""`clarifai plugins new`: what it writes passes its contract as written, for every kind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from clarifai_cli.main import main
from clarifai_core.hookspecs import HookSpecs
from clarifai_testing._new import KINDS, write
from tests.example_wheels import clean_environment
from tests.fresh_environment import install
from tools import wheels

PACKAGES = (
    "cli",
    "core",
    "datasets",
    "inputs",
    "local",
    "resources",
    "runner",
    "search",
    "testing",
    "views",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("written")
    return {kind: write(kind, f"acme-{kind}", folder) for kind in KINDS}


def hooks_of(folder: Path) -> list[str]:
    (plugin,) = folder.glob("src/*/plugin.py")
    text = plugin.read_text("utf-8")
    return [hook for hook in vars(HookSpecs) if f"def {hook}(" in text]


def test_there_is_a_kind_for_each_hook(written: dict[str, Path]):
    found = {hook for folder in written.values() for hook in hooks_of(folder)}
    assert found == {hook for hook in vars(HookSpecs) if hook.startswith("clarifai_")}
    assert len(written) == len(found) == 13


def test_each_kind_passes_its_contract(written: dict[str, Path]):
    sources = " ".join(str(folder / "src") for folder in written.values())
    tests = [str(folder / "tests") for folder in written.values()]
    options = ["-c", os.devnull, "--rootdir", str(written["loader"].parent), "-W", "error", "-rA"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", f"pythonpath={sources}", *options]
        + [f"-pno:{name}" for name in ("cacheprovider", "asyncio", "xdist")]
        + ["--import-mode=importlib", *tests],
        capture_output=True,
        text=True,
        check=False,
        env={**clean_environment(), "CLARIFAI_BLOCK_PLUGINS": "clarifai-models"},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    for kind in KINDS:
        passed = [
            line
            for line in done.stdout.splitlines()
            if line.startswith("PASSED") and f"acme-{kind}/tests" in line
        ]
        assert len(passed) > 10
    assert "mend first" not in done.stdout


def test_one_is_built_and_installed(written: dict[str, Path], tmp_path: Path):
    source = written["loader"]
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = {f"clarifai-{name}" for name in PACKAGES}
    packages = {name: one for name, one in wheels.workspace().items() if name in names}
    built = wheels.build(packages, tmp_path / "dist")
    fresh = install(tmp_path / "fresh", [wheel, *built.values()])
    listed = "from clarifai_core.plugins import plugins; print(plugins().owner('loaders', NAME))"
    assert fresh.run(f"NAME = 'acme_loader'; {listed}") == "acme_loader of acme-loader\n"
    code = "import sys, pytest; sys.exit(pytest.main(['-q', '-pno:cacheprovider', *sys.argv[1:]]))"
    # Not the source beside it: what is tested is what the wheel holds.
    tests = [str(source / "tests"), "-c", os.devnull, "--rootdir", str(source)]
    assert "passed" in fresh.run(code, *tests)


def test_what_is_written_is_typed_and_clean(written: dict[str, Path], tmp_path: Path):
    rules = ["--select", "E,F,N,B,UP,ANN", "--ignore", "ANN401", "--line-length", "100"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *rules, "--isolated"]
        + [str(folder) for folder in written.values()],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout


def test_its_metadata_names_what_it_imports(written: dict[str, Path]):
    for folder in written.values():
        project = tomli.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        package = project["name"].replace("-", "_")
        assert project["entry-points"]["clarifai.plugins"] == {package: f"{package}.plugin"}
        needs = " ".join(project["dependencies"])
        for path in (folder / "src").rglob("*.py"):
            for name in ("datasets", "local", "search", "runner", "resources"):
                if f"from clarifai_{name}" in path.read_text("utf-8"):
                    assert f"clarifai-{name}" in needs


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["plugins", *arguments])
    said = capfd.readouterr()
    return code, said.out, said.err


def test_the_command_prints_where_it_wrote(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    code, out, err = run(capfd, "new", "loader", "Acme.Notes", "--path", str(tmp_path))
    assert (code, out) == (0, f"{tmp_path / 'acme-notes'}\n")
    assert "pytest" in err
    assert (tmp_path / "acme-notes" / "src" / "acme_notes" / "plugin.py").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("clarifai", "begin with yours, such as 'acme-plugin'"),
        ("Clarifai_Search", "begin with yours, such as 'acme-search'"),
        ("clarifai.x-y", "begin with yours, such as 'acme-x-y'"),
        ("-notes", "cannot be the name of a distribution"),
        ("no tes", "cannot be the name of a distribution"),
        ("../notes", "cannot be the name of a distribution"),
        ("nötes", "cannot be the name of a distribution"),
        ("3d-loader", "which Python cannot import"),
        ("class", "which Python cannot import"),
        ("json", "would hide Python's own module 'json'"),
        ("NumPy", "is the name of a distribution that is installed here"),
    ],
)
def test_names_that_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, said: str
):
    code, out, err = run(capfd, "new", "--path", str(tmp_path), "loader", "--", name)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_clarifai_within_a_name_is_fine(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    assert run(capfd, "new", "policy", "acme-clarifai", "--path", str(tmp_path))[0] == 0


def test_what_is_there_is_left_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "acme-notes").mkdir()
    (tmp_path / "acme-notes" / "mine").write_text("mine")
    code, _, err = run(capfd, "new", "loader", "acme-notes", "--path", str(tmp_path))
    assert code == 2
    assert "is there already, and nothing was written" in err
    assert [path.name for path in (tmp_path / "acme-notes").iterdir()] == ["mine"]


def test_a_kind_that_there_is_not_is_said_with_those_there_are(capfd):
    code, _, err = run(capfd, "new", "loaders", "acme-notes")
    assert code == 2
    assert "'loader'" in err


def test_listing_is_what_it_was(capfd: pytest.CaptureFixture[str]):
    assert (
        run(capfd)[1].splitlines()[0].split()[0] == run(capfd, "list")[1].splitlines()[0].split()[0]
    )
    assert "clarifai-testing" in run(capfd, "list")[1]


def test_without_the_package_the_extra_is_named(tmp_path: Path):
    names = {
        "clarifai",
        *(f"clarifai-{n}" for n in ("cli", "compat", "core", "inputs", "resources", "views")),
    }
    packages = {name: one for name, one in wheels.workspace().items() if name in names}
    fresh = install(tmp_path / "fresh", wheels.build(packages, tmp_path / "dist").values())
    code = "import sys; from clarifai_cli.main import main; sys.exit(main(sys.argv[1:]) - 2)"
    done = subprocess.run(
        fresh.command(code, "plugins", "new", "loader", "acme-notes"),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=fresh.variables(),
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert 'not installed: pip install "clarifai[testing]>=13"' in done.stderr
