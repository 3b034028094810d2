"""Endpoints with one fault each."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import grpc
import grpc.aio
import pytest

from clarifai_core.contracts import EndpointSpec
from clarifai_testing import EndpointContract
from tests.testing.cases import Cases, giving

PORTS: list[str] = []


class Contract(EndpointContract):
    name = "pipe"
    bad_url = "pipe:nowhere"

    @pytest.fixture(autouse=True)
    def served(self, request: Any) -> Iterator[None]:
        if request.function.__name__ != "test_calls_go_through":
            self.port = "9"  # nothing is sent
            yield
            return
        platform = request.getfixturevalue("clarifai_platform")
        with platform.serve() as server:
            self.port = server.address.rpartition(":")[2]
            yield

    def url(self, platform: Any) -> str:
        return f"pipe:localhost:{self.port}"


def spec(target: Any, name: str = "pipe") -> EndpointSpec:
    return EndpointSpec(name, f"{__name__}:{target.__name__}", "A platform.")


cases = Cases(__name__, Contract, lambda target: giving("endpoints", spec(target)))


@cases.good
class Pipe:
    needs_credentials = True
    media_origins: Any = ()

    def __init__(self, url: str, settings: Any) -> None:
        self.address = url.partition(":")[2]
        if ":" not in self.address:
            raise ValueError("it must be pipe:HOST:PORT")
        self.lock = threading.Lock()
        self.made: Any = None

    def channel(self) -> Any:
        with self.lock:
            if self.made is None:
                self.made = grpc.insecure_channel(self.address)
            return self.made

    def aio_channel(self) -> Any:
        return grpc.aio.insecure_channel(self.address)

    def http_transport(self) -> Any:
        return None

    def close(self) -> None:
        with self.lock:
            made, self.made = self.made, None
        if made is not None:
            made.close()


cases.add(
    "Https",
    "test_scheme_can_be_written",
    giving("endpoints", spec(Pipe, "httpx")),
    {"name": "httpx"},
    "no scheme that base_url can have",
)


@cases.fails("test_opens_a_connection", "without")
class Half:
    def __init__(self, url: str, settings: Any) -> None:
        self.close = lambda: None


@cases.fails("test_opens_a_connection", "RuntimeError")
class Closed(Pipe):
    def __init__(self, url: str, settings: Any) -> None:
        if not url.endswith("nowhere"):
            raise RuntimeError("the pipe is closed")
        super().__init__(url, settings)


@cases.fails("test_says_whether_it_needs_credentials", "a bool")
class Unsure(Pipe):
    needs_credentials = "maybe"  # type: ignore[assignment]


@cases.fails("test_media_origins_are_origins", "a tuple of texts")
class Pathed(Pipe):
    media_origins = ("https://data.example.com/originals",)


@cases.fails("test_media_origins_are_origins", "a tuple of texts")
class Texted(Pipe):
    media_origins = "https://data.example.com"


@cases.fails("test_the_channel_is_one", "keep the first")
class Renewing(Pipe):
    def channel(self) -> Any:
        self.close()
        return super().channel()


@cases.fails("test_the_channel_is_one", "no grpc.Channel")
class Channelless(Pipe):
    def channel(self) -> Any:
        return self.address


@cases.fails("test_threads_get_the_same_channel", "lock it")
class Unlocked(Pipe):
    def __init__(self, url: str, settings: Any) -> None:
        super().__init__(url, settings)
        self.own = threading.local()
        self.others: list[Any] = []

    def channel(self) -> Any:
        if not hasattr(self.own, "made"):
            self.own.made = grpc.insecure_channel(self.address)
            self.others.append(self.own.made)
        return self.own.made

    def close(self) -> None:
        for one in self.others:
            one.close()
        super().close()


@cases.fails("test_event_loops_have_channels_of_their_own", "a loop closes its own")
class Looped(Pipe):
    def aio_channel(self) -> Any:
        if not hasattr(self, "looped"):
            self.looped = super().aio_channel()
        return self.looped


@cases.fails("test_downloads_go_through_a_transport", "httpx.BaseTransport")
class Transported(Pipe):
    def http_transport(self) -> Any:
        return "the network"


@cases.fails("test_shows_no_key", "shows the key")
class Showing(Pipe):
    def __init__(self, url: str, settings: Any) -> None:
        super().__init__(url, settings)
        self.pat = settings.credentials.secret.reveal()

    def __repr__(self) -> str:
        return f"Showing({self.pat!r})"


@cases.fails("test_can_be_closed_twice", "AttributeError")
class Brittle(Pipe):
    def close(self) -> None:
        channel, self.made = self.made, None
        channel.close()

    def channel(self) -> Any:
        return super().channel()

    def __init__(self, url: str, settings: Any) -> None:
        super().__init__(url, settings)
        super().channel()


@cases.fails("test_a_bad_url_is_refused_in_one_sentence", "raise ValueError")
class Trusting(Pipe):
    def __init__(self, url: str, settings: Any) -> None:
        super().__init__(url if url.count(":") > 1 else f"{url}:1", settings)


@cases.fails("test_a_bad_url_is_refused_in_one_sentence", "IndexError")
class Indexing(Pipe):
    def __init__(self, url: str, settings: Any) -> None:
        _ = url.split(":")[2]
        super().__init__(url, settings)


@cases.fails("test_calls_go_through", "UNIMPLEMENTED")
class Elsewhere(Pipe):
    def channel(self) -> Any:
        with self.lock:
            if self.made is None:
                made = grpc.insecure_channel(self.address)
                self.made = grpc.intercept_channel(made, Lost())
            return self.made


class Lost(grpc.UnaryUnaryClientInterceptor):
    def intercept_unary_unary(self, proceed: Any, details: Any, request: Any) -> Any:
        lost = type("Lost", (grpc.ClientCallDetails,), {})()
        for name in ("timeout", "metadata", "credentials", "wait_for_ready", "compression"):
            setattr(lost, name, getattr(details, name, None))
        lost.method = "/clarifai.api.V2/NoSuchMethod"
        return proceed(lost, request)
