"""Archives as the platform writes them, and a look into what an export made of them."""

from __future__ import annotations

import json
import zipfile

from clarifai_grpc.grpc.api import resources_pb2

PROTOBUF = "application/x.clarifai-data+protobuf"


def write_archive(path, splits, mimetype=PROTOBUF, batch=2, compression=zipfile.ZIP_DEFLATED):
    """Write an archive; `splits`: name -> inputs."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("mimetype", mimetype)
        for split, inputs in splits.items():
            for start in range(0, len(inputs), batch):
                part = resources_pb2.InputBatch(inputs=inputs[start : start + batch])
                name = f"{split}/batch_{start}_n{len(part.inputs)}"
                archive.writestr(name, part.SerializeToString())
    return str(path)


def hosted(input_id, prefix, suffix="", kind="image", **labels):
    """Return an input whose media lie at `<prefix>/orig/<suffix>`, by default its id."""
    one = resources_pb2.Input(id=input_id, data=resources_pb2.Data(**labels))
    getattr(one.data, kind).hosted.prefix = prefix
    getattr(one.data, kind).hosted.suffix = suffix or input_id
    getattr(one.data, kind).hosted.sizes.append("orig")
    return one


def text(input_id, raw="hello", **labels):
    data = resources_pb2.Data(text=resources_pb2.Text(raw=raw), **labels)
    return resources_pb2.Input(id=input_id, data=data)


def concept(name):
    return resources_pb2.Concept(id=f"id-{name}", name=name, value=1)


def region(name, *box):
    one = resources_pb2.Region(data=resources_pb2.Data(concepts=[concept(name)]))
    edges = one.region_info.bounding_box
    edges.left_col, edges.top_row, edges.right_col, edges.bottom_row = box
    return one


def members(path):
    """Return the members of an export, in order: name -> bytes, or what its JSON says."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(set(names)) == len(names)
        contents = {name: archive.read(name) for name in names}
    return {
        name: json.loads(content) if name.endswith(".json") else content
        for name, content in contents.items()
    }
