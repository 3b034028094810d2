"""GETs by httpx: through proxies, to the embedded platform, and to addresses that are not plain."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from clarifai_core.heavy import httpx
from clarifai_core.transport import _answer_limits as within
from clarifai_core.transport._answer_limits import Bounds, Unframed
from clarifai_core.transport._http_logging import quieten
from clarifai_core.transport._pools import FAULTS, TIMEOUTS, PooledTransport
from clarifai_core.transport.address import broken, timed_out

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping


class Proxied:
    """Requests by httpx's transports: for each proxy its own, and one for the network. Thread-safe.

    Args:
        trust: Returns whom to trust; asked when the first request comes.
    """

    def __init__(self, trust: Callable[[], ssl.SSLContext]) -> None:
        quieten()
        self._trust = trust
        self._lock = threading.Lock()
        self._networks: dict[tuple[str, bool], PooledTransport] = {}

    def get(
        self,
        url: str,
        headers: Mapping[str, str],
        deadline: float,
        *,
        proxy: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> ProxiedResponse:
        """Ask for a URL, and return as soon as the head of the answer is there.

        Args:
            url: Without user and password.
            headers: What to send besides Host.
            deadline: By `time.monotonic`.
            proxy: URL of a proxy, or an empty string.
            transport: What stands for the network.

        Raises:
            DeadlineExceeded: Nothing came in time.
            Unreachable: There is no connection, it broke, or the answer is none.
            UserError: The proxy is none.
        """
        bounds = Bounds(deadline)
        request = httpx.Request("GET", url, headers=dict(headers), extensions={"bounds": bounds})
        try:
            way = transport or self._network(proxy, request.url.scheme)
            answer = way.handle_request(request)
        except TIMEOUTS as error:
            raise timed_out(url) from error
        except FAULTS as error:
            raise broken(url, error) from error
        try:
            return ProxiedResponse(url, answer)
        except Unframed as error:
            answer.close()
            raise broken(url, error) from error

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            networks = list(self._networks.values())
            self._networks.clear()
        for one in networks:
            one.close()

    def _network(self, proxy: str, scheme: str) -> PooledTransport:
        encrypted = "https" in (scheme, proxy.partition(":")[0])
        trust = self._trust() if encrypted else None
        with self._lock:
            found = self._networks.get((proxy, encrypted))
            if found is None:
                found = self._networks[proxy, encrypted] = PooledTransport(trust, proxy)
            return found


class ProxiedResponse:
    """An answer whose body is still to be read. Read it, and close it."""

    def __init__(self, url: str, response: httpx.Response) -> None:
        self._response = response
        self._chunks = iter(response.stream)  # type: ignore[arg-type]  # of a sync transport
        self.url, self.status, self.reason = url, response.status_code, response.reason_phrase
        fields = response.headers
        # Of equal lengths httpx's parser makes one; all others it refuses by itself.
        codings = fields.get_list("transfer-encoding")
        self.size = within.length_of(fields.get_list("content-length"), codings)

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty string."""
        return str(self._response.headers.get(name, ""))

    def read(self) -> bytes:
        """Return some of the body, and at its end nothing."""
        try:
            return next(self._chunks, b"")
        except TIMEOUTS as error:
            raise timed_out(self.url) from error
        except FAULTS as error:
            raise broken(self.url, error) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()
