"""The exports of `limit.py`: by hand, with the standard library and protobuf.

`zipfile` reads the archive and writes the export; `http.client` fetches, which is the leanest way
to GET that the standard library has (httpx takes six times its CPU, requests four times), over one
connection for each thread. There are as many threads as the others have, and all of the archive is
handed to them at once; labels are what protobuf's own JSON says. It writes the members that the
others write.

No retry, redirect, deadline, proxy or check of sizes; media pile up in memory when they come faster
than they are written; what is killed starts again, with half a file at the target.
"""

from __future__ import annotations

import http.client
import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf import json_format

from benchmarks.export_sources import SPLIT, archive, exported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENDINGS = {"text": "txt", "image": "png"}


def export_text(target: str, count: int, workers: int) -> Callable[[], int]:  # noqa: ARG001
    """Export an archive of texts."""
    return _export("text", count, workers)


def export_image(target: str, count: int, workers: int) -> Callable[[], int]:  # noqa: ARG001
    """Export an archive of pictures."""
    return _export("image", count, workers)


def _export(kind: str, count: int, workers: int) -> Callable[[], int]:
    """Export an archive of inputs with one label each; count what is in the file."""
    source, save_path = archive(kind, count)
    ending = _ENDINGS[kind]
    mine = threading.local()

    def fetch(one: resources_pb2.Input) -> tuple[Any, bytes]:
        hosted = getattr(one.data, kind).hosted
        parts = urlsplit(hosted.prefix)
        if not hasattr(mine, "connection"):
            mine.connection = http.client.HTTPConnection(parts.netloc)
        mine.connection.request("GET", f"{parts.path}/orig/{hosted.suffix}")
        return one, mine.connection.getresponse().read()

    def run() -> int:
        with (
            zipfile.ZipFile(save_path, "w") as file,
            ThreadPoolExecutor(workers) as threads,
        ):
            for one, content in threads.map(fetch, _inputs(source)):
                file.writestr(f"{SPLIT}/inputs/{one.id}.{ending}", content)
                labels = [json_format.MessageToDict(label) for label in one.data.concepts]
                file.writestr(f"{SPLIT}/annotations/{one.id}.json", json.dumps(labels))
        return exported(save_path)

    return run


def _inputs(path: str) -> Iterator[resources_pb2.Input]:
    with zipfile.ZipFile(path) as file:
        for name in file.namelist():
            if name != "mimetype":
                yield from resources_pb2.InputBatch.FromString(file.read(name)).inputs
