"""Whose version `--version` prints when the official SDK is installed beside ours."""

from __future__ import annotations

import pytest

from clarifai_cli._version import version_line
from clarifai_core import installation

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
    installed = {
        "clarifai": [Installed(*one) for one in found],
        "clarifai-cli": [Installed("0.9", [])],
    }
    monkeypatch.setattr(installation, "distributions", installed.__getitem__)
    assert version_line() == line
