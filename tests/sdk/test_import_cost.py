"""The doors open at once: what is heavy comes in with the first request."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("grpc", "google.protobuf", "attr", "attrs", "numpy", "yaml", "logging", "clarifai_grpc")
NAMES = (
    "app",
    "dataset",
    "input",
    "lister",
    "model",
    "module",
    "runner",
    "search",
    "user",
    "workflow",
)
DOORS = ["clarifai.client", *(f"clarifai.client.{name}" for name in NAMES)]

PROBE = """
import sys
before = set(sys.modules)
{statement}
print(*sorted(set(sys.modules) - before), sep="\\n")
"""


def loaded_by(statement: str) -> set[str]:
    """Names of the modules that a fresh interpreter loads for `statement`."""
    code = PROBE.format(statement=statement)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


STATEMENTS = [
    *(f"import {door}" for door in DOORS),
    "from clarifai.client import App, Inputs, Lister, Model, Module, User, Workflow",
    "from clarifai.client.user import User",
    "from clarifai.errors import UserError",
    "from clarifai.utils.misc import Chunker",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_door_loads_nothing_heavy(statement: str):
    assert loaded_by(statement) & set(HEAVY) == set()


def test_the_probe_sees_what_is_heavy():
    assert {"logging", "attrs"} <= loaded_by("import logging, attrs")
