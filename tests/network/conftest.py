"""Worlds behind a network of their own."""

from __future__ import annotations

import pytest

from tests.network.promises import Job
from tests.network.world import World


@pytest.fixture(params=("http", "https"))
def world(request, tmp_path):
    with World(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def http_world(tmp_path):
    with World("http", tmp_path) as made:
        yield made


@pytest.fixture
def job(http_world, tmp_path):
    """An app with data, and a network without faults so far."""
    made = Job(http_world, tmp_path, uploads=1_000, exports=20)
    made.prepare()
    return made
