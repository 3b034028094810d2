"""A user and an app on an embedded platform of the test's own that wants a key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform
from clarifai_resources.app import App
from clarifai_resources.user import User

PAT = "k3y0f7h3t3st5"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("API_BASE", "PAT", "SESSION_TOKEN", "USER_ID", "APP_ID", "CONTEXT"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)
    yield
    close_sessions()


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Platform(pats=[PAT]) as platform:
        yield platform


@pytest.fixture(scope="module")
def address(platform: Platform) -> Iterator[str]:
    with platform.serve() as server:
        yield f"http://{server.address}"


@pytest.fixture
def user(address: str) -> User:
    return User("me", base_url=address, pat=PAT)


@pytest.fixture
def app(user: User, request: pytest.FixtureRequest) -> App:
    return user.create_app(f"a{abs(hash(request.node.name))}", base_workflow="Empty")
