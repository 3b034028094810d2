"""The loader plugin of examples/, as a wheel beside core and datasets only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.example_wheels import EXAMPLES, clean_environment, run_alone, unpacked

EXAMPLE = EXAMPLES / "loader-plugin"
ROOMS = ("core", "inputs", "views", "datasets")
PROGRAM = """
import json, sys
from clarifai_core.plugins import plugins
from clarifai_datasets.upload.loader import open_loader, prepare
loader = open_loader(sys.argv[1])
count = prepare(loader)
# The copies of our own environment come behind, and do not count.
states = {info.name: info.state for info in reversed(plugins().list())}
rows = [(loader[i].id, loader[i].text, loader[i].labels) for i in range(count)]
print(json.dumps([type(loader).__module__, states, rows]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folders = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("site")
    return unpacked("loader-plugin", ROOMS, *folders)


def test_it_is_used_from_python_beside_core_and_datasets_only(site):
    module, states, rows = json.loads(run_alone(site, ROOMS, PROGRAM, str(EXAMPLE / "birds.notes")))
    assert module == "field_notes.loader"
    assert (states["field_notes"], states["datasets"]) == ("loaded", "loaded")
    assert rows[1] == [
        "2026-05-01-b",
        "The first swifts of the year, high above the church.",
        ["swift"],
    ]


def test_it_is_used_from_the_command_line(site, tmp_path):
    platform = f"local:{tmp_path / 'platform'}"
    shell = Shell(site, tmp_path, platform)
    shell.python(
        "from clarifai.client.user import User\n"
        "app = User('me', base_url=BASE).create_app('demo')\n"
        "app.create_dataset('birds')"
    )
    shown = shell.clarifai("dataset", "formats").stdout
    assert "field_notes" in shown
    upload = ("dataset", "upload", "--dataset-id", "birds", "--app-id", "demo", "--user-id", "me")
    done = shell.clarifai(*upload, "--loader", "field_notes", str(EXAMPLE / "birds.notes"))
    assert done.stdout.startswith("birds: 3 uploaded"), done.stderr
    assert done.returncode == 0

    broken = tmp_path / "broken.notes"
    broken.write_text("id: a\nlabels: x\nfine\n\nlabels: y\nno id\n")
    done = shell.clarifai(*upload, str(broken))
    assert (done.returncode, "1 uploaded" in done.stdout) == (1, True)
    assert "record 2" in done.stdout
    done = shell.clarifai(*upload, "--strict", str(broken))
    assert (done.returncode, done.stdout) == (2, "")
    assert "record 2" in done.stderr


class Shell:
    """Runs the installed SDK with the plugin's wheel on its path."""

    def __init__(self, site: Path, folder: Path, platform: str) -> None:
        plugin = folder / "plugin"
        plugin.mkdir()
        for found in site.iterdir():
            if found.name.startswith("field_notes"):
                (plugin / found.name).symlink_to(found)
        self._environment = {
            **clean_environment(),
            "PYTHONPATH": str(plugin),
            "CLARIFAI_BLOCK_PLUGINS": "clarifai-models",
            "CLARIFAI_API_BASE": platform,
            "CLARIFAI_CONTEXTS_FILE": str(folder / "none.yaml"),
            "CLARIFAI_STATE_DIR": str(folder / "state"),
        }
        self._folder, self._platform = folder, platform

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        done = self._run("-c", f"BASE = {self._platform!r}\n{code}")
        assert done.returncode == 0, done.stderr
        return done

    def clarifai(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = "import sys; from clarifai_cli.main import main; sys.exit(main())"
        return self._run("-c", program, *arguments)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
