"""A platform that costs next to nothing: pre-serialised answers from a process of its own.

    python -m benchmarks.stub_server --latency-ms 50 --throttle-rate 15 --fail-rate 0.01 --seed 7

It prints its port, serves on the loopback interface only, and ends when its standard input does,
so it never outlives the process that started it. `Stub` starts, asks and ends one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import grpc

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

ROOT = Path(__file__).resolve().parent.parent
COUNTS = "/benchmarks.Stub/Counts"
"""Method that answers, as JSON, how many requests of each method came since it was last asked."""
REFUSALS = "/benchmarks.Stub/Refusals"
"""Method that answers, as JSON, when requests were refused with 11005 since it was last asked: in
seconds after the first request that came since then."""

_SERVICE = "/clarifai.api.V2/"
_UNLIMITED = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
]


@attrs.define
class Faults:
    """What the server does besides answering."""

    latency_ms: float = 0.0
    """Every answer waits so long."""
    throttle_rate: float = 0.0
    """Requests a second that are taken, the others are refused with 11005; 0: all are taken."""
    fail_rate: float = 0.0
    """Part of the requests that end with gRPC's UNAVAILABLE."""
    seed: int = 0
    """The same seed fails the same requests."""

    _random: random.Random = attrs.field(init=False)
    _tokens: float = attrs.field(init=False)
    _filled_at: float = attrs.field(init=False, factory=time.monotonic)

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._tokens = max(1.0, self.throttle_rate)

    def fails(self) -> bool:
        """Return whether this request fails."""
        return bool(self.fail_rate) and self._random.random() < self.fail_rate

    def throttles(self) -> bool:
        """Return whether this request is one too many: a token bucket of one second's requests."""
        if not self.throttle_rate:
            return False
        now = time.monotonic()
        gained = (now - self._filled_at) * self.throttle_rate
        self._tokens = min(max(1.0, self.throttle_rate), self._tokens + gained)
        self._filled_at = now
        if self._tokens < 1:
            return True
        self._tokens -= 1
        return False


class _Service(grpc.GenericRpcHandler):
    """Raw bytes in, raw bytes out."""

    def __init__(self, answers: dict[str, Callable[[bytes], bytes]], faults: Faults) -> None:
        from benchmarks.answers import throttled

        self._counts: Counter[str] = Counter()
        self._came_first: float | None = None
        self._refused_after: list[float] = []
        self._faults = faults
        self._refusal = throttled(faults.throttle_rate)
        self._handlers: dict[str, Any] = {
            _SERVICE + name: grpc.unary_unary_rpc_method_handler(self._handler(name, answer))
            for name, answer in answers.items()
        }
        self._handlers[COUNTS] = grpc.unary_unary_rpc_method_handler(self._take_counts)
        self._handlers[REFUSALS] = grpc.unary_unary_rpc_method_handler(self._take_refusals)

    def service(self, handler_call_details: Any) -> Any:
        """Return the handler of a method; None makes gRPC answer UNIMPLEMENTED."""
        return self._handlers.get(handler_call_details.method)

    def _handler(self, name: str, answer: Callable[[bytes], bytes]) -> Any:
        counts, faults, refusal = self._counts, self._faults, self._refusal
        latency_seconds = faults.latency_ms / 1000

        async def handle(raw: bytes, context: Any) -> bytes:
            counts[name] += 1
            if self._came_first is None:
                self._came_first = time.monotonic()
            if latency_seconds:
                await asyncio.sleep(latency_seconds)
            if faults.fails():
                await context.abort(grpc.StatusCode.UNAVAILABLE, "the stub fails this one")
            if faults.throttles():
                self._refused_after.append(time.monotonic() - self._came_first)
                return refusal
            return answer(raw)

        return handle

    async def _take_counts(self, raw: bytes, context: Any) -> bytes:  # noqa: ARG002
        taken = json.dumps(self._counts).encode()
        self._counts.clear()
        return taken

    async def _take_refusals(self, raw: bytes, context: Any) -> bytes:  # noqa: ARG002
        taken = json.dumps(self._refused_after).encode()
        self._refused_after.clear()
        self._came_first = None
        return taken


async def _serve(faults: Faults) -> None:
    from benchmarks.answers import handlers

    server = grpc.aio.server(options=_UNLIMITED)
    server.add_generic_rpc_handlers((_Service(handlers(), faults),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)  # noqa: T201
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, daemon=True).start()
    await ended.wait()
    await server.stop(None)


class Stub:
    """A stub server in a process of its own, as a context manager.

    Example:
        >>> with Stub(latency_ms=50) as stub:
        ...     stub.base_url.startswith("http://127.0.0.1:")
        True
    """

    def __init__(self, **faults: float) -> None:
        """Choose how it behaves; see `Faults` for the names."""
        self._arguments = [
            text
            for name, value in faults.items()
            for text in (f"--{name.replace('_', '-')}", f"{value:g}")
        ]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.stub_server", *self._arguments]
        self._process = subprocess.Popen(  # noqa: S603  why: our own module
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None  # noqa: S101  why: it is a pipe
        line = self._process.stdout.readline()
        if not line:
            self.__exit__()
            raise RuntimeError("The stub server ended before it said its port.")
        self.target = f"127.0.0.1:{int(line)}"
        self.base_url = f"http://{self.target}"
        self._channel = grpc.insecure_channel(self.target)
        self._counts: Callable[..., bytes] = self._channel.unary_unary(COUNTS)
        self._refusals: Callable[..., bytes] = self._channel.unary_unary(REFUSALS)
        return self

    def __exit__(self, *exception: object) -> None:
        """End the server."""
        if hasattr(self, "_channel"):
            self._channel.close()
        self._process.communicate()

    def take_counts(self) -> dict[str, int]:
        """Return how many requests of each method came since this was last asked."""
        taken: dict[str, int] = json.loads(self._counts(b"", timeout=30))
        return taken

    def take_refusals(self) -> list[float]:
        """Return when requests were refused with 11005 since this was last asked.

        They are seconds after the first request that came since then.
        """
        taken: list[float] = json.loads(self._refusals(b"", timeout=30))
        return taken


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--latency-ms", type=float, default=0.0, help="before every answer")
    parser.add_argument("--throttle-rate", type=float, default=0.0, help="requests a second")
    parser.add_argument("--fail-rate", type=float, default=0.0, help="from 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="which requests fail")
    asyncio.run(_serve(Faults(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
