"""What the platform serves over HTTP: media, logs, archives, the JSON gateway; by path.

The same routes answer a web server on loopback and, in process, an httpx transport.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from clarifai_core.loggers import logger_for
from clarifai_local._store.directory_errors import sentence
from clarifai_local.auth import key_in_cookies, key_of
from clarifai_local.http_messages import IN_PROCESS_URL, HttpReply, HttpRequest, in_process
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from clarifai_local._faults.injector import Injector
    from clarifai_local.auth import ApiKeys

_log = logger_for(__name__)

Route = Callable[[HttpRequest], HttpReply]

Refuses = Callable[[HttpRequest], "HttpReply | None"]
"""Looks at the head of a request, and returns the answer for who has no key."""


class HttpRoutes:
    """The routes of one platform.

    Args:
        keys: The keys that callers must have.
        faults: Returns the fault switches in force.
    """

    def __init__(self, keys: ApiKeys, faults: Callable[[], Injector]) -> None:
        self._faults = faults
        self.server_url: str | None = None
        """Base address of the running server, or None."""
        self._keys = keys
        self._routes: dict[str, Route] = {}
        self._refuses: dict[str, Refuses] = {}

    @property
    def base_url(self) -> str:
        """Base of addresses for the call being answered, without a slash at the end."""
        if self.server_url is None or in_process.get():
            return IN_PROCESS_URL
        return self.server_url

    def add(
        self,
        prefix: str,
        route: Route,
        *,
        needs_key: bool = True,
        refuses: Refuses | None = None,
    ) -> None:
        """Answer requests whose path starts with `prefix`; credentials are checked before.

        Args:
            prefix: Such as `"/train-logs/"`.
            route: Called with the request; `path` is what follows the prefix.
            needs_key: False for addresses that cannot be guessed and that clients of the hosted
                service fetch without credentials.
            refuses: Checks credentials in its own way.
        """
        self._routes[prefix] = route
        if refuses is not None or not needs_key:
            self._refuses[prefix] = refuses or _refuses_nobody

    def handle(self, request: HttpRequest) -> HttpReply:
        """Answer a request with the whole path; see `refusal` and `answer`."""
        return self.refusal(request) or self.answer(request)

    def refusal(self, request: HttpRequest) -> HttpReply | None:
        """Return how a request without a key is answered; None when it may go on.

        Args:
            request: With the whole path; its body is not looked at.

        Returns:
            401 for a wrong key, 404 without one, or what the route says to that.
        """
        for prefix, refuses in self._refuses.items():
            if request.path.startswith(prefix):
                return refuses(request)
        return self._without_key(request)

    def needs_key(self, request: HttpRequest) -> bool:
        """Return whether who gets an answer to a request has shown a key."""
        return not any(
            request.path.startswith(prefix) and refuses is _refuses_nobody
            for prefix, refuses in self._refuses.items()
        )

    def answer(self, request: HttpRequest) -> HttpReply:
        """Answer a request that `refusal` lets go on; 404 for what is not there."""
        refused = self._faults().before_http(request.path)
        if refused is None:
            return self._faults().after_http(request.path, self._routed(request))
        return refused

    def _without_key(self, request: HttpRequest) -> HttpReply | None:
        if request.trusted:
            return None
        key = _key_of(request)
        if not key:
            return HttpReply(404, b"not found: send 'Authorization: Key <PAT>'")
        if not self._keys.accepts(key):
            return HttpReply(401, b"the key is not one of this platform")
        return None

    def _routed(self, request: HttpRequest) -> HttpReply:
        caller = self._keys.caller(_key_of(request))
        app = None if caller is None else caller.app_number
        for prefix, route in self._routes.items():
            if request.path.startswith(prefix):
                path = request.path[len(prefix) :]
                return self._answer(route, attrs.evolve(request, path=path, app=app))
        return HttpReply(404, b"not found")

    @staticmethod
    def _answer(route: Route, request: HttpRequest) -> HttpReply:
        try:
            return route(request)
        except Refused as refused:
            return HttpReply(404, (refused.status.details or "not found").encode())
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - logged; the caller gets a plain 500
            if trouble := sentence(error):
                _log.error("%s: %s", request.path, trouble)
                return HttpReply(500, trouble.encode())
            _log.exception("the route of %s failed", request.path)
            return HttpReply(500, b"internal error; the platform's log says why")


def _key_of(request: HttpRequest) -> str:
    return key_of(request.headers) or key_in_cookies(request.headers)


def _refuses_nobody(_: HttpRequest) -> None:
    return None
