"""A fresh platform for each test, reached as users do, with switches for its faults."""

from __future__ import annotations

import struct
import zlib
from collections import Counter

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.transport.session import session_for
from clarifai_datasets.handle import Dataset
from clarifai_local._faults import Faults


class Switches(Faults):
    """Faults that a test sets per RPC: functions that may raise, sleep, or return a status."""

    def __init__(self):
        self.on_before = {}
        self.on_after = {}
        self.calls = Counter()

    def before(self, rpc):
        self.calls[rpc] += 1
        return self.on_before[rpc]() if rpc in self.on_before else None

    def after(self, rpc):
        if rpc in self.on_after:
            self.on_after[rpc]()


class World:
    """An app with a dataset on a platform of its own."""

    def __init__(self, base_url):
        self.dataset = Dataset(dataset_id="train", user_id="me", app_id="demo", base_url=base_url)
        self.platform = self.dataset.session.connection.platform
        self.faults = self.platform.faults = Switches()
        self.call(
            "PostApps",
            apps=[
                resources_pb2.App(id="demo", default_workflow=resources_pb2.Workflow(id="Empty"))
            ],
        )
        self.call("PostDatasets", datasets=[resources_pb2.Dataset(id="train")])
        self.faults.calls.clear()

    def call(self, rpc, **fields):
        request = getattr(service_pb2, f"{rpc}Request")(
            user_app_id=self.dataset.user_app_id, **fields
        )
        return self.dataset.session.call(rpc, request)

    def inputs(self):
        """Return the inputs of the app by id; an id that is there twice is an error."""
        found = [i for n in (1, 2, 3) for i in self._page(n)]
        by_id = {one.id: one for one in found}
        assert len(by_id) == len(found)
        return by_id

    def _page(self, number):
        return self.call("ListInputs", page=number, per_page=1000).inputs

    def in_dataset(self):
        listed = self.call("ListDatasetInputs", dataset_id="train", per_page=1000)
        return {one.input.id for one in listed.dataset_inputs}

    def regions(self):
        listed = self.call("ListAnnotations", per_page=1000).annotations
        return [(a.input_id, a.data.regions[0]) for a in listed if a.data.regions]


@pytest.fixture
def world(tmp_path):
    made = World(f"local:{tmp_path / 'platform'}")
    yield made
    session_for(made.dataset.settings).close()


@pytest.fixture
def make_csv(tmp_path):
    def make(text, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return make


def png(shade, size=4, padding=0):
    """Return a small grey PNG, made larger by `padding` bytes that no decoder minds."""

    def chunk(kind, body):
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    rows = (b"\0" + bytes([shade]) * size) * size
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)),
            chunk(b"tEXt", b"Comment\0" + b"x" * padding) if padding else b"",
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )


@pytest.fixture
def make_png():
    return png


@pytest.fixture
def dataset(site, tmp_path, monkeypatch):
    """A dataset of a platform whose media are at the module's `site`, 127.0.0.1.

    The work is done in a new folder.
    """
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = Dataset(base_url=site.url, pat="the-key", timeout_seconds=10)
    yield made
    session_for(made.settings).close()
