"""Measuring handles: channels, memory and time, the same way for every contestant."""

from __future__ import annotations

import gc
import time

from benchmarks.contestants.driver import resident_kib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class ChannelCount:
    """Counts the channels that grpc opens from now on, whoever asks."""

    def __init__(self) -> None:
        import grpc

        self.opened = 0
        for name in ("insecure_channel", "secure_channel"):
            setattr(grpc, name, self._counting(getattr(grpc, name)))

    def _counting(self, open_channel: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.opened += 1
            return open_channel(*args, **kwargs)

        return counted


def measured(
    channels: ChannelCount, chain: Callable[[], object], model: Callable[[], object], count: int
) -> Callable[[], dict[str, Any]]:
    """Return the work: `count` chains that are all kept, then as many models that are not.

    The first chain and model are made before, so that imports do not count; the channels are
    those of the first chain.
    """
    chain()
    first_chain_channels = channels.opened
    model()

    def work() -> dict[str, Any]:
        gc.collect()
        resident, started = resident_kib(), time.process_time()
        held = [chain() for _ in range(count)]
        figures = {
            "chain_us": (time.process_time() - started) / count * 1e6,
            "chain_kib": (resident_kib() - resident) / count,
            "channels": first_chain_channels,
        }
        held.clear()
        started = time.process_time()
        for _ in range(count):
            model()
        return {**figures, "model_us": (time.process_time() - started) / count * 1e6}

    return work
