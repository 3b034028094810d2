"""mypy --strict helps users: it accepts a right program and finds what is wrong in a copy of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.wheels import ROOT

PROGRAM = Path(__file__).with_name("typed_program.py")

WRONG = {
    'user.create_app("demo", base_workflow="Universal")': "user.create_app(7)",
    "batch_size=64).uploaded": 'batch_size="all").uploaded',
    "version_id: str = model.train()": "version_id: int = model.train()",
    'app.search(top_k=5, metric="cosine")': "app.serach(top_k=5)",
    "print(error.code, error.req_id)": "print(error.kode)",
    '"greetings", metadata={"by": "hand"}': '"greetings", metdata={"by": "hand"}',
    'predict_by_bytes(b"hello", "text"': 'predict_by_bytes(b"hello", "txt"',
    "answer.outputs[0].data.concepts": "answer.output[0].data.concepts",
    'User("me", base_url="local:")': 'User("me", base_url="local:", timeout=3)',
}
"""What is right in the program -> the type error that takes its place."""


SETTINGS = "[mypy]\nstrict = True\n[mypy-clarifai_grpc.*]\nfollow_untyped_imports = True\n"
"""What the README tells users to write: clarifai-grpc has types but does not say so."""


def mypy(path: Path) -> tuple[list[str], str]:
    """Run mypy as a user does, without our settings; return its errors and all it said."""
    (path.parent / "mypy.ini").write_text(SETTINGS)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", path.name],
        capture_output=True,
        text=True,
        cwd=path.parent,
        timeout=300,
    )
    return re.findall(r"^.*: error: .*$", done.stdout, re.MULTILINE), done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("typed")


def test_a_right_program_has_no_type_error(folder):
    shutil.copy(PROGRAM, folder / "right.py")
    errors, said = mypy(folder / "right.py")
    assert errors == [], said
    assert "Success" in said


def test_every_type_error_is_found_at_its_line(folder):
    text = PROGRAM.read_text("utf-8")
    for right, wrong in WRONG.items():
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    (folder / "wrong.py").write_text(text, "utf-8")
    errors, said = mypy(folder / "wrong.py")
    lines = text.splitlines()
    expected = {
        number for number, line in enumerate(lines, 1) if any(w in line for w in WRONG.values())
    }
    assert {int(error.split(":")[1]) for error in errors} == expected, said
    assert len(expected) == len(WRONG)


def test_the_program_uses_every_documented_class():
    text = PROGRAM.read_text("utf-8")
    listed = re.search(
        r"__all__ = \[(.*?)\]",
        (ROOT / "packages/sdk/src/clarifai/client/__init__.py").read_text("utf-8"),
        re.DOTALL,
    )
    names = re.findall(r'"(\w+)"', listed[1])
    assert [name for name in names if len(re.findall(rf"\b{name}\b", text)) < 2] == []
