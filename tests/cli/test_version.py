"""Whose version `--version` prints when the official SDK is installed beside ours."""

from __future__ import annotations

import importlib.metadata

import pytest

from clarifai_cli._version import version_line

OFFICIAL = ("12.1.0", ["clarifai-grpc>=11", "clarifai-protocol"])
OURS = ("13.0.0", ["clarifai-core<0.3,>=0.2", "clarifai-inputs"])


class Installed:
    def __init__(self, version, requires):
        self.version, self.requires = version, requires


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ([OURS], "clarifai 13.0.0"),
        ([OFFICIAL, OURS], "clarifai 13.0.0"),
        ([OFFICIAL], "clarifai-cli 0.9"),
        ([("11.0", None)], "clarifai-cli 0.9"),
        ([], "clarifai-cli 0.9"),
    ],
)
def test_the_version_is_ours(monkeypatch, found, line):
    asked = {"name": "clarifai"}
    monkeypatch.setattr(
        importlib.metadata,
        "distributions",
        lambda **given: [Installed(*one) for one in found] if given == asked else [],
    )
    monkeypatch.setattr(importlib.metadata, "version", lambda name: {"clarifai-cli": "0.9"}[name])
    assert version_line() == line
