"""The Clarifai platform in a process: no account, no network, no container.

    from clarifai_local import Platform

    with Platform() as platform:                      # in memory
        channel = platform.channel()                  # a grpc.Channel within this process

    with Platform("state") as platform, platform.serve() as server:
        print(server.base_url, server.pat)            # a server on loopback, kept in ./state

The SDK reaches it by URL: `base_url="local:"`, `"local:PATH"`, or what `clarifai local up` prints.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clarifai_local.clock import ManualClock as ManualClock
    from clarifai_local.clock import SystemClock as SystemClock
    from clarifai_local.faults import Fault as Fault
    from clarifai_local.faults import Faults as Faults
    from clarifai_local.platform import Platform as Platform
    from clarifai_local.recorder import RecordedCall as RecordedCall
    from clarifai_local.recorder import Recorder as Recorder
    from clarifai_local.server import Server as Server
    from clarifai_local.store import DamagedDirectory as DamagedDirectory
    from clarifai_local.store import DirectoryInUse as DirectoryInUse
    from clarifai_local.store import ForeignDirectory as ForeignDirectory
    from clarifai_local.store import UnknownVersion as UnknownVersion
    from clarifai_local.store import UnusableDirectory as UnusableDirectory
    from clarifai_local.url_fetcher import UrlFetcher as UrlFetcher

_HOMES = {
    "DamagedDirectory": "store",
    "DirectoryInUse": "store",
    "Fault": "faults",
    "Faults": "faults",
    "ForeignDirectory": "store",
    "ManualClock": "clock",
    "Platform": "platform",
    "RecordedCall": "recorder",
    "Recorder": "recorder",
    "UrlFetcher": "url_fetcher",
    "Server": "server",
    "SystemClock": "clock",
    "UnknownVersion": "store",
    "UnusableDirectory": "store",
}

__all__ = [
    "DamagedDirectory",
    "DirectoryInUse",
    "Fault",
    "Faults",
    "ForeignDirectory",
    "ManualClock",
    "Platform",
    "RecordedCall",
    "Recorder",
    "Server",
    "SystemClock",
    "UnknownVersion",
    "UnusableDirectory",
    "UrlFetcher",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
