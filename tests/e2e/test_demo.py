"""`clarifai demo`: real data goes in, and a model that learned from it comes out."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from clarifai.client import User
from clarifai_inputs.png import png
from clarifai_local import Platform

PAT = "k3y0f7h3t3st5"
PROGRAM = "import sys; from clarifai_cli.main import main; sys.exit(main())"


@pytest.fixture
def run(tmp_path: Path):
    """Run the program in a folder and an environment of its own, without pretrained models."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLARIFAI_")}
    kept["CLARIFAI_BLOCK_PLUGINS"] = "clarifai-models"
    environment = {**kept, "HOME": str(tmp_path), "CLARIFAI_CONTEXTS_FILE": str(tmp_path / "c")}

    def call(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *map(str, arguments)],
            cwd=tmp_path,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return call


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    """Noisy pictures with stripes that lie, stand or lean."""
    chance = random.Random(7)
    patterns = {
        "lying": lambda x, y: y,
        "standing": lambda x, y: x,
        "leaning": lambda x, y: x + y,
    }
    for label, position in patterns.items():
        folder = tmp_path / "stripes" / label
        folder.mkdir(parents=True)
        for number in range(16):
            shift = chance.randrange(8)
            rows = [
                bytes(
                    min(255, (position(x, y) + shift) % 8 // 4 * 190 + chance.randrange(60))
                    for x in range(32)
                )
                for y in range(32)
            ]
            (folder / f"{number}.png").write_bytes(png(rows))
    return tmp_path / "stripes"


def apps_in(state: Path) -> list[str]:
    user = User("me", base_url=f"local:{state}")
    try:
        return [app.id for app in user.list_apps()]
    finally:
        user.session.close()


def test_the_users_own_pictures(run, stripes, tmp_path):
    state = tmp_path / "state"
    done = run("demo", "--data", stripes, "--path", state, "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["runs"]
    assert (found["train"], found["held_out"]) == (36, 12)
    assert found["accuracy"] >= 0.9
    assert found["evaluated_accuracy"] == pytest.approx(found["accuracy"])
    assert len(found["hits"]) == 5
    assert {hit["label"] for hit in found["hits"]} == {found["query"]["label"]}
    again = run("demo", "--data", stripes, "--path", state)
    assert again.returncode == 0, again.stderr
    assert f"Everything lies in {state}" in again.stdout
    assert "36 to train on, 12 held out" in again.stdout
    assert 'upload_from_folder("FOLDER", input_type="image", labels=True)' in again.stdout
    assert len(apps_in(state)) == 2


def test_the_users_own_table_and_nothing_kept(run, tmp_path):
    words = {"fruit": "apple pear plum cherry grape", "tool": "hammer saw drill wrench chisel"}
    rows = [f"I bought a {w} and a {v},{k}" for k in words for w in words[k].split() for v in "xy"]
    (tmp_path / "shop.csv").write_text("input,labels\n" + "\n".join(rows))
    done = run("demo", "--data", "shop.csv", "--path", "state", "--no-keep", "--app-id", "shop")
    assert done.returncode == 0, done.stderr
    assert "shop.csv  (app shop)" in done.stdout
    assert "20 texts, 2 labels" in done.stdout
    assert apps_in(tmp_path / "state") == []


def test_the_bundled_digits_and_texts(run):
    done = run("demo", "--json", "--app-id", "mine")
    assert done.returncode == 0, done.stderr
    digits, photographs, texts = runs = json.loads(done.stdout)["runs"]
    assert [one["app_id"] for one in runs] == ["mine-images", "mine-images-2", "mine-texts"]
    assert digits["train"] + digits["held_out"] == 1797
    assert digits["accuracy"] >= 0.95
    assert digits["evaluated_accuracy"] == pytest.approx(digits["accuracy"])
    # Eight photographs: 2 of 16 by chance. The stand-in has 12 right, where sums are rounded alike.
    assert photographs["accuracy"] >= 0.65
    assert [one["hits"] for one in photographs["words"]] == [[], [], []]
    assert texts["accuracy"] >= 0.7
    assert texts["evaluated_accuracy"] == pytest.approx(texts["accuracy"])


def test_a_picture_that_the_platform_refuses_leaves_nothing_behind(run, stripes, tmp_path):
    broken = stripes / "lying" / "0.png"
    broken.write_bytes(broken.read_bytes()[:60])
    done = run("demo", "--data", stripes, "--path", "state")
    assert done.returncode == 2
    assert "The platform refused 1 of" in done.stderr
    assert "was deleted again" in done.stderr
    assert apps_in(tmp_path / "state") == []


def test_a_directory_in_use_is_said_in_one_sentence(run, stripes, tmp_path):
    with Platform(tmp_path / "state"):
        done = run("demo", "--data", stripes, "--path", "state")
    assert done.returncode == 2
    assert "in use by process" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_with_its_key_and_no_word_of_it_at_debug(run, stripes, tmp_path):
    with Platform(tmp_path / "server") as platform, platform.serve(0) as server:
        pat = (tmp_path / "server" / "pat").read_text().strip()
        place = {"CLARIFAI_API_BASE": server.base_url, "CLARIFAI_USER_ID": "me"}
        good = run("--debug", "demo", "--hosted", "--data", stripes, **place, CLARIFAI_PAT=pat)
        wrong = run("--debug", "demo", "--hosted", "--data", stripes, **place, CLARIFAI_PAT=PAT)
    assert good.returncode == 0, good.stderr
    assert f"The apps are on {server.base_url}" in good.stdout
    assert wrong.returncode == 1
    assert "Check the PAT" in wrong.stderr
    for done in (good, wrong):
        assert not [secret for secret in (pat, PAT) if secret in done.stdout + done.stderr]
