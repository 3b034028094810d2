"""The doors open at once: what is heavy comes in with the first request."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "attr",
    "clarifai_grpc",
    "google.protobuf",
    "grpc",
    "httpcore",
    "httpx",
    "logging",
    "numpy",
    "pluggy",
    "yaml",
)
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


WITHOUT_US = "import grpc; from clarifai_grpc.grpc.api import resources_pb2, service_pb2"
CLOCK = "import time; begun = time.process_time(); {statement}; print(time.process_time() - begun)"


def cpu_seconds(statement: str) -> float:
    """The least CPU time that a fresh interpreter needs for a statement, of five."""
    code = CLOCK.format(statement=statement)
    command = [sys.executable, "-c", code]
    return min(
        float(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
        for _ in range(5)
    )


def test_a_door_costs_at_most_a_third_of_grpc_and_the_messages():
    assert cpu_seconds("from clarifai.client.user import User") < cpu_seconds(WITHOUT_US) / 3
