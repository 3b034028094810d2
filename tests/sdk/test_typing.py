"""mypy --strict helps users: it accepts a right program and finds what is wrong in a copy of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.wheels import ROOT

PROGRAM = Path(__file__).with_name("typed_program.py")
AWAITED = ROOT / "tests/aio/typed_program.py"

WRONG = {
    'user.create_app("demo", base_workflow="Universal")': "user.create_app(7)",
    "batch_size=64).uploaded": 'batch_size="all").uploaded',
    'Input(id="one")], action="overwrite")': 'Input(id="one")], action="overwite")',
    'Annotation(id="a")], action="remove")': 'Annotation(id="a")], action="delete")',
    '["Greeting"], action="overwrite")': '["Greeting"], action=True)',
    '["greeting"], ["hypernym"])': '["greeting"], ["hyper"])',
    "version_id: str = model.train()": "version_id: int = model.train()",
    'app.search(top_k=5, metric="cosine")': "app.serach(top_k=5)",
    "print(error.code, error.req_id)": "print(error.kode)",
    '"greetings", metadata={"by": "hand"}': '"greetings", metdata={"by": "hand"}',
    'predict_by_bytes(b"hello", "text"': 'predict_by_bytes(b"hello", "txt"',
    "answer.outputs[0].data.concepts": "answer.output[0].data.concepts",
    'User("me", base_url="local:")': 'User("me", base_url="local:", timeout=3)',
}
"""What is right in the program -> the type error that takes its place."""

WRONG_AWAITED = {
    'model = await app.model("m")': 'model = app.model("m")',
    "async for one in inputs.list_inputs():": "for one in inputs.list_inputs():",
    "batch_size=64)": 'batch_size="all")',
    "await user.list_apps().all()": "user.list_apps().all()",
    "app.search(top_k=3)": "app.serach(top_k=3)",
}
"""The same for the program with `await`."""

SETTINGS = "[mypy]\nstrict = True\n[mypy-clarifai_grpc.*]\nfollow_untyped_imports = True\n"
"""What the README tells users to write: clarifai-grpc has types but does not say so."""


def with_mistakes(program: Path, wrong: dict[str, str]) -> str:
    text = program.read_text("utf-8")
    for right, mistake in wrong.items():
        assert text.count(right) == 1
        text = text.replace(right, mistake)
    return text


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict[str, dict[int, str]]:
    """What mypy finds in the programs, by file and line, run as a user does, without our settings.

    All in one run: most of its time goes into what they import.
    """
    folder = tmp_path_factory.mktemp("typed")
    (folder / "mypy.ini").write_text(SETTINGS)
    programs = {
        "right.py": PROGRAM.read_text("utf-8"),
        "wrong.py": with_mistakes(PROGRAM, WRONG),
        "awaited.py": AWAITED.read_text("utf-8"),
        "wrong_awaited.py": with_mistakes(AWAITED, WRONG_AWAITED),
    }
    for name, text in programs.items():
        (folder / name).write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *programs],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=600,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"(checked {len(programs)} source files)" in done.stdout
    found: dict[str, dict[int, str]] = {name: {} for name in programs}
    for name, line, error in re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, re.MULTILINE):
        found[name][int(line)] = error
    return found


@pytest.mark.parametrize("name", ["right.py", "awaited.py"])
def test_a_right_program_has_no_type_error(said, name):
    assert said[name] == {}


@pytest.mark.parametrize(
    ("name", "program", "wrong"),
    [("wrong.py", PROGRAM, WRONG), ("wrong_awaited.py", AWAITED, WRONG_AWAITED)],
)
def test_every_type_error_is_found_at_its_line(said, name, program, wrong):
    lines = with_mistakes(program, wrong).splitlines()
    expected = {
        number for number, line in enumerate(lines, 1) if any(one in line for one in wrong.values())
    }
    assert len(expected) == len(wrong)
    if wrong is WRONG:
        assert set(said[name]) == expected
    else:  # a forgotten await is wrong where its result is used first, and wherever it is again
        assert [line for line in expected if not {line, line + 1} & set(said[name])] == []


def test_the_program_uses_every_documented_class():
    text = PROGRAM.read_text("utf-8")
    listed = re.search(
        r"__all__ = \[(.*?)\]",
        (ROOT / "packages/sdk/src/clarifai/client/__init__.py").read_text("utf-8"),
        re.DOTALL,
    )
    names = re.findall(r'"(\w+)"', listed[1])
    assert [name for name in names if len(re.findall(rf"\b{name}\b", text)) < 2] == []
