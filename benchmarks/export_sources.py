"""What is exported: an archive in Clarifai's layout, made by each process for its own server."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from benchmarks import media_server

BATCH_INPUTS = 1000
LABELS = 10
SPLIT = "all"

_END = struct.Struct("<4s4H2LH")


def archive(kind: str, count: int) -> tuple[str, str]:
    """Return the paths of an archive of `count` inputs, and of the file to export it to.

    Args:
        kind: `"text"` or `"image"`.
        count: Inputs. Each has media at a server on the loopback interface, and one label.
    """
    from clarifai_grpc.grpc.api import resources_pb2

    port, folder = media_server.start()
    prefix = f"http://127.0.0.1:{port}/{kind}"
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/x.clarifai-data+protobuf", zipfile.ZIP_STORED)
        for start in range(0, count, BATCH_INPUTS):
            batch = resources_pb2.InputBatch()
            for number in range(start, min(start + BATCH_INPUTS, count)):
                one = batch.inputs.add(id=f"input-{number:06d}")
                medium = getattr(one.data, kind)
                medium.hosted.prefix, medium.hosted.suffix = prefix, str(number)
                medium.hosted.sizes.append("orig")
                label = f"label{number % LABELS}"
                one.data.concepts.add(id=f"id-{label}", name=label, value=1, app_id="bench-app")
            name = f"{SPLIT}/batch{start // BATCH_INPUTS}_n{len(batch.inputs)}"
            file.writestr(name, batch.SerializeToString())
    return str(path), str(folder / "export.zip")


def exported(path: str) -> int:
    """Return how many inputs are in an export, from the zip's own list of its members."""
    file = Path(path)
    with file.open("rb") as opened:
        opened.seek(-_END.size, 2)
        *_, size, offset, _ = _END.unpack(opened.read())
        opened.seek(offset)
        found = opened.read(size)
    file.unlink()
    inputs, labels = found.count(b"/inputs/"), found.count(b"/annotations/")
    return min(inputs, labels)
