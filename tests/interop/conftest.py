"""One platform, served to programs that run with clients of several ages.

A test names its story; the program of that name has run with the client in question, in a process
of its own, and what it printed last is the test's `facts`. Programs mostly wait, so the ones that
are needed run a few at a time.

`CLARIFAI_INTEROP=off` skips all of it, for machines without a package index.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.interop.clients import CLIENTS, Client
from tests.interop.running import Runs
from tests.interop.world import World
from tools.environments import Unavailable

SWITCH = "CLARIFAI_INTEROP"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "story(name, *clients): the program, and who runs it")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    story = metafunc.definition.get_closest_marker("story")
    if story is not None:
        metafunc.parametrize("client", story.args[1:], indirect=True, scope="session")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The platform, and everything that programs find around them."""
    if os.environ.get(SWITCH) == "off":
        pytest.skip(f"{SWITCH}=off: asked for, where no index has the other clients")
    with World(tmp_path_factory.mktemp("interop")) as world:
        yield world


@pytest.fixture(autouse=True)
def _no_error_is_logged(world: World) -> Iterator[None]:
    with world.listening():
        yield
    assert world.errors == []


@pytest.fixture(scope="session")
def all_runs(world: World) -> Iterator[Runs]:
    """The runs of programs, each once."""
    with Runs(world) as runs:
        yield runs


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, all_runs: Runs) -> Runs:
    """The runs of all programs that the selected tests of this file need, under way.

    Each process of tests knows the tests of all files, and has a few of the files.
    """
    for item in request.session.items:
        story = item.get_closest_marker("story")
        params = getattr(getattr(item, "callspec", None), "params", {})
        if story is not None and item.path == request.path and params.get("client") in CLIENTS:
            all_runs.begin(CLIENTS[params["client"]], story.args[0])
    return all_runs


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Client:
    """The client that the test is about."""
    return CLIENTS[request.param]


@pytest.fixture
def facts(request: pytest.FixtureRequest, runs: Runs, client: Client):
    """What the program of the test's story found out."""
    story = request.node.get_closest_marker("story").args[0]
    try:
        return runs.facts(client, story)
    except Unavailable as error:
        pytest.fail(f"{client.name} cannot be installed ({error}); {SWITCH}=off skips this")
