"""A gRPC server that says nothing, and knows when a caller gives up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from clarifai_core.transport.catalogue import rpc


class SilentServer(grpc.GenericRpcHandler):
    """Takes requests and never answers; `given_up` counts callers that ended their calls."""

    def __init__(self) -> None:
        self.came, self.given_up = threading.Semaphore(0), threading.Semaphore(0)
        self._grpc = grpc.server(ThreadPoolExecutor(8))
        self._grpc.add_generic_rpc_handlers((self,))
        self.url = f"http://127.0.0.1:{self._grpc.add_insecure_port('127.0.0.1:0')}"
        self._grpc.start()

    def service(self, details: Any) -> Any:
        method = rpc(details.method.rpartition("/")[2])

        def answer(_request: Any, context: Any) -> Any:
            over = threading.Event()
            context.add_callback(over.set)
            self.came.release()
            over.wait(60)
            self.given_up.release()
            return method.response_class()

        return grpc.unary_unary_rpc_method_handler(
            answer, method.request_class.FromString, method.response_class.SerializeToString
        )

    def stop(self) -> None:
        self._grpc.stop(0).wait()
