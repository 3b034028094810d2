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
    from clarifai_local._clock import Clock as Clock
    from clarifai_local._clock import ManualClock as ManualClock
    from clarifai_local._clock import SystemClock as SystemClock
    from clarifai_local._faults import Fault as Fault
    from clarifai_local._faults import Faults as Faults
    from clarifai_local._faults.disk import DiskSwitch as DiskSwitch
    from clarifai_local._faults.fault import Schedule as Schedule
    from clarifai_local._faults.http import HttpSwitch as HttpSwitch
    from clarifai_local._faults.rpc import RpcSwitch as RpcSwitch
    from clarifai_local._recorder import RecordedCall as RecordedCall
    from clarifai_local._recorder import Recorder as Recorder
    from clarifai_local._server import Server as Server
    from clarifai_local._store import DamagedDirectory as DamagedDirectory
    from clarifai_local._store import DirectoryInUse as DirectoryInUse
    from clarifai_local._store import ForeignDirectory as ForeignDirectory
    from clarifai_local._store import UnknownVersion as UnknownVersion
    from clarifai_local._store import UnusableDirectory as UnusableDirectory
    from clarifai_local._transport import HttpTransport as HttpTransport
    from clarifai_local._url_fetcher import UrlFetcher as UrlFetcher
    from clarifai_local.platform import Platform as Platform

_HOMES = {
    "Clock": "_clock",
    "DamagedDirectory": "_store",
    "DirectoryInUse": "_store",
    "DiskSwitch": "_faults.disk",
    "Fault": "_faults",
    "Faults": "_faults",
    "ForeignDirectory": "_store",
    "HttpSwitch": "_faults.http",
    "HttpTransport": "_transport",
    "ManualClock": "_clock",
    "Platform": "platform",
    "RecordedCall": "_recorder",
    "Recorder": "_recorder",
    "RpcSwitch": "_faults.rpc",
    "Schedule": "_faults.fault",
    "Server": "_server",
    "SystemClock": "_clock",
    "UnknownVersion": "_store",
    "UnusableDirectory": "_store",
    "UrlFetcher": "_url_fetcher",
}

__all__ = [
    "Clock",
    "DamagedDirectory",
    "DirectoryInUse",
    "DiskSwitch",
    "Fault",
    "Faults",
    "ForeignDirectory",
    "HttpSwitch",
    "HttpTransport",
    "ManualClock",
    "Platform",
    "RecordedCall",
    "Recorder",
    "RpcSwitch",
    "Schedule",
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
