"""Policies and credentials that a program registers in code, seen from its calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clarifai_core.credentials import Credentials
from clarifai_core.errors import PluginError, UserError
from clarifai_core.registration import register_credentials, register_policy, registered
from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform
from clarifai_resources.user import User

PAT = "k3y0f7h3t3st5"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert registered() == ()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a platform that asks for the key."""
    monkeypatch.delenv("CLARIFAI_PAT", raising=False)
    with Platform(pats=[PAT]) as platform, platform.serve() as server:
        yield server.address
        close_sessions()


def noting(calls: list[str], name: str) -> Callable[[Any], Any]:
    def policy(call: Any, proceed: Any) -> Any:
        calls.append(name)
        return (yield from proceed(call))

    return lambda settings: policy


def test_handles_made_in_the_block_go_through_the_policy_and_others_do_not():
    calls: list[str] = []
    with Platform() as platform:
        before = User("me", base_url=platform.url)
        before.list_apps().all()
        with register_policy("note", noting(calls, "note")):
            User("me", base_url=platform.url).list_apps().all()
            before.list_apps().all()
            assert calls == ["note"]
        User("me", base_url=platform.url).list_apps().all()
    assert calls == ["note"]


def test_after_the_block_the_session_of_before_is_shared_again():
    with Platform() as platform:
        first = User("me", base_url=platform.url).session
        with register_policy("note", noting([], "note")) as registration:
            other = User("me", base_url=platform.url).session
            assert other is User("me", base_url=platform.url).session
            assert other is not first
            registration.remove()
            registration.remove()
        assert User("me", base_url=platform.url).session is first


def test_lower_orders_run_further_out():
    calls: list[str] = []
    with (
        Platform() as platform,
        register_policy("b", noting(calls, "b")),
        register_policy("c", noting(calls, "c"), order=1),
        register_policy("a", noting(calls, "a")),
    ):
        User("me", base_url=platform.url).list_apps().all()
    assert calls == ["c", "a", "b"]


def test_credentials_come_from_the_program(served: str):
    asked: list[str] = []

    def vault(settings: Any) -> Credentials:
        asked.append(settings.endpoint.origin)
        return Credentials("pat", PAT, bound_origin=settings.endpoint.origin)

    with register_credentials("vault", vault):
        assert User("me", base_url=served).list_apps().all() == []
        User("me", base_url=served, pat=PAT).list_apps().all()
    assert asked == [f"http://{served}"]
    with pytest.raises(UserError, match="No credentials"):
        User("me", base_url=served).list_apps().all()


def test_the_provider_registered_last_is_asked_first_and_may_pass(served: str):
    with (
        register_credentials("first", lambda settings: Credentials("pat", PAT)),
        register_credentials("second", lambda settings: None),
    ):
        assert User("me", base_url=served).list_apps().all() == []


def fails(settings: Any) -> Any:
    raise RuntimeError(PAT)


@pytest.mark.parametrize(
    ("provider", "said"), [(fails, "fails with RuntimeError"), (lambda settings: PAT, "a str")]
)
def test_a_provider_that_fails_is_named_without_its_words(served: str, provider: Any, said: str):
    with (
        register_credentials("vault", provider),
        pytest.raises(PluginError, match=said) as caught,
    ):
        User("me", base_url=served).list_apps().all()
    message = str(caught.value)
    assert "The provider of credentials 'vault' that this program registered" in message
    assert "remove the registration of 'vault'" in message
    assert PAT not in message


@pytest.mark.parametrize(
    ("make", "said"),
    [(fails, "cannot be made"), (lambda s: 5, "is a int"), (lambda s: lambda c, p: 5, "generator")],
)
def test_a_policy_that_fails_is_named(make: Any, said: str):
    with (
        Platform() as platform,
        register_policy("audit", make),
        pytest.raises(PluginError, match=said) as caught,
    ):
        User("me", base_url=platform.url).list_apps().all()
    assert "The policy 'audit' that this program registered" in str(caught.value)


def test_what_cannot_be_registered_is_refused_at_once():
    with register_policy("a", noting([], "a")):
        with pytest.raises(UserError, match=r"policy 'a' is registered already: remove\(\)"):
            register_policy("a", noting([], "a"))
        with register_credentials("a", fails):
            pass
    refused: list[tuple[Callable[[], Any], str]] = [
        (lambda: register_policy("", fails), "must have a text for a name"),
        (lambda: register_policy("b", 5), "is a int, which cannot be called"),  # type: ignore[arg-type]
        (lambda: register_policy("b", fails, order="1"), "order must be"),  # type: ignore[arg-type]
        (lambda: register_credentials(5, fails), "must have a text"),  # type: ignore[arg-type]
    ]
    for call, said in refused:
        with pytest.raises(UserError, match=said):
            call()


def test_threads_register_and_remove_side_by_side():
    def work(number: int) -> None:
        for turn in range(100):
            register_policy(f"{number}-{turn}", fails).remove()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registered() == ()
