"""An editor with pyright offers what there is, too: in VS Code, and wherever its forks run.

The server is that of basedpyright, which is pyright in a wheel: pyright's own asks another index.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.sdk.language_server import LanguageServer
from tests.sdk.test_completion import EXPRESSIONS, PROGRAM
from tools import environments
from tools.wheels import ROOT

SWITCH = "CLARIFAI_INTEROP"
SERVER = ("basedpyright", ("basedpyright==1.40.2",))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if os.environ.get(SWITCH) == "off":
        pytest.skip(f"{SWITCH}=off: asked for, where no index has basedpyright")
    name, requirements = SERVER
    try:
        environment = environments.make(name, requirements, python=environments.old_python())
    except environments.Unavailable as error:
        pytest.skip(f"no index has basedpyright: {error}")
    folder = tmp_path_factory.mktemp("program")
    sources = sorted(str(path) for path in ROOT.glob("packages/*/src"))
    ours = Path(sys.prefix)
    settings = {"extraPaths": sources, "venvPath": str(ours.parent), "venv": ours.name}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    program = environment.python.with_name("basedpyright-langserver")
    with LanguageServer([str(program), "--stdio"], folder) as server:
        yield server


@pytest.mark.parametrize(("expression", "kind"), EXPRESSIONS, ids=[e for e, _ in EXPRESSIONS])
def test_every_public_name_is_offered(server, expression: str, kind: type):
    public = {name for name in dir(kind) if not name.startswith("_")}
    assert public - server.completions("program.py", f"{PROGRAM}{expression}.") == set()


def test_what_is_not_there_is_not_offered(server):
    assert "no_such_name" not in server.completions("none.py", f"{PROGRAM}user.")
