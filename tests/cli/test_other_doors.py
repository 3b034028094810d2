"""The command beside a `clarifai` of another SDK: it works, or says one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def official(tmp_path: Path) -> str:
    """A folder with another SDK's `clarifai`, as an installer writes it; for PYTHONPATH."""
    site = tmp_path / "official"
    info = site / "clarifai-12.5.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clarifai\nVersion: 12.5.0\n")
    (site / "clarifai" / "client").mkdir(parents=True)
    (site / "clarifai" / "__init__.py").write_text("__version__ = '12.5.0'\n")
    (site / "clarifai" / "client" / "__init__.py").write_text("class User: ...\n")
    return str(site)


def test_doctor_names_the_doors_of_another_sdk_and_walks_on(shell, official, tmp_path):
    base_url = f"local:{tmp_path / 'p'}"
    done = shell(PYTHONPATH=official).run("doctor", "--base-url", base_url, "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["hop"]: row for row in json.loads(done.stdout)}
    assert rows["doors"]["state"] == "warning"
    assert "clarifai is that of another SDK (clarifai 12.5.0)" in rows["doors"]["detail"]
    assert 'pip install --upgrade "clarifai>=13"' in rows["doors"]["detail"]
    assert rows["platform"]["state"] == "ok"


def test_the_demo_wants_our_doors(shell, official, tmp_path):
    done = shell(PYTHONPATH=official).run("demo", "--path", tmp_path / "p")
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Error: The demo comes in by the doors")
    assert "another SDK (clarifai 12.5.0)" in sentence
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("module", ["clarifai", "clarifai_cli"])
def test_both_packages_are_the_program(module, environment, tmp_path):
    command = [sys.executable, "-m", module, "config", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage: clarifai config" in done.stdout


def test_the_room_is_the_program_beside_another_sdk(environment, official, tmp_path):
    command = [sys.executable, "-m", "clarifai_cli", "whoami"]
    variables = {**os.environ, "PYTHONPATH": official}
    done = subprocess.run(
        command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "base_url" in done.stdout
