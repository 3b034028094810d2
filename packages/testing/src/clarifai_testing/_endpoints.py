"""What core asks of a connection that the endpoint of a URL scheme opens."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from clarifai_core.contracts import Connection
from clarifai_core.errors import ClarifaiError
from clarifai_core.heavy import grpc, httpx
from clarifai_core.safe_text import failure
from clarifai_core.settings import Settings
from clarifai_resources.user import User
from clarifai_testing._checks import (
    EVERY,
    NotSaid,
    at_once,
    check,
    in_time,
    one_sentence,
    place,
    wrong,
)
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_local import Platform

_ORIGIN = re.compile(r"(https?|[a-z]\w*)://[^/?#@]+")
OPEN = ["test_opens_a_connection"]
PAT = "c0nf0rm4nce7e5tk3y"


class EndpointContract(SpecContract):
    """A URL scheme: one channel for all threads, origins for downloads, and an end.

    Say `plugin`, `name`, and the `url` that leads to a platform; `bad_url` one that leads nowhere.
    """

    hook = "clarifai_register_endpoints"
    bad_url: ClassVar[str] = ""

    def url(self, platform: Platform) -> str:
        """Return a URL of the scheme that leads to this platform."""
        raise NotSaid("say what leads to a platform: def url(self, platform)")

    @property
    def title(self) -> str:
        """Return what failures begin with."""
        return f"The endpoint {self.name + ':'!r}"

    def _opened(self, platform: Platform) -> Any:
        url = self.url(platform)
        return self.target(url, Settings.resolve(base_url=url, pat=PAT))

    @pytest.fixture
    def connection(self, clarifai_platform: Platform) -> Iterator[Any]:
        """Return a connection to the platform."""
        try:
            opened = self._opened(clarifai_platform)
        except Exception:  # noqa: BLE001  why: test_opens_a_connection tells it
            pytest.skip("test_opens_a_connection says what to mend first")
        yield opened
        getattr(opened, "close", lambda: None)()

    @check()
    def test_scheme_can_be_written(self) -> None:
        """The name is a scheme: small letters, digits, underscores; http and https are core's."""
        if not re.fullmatch("[a-z][a-z0-9_]*", self.spec.name) or self.spec.name.startswith("http"):
            wrong(
                f"{self.title} is no scheme that base_url can have: a-z, 0-9 and _, and neither "
                "http nor https."
            )

    @check()
    def test_opens_a_connection(self, clarifai_platform: Platform) -> None:
        """It is called with the URL and the settings, and returns a Connection."""
        target = self.target
        if not callable(target):
            wrong(f"{self.title}: {self.spec.target} must be a class or function.")
        opened = self._opened(clarifai_platform)
        if not isinstance(opened, Connection):
            wanted = sorted(name for name in dir(Connection) if not name.startswith("_"))
            missing = [name for name in [*wanted, "needs_credentials"] if not hasattr(opened, name)]
            wrong(f"{self.title} makes a {type(opened).__name__} without {missing or wanted}.")
        opened.close()

    @check(after=OPEN)
    def test_says_whether_it_needs_credentials(self, connection: Any) -> None:
        """`needs_credentials` is True or False."""
        if not isinstance(connection.needs_credentials, bool):
            wrong(f"{self.title}: needs_credentials is {connection.needs_credentials!r}: a bool.")

    @check(after=OPEN)
    def test_media_origins_are_origins(self, connection: Any) -> None:
        """Credentials go to these for downloads: a tuple of scheme, host and port each."""
        origins = connection.media_origins
        if isinstance(origins, str) or not all(
            isinstance(one, str) and _ORIGIN.fullmatch(one) for one in origins
        ):
            wrong(
                f"{self.title}: media_origins is {origins!r}: a tuple of texts such as "
                "'https://data.example.com', without paths."
            )

    @check(after=OPEN)
    def test_the_channel_is_one(self, connection: Any) -> None:
        """One channel carries all calls."""
        first, second = connection.channel(), connection.channel()
        if not isinstance(first, grpc.Channel):
            wrong(f"{self.title}: channel() returns a {type(first).__name__}, no grpc.Channel.")
        if first is not second:
            wrong(f"{self.title}: channel() returns a new channel each time: keep the first.")

    @check(after=[*OPEN, "test_the_channel_is_one"])
    def test_threads_get_the_same_channel(self, connection: Any) -> None:
        """Threads that ask at once get the one channel."""
        if len({id(one) for one in at_once(connection.channel)}) > 1:
            wrong(f"{self.title}: threads that ask at once get channels of their own: lock it.")

    @check(after=OPEN)
    def test_event_loops_have_channels_of_their_own(self, connection: Any) -> None:
        """`aio_channel` makes one for the running loop, each time."""

        async def ask() -> tuple[Any, Any]:
            found = connection.aio_channel(), connection.aio_channel()
            for one in found:
                await one.close()
            return found

        first, second = asyncio.run(ask())
        if first is second:
            wrong(f"{self.title}: aio_channel() returns the same twice: a loop closes its own.")

    @check(after=OPEN)
    def test_downloads_go_through_a_transport(self, connection: Any) -> None:
        """`http_transport` returns None or a transport of httpx."""
        found = connection.http_transport()
        if found is not None and not isinstance(found, httpx.BaseTransport):
            wrong(
                f"{self.title}: http_transport() returns a {type(found).__name__}: an "
                "httpx.BaseTransport, or None for the network."
            )

    @check(after=OPEN)
    def test_shows_no_key(self, connection: Any) -> None:
        """The connection does not show the key of its settings."""
        if PAT in repr(connection):
            wrong(f"{self.title}: repr() of the connection shows the key: leave settings out.")

    @check(after=OPEN)
    def test_can_be_closed_twice(self, clarifai_platform: Platform) -> None:
        """Closing ends, and closing again is fine."""
        opened = self._opened(clarifai_platform)
        opened.channel()
        for _ in range(2):
            in_time(f"{self.title}: close()", opened.close)

    @check(after=OPEN)
    def test_a_bad_url_is_refused_in_one_sentence(self) -> None:
        """What leads nowhere is said by ValueError or OSError; core names the URL."""
        if not self.bad_url:
            pytest.skip("bad_url is empty: the scheme takes any URL")
        try:
            self.target(self.bad_url, Settings.resolve(base_url=self.bad_url, pat=PAT)).close()
        except (ClarifaiError, ValueError, OSError) as error:
            one_sentence(str(error), f"{self.title}, of {self.bad_url!r},")
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(
                f"{self.title} fails at {self.bad_url!r} with {failure(error)}{place(error)}: "
                "raise ValueError with a sentence."
            )
        else:
            wrong(f"{self.title} opens {self.bad_url!r}, which leads nowhere: raise ValueError.")

    @check(after=EVERY)
    def test_calls_go_through(self, clarifai_platform: Platform) -> None:
        """A handle with the URL talks to the platform."""
        url = self.url(clarifai_platform)
        user = User("me", base_url=url, pat=clarifai_platform.keys.first(None))
        user.create_app("through-the-endpoint", base_workflow="Empty")
        if "through-the-endpoint" not in [one.id for one in user.list_apps()]:
            wrong(f"{self.title}: what a call creates is not there.")
