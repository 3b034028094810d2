"""Everything is answered where there is no network at all, in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

NO_NETWORK = ["unshare", "-rn"]

PROGRAM = """
import json, socket, sys
from pathlib import Path

assert [name for _, name in socket.if_nameindex()] == ["lo"], socket.if_nameindex()

from clarifai.client import Model
from clarifai_local import Platform

def ask(model_id, content, kind="image"):
    url = f"https://clarifai.com/clarifai/main/models/{model_id}"
    (output,) = Model(url, base_url=platform.url).predict_by_bytes(content, kind).outputs
    return output.data

astronaut, page, coffee = (Path(name).read_bytes() for name in sys.argv[1:])
with Platform() as platform:
    told = {
        "concepts": [c.name for c in ask("general-image-recognition", coffee).concepts[:10]],
        "picture": len(ask("general-image-embedding", coffee).embeddings[0].vector),
        "text": len(ask("multilingual-text-embedding", b"Hello.", "text").embeddings[0].vector),
        "faces": len(ask("face-detection", astronaut).regions),
        "moderation": [c.name for c in ask("moderation-recognition", coffee).concepts],
        "line": ask("ocr-scene-english-paddleocr", page).text.raw.splitlines()[0],
    }
print(json.dumps(told))
"""


def unshares() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not unshares(), reason="this machine lets nobody take the network away")
def test_everything_is_answered_without_a_network(photographs, tmp_path):
    files = []
    for name in ("astronaut", "page", "coffee"):
        files.append(tmp_path / name)
        files[-1].write_bytes(photographs[name])
    # Here the plugin is found as it is installed; the rest of the suite goes without it.
    variables = {k: v for k, v in os.environ.items() if k != "CLARIFAI_BLOCK_PLUGINS"}

    done = subprocess.run(
        [*NO_NETWORK, sys.executable, "-W", "error", "-c", PROGRAM, *map(str, files)],
        capture_output=True,
        text=True,
        env={**variables, "CLARIFAI_STATE_DIR": str(tmp_path / "state")},
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "espresso" in told.pop("concepts")
    assert told == {
        "picture": 512,
        "text": 384,
        "faces": 1,
        "moderation": ["safe", "explicit"],
        "line": "Region-based segmentation",
    }
    assert any((tmp_path / "state" / "models").iterdir())
