"""A platform at the end of a long line: what the promises of the SDK are tried against.

with World("https") as world:
    world.proxy.rtt_seconds = 0.4
    list(world.user().list_apps())
"""

from __future__ import annotations

import contextlib
import logging
import re
import ssl
from pathlib import Path
from typing import Any

import trustme
from clarifai_grpc.grpc.api import resources_pb2

from clarifai.client.app import App
from clarifai.client.runner import Runner
from clarifai.client.user import User
from clarifai_core.settings import Settings
from clarifai_core.transport.session import session_for
from clarifai_local import Platform
from tests.network.proxy import TcpProxy, TlsFront

APP, LABEL = "far", "far"


class World:
    """A platform, its server, TLS in front of it if asked for, and the network before that.

    Args:
        scheme: `"http"` or `"https"`.
        folder: Where the root certificate is written.
    """

    def __init__(self, scheme: str, folder: Path) -> None:
        self.scheme = scheme
        self._close = contextlib.ExitStack()
        self.platform = self._close.enter_context(Platform())
        self.server = self._close.enter_context(self.platform.serve())
        port = self.server.port
        self.root = ""
        if scheme == "https":
            authority = trustme.CA()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
            self.root = str(folder / "root.pem")
            authority.cert_pem.write_to_path(self.root)
            front = TlsFront(("127.0.0.1", port), context)
            self._close.callback(front.close)
            port = front.port
        self.proxy = TcpProxy(("127.0.0.1", port))
        self._close.callback(self.proxy.close)
        self.base_url = f"{scheme}://localhost:{self.proxy.port}"
        # Addresses of media and archives lead through the network, too.
        self.platform.http.server_url = self.base_url
        self.near: dict[str, Any] = {"base_url": self.server.base_url, "pat": self.server.pat}
        self.far: dict[str, Any] = {
            "base_url": self.base_url,
            "pat": self.server.pat,
            "root_certificates_path": self.root,
        }

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()
        self._close.close()

    def user(self, **arguments: Any) -> User:
        """Return the user, through the network."""
        return User("me", **{**self.far, **arguments})

    def app(self, **arguments: Any) -> App:
        """Return the app, through the network."""
        return App(app_id=APP, user_id="me", **{**self.far, **arguments})

    def forget(self) -> None:
        """Close the session, so that the next call is a first one."""
        session_for(Settings.resolve(**self.far)).close()


class Tries(logging.Handler):
    """Counts attempts behind the first, from the log of the session."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.again = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        found = re.search(r"attempt (\d+)", record.getMessage())
        self.again += bool(found and int(found[1]) > 1)

    def __enter__(self) -> Tries:
        self._log = logging.getLogger("clarifai.core.transport.session")
        self._level = self._log.level
        self._log.setLevel(logging.DEBUG)
        self._log.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.removeHandler(self)
        self._log.setLevel(self._level)


class Shouting(Runner):
    """Says its text in capitals."""

    def run_input(self, input: Any, output_info: Any) -> resources_pb2.Output:  # noqa: A002
        said = resources_pb2.Text(raw=input.data.text.raw.upper())
        return resources_pb2.Output(data=resources_pb2.Data(text=said))
