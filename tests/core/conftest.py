"""A small real gRPC server that answers as a test scripts it, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from clarifai_core.settings import Settings
from clarifai_core.transport.catalogue import rpc
from clarifai_core.transport.session import Session


class ScriptedServer(grpc.GenericRpcHandler):
    """Answers each method with the queued answers in turn; the last one stays."""

    def __init__(self, credentials: grpc.ServerCredentials | None = None) -> None:
        self.answers: dict[str, list[Any]] = defaultdict(list)
        self.asked: list[Any] = []
        self.metadata: list[Any] = []
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(8))
        self._server.add_generic_rpc_handlers((self,))
        bind = "127.0.0.1:0"
        self.port = (
            self._server.add_secure_port(bind, credentials)
            if credentials
            else self._server.add_insecure_port(bind)
        )
        self._server.start()

    def service(self, details):
        name = details.method.rpartition("/")[2]
        method = rpc(name)

        def answer(request, context):
            with self._lock:
                self.asked.append((name, request))
                self.metadata.append(dict(context.invocation_metadata()))
                queue = self.answers[name]
                reply = queue.pop(0) if len(queue) > 1 else queue[0]
            if isinstance(reply, tuple):
                context.abort(*reply)
            return reply(request) if callable(reply) else reply

        return grpc.unary_unary_rpc_method_handler(
            answer, method.request_class.FromString, method.response_class.SerializeToString
        )

    def queue(self, name, *answers):
        self.answers[name].extend(answers)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        self._server.stop(0).wait()


@pytest.fixture
def server():
    scripted = ScriptedServer()
    yield scripted
    scripted.stop()


@pytest.fixture
def session(server):
    made = Session(Settings.resolve(base_url=server.url, pat="test-pat", user_id="me"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    for name in ("API_BASE", "PAT", "SESSION_TOKEN", "USER_ID", "APP_ID", "CONTEXT"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "contexts.yaml"))
