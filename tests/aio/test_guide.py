"""Every block of docs/asyncio.md and of the package's README runs as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tools.wheels import ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    (page, number, code)
    for page in ("docs/asyncio.md", "packages/aio/README.md")
    for number, code in enumerate(BLOCK.findall((ROOT / page).read_text("utf-8")), 1)
]
SAYS = {
    ("docs/asyncio.md", 1): "16 uploaded",
    ("docs/asyncio.md", 2): "5 5\n",
    ("docs/asyncio.md", 3): "write `await` in front of the call",
    ("docs/asyncio.md", 4): "200 {0}",
    ("docs/asyncio.md", 5): "0 0\n",
    ("docs/asyncio.md", 6): "",
    ("docs/asyncio.md", 7): "3000 3000\n",
    ("packages/aio/README.md", 1): "greeting Hello!",
}
"""What a block prints, or a part of it."""


@pytest.mark.parametrize(("page", "number", "code"), BLOCKS)
def test_a_block_runs_as_printed(page, number, code, tmp_path):
    environment = {name: value for name, value in os.environ.items() if "CLARIFAI" not in name}
    folder = {"CLARIFAI_STATE_DIR": str(tmp_path), "CLARIFAI_CONTEXTS_FILE": str(tmp_path / "c")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={
            **environment,
            **folder,
            "CLARIFAI_API_BASE": "local:",
            "CLARIFAI_BLOCK_PLUGINS": "clarifai-models",
        },
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert SAYS[page, number] in done.stdout


def test_all_blocks_are_known():
    assert {(page, number) for page, number, _ in BLOCKS} == set(SAYS)
